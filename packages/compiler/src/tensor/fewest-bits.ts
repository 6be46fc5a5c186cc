// Requantisation factors with fewer bits. An int8 output grows with its accumulator in few steps, so a factor near the reference's steps
// at the same accumulators; of those that do, the one with the most zero bits at its end.
import { type AccumulatorRange, type Requantisation, reference, stepAccumulators } from './step-requantisation.ts';

/** Beyond these, products and sums below might not be exact in doubles. */
const [mostAccumulator, mostShift] = [2 ** 21, 13];

/**
 * A multiplier with as many trailing zero bits as can be, that gives the reference's outputs with the factor's own shift for every
 * accumulator of the range, in the reference's own arithmetic; the factor's own where none else is known to.
 */
export function multiplierOfFewestBits(wanted: Requantisation, range: AccumulatorRange): number {
  const { factor, zeroPoint, low, high } = wanted;
  const { multiplier, shift } = factor;
  const exact = range.least >= -mostAccumulator && range.most <= mostAccumulator && shift < 0 && shift >= -mostShift;
  if (multiplier <= 0 || !exact) return multiplier;
  const first = reference(wanted, range.least);
  const last = reference(wanted, range.most);
  const scale = 2 ** (31 - shift);
  // The reference's value is floor((acc * multiplier + rounding) / scale): it reaches an output where the product reaches this.
  const needed = (acc: number, output: number): number =>
    (output - zeroPoint) * scale - scale / 2 - 2 ** 30 + (acc < 0 ? 2 ** 31 : 0);
  const reached: [acc: number, product: number][] = [];
  const missed: [acc: number, product: number][] = [];
  stepAccumulators(factor, first + 1 - zeroPoint, last - zeroPoint).forEach((acc, i) => {
    reached.push([acc, needed(acc, first + 1 + i)]);
    missed.push([acc - 1, needed(acc - 1, first + 1 + i)]);
  });
  // The ends of the range count as well, unless the clamp sees to them.
  if (first > low) reached.push([range.least, needed(range.least, first)]);
  if (last < high) missed.push([range.most, needed(range.most, last + 1)]);
  let [least, most] = [2 ** 30, 2 ** 31 - 1];
  for (const [acc, product] of reached) {
    if (acc > 0) least = Math.max(least, product / acc);
    if (acc < 0) most = Math.min(most, product / acc);
  }
  for (const [acc, product] of missed) {
    if (acc > 0) most = Math.min(most, product / acc);
    if (acc < 0) least = Math.max(least, product / acc);
  }
  const steps = (found: number): boolean =>
    reached.every(([acc, product]) => acc * found >= product) &&
    missed.every(([acc, product]) => acc * found < product);
  for (let zeros = 30; zeros > 0; zeros -= 1) {
    const found = Math.ceil(least / 2 ** zeros) * 2 ** zeros;
    if (found <= most && steps(found)) return found;
  }
  return multiplier;
}
