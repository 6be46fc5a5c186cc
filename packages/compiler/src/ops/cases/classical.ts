// Contract cases of clusterDistances, gaussianMixture, kernelMachine, mapValues, nearestNeighbours, normaliseRows, oneHot and
// scaleFeatures: every kind, odd sizes, ties.
import type { Decision } from '../decision.ts';
import { decisionShapes } from '../decision.ts';
import type { GaussianMixtureAttrs } from '../gaussian-mixture.ts';
import type { Draft } from '../index.ts';
import type { KernelMachineAttrs } from '../kernel-machine.ts';
import type { NearestNeighboursAttrs } from '../nearest-neighbours.ts';
import { type Case, type CaseInput, fed, plainType } from './case.ts';
import { doubles } from './linear-model.ts';

const all: Decision = { gives: ['scores', 'transformed', 'label'], transform: 'softmax', label: 'largest' };

type Deciding = Draft & { readonly attrs: { readonly decision: Decision } };

function deciding(name: string, draft: Deciding, x: CaseInput, scores: number, transformed = scores): Case {
  const [rows = 1] = x.type.shape;
  const { decision } = draft.attrs;
  const outputs = decisionShapes(rows, scores, decision).map((shape, i) => {
    const given = decision.gives[i];
    return plainType(given === 'label' ? 'i32' : 'f32', given === 'transformed' ? [rows, transformed] : shape);
  });
  return { name, node: draft, inputs: [x], outputs };
}

const rowsOf = (rows: number, features: number): CaseInput =>
  fed(plainType('f32', [rows, features]), rows + features, 2);

/** A row that lies on a point, and points that lie on each other. */
const floats = (values: Float64Array): Float64Array => values.map((value) => Math.round(value * 4) / 4);

export const clusterDistancesCases: readonly Case[] = [
  deciding(
    'six clusters',
    {
      op: 'clusterDistances',
      attrs: { features: 7, clusters: 6, centres: doubles(1, 42), decision: { ...all, label: 'smallest' } },
    },
    rowsOf(5, 7),
    6,
  ),
  deciding(
    'one cluster, one feature, named',
    {
      op: 'clusterDistances',
      attrs: {
        features: 1,
        clusters: 1,
        centres: floats(doubles(2, 1)),
        decision: { gives: ['label', 'scores'], transform: 'none', label: 'smallest', labels: [9] },
      },
    },
    rowsOf(1, 1),
    1,
  ),
];

function mixture(
  name: string,
  covariance: GaussianMixtureAttrs['covariance'],
  features: number,
  components: number,
): Case {
  const factors =
    covariance === 'full' ? components * features ** 2 : covariance === 'tied' ? features ** 2 : components * features;
  const attrs: GaussianMixtureAttrs = {
    features,
    components,
    means: doubles(1, components * features),
    covariance,
    factors: doubles(2, factors),
    constants: doubles(3, components),
    decision: { ...all, gives: ['scores', 'transformed', 'label', 'logSum'] },
  };
  return deciding(name, { op: 'gaussianMixture', attrs }, rowsOf(7, features), components);
}

export const gaussianMixtureCases: readonly Case[] = [
  mixture('full', 'full', 5, 3),
  mixture('tied', 'tied', 7, 4),
  mixture('diagonal', 'diagonal', 16, 3),
  mixture('one component, one feature', 'full', 1, 1),
];

function machine(
  name: string,
  support: readonly number[],
  more: Partial<KernelMachineAttrs>,
  transformed?: number,
): Case {
  const vectors = support.reduce((a, b) => a + b, 0);
  const classes = support.length;
  const decisions = Math.max(1, (classes * (classes - 1)) / 2);
  const attrs: KernelMachineAttrs = {
    features: 5,
    support,
    vectors: doubles(1, vectors * 5),
    coefficients: doubles(2, Math.max(1, classes - 1) * vectors),
    intercepts: doubles(3, decisions),
    kernel: { kind: 'rbf', gamma: 0.3, coef0: 0.5, degree: 3 },
    scores: 'classes',
    decision: { gives: ['label', 'scores'], transform: 'none', label: 'largest' },
    ...more,
  };
  const scores = attrs.scores === 'classes' ? classes : attrs.scores === 'pairs' ? decisions : 1;
  return deciding(name, { op: 'kernelMachine', attrs }, rowsOf(7, 5), scores, transformed);
}

const one: Decision = { gives: ['label', 'scores'], transform: 'none', label: 'positive', labels: [-1, 1] };

export const kernelMachineCases: readonly Case[] = [
  machine('four classes', [7, 3, 1, 5], {}),
  machine('three classes, all decisions', [7, 3, 6], {
    scores: 'pairs',
    kernel: { kind: 'linear', gamma: 1, coef0: 0, degree: 1 },
  }),
  machine('two classes', [16, 3], {
    scores: 'negated',
    kernel: { kind: 'poly', gamma: 0.5, coef0: 1, degree: 3 },
    decision: one,
  }),
  machine('one class', [17], {
    scores: 'decision',
    kernel: { kind: 'sigmoid', gamma: 0.2, coef0: 0.1, degree: 1 },
    decision: one,
  }),
  machine('regression', [7], {
    scores: 'decision',
    decision: { gives: ['scores'], transform: 'none', label: 'positive' },
  }),
  machine(
    'three classes, probabilities',
    [4, 3, 2],
    {
      platt: { a: doubles(5, 3), b: doubles(6, 3) },
      decision: { gives: ['transformed', 'label'], transform: 'none', label: 'largest' },
    },
    3,
  ),
];

