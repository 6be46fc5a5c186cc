// Isolation forests: random splits of small samples; what is alone after few splits is unlike the rest. Source: Liu, Ting, Zhou,
// Isolation Forest, 2008.
import { randomOf } from './random.ts';
import type { Rows } from './rows.ts';
import type { Tree } from './tree.ts';

export interface IsolationOptions {
  readonly trees: number;
  /** Rows that a tree sees at most. */
  readonly samples: number;
  readonly seed: number;
}

export interface TrainedIsolation {
  readonly trees: readonly Omit<Tree, 'value'>[];
  readonly samples: number;
}

export function trainIsolationForest(
  { count, features, x }: Rows,
  { trees, samples, seed }: IsolationOptions,
): TrainedIsolation {
  const seen = Math.min(samples, count);
  const maxDepth = Math.ceil(Math.log2(Math.max(2, seen)));
  const grown = Array.from({ length: trees }, (_, i) => {
    const random = randomOf(seed * 65537 + i);
    const tree: Omit<Tree, 'value'> = {
      children_left: [],
      children_right: [],
      feature: [],
      threshold: [],
      n_node_samples: [],
    };
    const open: { readonly node: number; readonly own: Int32Array; readonly depth: number }[] = [];
    const addNode = (own: Int32Array, depth: number): number => {
      tree.children_left.push(-1);
      tree.children_right.push(-1);
      tree.feature.push(-2);
      tree.threshold.push(-2);
      tree.n_node_samples.push(own.length);
      open.push({ node: tree.feature.length - 1, own, depth });
      return tree.feature.length - 1;
    };
    addNode(random.sample(count, seen).slice(), 0);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { node, own, depth } = next;
      if (depth >= maxDepth || own.length < 2) continue;
      const order = random.sample(features, features);
      // A feature that differs among them, if there is one.
      for (const feature of order) {
        const values = Array.from(own, (row) => x[row * features + feature] ?? 0);
        const [low, high] = [Math.min(...values), Math.max(...values)];
        if (!(low < high)) continue;
        const drawn = Math.fround(low + random.next() * (high - low));
        const threshold = drawn < high ? drawn : low;
        const isLeft = (row: number): boolean => (x[row * features + feature] ?? 0) <= threshold;
        tree.feature[node] = feature;
        tree.threshold[node] = threshold;
        tree.children_left[node] = addNode(own.filter(isLeft), depth + 1);
        tree.children_right[node] = addNode(
          own.filter((row) => !isLeft(row)),
          depth + 1,
        );
        break;
      }
    }
    return tree;
  });
  return { trees: grown, samples: seen };
}
