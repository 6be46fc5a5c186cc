// Tree ensembles of ai.onnx.ml, older and newer form. Source: ONNX, Operators-ml.md; sums and binary classes as ONNX Runtime has them.
import type { Decision, Transform } from '../../ops/decision.ts';
import { ForestBuilder, floatBelow, floatNotAbove, type SourceNode } from '../trees/forest-builder.ts';
import { classification, decided, stages, transformOf } from './classification.ts';
import type { Conversion, OnnxStep, Stage } from './step.ts';

/** Links of a node by what it compares: always as `x <= threshold`. */
function branch(
  mode: string,
  threshold: number,
  feature: number,
  links: readonly [whenTrue: number, whenFalse: number],
  tracksTrue: boolean,
): SourceNode | undefined {
  const [whenTrue, whenFalse] = links;
  switch (mode) {
    case 'BRANCH_LEQ':
      return { feature, threshold: floatNotAbove(threshold), missing: tracksTrue, whenTrue, whenFalse };
    case 'BRANCH_LT':
      return { feature, threshold: floatBelow(threshold), missing: tracksTrue, whenTrue, whenFalse };
    case 'BRANCH_GT':
      return {
        feature,
        threshold: floatNotAbove(threshold),
        missing: !tracksTrue,
        whenTrue: whenFalse,
        whenFalse: whenTrue,
      };
    case 'BRANCH_GTE':
      return {
        feature,
        threshold: floatBelow(threshold),
        missing: !tracksTrue,
        whenTrue: whenFalse,
        whenFalse: whenTrue,
      };
    case 'BRANCH_EQ':
      return { feature, equals: threshold, missing: tracksTrue, whenTrue, whenFalse };
    case 'BRANCH_NEQ':
      return { feature, equals: threshold, missing: !tracksTrue, whenTrue: whenFalse, whenFalse: whenTrue };
    default:
      return undefined;
  }
}

/** The columns that both older operators have. */
function forestOf(step: OnnxStep, kind: 'class' | 'target', scores: number, scoreOf = (id: number): number => id) {
  const ids = step.integers('nodes_nodeids');
  const nodes = ids.length;
  const treeOf = step.many('nodes_treeids', nodes);
  const feature = step.many('nodes_featureids', nodes);
  const values = step.many('nodes_values', nodes);
  const [whenTrue, whenFalse] = [step.many('nodes_truenodeids', nodes), step.many('nodes_falsenodeids', nodes)];
  const modes = step.texts('nodes_modes');
  if (modes.length !== nodes) step.fault('nodes_modes', `${nodes} texts`, String(modes.length));
  const missing = step.integers('nodes_missing_value_tracks_true');
  const weights = step.floats(`${kind}_weights`);
  const [entryTree, entryNode, entryScore] = ['treeids', 'nodeids', 'ids'].map((key) =>
    step.many(`${kind}_${key}`, weights.length),
  );
  // By tree, its nodes by their ids, and what leaves add.
  const trees = new Map<number, Map<number, number>>();
  ids.forEach((id, i) => {
    const tree = treeOf[i] ?? 0;
    const known = trees.get(tree) ?? new Map<number, number>();
    if (known.has(id)) step.fault(`nodes of tree ${tree}`, 'ids that differ', `${id} twice`);
    known.set(id, i);
    trees.set(tree, known);
  });
  const leaves = new Map<number, [number, number][]>();
  weights.forEach((weight, i) => {
    const node = trees.get(entryTree?.[i] ?? -1)?.get(entryNode?.[i] ?? -1);
    if (node === undefined) step.fault(`${kind}_nodeids ${i}`, 'a node of its tree', String(entryNode?.[i]));
    else leaves.set(node, [...(leaves.get(node) ?? []), [scoreOf(entryScore?.[i] ?? -1), Math.fround(weight)]]);
  });
  const builder = new ForestBuilder(step.features, scores);
  for (const [tree, byId] of trees) {
    // As ONNX Runtime has it, a tree begins with its first node.
    const [root = -1] = byId.values();
    const nodeAt = (node: number): SourceNode => {
      if (modes[node] === 'LEAF') return { leaf: leaves.get(node) ?? [] };
      const links = [byId.get(whenTrue[node] ?? -1) ?? -1, byId.get(whenFalse[node] ?? -1) ?? -1] as const;
      const found = branch(
        modes[node] ?? '',
        values[node] ?? Number.NaN,
        feature[node] ?? -1,
        links,
        missing[node] === 1,
      );
      if (found === undefined) step.unsupported('nodes_modes', modes[node] ?? 'nothing');
      return found ?? { leaf: [] };
    };
    const reason = builder.addTree(nodes, root, nodeAt);
    if (reason !== undefined) step.fault(`tree ${tree}`, 'a tree', reason);
  }
  return { forest: builder.build(), trees: trees.size, weights };
}

function baseOf(step: OnnxStep, scores: number): readonly number[] {
  const base = step.floats('base_values');
  if (base.length !== 0 && base.length !== scores) step.fault('base_values', `${scores} numbers`, String(base.length));
  return Array.from({ length: scores }, (_, i) => Math.fround(base[i] ?? 0));
}