function neighbours(name: string, rows: number, more: Partial<NearestNeighboursAttrs>): Case {
  const features = 4;
  const attrs: NearestNeighboursAttrs = {
    features,
    points: 33,
    neighbours: 5,
    values: floats(doubles(1, 33 * features)),
    kind: 'classes',
    scores: 3,
    targets: Float64Array.from({ length: 33 }, (_, i) => (i * 7) % 3),
    weights: 'uniform',
    metric: 'euclidean',
    decision: { gives: ['label', 'scores'], transform: 'none', label: 'largest' },
    ...more,
  };
  const x = rowsOf(rows, features);
  // The first row lies on a point.
  (x.data as Float32Array).set(attrs.values.subarray(8, 8 + features));
  return deciding(name, { op: 'nearestNeighbours', attrs }, x, attrs.scores);
}

const mean: Decision = { gives: ['scores'], transform: 'none', label: 'largest' };

export const nearestNeighboursCases: readonly Case[] = [
  neighbours('votes', 7, {}),
  neighbours('votes by distance', 7, { weights: 'distance' }),
  neighbours('means of two targets', 3, {
    kind: 'targets',
    scores: 2,
    targets: doubles(9, 66),
    decision: mean,
    weights: 'distance',
    metric: 'manhattan',
  }),
  neighbours('the nearest alone', 1, { neighbours: 1 }),
  neighbours('all', 2, { neighbours: 33, metric: 'manhattan' }),
];

const scaled = (name: string, rows: number, attrs: Extract<Draft, { op: 'scaleFeatures' }>['attrs']): Case => {
  const x = rowsOf(rows, attrs.features);
  if (attrs.replacement !== undefined) (x.data as Float32Array)[0] = Number.NaN;
  return { name, node: { op: 'scaleFeatures', attrs }, inputs: [x], outputs: [x.type] };
};

export const scaleFeaturesCases: readonly Case[] = [
  scaled('standard', 3, { features: 7, kind: 'subtractDivide', offset: doubles(1, 7), factor: doubles(2, 7) }),
  scaled('to a range, clamped', 2, {
    features: 16,
    kind: 'multiplyAdd',
    offset: doubles(1, 16),
    factor: doubles(2, 16),
    range: [-0.5, 0.5],
  }),
  scaled('missing ones replaced', 1, {
    features: 3,
    kind: 'subtractMultiply',
    offset: doubles(1, 3),
    factor: doubles(2, 3),
    replacement: doubles(4, 3),
  }),
];

const normalised = (name: string, norm: 'l1' | 'l2' | 'max', rows: number, features: number): Case => {
  const x = rowsOf(rows, features);
  if (rows > 1) (x.data as Float32Array).fill(0, 0, features);
  return { name, node: { op: 'normaliseRows', attrs: { norm } }, inputs: [x], outputs: [x.type] };
};

export const normaliseRowsCases: readonly Case[] = [
  normalised('sum of magnitudes', 'l1', 3, 7),
  normalised('root of squares', 'l2', 2, 16),
  normalised('largest', 'max', 2, 17),
  normalised('one feature', 'l2', 1, 1),
];

const hot = (rows: number, features: number, categories: readonly number[]): Case => ({
  name: `${features} features, ${categories.length} categories`,
  node: { op: 'oneHot', attrs: { features, categories: Float32Array.from(categories) } },
  inputs: [
    {
      type: plainType('f32', [rows, features]),
      data: Float32Array.from({ length: rows * features }, (_, i) => (i % 5 === 4 ? Number.NaN : (i % 4) / 2)),
    },
  ],
  outputs: [plainType('f32', [rows, features * categories.length])],
});

export const oneHotCases: readonly Case[] = [hot(3, 7, [0, 0.5, 1.5]), hot(1, 1, [0]), hot(2, 16, [1, -0, 7])];

export const mapValuesCases: readonly Case[] = [
  {
    name: 'labels, some unknown',
    node: { op: 'mapValues', attrs: { keys: [3, 1, -2, 3], values: [30, 10, -20, 31], otherwise: -1 } },
    inputs: [{ type: plainType('i32', [7]), data: Int32Array.of(1, 3, 5, -2, 0, 3, 1) }],
    outputs: [plainType('i32', [7])],
  },
  {
    name: 'numbers',
    node: { op: 'mapValues', attrs: { keys: [0.1, 2], values: [7.25, 0.3], otherwise: 0.2 } },
    inputs: [{ type: plainType('f32', [1, 5]), data: Float32Array.of(0.1, 2, Number.NaN, -0, 1e30) }],
    outputs: [plainType('f32', [1, 5])],
  },
];
