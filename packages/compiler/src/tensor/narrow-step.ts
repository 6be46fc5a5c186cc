// A step function in 32-bit arithmetic: (acc * coarse + (acc * fine >> fineShift) + offset) >> shift, then the clamp; where acc
// is negative the offset may be less, as the reference rounds halves away from zero. Over few accumulators this is exact
// without a 64-bit product. The constants are searched, and proven by the steps, as the formula grows with its accumulator.
import { clamp, multiplyByQuantisedMultiplier } from './fixed-point.ts';
import { type AccumulatorRange, type Requantisation, stepAccumulators } from './step-requantisation.ts';

/** A function that grows by 1 at each step: from `first`, at the least accumulator, up; it lies within low..high. */
export interface StepFunction {
  readonly range: AccumulatorRange;
  readonly first: number;
  /** The accumulators from which on it gives first + 1, first + 2 …, in order; all within the range. */
  readonly steps: ArrayLike<number>;
  readonly low: number;
  readonly high: number;
  /** Outputs by accumulator, about. */
  readonly slope: number;
  /** By how much of an output the steps of negative accumulators come later, about. */
  readonly belowZero: number;
}

/** Constants of the formula; `fine` is 0 where the coarse product is enough. */
export interface NarrowStep {
  readonly coarse: number;
  readonly fine: number;
  readonly fineShift: number;
  readonly offset: number;
  /** What the offset is less by where the accumulator is negative. */
  readonly lessBelowZero: number;
  readonly shift: number;
  /** Results before the clamp lie between these. */
  readonly least: number;
  readonly most: number;
}

type Product = Pick<NarrowStep, 'coarse' | 'fine' | 'fineShift' | 'lessBelowZero'>;

const mostShift = 30;
const nudges = [0, 1, -1, 2, -2, 3, -3, 4, -4] as const;

/** The formula that equals the function on its whole range, or undefined where none was found. */
export function narrowStep(wanted: StepFunction): NarrowStep | undefined {
  const { range, slope } = wanted;
  const size = Math.max(Math.abs(range.least), Math.abs(range.most), 1);
  if (!(slope > 0) || size >= 2 ** 30) return undefined;
  for (let shift = Math.min(mostShift, Math.floor(Math.log2(2 ** 31 / (size * slope)))); shift >= 1; shift -= 1) {
    const coarse = slope * 2 ** shift;
    if (Math.floor(coarse) < 1) return undefined;
    const fineShift = Math.floor(Math.log2((2 ** 31 - 1) / size));
    const rest = (coarse - Math.floor(coarse)) * 2 ** fineShift;
    const less = Math.round(wanted.belowZero * 2 ** shift);
    const lesses = less > 0 && range.least < 0 ? [0, less] : [0];
    // In the order of what they take.
    const products = [
      ...lesses.flatMap((lessBelowZero) =>
        nudges.map((nudge) => ({ coarse: Math.round(coarse) + nudge, fine: 0, fineShift: 0, lessBelowZero })),
      ),
      ...lesses.flatMap((lessBelowZero) =>
        nudges.map((nudge) => ({
          coarse: Math.floor(coarse),
          fine: Math.round(rest) + nudge,
          fineShift,
          lessBelowZero,
        })),
      ),
    ];
    let fits = false;
    for (const product of products) {
      if (product.coarse < 1 || product.fine < 0 || product.fine * size >= 2 ** 31) continue;
      const found = withOffset(wanted, product, shift);
      if (found !== undefined && found !== 'wide') return found;
      fits ||= found === undefined;
    }
    // A smaller scale is only worth a look where sums left 32 bits.
    if (fits) return undefined;
  }
  return undefined;
}

/** The step function that a requantisation is over a range; undefined where the reference shifts left, which may wrap. */
export function stepFunctionOf(
  { factor, zeroPoint, low, high }: Requantisation,
  range: AccumulatorRange,
): StepFunction | undefined {
  if (factor.multiplier <= 0 || factor.shift > 0) return undefined;
  const output = (acc: number): number => clamp(multiplyByQuantisedMultiplier(acc, factor) + zeroPoint, low, high);
  const first = output(range.least);
  const steps = stepAccumulators(factor, first + 1 - zeroPoint, output(range.most) - zeroPoint);
  const belowZero = factor.shift < 0 ? 2 ** factor.shift : 0;
  return { range, first, steps, low, high, slope: factor.multiplier * 2 ** (factor.shift - 31), belowZero };
}

/** The average of `count` int8 values by their sum, halves away from zero, clamped. */
export function averageFunction(count: number, low: number, high: number): StepFunction {
  const steps = Float64Array.from({ length: high - low }, (_, i) => {
    const output = low + 1 + i;
    const half = (output - 0.5) * count;
    return output > 0 ? Math.ceil(half) : Math.floor(half) + 1;
  });
  const range = { least: -128 * count, most: 127 * count };
  return { range, first: low, steps, low, high, slope: 1 / count, belowZero: 0 };
}

const grown = ({ coarse, fine, fineShift, lessBelowZero }: Product, acc: number): number =>
  acc * coarse + Math.floor((acc * fine) / 2 ** fineShift) - (acc < 0 ? lessBelowZero : 0);

/** The average of `count` int8 values, count up to 266, is (sum * averageFactor(count) + averageOffset) >> averageShift. */
export const averageFactor = (count: number): number => Math.floor(2 ** averageShift / count) + 1;
export const averageShift = 24;
export const averageOffset = 2 ** (averageShift - 1);
export const mostAveraged = 266;

/** The formula with the middle of all offsets that are right; `wide` where its sums leave 32 bits. */
function withOffset(wanted: StepFunction, product: Product, shift: number): NarrowStep | 'wide' | undefined {
  const { range, first, steps, low, high } = wanted;
  const unit = 2 ** shift;
  const last = first + steps.length;
  const [start, end] = [grown(product, range.least), grown(product, range.most)];
  let least = first > low ? first * unit - start : -Infinity;
  let below = last < high ? (last + 1) * unit - end : Infinity;
  for (let i = 0; i < steps.length; i += 1) {
    const acc = steps[i] ?? 0;
    const reached = (first + 1 + i) * unit;
    least = Math.max(least, reached - grown(product, acc));
    below = Math.min(below, reached - grown(product, acc - 1));
  }
  if (!(least < below)) return undefined;
  const offset =
    least === -Infinity
      ? Math.min(below - 1, last * unit - end)
      : below === Infinity
        ? Math.max(least, first * unit - start)
        : Math.floor((least + below - 1) / 2);
  // Sums grow with the accumulator, so that the ends of the range tell.
  if (start + offset < -(2 ** 31) || end + offset >= 2 ** 31 || Math.abs(offset) >= 2 ** 31) return 'wide';
  const result = (sum: number): number => Math.floor((sum + offset) / unit);
  return { ...product, offset, shift, least: result(start), most: result(end) };
}