export const treeEnsembleClassifier: Conversion = (step) => {
  const { classes, labels } = step.labels();
  if (classes === 0) step.fault('class labels', 'at least one', 'none');
  const ids = new Set(step.integers('class_ids'));
  const one = classes === 2 && ids.size === 1;
  const scores = one ? 1 : Math.max(1, classes);
  const built = forestOf(step, 'class', scores, one ? () => 0 : undefined);
  const transform = transformOf(step);
  const isPositive = built.weights.every((weight) => weight >= 0);
  const decision = classification(step, one, transform, labels);
  // ONNX Runtime takes a sum of weights that are all positive for a probability, and compares it with a half.
  const negated: Decision = decision.transform === 'complement' ? { ...decision, transform: 'negation' } : decision;
  const own: Decision = !one
    ? decision
    : isPositive
      ? { ...decision, label: 'aboveThreshold', threshold: 0.5 }
      : negated;
  const attrs = {
    forest: built.forest,
    arithmetic: 'f32',
    base: baseOf(step, scores),
    acceptsMissing: true,
    decision: own,
  } as const;
  const outputs = decided(step, { op: 'treeEnsemble', attrs }, scores);
  return stages(outputs, 0, classes);
};

export const treeEnsembleRegressor: Conversion = (step) => {
  const scores = step.integer('n_targets', 1);
  if (!(scores >= 1 && scores <= 65536)) step.fault('n_targets', '1 to 65536', String(scores));
  const { forest, trees } = forestOf(step, 'target', Math.min(Math.max(1, scores), 65536));
  return regression(step, forest, step.text('aggregate_function', 'SUM'), trees, transformOf(step));
};

function regression(
  step: OnnxStep,
  forest: ReturnType<ForestBuilder['build']>,
  aggregate: string,
  trees: number,
  transform: Transform,
): readonly Stage[] {
  if (aggregate !== 'SUM' && aggregate !== 'AVERAGE')
    step.unsupported('aggregate_function', aggregate, 'SUM and AVERAGE are');
  const decision: Decision = { gives: ['transformed'], transform, label: 'largest' };
  const attrs = {
    forest,
    arithmetic: 'f32',
    acceptsMissing: true,
    base: aggregate === 'AVERAGE' ? Array.from({ length: forest.scores }, () => 0) : baseOf(step, forest.scores),
    ...(aggregate === 'AVERAGE' && trees > 1 ? { divisor: trees } : {}),
    decision,
  } as const;
  if (aggregate === 'AVERAGE' && step.floats('base_values').some((value) => value !== 0))
    step.unsupported('base_values', 'with AVERAGE');
  const outputs = decided(step, { op: 'treeEnsemble', attrs }, forest.scores);
  return stages(outputs, forest.scores);
}

const modesOfV5 = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT', 'BRANCH_EQ', 'BRANCH_NEQ'];

/** ai.onnx.ml 5: nodes and leaves have positions of their own. */
export const treeEnsemble: Conversion = (step) => {
  const feature = step.integers('nodes_featureids');
  const nodes = feature.length;
  const splits = step.many('nodes_splits', nodes);
  const modes = step.many('nodes_modes', nodes);
  const [trueIds, falseIds] = [step.many('nodes_truenodeids', nodes), step.many('nodes_falsenodeids', nodes)];
  const [trueLeaves, falseLeaves] = [step.many('nodes_trueleafs', nodes), step.many('nodes_falseleafs', nodes)];
  const missing = step.integers('nodes_missing_value_tracks_true');
  const weights = step.floats('leaf_weights');
  const targets = step.many('leaf_targetids', weights.length);
  const scores = Math.min(Math.max(1, step.integer('n_targets', 1)), 65536);
  const roots = step.integers('tree_roots');
  const builder = new ForestBuilder(step.features, scores);
  const link = (id: number, isLeaf: boolean): number => (isLeaf ? nodes + id : id);
  const nodeAt = (node: number): SourceNode => {
    if (node >= nodes)
      return { leaf: [[targets[node - nodes] ?? -1, Math.fround(weights[node - nodes] ?? Number.NaN)]] };
    const links = [
      link(trueIds[node] ?? -1, trueLeaves[node] === 1),
      link(falseIds[node] ?? -1, falseLeaves[node] === 1),
    ] as const;
    const mode = modesOfV5[modes[node] ?? -1] ?? '';
    const found = branch(mode, splits[node] ?? Number.NaN, feature[node] ?? -1, links, missing[node] === 1);
    if (found === undefined) step.unsupported('nodes_modes', String(modes[node]));
    return found ?? { leaf: [] };
  };
  roots.forEach((root, tree) => {
    const reason = builder.addTree(nodes + weights.length, root, nodeAt);
    if (reason !== undefined) step.fault(`tree ${tree}`, 'a tree', reason);
  });
  const aggregate = ['AVERAGE', 'SUM', 'MIN', 'MAX'][step.integer('aggregate_function', 1)] ?? 'unknown';
  const transform = step.integer('post_transform', 0);
  if (transform !== 0) step.unsupported('post_transform', String(transform), 'only 0, none, is');
  return regression(step, builder.build(), aggregate, roots.length, 'none');
};
