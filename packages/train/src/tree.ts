// Classification and regression trees (CART): at every node the split of some features that lessens the Gini impurity, or the variance,
// the most. Source: Breiman, Friedman, Olshen, Stone, Classification and Regression Trees, 1984.
import type { Random } from './random.ts';
import type { Examples } from './rows.ts';

/** A tree as scikit-learn's arrays have it; `value` is a leaf's class weights, or its mean. */
export interface Tree {
  readonly children_left: number[];
  readonly children_right: number[];
  readonly feature: number[];
  readonly threshold: number[];
  readonly value: number[][];
  readonly n_node_samples: number[];
}

export interface TreeOptions {
  /** 0 for regression. */
  readonly classes: number;
  readonly maxDepth: number;
  readonly minLeaf: number;
  /** Features that are tried at a node. */
  readonly tried: number;
}

interface Split {
  readonly feature: number;
  readonly threshold: number;
  readonly gain: number;
}

/** A tree on some of the examples, which may come several times; what splits gain is added to `importances` by feature. */
export function growTree(
  examples: Examples,
  positions: Int32Array,
  { classes, maxDepth, minLeaf, tried }: TreeOptions,
  random: Random,
  importances: Float64Array,
): Tree {
  const { features, x, y } = examples;
  const tree: Tree = {
    children_left: [],
    children_right: [],
    feature: [],
    threshold: [],
    value: [],
    n_node_samples: [],
  };
  const open: { readonly node: number; readonly own: Int32Array; readonly depth: number }[] = [];
  const addNode = (own: Int32Array, depth: number): number => {
    const node = tree.feature.length;
    tree.children_left.push(-1);
    tree.children_right.push(-1);
    tree.feature.push(-2);
    tree.threshold.push(-2);
    tree.value.push(summary(own, y, classes));
    tree.n_node_samples.push(own.length);
    open.push({ node, own, depth });
    return node;
  };
  addNode(positions, 0);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, own, depth } = next;
    if (depth >= maxDepth || own.length < 2 * minLeaf || isPure(own, y)) continue;
    let best: Split | undefined;
    for (const feature of random.sample(features, tried)) {
      const found = bestSplit(own, feature, examples, classes, minLeaf);
      if (found !== undefined && found.gain > (best?.gain ?? 1e-12)) best = found;
    }
    if (best === undefined) continue;
    const { feature, threshold, gain } = best;
    importances[feature] = (importances[feature] ?? 0) + gain;
    const isLeft = (position: number): boolean => (x[position * features + feature] ?? 0) <= threshold;
    tree.feature[node] = feature;
    tree.threshold[node] = threshold;
    tree.children_left[node] = addNode(own.filter(isLeft), depth + 1);
    tree.children_right[node] = addNode(
      own.filter((position) => !isLeft(position)),
      depth + 1,
    );
    tree.value[node] = [];
  }
  return tree;
}

function isPure(own: Int32Array, y: Float64Array): boolean {
  const first = y[own[0] ?? 0];
  return own.every((position) => y[position] === first);
}

function summary(own: Int32Array, y: Float64Array, classes: number): number[] {
  if (classes === 0) return [own.reduce((sum, position) => sum + (y[position] ?? 0), 0) / own.length];
  const counts = new Array<number>(classes).fill(0);
  for (const position of own) counts[y[position] ?? 0] = (counts[y[position] ?? 0] ?? 0) + 1;
  return counts;
}

/** The best threshold of a feature: halfway between two values, as a float that no value is between it and the lower one. */
function bestSplit(
  own: Int32Array,
  feature: number,
  { features, x, y }: Examples,
  classes: number,
  minLeaf: number,
): Split | undefined {
  const at = (position: number): number => x[position * features + feature] ?? 0;
  const order = own.slice().sort((a, b) => at(a) - at(b));
  const sides = classes === 0 ? new Moments(order, y) : new Counts(order, y, classes);
  let best: Split | undefined;
  for (let i = 0; i + 1 < order.length; i += 1) {
    sides.move(order[i] ?? 0);
    const [low, high] = [at(order[i] ?? 0), at(order[i + 1] ?? 0)];
    if (low === high || i + 1 < minLeaf || order.length - i - 1 < minLeaf) continue;
    const gain = sides.gain();
    if (gain > (best?.gain ?? 0)) {
      const middle = Math.fround((low + high) / 2);
      best = { feature, threshold: middle < high ? middle : low, gain };
    }
  }
  return best;
}

/** Class counts left and right; the gain is that in the sum of squares over sizes, which is Gini impurity times examples. */
class Counts {
  readonly #left: Float64Array;
  readonly #right: Float64Array;
  readonly #y: Float64Array;
  readonly #whole: number;
  #n = 0;
  #rest: number;

  constructor(order: Int32Array, y: Float64Array, classes: number) {
    this.#left = new Float64Array(classes);
    this.#right = Float64Array.from(summary(order, y, classes));
    this.#y = y;
    this.#rest = order.length;
    this.#whole = squares(this.#right) / order.length;
  }

  move(position: number): void {
    const one = this.#y[position] ?? 0;
    this.#left[one] = (this.#left[one] ?? 0) + 1;
    this.#right[one] = (this.#right[one] ?? 0) - 1;
    this.#n += 1;
    this.#rest -= 1;
  }

  gain(): number {
    return squares(this.#left) / this.#n + squares(this.#right) / this.#rest - this.#whole;
  }
}

const squares = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count * count, 0);

/** Sums left and right; the gain is that in variance times examples. */
class Moments {
  readonly #y: Float64Array;
  readonly #whole: number;
  readonly #mean: number;
  #left = 0;
  #right: number;
  #n = 0;
  #rest: number;

  constructor(order: Int32Array, y: Float64Array) {
    this.#y = y;
    // Around the mean, so that nothing cancels.
    this.#mean = order.reduce((sum, position) => sum + (y[position] ?? 0), 0) / order.length;
    this.#right = 0;
    for (const position of order) this.#right += (y[position] ?? 0) - this.#mean;
    this.#rest = order.length;
    this.#whole = this.#right ** 2 / order.length;
  }

  move(position: number): void {
    const value = (this.#y[position] ?? 0) - this.#mean;
    this.#left += value;
    this.#right -= value;
    this.#n += 1;
    this.#rest -= 1;
  }

  gain(): number {
    return this.#left ** 2 / this.#n + this.#right ** 2 / this.#rest - this.#whole;
  }
}
