// Requantisation as the step function it is. An int8 output takes at most 256 values and grows with its accumulator, so a
// cheaper formula is exact if it steps where the reference steps, for every accumulator that can occur:
// (acc * multiplier + offset) >> shift, in 64 bits, then the clamp. The constants are searched, and proven by the thresholds.
// Thresholds come from the reference's formula in closed form; sums and products below are exact in doubles where they matter.
import { clamp, type Multiplier, multiplyByQuantisedMultiplier } from './fixed-point.ts';

/** Constants of the cheap formula. */
export interface StepRequantisation {
  readonly multiplier: number;
  readonly offset: bigint;
  /** What the offset is less by where the accumulator is negative: the reference rounds halves away from zero. */
  readonly lessBelowZero: bigint;
  /** 31 or more. */
  readonly shift: number;
}

/** What is to be reproduced: clamp(acc * factor + zeroPoint, low, high), with the reference's two roundings. */
export interface Requantisation {
  readonly factor: Multiplier;
  readonly zeroPoint: number;
  readonly low: number;
  readonly high: number;
}

/** Accumulators that can occur, inclusive. */
export interface AccumulatorRange {
  readonly least: number;
  readonly most: number;
}

/** What the reference gives, its clamp included. */
export const reference = ({ factor, zeroPoint, low, high }: Requantisation, acc: number): number =>
  clamp(multiplyByQuantisedMultiplier(acc, factor) + zeroPoint, low, high);

/**
 * The accumulators at which the output grows by 1, in the reference's own units of 2^-(31 - factor.shift) outputs. Where an
 * output reaches `t` above the zero point, `accs` is the least accumulator that gives it, and
 * `residues` is t * 2^(31 - factor.shift) - acc * factor.multiplier, less `common`, which all share.
 */
export interface Thresholds {
  readonly accs: Float64Array;
  readonly residues: Float64Array;
  readonly common: number;
}

/**
 * The cheap form of a requantisation over a range of accumulators, or undefined where none was found. Its value, clamped
 * to low..high, equals the reference's for every accumulator of the range. `shift` is at most 31 less the factor's own.
 */
export function stepRequantisation(
  wanted: Requantisation,
  range: AccumulatorRange,
  shift: number,
): StepRequantisation | undefined {
  const { factor, zeroPoint, low, high } = wanted;
  const middle = 1n << BigInt(shift - 1);
  if (factor.multiplier === 0) {
    const always = BigInt(clamp(zeroPoint, low, high)) << BigInt(shift);
    return { multiplier: 0, offset: always + middle, lessBelowZero: 0n, shift };
  }
  // A left shift may wrap in the reference, which is then no step function.
  if (factor.multiplier < 0 || factor.shift > 0 || shift > 31 - factor.shift) return undefined;
  const first = reference(wanted, range.least);
  const last = reference(wanted, range.most);
  const thresholds = thresholdsOf(factor, first + 1 - zeroPoint, last - zeroPoint);
  const ends: End[] = [];
  // The ends of the range count as well, unless the clamp sees to them.
  if (first > low) ends.push({ output: first, acc: range.least, side: 'from' });
  if (last < high) ends.push({ output: last + 1, acc: range.most, side: 'below' });
  const nearest = Math.round(factor.multiplier * 2 ** (shift - 31 + factor.shift));
  for (const less of [false, true]) {
    for (const nudge of [0, -1, 1, -2, 2, -3, 3]) {
      const multiplier = nearest + nudge;
      if (multiplier < 1 || multiplier > 0x7fffffff) continue;
      const lessBelowZero = less ? 1n << BigInt(shift + factor.shift) : 0n;
      const cheap = { multiplier, lessBelowZero, shift };
      const inside = offsetsOf(thresholds, wanted, cheap);
      const offset = inside && middleOffset(inside, ends, cheap);
      if (offset !== undefined) return { ...cheap, offset };
    }
  }
  return undefined;
}

/** The least accumulators that the reference brings to `first`, `first + 1` … `last` above the zero point; within 32 bits. */
export const stepAccumulators = (factor: Multiplier, first: number, last: number): Float64Array =>
  thresholdsOf(factor, first, last).accs;

/** The formula without its offset. */
type Cheap = Omit<StepRequantisation, 'offset'>;

