// Features of trees as integers that order as they do (keys), and how comparisons load them.
import { add, and, cast, int, lt, mul, select, shr, sub, xor } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Forest } from '../ops/forest.ts';
import type { TreeEnsembleAttrs } from '../ops/tree-ensemble.ts';

/** How a feature is compared. */
export type Comparison =
  | 'floats'
  /** The bits of floats that are never missing, as integers. */
  | 'bits'
  | 'integers'
  /** Integers that order as the floats do, computed for each row; missing values are below or above all others. */
  | 'keys';

const scratch = new DataView(new ArrayBuffer(4));

/** A float's bits as an integer. */
export const bitsOf = (value: number): number => {
  scratch.setFloat32(0, value);
  return scratch.getInt32(0);
};

/** Integers in the order of floats; -0 is below 0, as no threshold lies between. */
export const orderOf = (value: number): number => {
  const bits = bitsOf(value === 0 ? 0 : value);
  return bits < 0 ? bits ^ 0x7fffffff : bits;
};

/** A float's bits, not those of a missing value, likewise. */
export const orderedBits = (bits: Expr): Expr => select(lt(bits, 0), xor(bits, int(0x7fffffff)), bits);

/** How keys come from floats: their order, plus `moved`, shifted right by `shift`, less `offset`. */
export interface Keys {
  readonly moved: number;
  readonly shift: number;
  readonly offset: number;
  /** By feature, whether missing values go where small ones do at all of its nodes: they get the lowest key. */
  readonly lowMissing: readonly boolean[];
  /** Of a threshold. */
  keyOf(threshold: number): number;
}

/**
 * Keys with as few bits as tell the sides of every threshold apart. Where all orders of thresholds, moved by one, end in so many ones,
 * these bits decide nothing: thresholds of counts, which lie on halves, leave a byte.
 */
function keysOf({ threshold, features, feature, missing }: Forest): Keys {
  const orders = Array.from(new Set(threshold), orderOf);
  const trailingOnes = (value: number): number => (value === -1 ? 24 : 31 - Math.clz32(~value & -~value));
  const onesOf = (by: number): number => orders.reduce((least, order) => Math.min(least, trailingOnes(order + by)), 24);
  const finite = threshold.every(Number.isFinite) && orders.length > 0;
  const [here, below] = finite ? [onesOf(0), onesOf(-1)] : [0, 0];
  const moved = below > here ? -1 : 0;
  const shift = Math.max(here, below);
  const shifted = orders.map((order) => (order + moved) >> shift);
  const offset = shift === 0 ? 0 : shifted.reduce((a, b) => Math.min(a, b), shifted[0] ?? 0);
  const lowMissing = new Array<boolean>(features).fill(true);
  feature.forEach((own, node) => {
    if (missing[node] !== 1) lowMissing[own] = false;
  });
  return { moved, shift, offset, lowMissing, keyOf: (value) => ((orderOf(value) + moved) >> shift) - offset };
}

/** Of missing values: below and above all others. */
export const [lowestKey, highestKey] = [-2147483648, 2147483647];

/** Features that are looked at, the most frequent first: the nearest in memory have the shortest instructions. */
function featuresByUse({ feature, features }: Forest): readonly number[] {
  const uses = new Int32Array(features);
  for (const one of feature) uses[one] = (uses[one] ?? 0) + 1;
  return Array.from(uses.keys())
    .filter((one) => (uses[one] ?? 0) > 0)
    .sort((a, b) => (uses[b] ?? 0) - (uses[a] ?? 0) || a - b);
}

/** The keys of a row's features, and where each is. */
function writeKeys(
  k: Writer,
  { forest, acceptsMissing }: TreeEnsembleAttrs,
  by: Keys,
  x: Region,
  row: Expr,
  keys: Region,
): ReadonlyMap<number, number> {
  const order = featuresByUse(forest);
  const low = order.map((feature) => by.lowMissing[feature] ?? false);
  const same = low.every((one) => one === low[0]);
  const ends = same ? undefined : k.constant('missing', Uint8Array.from(low, Number));
  const hasNegative = forest.threshold.some((value) => value < 0);
  const from = k.constant('feature', forest.features <= 256 ? Uint8Array.from(order) : Int32Array.from(order));
  k.for('i', 0, order.length, (i) => {
    const bits = k.let('bits', k.load(x, add(mul(row, forest.features), cast('index', k.load(from, i))), 'i32'));
    // What is below 0 is below all thresholds, where none is.
    const ordered = hasNegative ? orderedBits(bits) : and(bits, xor(shr(bits, 31), int(-1)));
    const key = sub(shr(add(ordered, by.moved), by.shift), by.offset);
    if (!acceptsMissing) {
      k.store(keys, i, key);
      return;
    }
    // Without their sign, numbers that are none have the largest bits.
    const isMissing = lt(int(0x7f800000), and(bits, 0x7fffffff));
    const lowest = ends === undefined ? int(Number(low[0] === true)) : k.load(ends, i);
    k.store(keys, i, select(isMissing, select(lowest, int(lowestKey), int(highestKey)), key));
  });
  return new Map(order.map((feature, i) => [feature, i]));
}

/** How a forest's features are compared, and loaded for that. */
export interface Compared {
  readonly comparison: Comparison;
  readonly by: Keys;
  /** For a row, what loads a feature; keys are computed first. */
  rowAt(row: Expr): (feature: number) => Expr;
}

export function comparedFeatures(k: Writer, attrs: TreeEnsembleAttrs, x: Region, comparison: Comparison): Compared {
  const { forest } = attrs;
  const by = keysOf(forest);
  if (comparison !== 'keys') {
    const type = comparison === 'bits' ? 'i32' : x.type;
    const rowAt: Compared['rowAt'] = (row) => (feature) => k.load(x, add(mul(row, forest.features), feature), type);
    return { comparison, by, rowAt };
  }
  const keys = k.scratch('keys', 'i32', Math.max(1, new Set(forest.feature).size));
  return {
    comparison,
    by,
    rowAt(row) {
      const places = writeKeys(k, attrs, by, x, row, keys);
      return (feature) => k.load(keys, places.get(feature) ?? 0);
    },
  };
}
