// Trees of scikit-learn: comparisons are `float32(x) <= threshold`, so that a double threshold is the float below it; what leaves add is
// computed in doubles as the library does.
import type { Decision } from '../../ops/decision.ts';
import type { TreeEnsembleAttrs } from '../../ops/tree-ensemble.ts';
import { ForestBuilder, floatNotAbove, type SourceNode } from '../trees/forest-builder.ts';
import type { Part } from '../wire/document.ts';
import { asIs, type Builder, type Context, labelsOf, outputNames, parameter, withLabels } from './step.ts';

type Leaf = (node: number) => readonly (readonly [score: number, value: number])[];

/** A tree as arrays; `featureOf` maps features of a subset. */
function addTree(
  builder: ForestBuilder,
  tree: Part,
  leaf: Leaf,
  featureOf = (feature: number): number => feature,
): void {
  const left = tree.at('children_left').integers();
  const nodes = left.length;
  const right = tree.at('children_right').integers(nodes);
  const feature = tree.at('feature').integers(nodes);
  const threshold = tree.at('threshold').numbers(nodes);
  const missing = tree.at('missing_go_to_left');
  const goesLeft = missing.exists ? missing.numbers(nodes) : undefined;
  const nodeAt = (node: number): SourceNode =>
    left[node] === -1
      ? { leaf: leaf(node) }
      : {
          feature: featureOf(feature[node] ?? -1),
          threshold: floatNotAbove(threshold[node] ?? Number.NaN),
          missing: goesLeft?.[node] === 1,
          whenTrue: left[node] ?? -1,
          whenFalse: right[node] ?? -1,
        };
  const reason = builder.addTree(nodes, 0, nodeAt);
  if (reason !== undefined) tree.fault(reason);
}

function give(
  { graph, type, input }: Context,
  attrs: Omit<TreeEnsembleAttrs, 'acceptsMissing'>,
  names: Partial<Record<keyof typeof outputNames, string>> = {},
) {
  const named = { ...outputNames, ...names };
  // The others refuse rows with missing values, unless they were trained on some.
  const acceptsMissing = type.startsWith('Hist') || attrs.forest.missing.some((one) => one === 1);
  return {
    outputs: graph.decide(
      { op: 'treeEnsemble', attrs: { ...attrs, acceptsMissing } },
      attrs.forest.scores,
      named,
      type,
      input,
    ),
  };
}

/** Numbers of a regressor's leaf; what other nodes hold is left open. */
function leafWidth(tree: Part): number {
  const leaf = tree.at('children_left').integers().indexOf(-1);
  return tree.at('value').items()[leaf]?.numbers().length ?? 0;
}

const regression = { scores: 'predict' };

/** Single trees, forests and gradient boosting. */
export const addForest: Builder = (context) => {
  const { step, type } = context;
  if (type.startsWith('GradientBoosting')) return addBoosting(context);
  const isClassifier = type.endsWith('Classifier');
  const trees = step.at('trees').items();
  const [first] = trees;
  if (first === undefined) {
    step.at('trees').fault('a forest without trees');
    return undefined;
  }
  const scores = isClassifier ? step.at('classes').items().length : leafWidth(first);
  const builder = new ForestBuilder(context.features, Math.max(1, scores));
  for (const tree of trees) {
    const values = tree.at('value').items();
    addTree(builder, tree, (node) => {
      const own = Array.from(values[node]?.numbers(scores) ?? []);
      if (!isClassifier) return own.map((value, score) => [score, value] as const);
      // Probabilities of a tree: its weights over their sum.
      const total = own.reduce((a, b) => a + b, 0);
      return own.flatMap((value, score) => (value === 0 ? [] : [[score, value / total] as const]));
    });
  }
  const decision: Decision = isClassifier
    ? withLabels({ gives: ['label', 'scores'], transform: 'none', label: 'largest' }, labelsOf(step))
    : asIs;
  const attrs: Omit<TreeEnsembleAttrs, 'acceptsMissing'> = {
    forest: builder.build(),
    arithmetic: 'f64',
    base: Array.from({ length: Math.max(1, scores) }, () => 0),
    ...(trees.length === 1 ? {} : { divisor: trees.length }),
    decision,
  };
  return give(context, attrs, isClassifier ? { scores: 'predict_proba' } : regression);
};

/** What boosted classifiers make of their scores: one for two classes, else one for each. */
function boostedDecision(step: Part, scores: number, isClassifier: boolean): Decision {
  if (!isClassifier) return asIs;
  const binary = scores === 1;
  return withLabels(
    {
      gives: ['label', 'transformed'],
      transform: binary ? 'binaryLogistic' : 'softmax',
      label: binary ? 'positive' : 'largest',
    },
    labelsOf(step),
  );
}