/** Offsets from `least` to below `below`. */
interface Offsets {
  readonly least: bigint;
  readonly below: bigint;
}

/** Any offset whose sum with a product of 31 bits each stays within 64 bits. */
const anyOffset: Offsets = { least: -(1n << 62n), below: 1n << 62n };

/** Where the outputs first..last (above the zero point) are reached. */
export function thresholdsOf({ multiplier, shift }: Multiplier, first: number, last: number): Thresholds {
  const count = Math.max(0, last - first + 1);
  const accs = new Float64Array(count);
  const residues = new Float64Array(count);
  const perOutput = 2 ** -shift;
  const half = shift === 0 ? 0 : perOutput / 2;
  const high = Math.floor(multiplier / 65536);
  const low = multiplier % 65536;
  for (let i = 0; i < count; i += 1) {
    const output = first + i;
    // The least high half that the second rounding, halves away from zero, brings to the output.
    const beyondHalf = half > 0 && output <= 0 ? 1 : 0;
    const rounded = output * perOutput - half + beyondHalf;
    // The first rounding: acc * multiplier + 2^30 >= rounded * 2^31. The quotient may be off by one; what it leaves is exact.
    let acc = Math.ceil((rounded * 2 ** 31 - 2 ** 30) / multiplier);
    let excess = (acc * high - rounded * 2 ** 15) * 65536 + (acc * low + 2 ** 30);
    while (excess < 0) {
      acc += 1;
      excess += multiplier;
    }
    while (excess >= multiplier) {
      acc -= 1;
      excess -= multiplier;
    }
    accs[i] = acc;
    residues[i] = 2 ** 30 - beyondHalf * 2 ** 31 - excess;
  }
  return { accs, residues, common: half * 2 ** 31 };
}

/** The offsets with which the formula steps at exactly these accumulators; undefined if there is none. */
function offsetsOf(
  { accs, residues, common }: Thresholds,
  { factor, zeroPoint }: Requantisation,
  { multiplier, lessBelowZero, shift }: Cheap,
): Offsets | undefined {
  const [origin] = accs;
  if (origin === undefined) return anyOffset;
  const finer = 31 - factor.shift - shift;
  const step = multiplier * 2 ** finer;
  const error = step - factor.multiplier;
  const less = lessBelowZero === 0n ? 0 : 2 ** 31;
  let least = -Infinity;
  let below = Infinity;
  for (let i = 0; i < accs.length; i += 1) {
    const acc = accs[i] ?? 0;
    // Inexact only from 2^53 on, where the interval, narrower than 2^36, misses that of the origin in any case.
    const start = (residues[i] ?? 0) - (acc - origin) * error;
    const atLeast = acc < 0 ? start + less : start;
    const lessThan = start + step + (acc <= 0 ? less : 0);
    if (atLeast > least) least = atLeast;
    if (lessThan < below) below = lessThan;
    if (least >= below) return undefined;
  }
  const finerBits = BigInt(finer);
  const base = BigInt(common) + (BigInt(zeroPoint) << BigInt(31 - factor.shift)) - BigInt(origin) * BigInt(error);
  return { least: (base + BigInt(least)) >> finerBits, below: (base + BigInt(below)) >> finerBits };
}

/** An end of the range: at `acc` the output is to be `output` or more, or less than it. */
interface End {
  readonly output: number;
  readonly acc: number;
  readonly side: 'from' | 'below';
}

/** The middle of the offsets that the thresholds and the ends of the range leave, if they leave any. */
function middleOffset(
  inside: Offsets,
  ends: readonly End[],
  { multiplier, lessBelowZero, shift }: Cheap,
): bigint | undefined {
  let least = inside.least > anyOffset.least ? inside.least : anyOffset.least;
  let below = inside.below < anyOffset.below ? inside.below : anyOffset.below;
  for (const { output, acc, side } of ends) {
    const reached = (BigInt(output) << BigInt(shift)) - BigInt(acc) * BigInt(multiplier);
    const bound = acc < 0 ? reached + lessBelowZero : reached;
    if (side === 'from' && bound > least) least = bound;
    if (side === 'below' && bound < below) below = bound;
  }
  return least < below ? least + (below - 1n - least) / 2n : undefined;
}
