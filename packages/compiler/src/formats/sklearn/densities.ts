// Gaussian mixtures, Gaussian naive Bayes and nearest neighbours of scikit-learn.
import type { Decision } from '../../ops/decision.ts';
import type { GaussianMixtureAttrs } from '../../ops/gaussian-mixture.ts';
import type { Part } from '../wire/document.ts';
import { asIs, type Builder, labelsOf, outputNames, parameter, withLabels } from './step.ts';

const halfLogTwoPi = 0.9189385332046727;

export const addGaussian: Builder = ({ graph, step, type, features, input }) => {
  const weights = step.at('weights').numbers();
  const components = weights.length;
  const means = step.at('means').matrix(components, features).data;
  const { covariance, factors } = precisions(step, components, features);
  const constants = weights.map(
    (weight, c) => Math.log(weight) + logDeterminant(covariance, factors, c, features) - features * halfLogTwoPi,
  );
  if (constants.some((value) => !Number.isFinite(value)))
    step.at('weights').fault('weights and precisions must be above 0');
  const decision: Decision = { gives: ['label', 'transformed', 'logSum'], transform: 'softmax', label: 'largest' };
  const attrs: GaussianMixtureAttrs = { features, components, means, covariance, factors, constants, decision };
  return { outputs: graph.decide({ op: 'gaussianMixture', attrs }, components, outputNames, type, input) };
};

type Factors = Pick<GaussianMixtureAttrs, 'covariance' | 'factors'>;

function precisions(step: Part, components: number, features: number): Factors {
  const part = step.at('precisions_cholesky');
  switch (parameter(step, 'covariance_type')) {
    case 'full': {
      const each = part.items().map((one) => one.matrix(features, features).data);
      const factors = new Float64Array(components * features * features);
      if (each.length !== components) part.fault(`${components} matrices are due, found ${each.length}`);
      else
        for (const [c, matrix] of each.entries())
          factors.set(matrix.subarray(0, features * features), c * features * features);
      return { covariance: 'full', factors };
    }
    case 'tied':
      return { covariance: 'tied', factors: part.matrix(features, features).data };
    case 'diag':
      return { covariance: 'diagonal', factors: part.matrix(components, features).data };
    case 'spherical': {
      const each = part.numbers(components);
      return {
        covariance: 'diagonal',
        factors: Float64Array.from({ length: components * features }, (_, i) => each[Math.floor(i / features)] ?? 0),
      };
    }
    default:
      step.at('params').at('covariance_type').fault('full, tied, diag or spherical is due');
      return { covariance: 'diagonal', factors: new Float64Array(components * features) };
  }
}

function logDeterminant(covariance: Factors['covariance'], factors: Float64Array, c: number, features: number): number {
  let sum = 0;
  for (let i = 0; i < features; i += 1) {
    const at =
      covariance === 'diagonal'
        ? c * features + i
        : (covariance === 'full' ? c * features ** 2 : 0) + i * (features + 1);
    sum += Math.log(factors[at] ?? 0);
  }
  return sum;
}

export const addNaiveBayes: Builder = ({ graph, step, type, features, input }) => {
  const priors = step.at('class_prior').numbers();
  const components = priors.length;
  const means = step.at('theta').matrix(components, features).data;
  const variances = step.at('var').matrix(components, features).data;
  const factors = variances.map((variance) => 1 / Math.sqrt(variance));
  const constants = priors.map(
    (prior, c) => Math.log(prior) + logDeterminant('diagonal', factors, c, features) - features * halfLogTwoPi,
  );
  if (constants.some((value) => !Number.isFinite(value))) step.at('var').fault('priors and variances must be above 0');
  const decision = withLabels(
    { gives: ['label', 'transformed'], transform: 'softmax', label: 'largest' },
    labelsOf(step),
  );
  const attrs: GaussianMixtureAttrs = {
    features,
    components,
    means,
    covariance: 'diagonal',
    factors,
    constants,
    decision,
  };
  return { outputs: graph.decide({ op: 'gaussianMixture', attrs }, components, outputNames, type, input) };
};

export const addNeighbours: Builder = ({ graph, step, type, features, input }) => {
  const { rows: points, data: values } = step.at('fit_X').matrix(undefined, features);
  const params = step.at('params');
  const metric = params.at('metric').value;
  const power = params.at('p').value;
  const isEuclidean = metric === 'euclidean' || (metric === 'minkowski' && (power === 2 || power === undefined));
  const isManhattan = metric === 'manhattan' || (metric === 'minkowski' && power === 1);
  if (!isEuclidean && !isManhattan)
    params
      .at('metric')
      .fault(`${String(metric)} with p = ${String(power)} is not supported`, 'euclidean and manhattan are');
  const weights = params.at('weights').value;
  if (weights !== 'uniform' && weights !== 'distance')
    params.at('weights').fault(`${String(weights)} is not supported`, 'uniform and distance are');
  const isClassifier = type === 'KNeighborsClassifier';
  const part = step.at('fit_y');
  const isOne = Array.isArray(part.value) && typeof part.value[0] === 'number';
  const scores = isClassifier ? step.at('classes').items().length : isOne ? 1 : part.matrix().columns;
  const targets = isOne ? part.numbers(points) : part.matrix(points, scores).data;
  const labels = labelsOf(step);
  const decision: Decision = isClassifier
    ? withLabels({ gives: ['label', 'scores'], transform: 'none', label: 'largest' }, labels)
    : asIs;
  const attrs = {
    features,
    points,
    neighbours: params.at('n_neighbors').count(1),
    values,
    kind: isClassifier ? ('classes' as const) : ('targets' as const),
    scores,
    targets: isClassifier ? positions(targets, labels) : targets,
    weights: weights === 'distance' ? ('distance' as const) : ('uniform' as const),
    metric: isManhattan ? ('manhattan' as const) : ('euclidean' as const),
    decision,
  };
  const names = isClassifier ? { ...outputNames, scores: 'predict_proba' } : { scores: 'predict' };
  return { outputs: graph.decide({ op: 'nearestNeighbours', attrs }, scores, names, type, input) };
};

/** Classes as their positions. */
const positions = (classes: Float64Array, labels: readonly number[] | undefined): Float64Array =>
  labels === undefined ? classes : classes.map((one) => labels.indexOf(one));
