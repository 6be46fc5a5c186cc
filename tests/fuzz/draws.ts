// Pseudo-random choices that follow from one number: what a mutation draws when fast-check has chosen its seed.

export interface Draws {
  /** A whole number from 0 to `count` less one; 0 for a count of 0. */
  below(count: number): number;
  /** An element, undefined of an empty list. */
  oneOf<T>(list: readonly T[]): T | undefined;
  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean;
}

/** Marsaglia's xorshift32 over a mixed seed. */
export function createDraws(seed: number): Draws {
  // Neighbouring seeds would begin alike without the mixing; the state must not be 0.
  let state = (Math.imul(seed ^ (seed >>> 16), 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  next();
  const below = (count: number): number => (count <= 0 ? 0 : next() % count);
  return { below, oneOf: (list) => list[below(list.length)], chance: (percent) => below(100) < percent };
}
