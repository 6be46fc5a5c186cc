// The operators of ai.onnx.ml that have a counterpart here, as ONNX Runtime computes them: sums in float32. Source: ONNX, Operators-ml.md.
import type { Decision } from '../../ops/decision.ts';
import type { KernelMachineAttrs } from '../../ops/kernel-machine.ts';
import { classification, decided, stages, transformOf } from './classification.ts';
import type { Conversion, OnnxStep, Stage } from './step.ts';
import { treeEnsemble, treeEnsembleClassifier, treeEnsembleRegressor } from './tree-operators.ts';

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
  const outputs = decided(step, { op: 'linearModel', attrs }, scores);
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
  const outputs = decided(step, { op: 'kernelMachine', attrs }, scores, a.length > 0 ? classes : undefined);
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

const oneHotEncoder: Conversion = (step) => {
  const { features } = step;
  const categories = Float32Array.from(step.integers('cats_int64s'));
  if (categories.length === 0) {
    step.unsupported(
      'categories',
      step.texts('cats_strings').length > 0 ? 'of texts' : 'none',
      'whole numbers, cats_int64s, are',
    );
    return [];
  }
  const width = features * categories.length;
  const output = { name: step.outputs[0] ?? 'encoded', type: { dtype: 'f32', shape: [1, width] } as const };
  return stages(
    step.graph.add({ op: 'oneHot', attrs: { features, categories } }, [step.input], [output], step.name),
    width,
  );
};

const labelEncoder: Conversion = (step) => {
  const listOf = (what: 'keys' | 'values'): readonly number[] => {
    const [floats, integers] = [step.floats(`${what}_floats`), step.integers(`${what}_int64s`)];
    return floats.length > 0 ? floats : integers;
  };
  const [keys, values] = [listOf('keys'), listOf('values')];
  if (keys.length === 0 || values.length === 0) {
    step.unsupported('LabelEncoder', 'of texts', 'numbers for numbers are');
    return [];
  }
  const otherwise = step.has('default_float') ? step.float('default_float', 0) : step.integer('default_int64', -1);
  const { type } = step.graph.valueOf(step.input);
  const output = { name: step.outputs[0] ?? 'mapped', type };
  return stages(
    step.graph.add({ op: 'mapValues', attrs: { keys, values, otherwise } }, [step.input], [output], step.name),
    step.features,
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
  OneHotEncoder: oneHotEncoder,
  LabelEncoder: labelEncoder,
};
