import { describe, expect, it } from 'vitest';
import {
  type Examples,
  partsOf,
  rowsAt,
  type Tree,
  trainForest,
  trainIsolationForest,
  trainKmeans,
  trainLogistic,
  withoutPart,
} from './index.ts';
import { randomOf } from './random.ts';

/** Rows of two numbers of -1 to 1, and what a function says of them. */
function examplesOf(count: number, seed: number, of: (a: number, b: number) => number): Examples {
  const random = randomOf(seed);
  const x = Float32Array.from({ length: 2 * count }, () => 2 * random.next() - 1);
  return {
    count,
    features: 2,
    x,
    y: Float64Array.from({ length: count }, (_, i) => of(x[2 * i] ?? 0, x[2 * i + 1] ?? 0)),
  };
}

function leafOf(
  tree: Pick<Tree, 'children_left' | 'children_right' | 'feature' | 'threshold'>,
  row: Float32Array,
): number {
  let node = 0;
  while ((tree.children_left[node] ?? -1) >= 0) {
    const goesLeft = (row[tree.feature[node] ?? 0] ?? 0) <= (tree.threshold[node] ?? 0);
    node = (goesLeft ? tree.children_left : tree.children_right)[node] ?? 0;
  }
  return node;
}

const rowAt = ({ x, features }: Examples, row: number): Float32Array =>
  x.subarray(row * features, (row + 1) * features);

const forestOptions = { classes: 2, trees: 15, maxDepth: 8, minLeaf: 1, seed: 3 };

describe('forests', () => {
  const xor = (a: number, b: number): number => Number(a > 0 !== b > 0);

  it('learn what no single feature tells', () => {
    const { trees } = trainForest(examplesOf(400, 1, xor), forestOptions);
    const unseen = examplesOf(200, 2, xor);
    let right = 0;
    for (let row = 0; row < unseen.count; row += 1) {
      const votes = [0, 0];
      for (const tree of trees) {
        const value = tree.value[leafOf(tree, rowAt(unseen, row))] ?? [];
        const total = value.reduce((a, b) => a + b, 0);
        value.forEach((count, i) => {
          votes[i] = (votes[i] ?? 0) + count / total;
        });
      }
      right += Number(Number((votes[1] ?? 0) > (votes[0] ?? 0)) === unseen.y[row]);
    }
    expect(right / unseen.count).toBeGreaterThan(0.93);
  });

  it('learn numbers, and say what tells them', () => {
    const { trees, importances } = trainForest(
      examplesOf(400, 1, (a) => 10 * a),
      { ...forestOptions, classes: 0 },
    );
    const [first] = trees;
    if (first === undefined) throw new Error('no tree');
    expect(first.value[leafOf(first, Float32Array.of(0.5, 0))]?.[0]).toBeCloseTo(5, 0);
    expect(importances[0]).toBeGreaterThan(0.9);
    expect(importances.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
  });

  it('keep to depth and size of leaves, and are the same again', () => {
    const examples = examplesOf(100, 4, xor);
    const options = { ...forestOptions, maxDepth: 3, minLeaf: 7 };
    const { trees } = trainForest(examples, options);
    for (const { children_left: left, n_node_samples: samples, threshold } of trees) {
      expect(left.length).toBeLessThan(16);
      left.forEach((child, node) => {
        if (child < 0) expect(samples[node]).toBeGreaterThanOrEqual(7);
        else expect(Math.fround(threshold[node] ?? 0)).toBe(threshold[node]);
      });
    }
    expect(trainForest(examples, options)).toEqual({ trees, importances: expect.anything() });
  });

  it('of one class are leaves', () => {
    const { trees } = trainForest(
      examplesOf(20, 1, () => 0),
      forestOptions,
    );
    for (const tree of trees) expect(tree.children_left).toEqual([-1]);
  });
});

describe('isolation forests', () => {
  it('isolate what is far from the rest in fewer steps', () => {
    const rows = examplesOf(300, 5, () => 0);
    const { trees, samples } = trainIsolationForest(rows, { trees: 40, samples: 128, seed: 1 });
    expect(samples).toBe(128);
    const leafSize = (row: Float32Array): number =>
      trees.reduce((sum, tree) => sum + depthOf(tree, row), 0) / trees.length;
    expect(leafSize(Float32Array.of(6, -6))).toBeLessThan(leafSize(Float32Array.of(0, 0)) - 1);
  });

  function depthOf(tree: Parameters<typeof leafOf>[0], row: Float32Array): number {
    let [node, depth] = [0, 0];
    while ((tree.children_left[node] ?? -1) >= 0) {
      const goesLeft = (row[tree.feature[node] ?? 0] ?? 0) <= (tree.threshold[node] ?? 0);
      node = (goesLeft ? tree.children_left : tree.children_right)[node] ?? 0;
      depth += 1;
    }
    return depth;
  }
});

describe('k-means', () => {
  it('finds heaps', () => {
    const random = randomOf(7);
    const heaps = [
      [0, 0],
      [10, 0],
      [0, 10],
    ];
    const x = Float32Array.from(
      { length: 600 },
      (_, i) => (heaps[Math.floor(i / 2) % 3]?.[i % 2] ?? 0) + random.next() - 0.5,
    );
    const { centres } = trainKmeans({ count: 300, features: 2, x }, { clusters: 3, seed: 1, starts: 5 });
    const sorted = [...centres].sort((a, b) => (a[0] ?? 0) + 2 * (a[1] ?? 0) - (b[0] ?? 0) - 2 * (b[1] ?? 0));
    sorted.flat().forEach((value, i) => {
      expect(value).toBeCloseTo(heaps.flat()[i] ?? 0, 0);
    });
  });
});

describe('logistic regression', () => {
  it('finds a line, whatever the scales of features', () => {
    const plain = examplesOf(500, 8, (a, b) => Number(a + 2 * b > 0.3));
    const examples = { ...plain, x: plain.x.map((value, i) => (i % 2 === 0 ? 1000 + 50 * value : value)) };
    const { weights, bias } = trainLogistic(examples, { classes: 2, penalty: 1e-4, iterations: 2000 });
    let right = 0;
    for (let row = 0; row < examples.count; row += 1) {
      const [a = 0, b = 0] = rowAt(examples, row);
      const score = (weights[0]?.[0] ?? 0) * a + (weights[0]?.[1] ?? 0) * b + (bias[0] ?? 0);
      right += Number(Number(score > 0) === examples.y[row]);
    }
    expect(right / examples.count).toBeGreaterThan(0.98);
  });

  it('has a row of weights for each of several classes', () => {
    const examples = examplesOf(300, 9, (a) => (a < -0.3 ? 0 : a < 0.3 ? 1 : 2));
    const { weights, bias } = trainLogistic(examples, { classes: 3, penalty: 1e-3, iterations: 500 });
    expect([weights.length, bias.length]).toEqual([3, 3]);
  });
});

describe('parts', () => {
  it('are of all rows, each once, with classes in their shares', () => {
    const examples = examplesOf(100, 1, (a) => Number(a > 0.5));
    const parts = partsOf(examples.y, 5, 1);
    expect(Array.from(parts.flatMap((part) => Array.from(part))).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
    const ones = parts.map((part) => rowsAt(examples, part).y.reduce((a, b) => a + b, 0));
    expect(Math.max(...ones) - Math.min(...ones)).toBeLessThanOrEqual(1);
    expect(withoutPart(parts, 2)).toHaveLength(80);
  });
});
