// Contract cases of treeEnsemble: random trees of every shape, missing values, categories, leaves with one entry or several, both
// arithmetics, every transform and label.

import { allocate } from '../../tensor/dtype.ts';
import type { Decision } from '../decision.ts';
import { decisionShapes } from '../decision.ts';
import type { Forest } from '../forest.ts';
import type { TreeEnsembleAttrs } from '../tree-ensemble.ts';
import { type Case, lcg, plainType } from './case.ts';

interface Shape {
  readonly trees: number;
  readonly features: number;
  readonly scores: number;
  readonly depth: number;
  /** One entry a leaf, of the score of its tree; else some entries of any. */
  readonly single?: boolean;
  readonly missing?: boolean;
  readonly categories?: boolean;
}

/** Random trees; thresholds are few, and hit by the rows of a case. */
export function randomForest(seed: number, shape: Shape): Forest {
  const next = lcg(seed);
  const below = (count: number): number => Math.floor((next() / 2 ** 32) * count);
  const roots: number[] = [];
  const feature: number[] = [];
  const whenTrue: number[] = [];
  const whenFalse: number[] = [];
  const threshold: number[] = [];
  const missing: number[] = [];
  const categories = new Map<number, Uint32Array>();
  const firstEntry = [0];
  const entryScore: number[] = [];
  const entryValue: number[] = [];
  const leaf = (tree: number): number => {
    const count = shape.single ? 1 : below(4);
    for (let n = 0; n < count; n += 1) {
      entryScore.push(shape.single ? tree % shape.scores : below(shape.scores));
      entryValue.push(Math.fround((below(2000) - 1000) / 700));
    }
    firstEntry.push(entryScore.length);
    return ~(firstEntry.length - 2);
  };
  const grow = (tree: number, depth: number): number => {
    if (depth === 0 || below(6) === 0) return leaf(tree);
    const node = feature.length;
    feature.push(below(shape.features));
    threshold.push(Math.fround((below(13) - 6) / 2));
    missing.push(shape.missing ? below(2) : 0);
    if (shape.categories && below(2) === 0) categories.set(node, Uint32Array.from({ length: 1 + below(2) }, next));
    whenTrue.push(0);
    whenFalse.push(0);
    whenTrue[node] = grow(tree, depth - 1);
    whenFalse[node] = grow(tree, depth - 1);
    return node;
  };
  for (let tree = 0; tree < shape.trees; tree += 1) roots.push(grow(tree, shape.depth));
  return {
    features: shape.features,
    scores: shape.scores,
    roots: Int32Array.from(roots),
    feature: Int32Array.from(feature),
    threshold: Float32Array.from(threshold),
    whenTrue: Int32Array.from(whenTrue),
    whenFalse: Int32Array.from(whenFalse),
    missing: Uint8Array.from(missing),
    categories,
    firstEntry: Int32Array.from(firstEntry),
    entryScore: Int32Array.from(entryScore),
    entryValue: Float64Array.from(entryValue),
  };
}

/** Rows of halves from -4 to 4 and, for categories, up to 70; some are missing, infinite, or a zero below 0. */
export function randomRows(seed: number, rows: number, { features, missing, categories }: Shape): Float32Array {
  const next = lcg(seed);
  const below = (count: number): number => Math.floor((next() / 2 ** 32) * count);
  const data = allocate('f32', rows * features) as Float32Array;
  return data.map(() => {
    const rare = below(20);
    if (rare === 0) return missing ? Number.NaN : -0;
    if (rare === 1) return below(2) === 0 ? Infinity : -Infinity;
    return categories && below(2) === 0 ? below(70) + below(4) / 4 : (below(17) - 8) / 2;
  });
}

const all = (more: Partial<Decision> = {}): Decision => ({
  gives: ['scores', 'transformed', 'label'],
  transform: 'none',
  label: 'largest',
  ...more,
});

function treeCase(
  name: string,
  shape: Shape,
  more: Partial<Omit<TreeEnsembleAttrs, 'forest'>> & { readonly decision: Decision },
  rows = 7,
): Case {
  const forest = randomForest(name.length * 77 + shape.trees, shape);
  const attrs: TreeEnsembleAttrs = {
    forest,
    arithmetic: 'f32',
    base: Array.from({ length: shape.scores }, (_, i) => i / 4),
    acceptsMissing: shape.missing === true,
    ...more,
  };
  const shapes = decisionShapes(rows, shape.scores, more.decision);
  return {
    name,
    node: { op: 'treeEnsemble', attrs },
    inputs: [{ type: plainType('f32', [rows, shape.features]), data: randomRows(name.length, rows, shape) }],
    outputs: shapes.map((own, i) => plainType(more.decision.gives[i] === 'label' ? 'i32' : 'f32', own)),
  };
}

export const treeEnsembleCases: readonly Case[] = [
  treeCase('one tree', { trees: 1, features: 3, scores: 1, depth: 4, single: true }, { decision: all() }, 17),
  treeCase(
    'boosted, softmax',
    { trees: 12, features: 7, scores: 3, depth: 4, single: true },
    { decision: all({ transform: 'softmax' }) },
  ),
  treeCase(
    'votes, f64, mean',
    { trees: 16, features: 5, scores: 4, depth: 5 },
    { arithmetic: 'f64', divisor: 16, base: [0, 0, 0, 0], decision: all() },
    16,
  ),
  treeCase(
    'missing values',
    { trees: 5, features: 4, scores: 2, depth: 5, single: true, missing: true },
    { decision: all({ transform: 'normalisedLogistic' }) },
    17,
  ),
  treeCase(
    'categories',
    { trees: 5, features: 2, scores: 2, depth: 4, categories: true },
    { decision: all({ transform: 'logistic', label: 'smallest', labels: [7, -9] }) },
    17,
  ),
  treeCase(
    'categories and missing values',
    { trees: 7, features: 3, scores: 1, depth: 4, categories: true, missing: true, single: true },
    { arithmetic: 'f64', decision: all({ transform: 'exp', label: 'positive' }) },
    17,
  ),
  treeCase('leaves alone', { trees: 3, features: 1, scores: 2, depth: 0, single: true }, { decision: all() }, 1),
  treeCase(
    'two classes of one score',
    { trees: 6, features: 4, scores: 1, depth: 3, single: true },
    { arithmetic: 'f64', decision: all({ transform: 'binaryLogistic', label: 'positive', labels: [-1, 1] }) },
    16,
  ),
  treeCase(
    'isolation',
    { trees: 6, features: 4, scores: 1, depth: 5, single: true },
    {
      arithmetic: 'f64',
      base: [9],
      isolation: { scale: 0.05 },
      decision: all({ transform: 'shift', label: 'notBelowThreshold', threshold: -0.5, labels: [-1, 1] }),
    },
    16,
  ),
  treeCase(
    'hinge',
    { trees: 6, features: 4, scores: 1, depth: 3, single: true },
    { decision: all({ gives: ['transformed'], transform: 'step' }) },
    16,
  ),
];
