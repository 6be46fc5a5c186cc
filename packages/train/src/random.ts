// Seeded randomness: the same seed trains the same model everywhere (mulberry32).

export interface Random {
  /** A number of 0 to 1, 1 excluded. */
  next(): number;
  /** A whole number of 0 to count - 1. */
  below(count: number): number;
  /** So many different ones of 0 to count - 1. */
  sample(count: number, some: number): Int32Array;
}

export function randomOf(seed: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number): number => Math.floor(next() * count);
  return {
    next,
    below,
    sample(count, some) {
      const all = Int32Array.from({ length: count }, (_, i) => i);
      for (let i = 0; i < some; i += 1) {
        const other = i + below(count - i);
        const kept = all[i] ?? 0;
        all[i] = all[other] ?? 0;
        all[other] = kept;
      }
      return all.subarray(0, some);
    },
  };
}