function addBoosting(context: Context): ReturnType<Builder> {
  const { step, type, features } = context;
  const base = step.at('init_raw').numbers();
  const rate = step.at('learning_rate').number();
  const scores = base.length;
  const builder = new ForestBuilder(features, Math.max(1, scores));
  for (const round of step.at('rounds').items()) {
    const trees = round.items();
    if (trees.length !== scores) round.fault(`${scores} trees are due, found ${trees.length}`);
    trees.forEach((tree, score) => {
      const values = tree.at('value').items();
      addTree(builder, tree, (node) => [[score, rate * (values[node]?.numbers(1)[0] ?? 0)]]);
    });
  }
  const isClassifier = type.endsWith('Classifier');
  const decision = boostedDecision(step, scores, isClassifier);
  return give(
    context,
    { forest: builder.build(), arithmetic: 'f64', base: Array.from(base), decision },
    isClassifier ? {} : regression,
  );
}

export const addHistogramBoosting: Builder = (context) => {
  const { step, type, features } = context;
  const base = step.at('baseline').numbers();
  const scores = base.length;
  const builder = new ForestBuilder(features, Math.max(1, scores));
  for (const round of step.at('rounds').items()) {
    round.items().forEach((tree, score) => {
      const isLeaf = tree.at('is_leaf').numbers();
      const nodes = isLeaf.length;
      const [value, threshold, missing] = ['value', 'threshold', 'missing_left'].map((key) =>
        tree.at(key).numbers(nodes),
      );
      const [feature, left, right] = ['feature', 'left', 'right'].map((key) => tree.at(key).integers(nodes));
      if (
        tree.at('is_categorical').exists &&
        tree
          .at('is_categorical')
          .numbers(nodes)
          .some((one) => one !== 0)
      )
        tree.fault('categorical splits are not supported', 'encode the categories first');
      const reason = builder.addTree(nodes, 0, (node) =>
        isLeaf[node] === 1
          ? { leaf: [[score, value?.[node] ?? 0]] }
          : {
              feature: feature?.[node] ?? -1,
              threshold: floatNotAbove(threshold?.[node] ?? Number.NaN),
              missing: missing?.[node] === 1,
              whenTrue: left?.[node] ?? -1,
              whenFalse: right?.[node] ?? -1,
            },
      );
      if (reason !== undefined) tree.fault(reason);
    });
  }
  const isClassifier = type.endsWith('Classifier');
  const loss = parameter(step, 'loss');
  const decision = boostedDecision(step, scores, isClassifier);
  const positive = loss === 'poisson' || loss === 'gamma';
  return give(
    context,
    {
      forest: builder.build(),
      arithmetic: 'f64',
      base: Array.from(base),
      decision: positive ? { gives: ['transformed'], transform: 'exp', label: 'largest' } : decision,
    },
    isClassifier ? {} : { ...regression, transformed: 'predict' },
  );
};

/** The mean path length of an unsuccessful search among n points. */
const pathLength = (n: number): number =>
  n <= 1 ? 0 : n === 2 ? 1 : 2 * (Math.log(n - 1) + 0.5772156649015329) - (2 * (n - 1)) / n;

export const addIsolationForest: Builder = (context) => {
  const { step, features } = context;
  const trees = step.at('trees').items();
  const subsets = step.at('estimators_features').items();
  const builder = new ForestBuilder(features, 1);
  trees.forEach((tree, i) => {
    const of = subsets[i]?.integers() ?? new Int32Array();
    const samples = tree.at('n_node_samples').numbers();
    const depth = depthsOf(tree);
    addTree(
      builder,
      tree,
      (node) => [[0, (depth[node] ?? 0) + pathLength(samples[node] ?? 0)]],
      (feature) => of[feature] ?? -1,
    );
  });
  const scale = 1 / (trees.length * pathLength(step.at('max_samples').count(1)));
  if (!Number.isFinite(scale)) step.at('max_samples').fault('too few samples to isolate');
  const threshold = step.at('offset').number();
  const decision: Decision = {
    gives: ['label', 'scores', 'transformed'],
    transform: 'shift',
    label: 'notBelowThreshold',
    threshold,
    labels: [-1, 1],
  };
  return give(
    context,
    { forest: builder.build(), arithmetic: 'f64', base: [0], isolation: { scale }, decision },
    { scores: 'score_samples', transformed: 'decision_function' },
  );
};

/** By node, how many are above it; children stand behind their parents in scikit-learn's arrays. */
function depthsOf(tree: Part): Int32Array {
  const left = tree.at('children_left').integers();
  const right = tree.at('children_right').integers(left.length);
  const depth = new Int32Array(left.length);
  left.forEach((child, node) => {
    for (const one of [child, right[node] ?? -1])
      if (one > node && one < depth.length) depth[one] = (depth[node] ?? 0) + 1;
  });
  return depth;
}
