// A seeded source of random numbers (Mulberry32), so that training and sample generation give the same bytes every time.

/**
 * @typedef {object} Random
 * @property {() => number} uniform the next number in [0, 1)
 * @property {(from: number, to: number) => number} between the next number in [from, to)
 * @property {(count: number) => number} index the next integer in [0, count)
 * @property {() => number} normal the next number of the standard normal distribution
 */

/**
 * @param {number} seed any 32-bit integer
 * @returns {Random}
 */
export function seededRandom(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (/** @type {number} */ from, /** @type {number} */ to) => from + (to - from) * uniform();
  const index = (/** @type {number} */ count) => Math.floor(uniform() * count);
  // Box-Muller; 1 - u keeps the logarithm finite.
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, between, index, normal };
}
