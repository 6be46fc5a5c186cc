// Seeded randomness for tests: the same seed gives the same choices everywhere. Numbers come with a taste for extremes,
// where arithmetic goes wrong first.

export interface Random {
  /** An integer of 0 to count - 1. */
  below(count: number): number;
  /** An integer of low to high, both included. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** Any int32. */
  i32(): number;
  /** Any int64. */
  i64(): bigint;
  /** Any float32: subnormal, infinite and NaN ones too. */
  f32(): number;
  /** Any float64 likewise. */
  f64(): number;
}

export const extremes32: readonly number[] = [
  0,
  1,
  -1,
  2,
  3,
  7,
  -8,
  127,
  -128,
  255,
  32767,
  -32768,
  65535,
  2 ** 30,
  2147483647,
  -2147483648,
];
export const extremes64: readonly bigint[] = [
  ...[2n ** 31n, -(2n ** 31n) - 1n, 2n ** 32n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 62n, -(2n ** 62n)],
  ...[2n ** 63n - 1n, -(2n ** 63n)],
];
export const extremesFloat: readonly number[] = [
  ...[0, -0, 1, -1, 0.5, -0.5, 1.5, 0.1, 1e-45, -1e-45, 2 ** -126, 2 ** -126 - 2 ** -149, 2 ** 24 + 2, 2 ** 31],
  ...[-(2 ** 31), 2147483520, 3.4028234663852886e38, -3.4028234663852886e38, Infinity, -Infinity, Number.NaN],
];

export const extremesDouble: readonly number[] = [
  ...[...extremesFloat, 2 ** -150, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, -1.7976931348623157e308],
  ...[2 ** 53 + 2, 1 + 2 ** -24, 1 + 2 ** -52, -(2 ** 31) - 0.5, 2147483647.5, 3.5e38],
];

/** A source of its own for every seed; neighbouring seeds have nothing in common (mulberry32, with a mixed start). */
export function randomOf(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bd1e995;
  const word = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (count: number): number => Math.floor((word() / 2 ** 32) * count);
  const chance = (probability: number): boolean => word() / 2 ** 32 < probability;
  const pick = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)];
    if (item === undefined) throw new Error('a choice among nothing');
    return item;
  };
  const i32 = (): number => (chance(0.5) ? pick(extremes32) : chance(0.5) ? below(200) - 100 : word() | 0);
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  const double = new Float64Array(1);
  const halves = new Uint32Array(double.buffer);
  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    chance,
    pick,
    i32,
    i64: () =>
      chance(0.4)
        ? pick(extremes64)
        : chance(0.5)
          ? BigInt(i32())
          : BigInt.asIntN(64, (BigInt(word()) << 32n) | BigInt(word())),
    f32() {
      if (chance(0.3)) return Math.fround(pick(extremesFloat));
      if (chance(0.5)) return Math.fround((word() / 2 ** 32 - 0.5) * 2 ** between16(below));
      bits[0] = word();
      return float[0] ?? 0;
    },
    f64() {
      if (chance(0.3)) return pick(extremesDouble);
      if (chance(0.5)) return (word() / 2 ** 32 - 0.5) * 2 ** between16(below);
      halves[0] = word();
      halves[1] = word();
      return double[0] ?? 0;
    },
  };
}

const between16 = (below: (count: number) => number): number => below(33) - 16;
