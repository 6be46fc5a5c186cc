// The operators of ai.onnx.ml that have a counterpart here, as ONNX Runtime computes them: sums in float32. Source: ONNX, Operators-ml.md.
import type { Decision, Transform } from '../../ops/decision.ts';
import type { KernelMachineAttrs } from '../../ops/kernel-machine.ts';
import { ForestBuilder, floatBelow, floatNotAbove, type SourceNode } from '../trees/forest-builder.ts';
import type { Conversion, OnnxStep, Stage } from './step.ts';

const transforms: Readonly<Record<string, Transform>> = { NONE: 'none', SOFTMAX: 'softmax', LOGISTIC: 'logistic' };

function transformOf(step: OnnxStep): Transform {
  const name = step.text('post_transform', 'NONE');
  const found = transforms[name];
  if (found === undefined)
    step.unsupported('post_transform', name, `supported are ${Object.keys(transforms).join(', ')}`);
  return found ?? 'none';
}

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

/** Label and probabilities of a classifier with a score for each class, or one for the second of two. */
function classification(
  step: OnnxStep,
  one: boolean,
  transform: Transform,
  labels: readonly number[] | undefined,
): Decision {
  if (one && transform === 'softmax') step.unsupported('post_transform', 'SOFTMAX of one score');
  return {
    gives: ['label', 'transformed'],
    transform: one ? (transform === 'logistic' ? 'binaryLogistic' : 'complement') : transform,
    label: one ? 'positive' : 'largest',
    ...(labels === undefined ? {} : { labels }),
  };
}

/** The first of one or several outputs, with as many columns. */
const stages = (values: readonly number[], ...columns: readonly number[]): readonly Stage[] =>
  values.map((value, i) => ({ value, features: columns[i] ?? 0 }));

function names(step: OnnxStep, gives: Decision['gives']): Readonly<Record<string, string>> {
  return Object.fromEntries(gives.map((given, i) => [given, step.outputs[i] || given]));
}

const treeEnsembleClassifier: Conversion = (step) => {
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
  const outputs = step.graph.decide(
    { op: 'treeEnsemble', attrs },
    scores,
    names(step, own.gives),
    step.name,
    step.input,
  );
  return stages(outputs, 0, classes);
};

const treeEnsembleRegressor: Conversion = (step) => {
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
  const outputs = step.graph.decide(
    { op: 'treeEnsemble', attrs },
    forest.scores,
    names(step, decision.gives),
    step.name,
    step.input,
  );
  return stages(outputs, forest.scores);
}

const modesOfV5 = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT', 'BRANCH_EQ', 'BRANCH_NEQ'];

