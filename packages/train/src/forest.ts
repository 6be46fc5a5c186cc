// Random forests: trees on examples drawn with replacement, each node trying some of the features. Source: Breiman, Random Forests, 2001.
import { randomOf } from './random.ts';
import type { Examples } from './rows.ts';
import { growTree, type Tree } from './tree.ts';

export interface ForestOptions {
  /** 0 for regression. */
  readonly classes: number;
  readonly trees: number;
  readonly maxDepth: number;
  readonly minLeaf: number;
  readonly seed: number;
  readonly onTree?: (done: number) => void;
}

export interface TrainedForest {
  readonly trees: readonly Tree[];
  /** By feature its share of what all splits gained. */
  readonly importances: readonly number[];
}

export function trainForest(examples: Examples, options: ForestOptions): TrainedForest {
  const { classes, trees: count, seed, onTree } = options;
  const { features } = examples;
  const gained = new Float64Array(features);
  const tried = classes === 0 ? Math.max(1, Math.ceil(features / 3)) : Math.max(1, Math.floor(Math.sqrt(features)));
  const trees = Array.from({ length: count }, (_, i) => {
    const random = randomOf(seed * 65537 + i);
    const drawn = Int32Array.from({ length: examples.count }, () => random.below(examples.count));
    const tree = growTree(examples, drawn, { ...options, tried }, random, gained);
    onTree?.(i + 1);
    return tree;
  });
  const total = gained.reduce((a, b) => a + b, 0) || 1;
  return { trees, importances: Array.from(gained, (gain) => gain / total) };
}
