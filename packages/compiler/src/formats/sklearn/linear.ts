// Linear models, scalers, principal components, k-means and multi-layer perceptrons of scikit-learn.
import type { Decision } from '../../ops/decision.ts';
import type { LinearModelAttrs } from '../../ops/linear-model.ts';
import type { Part } from '../wire/document.ts';
import { asIs, type Builder, labelsOf, outputNames, parameter, withLabels } from './step.ts';

/** (scores, features): a list of rows, or one row alone. */
function weightsOf(part: Part, features: number): { readonly rows: number; readonly data: Float64Array } {
  const isOne = Array.isArray(part.value) && typeof part.value[0] === 'number';
  return isOne ? { rows: 1, data: part.numbers(features) } : part.matrix(undefined, features);
}

/** A number for all, or a list. */
const numbersOf = (part: Part, length: number): Float64Array =>
  Array.isArray(part.value) && part.value.length === length
    ? part.numbers(length)
    : new Float64Array(length).fill(Array.isArray(part.value) ? (part.numbers(1)[0] ?? 0) : part.number());

export const addLinear: Builder = ({ graph, step, type, features, input }) => {
  const { rows: scores, data: weights } = weightsOf(step.at('coef'), features);
  const bias = numbersOf(step.at('intercept'), scores);
  const attrs: LinearModelAttrs = {
    features,
    scores,
    weights,
    bias,
    arithmetic: 'f64',
    biasFirst: false,
    missing: 'number',
    decision: linearDecision(step, type, scores),
  };
  const names = step.at('classes').exists ? outputNames : { scores: 'predict' };
  return { outputs: graph.decide({ op: 'linearModel', attrs }, scores, names, type, input) };
};

function linearDecision(step: Part, type: string, scores: number): Decision {
  if (!step.at('classes').exists) return asIs;
  const label = scores === 1 ? 'positive' : 'largest';
  const labels = labelsOf(step);
  if (type !== 'LogisticRegression')
    return withLabels({ gives: ['label', 'scores'], transform: 'none', label }, labels);
  const several = parameter(step, 'multi_class') === 'ovr' ? 'normalisedLogistic' : 'softmax';
  const transform = scores === 1 ? 'binaryLogistic' : several;
  return withLabels({ gives: ['label', 'transformed'], transform, label }, labels);
}

export const addScaler: Builder = ({ graph, step, type, features, input }) => {
  const list = (key: string, otherwise: number): Float64Array =>
    step.at(key).exists ? step.at(key).numbers(features) : new Float64Array(features).fill(otherwise);
  const isStandard = type === 'StandardScaler';
  const range = parameter(step, 'feature_range');
  const clips = !isStandard && parameter(step, 'clip') === true && Array.isArray(range);
  const outputs = graph.add(
    {
      op: 'scaleFeatures',
      attrs: {
        features,
        kind: isStandard ? 'subtractDivide' : 'multiplyAdd',
        offset: isStandard ? list('mean', 0) : step.at('min').numbers(features),
        factor: list('scale', 1),
        ...(clips ? { range: [Number(range[0]), Number(range[1])] as const } : {}),
      },
    },
    [input],
    [{ name: 'transform', type: { dtype: 'f32', shape: [1, features] } }],
    type,
  );
  return { outputs, features };
};

export const addPrincipalComponents: Builder = ({ graph, step, type, features, input }) => {
  const { rows: scores, data: weights } = step.at('components').matrix(undefined, features);
  const whitens = parameter(step, 'whiten') === true;
  const attrs: LinearModelAttrs = {
    features,
    scores,
    weights,
    bias: new Float64Array(scores),
    arithmetic: 'f64',
    biasFirst: false,
    centre: step.at('mean').numbers(features),
    ...(whitens ? { divisor: step.at('explained_variance').numbers(scores).map(Math.sqrt) } : {}),
    missing: 'number',
    decision: asIs,
  };
  const outputs = graph.decide({ op: 'linearModel', attrs }, scores, { scores: 'transform' }, type, input);
  return { outputs, features: scores };
};

export const addClusters: Builder = ({ graph, step, type, features, input }) => {
  const { rows: clusters, data: centres } = step.at('cluster_centers').matrix(undefined, features);
  const decision: Decision = { gives: ['label', 'scores'], transform: 'none', label: 'smallest' };
  const draft = { op: 'clusterDistances', attrs: { features, clusters, centres, decision } } as const;
  return { outputs: graph.decide(draft, clusters, { ...outputNames, scores: 'transform' }, type, input) };
};

const activations: Readonly<Record<string, 'relu' | 'tanh' | 'logistic' | undefined>> = {
  relu: 'relu',
  tanh: 'tanh',
  logistic: 'logistic',
  identity: undefined,
};

export const addLayers: Builder = ({ graph, step, type, features, input }) => {
  const layers = step.at('coefs').items();
  const starts = step.at('intercepts').items();
  const name = String(parameter(step, 'activation'));
  if (!Object.hasOwn(activations, name)) step.at('params').at('activation').fault(`${name} is not known`);
  let [value, width] = [input, features];
  let outputs: readonly number[] = [];
  layers.forEach((layer, i) => {
    const { columns, data } = layer.matrix(width);
    const isLast = i === layers.length - 1;
    const attrs: LinearModelAttrs = {
      features: width,
      scores: columns,
      weights: Float64Array.from(data, (_, at) => data[(at % width) * columns + Math.floor(at / width)] ?? 0),
      bias: starts[i]?.numbers(columns) ?? new Float64Array(columns),
      arithmetic: 'f64',
      biasFirst: false,
      missing: 'number',
      decision: isLast ? layersDecision(step, type) : asIs,
    };
    const names = isLast ? (type === 'MLPRegressor' ? { scores: 'predict' } : outputNames) : { scores: `layer_${i}` };
    outputs = graph.decide({ op: 'linearModel', attrs }, columns, names, `${type} ${i}`, value);
    [value, width] = [outputs[0] ?? value, columns];
    const activation = activations[name];
    if (isLast || activation === undefined) return;
    const shape = { name: `activation_${i}`, type: { dtype: 'f32', shape: [1, width] } } as const;
    [value = value] = graph.add({ op: activation, attrs: {} }, [value], [shape], `${type} ${i}`);
  });
  if (outputs.length === 0) step.at('coefs').fault('a network without layers');
  return { outputs };
};

function layersDecision(step: Part, type: string): Decision {
  if (type === 'MLPRegressor') return asIs;
  const binary = step.at('out_activation').value === 'logistic';
  return withLabels(
    {
      gives: ['label', 'transformed'],
      transform: binary ? 'binaryLogistic' : 'softmax',
      label: binary ? 'positive' : 'largest',
    },
    labelsOf(step),
  );
}