/** ai.onnx.ml 5: nodes and leaves have positions of their own. */
const treeEnsemble: Conversion = (step) => {
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

const linearRegressor: Conversion = (step) => {
  const scores = Math.max(1, step.integer('targets', 1));
  const decision: Decision = { gives: ['transformed'], transform: transformOf(step), label: 'largest' };
  return linear(step, scores, decision);
};

const linearClassifier: Conversion = (step) => {
  const { classes, labels } = step.labels();
  const rows = Math.round(step.floats('coefficients').length / step.features);
  const one = classes === 2 && rows === 1;
  const scores = one ? 1 : Math.max(1, classes);
  const results = linear(step, scores, classification(step, one, transformOf(step), labels));
  return results.map(({ value }, i) => ({ value, features: i === 0 ? 0 : classes }));
};

function linear(step: OnnxStep, scores: number, decision: Decision): readonly Stage[] {
  const weights = Float64Array.from(step.many('coefficients', scores * step.features));
  const given = step.floats('intercepts');
  if (given.length !== 0 && given.length !== scores)
    step.fault('intercepts', `${scores} numbers`, String(given.length));
  const attrs = {
    features: step.features,
    scores,
    weights,
    bias: Float64Array.from({ length: scores }, (_, i) => given[i] ?? 0),
    arithmetic: 'f32',
    biasFirst: false,
    missing: 'number',
    decision,
  } as const;
  const outputs = step.graph.decide(
    { op: 'linearModel', attrs },
    scores,
    names(step, decision.gives),
    step.name,
    step.input,
  );
  return stages(outputs, scores);
}

const kernels: Readonly<Record<string, KernelMachineAttrs['kernel']['kind']>> = {
  LINEAR: 'linear',
  POLY: 'poly',
  RBF: 'rbf',
  SIGMOID: 'sigmoid',
};

function machine(
  step: OnnxStep,
  support: readonly number[],
  more: Pick<KernelMachineAttrs, 'scores' | 'decision' | 'intercepts'>,
  classes: number,
): readonly Stage[] {
  const vectors = support.reduce((a, b) => a + b, 0);
  const kind = kernels[step.text('kernel_type', 'LINEAR')];
  if (kind === undefined) step.unsupported('kernel_type', step.text('kernel_type', ''));
  const [gamma = 1, coef0 = 0, degree = 1] = step.floats('kernel_params');
  if (kind === 'poly' && !(Number.isInteger(degree) && degree >= 0 && degree <= 32))
    step.fault('degree', '0 to 32', String(degree));
  if (transformOf(step) !== 'none') step.unsupported('post_transform', step.text('post_transform', ''));
  const [a, b] = [step.floats('prob_a'), step.floats('prob_b')];
  const attrs: KernelMachineAttrs = {
    features: step.features,
    support,
    vectors: Float64Array.from(step.many('support_vectors', vectors * step.features)),
    coefficients: Float64Array.from(step.many('coefficients', Math.max(1, classes - 1) * vectors)),
    kernel: {
      kind: kind ?? 'linear',
      gamma: kind === 'linear' ? 1 : gamma,
      coef0,
      degree: kind === 'poly' ? degree : 1,
    },
    ...(a.length > 0 ? { platt: { a: Float64Array.from(a), b: Float64Array.from(b) } } : {}),
    ...more,
  };
  const scores = attrs.scores === 'pairs' ? attrs.intercepts.length : 1;
  const outputs = step.graph.decide(
    { op: 'kernelMachine', attrs },
    scores,
    names(step, more.decision.gives),
    step.name,
    step.input,
    a.length > 0 ? classes : undefined,
  );
  return stages(outputs, 0, scores);
}

const svmClassifier: Conversion = (step) => {
  const support = step.integers('vectors_per_class');
  const { classes, labels } = step.labels();
  if (support.length < 2 || support.length !== classes || support.some((one) => one < 0)) {
    step.unsupported(
      'vectors_per_class',
      `[${support.join(', ')}] of ${classes} classes`,
      'a machine with support vectors of every class is',
    );
    return [];
  }
  const pairs = (classes * (classes - 1)) / 2;
  const hasProbabilities = step.has('prob_a');
  const decision: Decision = {
    gives: ['label', hasProbabilities ? 'transformed' : 'scores'],
    transform: 'none',
    label: classes > 2 ? 'largest' : 'positive',
    ...(labels === undefined ? {} : { labels }),
  };
  const intercepts = Float64Array.from(step.many('rho', pairs));
  return machine(step, support, { scores: classes > 2 ? 'pairs' : 'negated', decision, intercepts }, classes);
};

const svmRegressor: Conversion = (step) => {
  const isOneClass = step.integer('one_class', 0) === 1;
  const decision: Decision = isOneClass
    ? { gives: ['label'], transform: 'none', label: 'positive', labels: [-1, 1] }
    : { gives: ['scores'], transform: 'none', label: 'positive' };
  const vectors = step.integer('n_supports', 0);
  if (vectors < 1) step.unsupported('n_supports', String(vectors), 'a machine with support vectors is');
  const intercepts = Float64Array.from(step.many('rho', 1));
  return machine(step, [Math.max(0, vectors)], { scores: 'decision', decision, intercepts }, 1);
};

/** One number for all features, or one for each. */
function byFeature(step: OnnxStep, name: string, otherwise: number): Float64Array {
  const given = step.floats(name);
  if (given.length > 1 && given.length !== step.features)
    step.fault(name, `${step.features} numbers`, String(given.length));
  return Float64Array.from(
    { length: step.features },
    (_, i) => (given.length === 1 ? given[0] : given[i]) ?? otherwise,
  );
}

function scaled(
  step: OnnxStep,
  offset: Float64Array,
  factor: Float64Array,
  replacement?: Float64Array,
): readonly Stage[] {
  const { features } = step;
  const attrs = {
    features,
    kind: 'subtractMultiply',
    offset,
    factor,
    ...(replacement === undefined ? {} : { replacement }),
  } as const;
  const type = { dtype: 'f32', shape: [1, features] } as const;
  const outputs = step.graph.add(
    { op: 'scaleFeatures', attrs },
    [step.input],
    [{ name: step.outputs[0] ?? 'scaled', type }],
    step.name,
  );
  return stages(outputs, features);
}

const scaler: Conversion = (step) => scaled(step, byFeature(step, 'offset', 0), byFeature(step, 'scale', 1));

const imputer: Conversion = (step) => {
  const replaced = step.float('replaced_value_float', Number.NaN);
  if (!Number.isNaN(replaced)) step.unsupported('replaced_value_float', String(replaced), 'NaN is');
  const [zero, one] = [new Float64Array(step.features), new Float64Array(step.features).fill(1)];
  return scaled(step, zero, one, byFeature(step, 'imputed_value_floats', 0));
};

const normalizer: Conversion = (step) => {
  const { features } = step;
  const name = step.text('norm', 'MAX');
  const norm = ({ L1: 'l1', L2: 'l2', MAX: 'max' } as const)[name];
  if (norm === undefined) step.unsupported('norm', name, 'L1, L2 and MAX are');
  const type = { dtype: 'f32', shape: [1, features] } as const;
  const output = { name: step.outputs[0] ?? 'normalised', type };
  return stages(
    step.graph.add({ op: 'normaliseRows', attrs: { norm: norm ?? 'max' } }, [step.input], [output], step.name),
    features,
  );
};

export const conversions: Readonly<Record<string, Conversion>> = {
  TreeEnsembleClassifier: treeEnsembleClassifier,
  TreeEnsembleRegressor: treeEnsembleRegressor,
  TreeEnsemble: treeEnsemble,
  LinearClassifier: linearClassifier,
  LinearRegressor: linearRegressor,
  SVMClassifier: svmClassifier,
  SVMRegressor: svmRegressor,
  Scaler: scaler,
  Imputer: imputer,
  Normalizer: normalizer,
};
