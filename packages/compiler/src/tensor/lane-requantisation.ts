// Requantisation in lanes of 32 bits, exact. What a vector unit has is a product's upper half: with the accumulator shifted left
// first, sat(acc << shift) + offset, times a multiplier, upper half, is the output with 16 fraction bits, to be rounded. It grows with the
// accumulator, so it is the reference's step function if it steps where that steps (step-requantisation.ts); the offset, which
// holds bias, zero point and rounding, is searched so that it does, and the result is proven at every step.
import { clamp } from './fixed-point.ts';
import { type AccumulatorRange, type Requantisation, reference, thresholdsOf } from './step-requantisation.ts';

/** Constants of a channel. */
export interface LaneChannel {
  readonly shift: number;
  readonly offset: number;
  readonly multiplier: number;
  /** What the result, before its fraction is dropped, is less by where the accumulator is negative. */
  readonly lessBelowZero: number;
}

/** Constants of a layer: see `requantiseLane` for the formula. */
export interface LaneRequantisation {
  /** The shift that all channels have, where they have one. */
  readonly shift: number | undefined;
  /** The reference rounds halves away from zero: results below `zero`, those of negative accumulators, are lessened. */
  readonly signed: boolean;
  readonly zero: number;
  readonly channels: readonly LaneChannel[];
}

/** What one channel is to reproduce, and the sums that can occur. */
export interface LaneWanted extends Requantisation {
  /** Part of every accumulator; the sum that is requantised does not have it yet. */
  readonly bias: number;
  /** Accumulators, bias included. */
  readonly range: AccumulatorRange;
}

/** Bits of fraction that the result has before it is narrowed. */
export const fractionBits = 16;

const saturate = (value: number): number => clamp(value, -(2 ** 31), 2 ** 31 - 1);

/** floor(a * b / 2^31) of int32 a and b, exactly: neither partial product leaves 2^48. */
function doublingHighHalf(a: number, b: number): number {
  const high = Math.floor(b / 65536);
  const low = b - high * 65536;
  return Math.floor((a * high + Math.floor((a * low) / 65536)) / 32768);
}

/** The result with its fraction, before the correction for negative accumulators: what the vector instructions give. */
const scaled = (sum: number, { shift, offset, multiplier }: LaneChannel): number =>
  doublingHighHalf(saturate(saturate(sum * 2 ** shift) + offset), multiplier);

/** The output of a sum: the formula itself. */
export function requantiseLane(
  sum: number,
  { signed, zero }: Pick<LaneRequantisation, 'signed' | 'zero'>,
  channel: LaneChannel,
): number {
  const result = scaled(sum, channel);
  const corrected = signed && result < zero ? result - channel.lessBelowZero : result;
  return clamp(Math.floor(corrected / 2 ** fractionBits + 0.5), -128, 127);
}

/** Shifts beyond the least that are tried: each makes the offset finer and the multiplier coarser. */
const shiftsTried = 6;
/** Multipliers that are tried on each side of the nearest. */
const nudges = 40;

/** A channel that has no more outputs than so many besides its first hardly changes. */
const mostChanges = 8;

/** The constants of all channels, or undefined where some channel has none. */
export function laneRequantisation(wanted: readonly LaneWanted[]): LaneRequantisation | undefined {
  const [first] = wanted;
  if (first === undefined) return undefined;
  // A left shift may wrap in the reference, which is then no step function.
  if (wanted.some(({ factor }) => factor.multiplier < 0 || factor.shift > 0)) return undefined;
  const searches = wanted.map((channel): Search => {
    const steps = stepsOf(channel, channel.range);
    const scale = channel.factor.multiplier * 2 ** (channel.factor.shift + fractionBits);
    return { wanted: channel, steps, scale, least: leastShift(scale) };
  });
  const zero = first.zeroPoint * 2 ** fractionBits;
  const least = searches.reduce((most, search) => Math.max(most, search.least), 0);
  for (const signed of [false, true]) {
    const common = { signed, zero };
    for (let shift = least; shift < least + shiftsTried; shift += 1) {
      const channels = allOf(searches, (search) => findChannel(search, common, shift));
      if (channels !== undefined) return { ...common, shift, channels };
    }
    const channels = allOf(searches, (search) => {
      for (let shift = search.least; shift < search.least + shiftsTried; shift += 1) {
        const found = findChannel(search, common, shift);
        if (found !== undefined) return found;
      }
      return undefined;
    });
    if (channels !== undefined) return { ...common, shift: undefined, channels };
  }
  return undefined;
}

/** What is given for every item, if it is. */
function allOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): readonly R[] | undefined {
  const found: R[] = [];
  for (const item of items) {
    const own = find(item);
    if (own === undefined) return undefined;
    found.push(own);
  }
  return found;
}

interface Search {
  readonly wanted: LaneWanted;
  readonly steps: readonly Step[];
  /** The multiplier without a shift. */
  readonly scale: number;
  /** The least shift with which the multiplier fits. */
  readonly least: number;
}

/** At `acc` the output is to be `output` or more; at the accumulator before it, less. Either may be left open. */
interface Step {
  readonly output: number;
  readonly acc: number;
  readonly open?: 'before' | 'from';
}

/** All steps within the range, and its ends, unless the clamp sees to them. */
function stepsOf(wanted: Requantisation, { least, most }: AccumulatorRange): readonly Step[] {
  const { factor, zeroPoint, low, high } = wanted;
  const [first, last] = [reference(wanted, least), reference(wanted, most)];
  const { accs } = thresholdsOf(factor, first + 1 - zeroPoint, last - zeroPoint);
  return [
    ...(first > low ? [{ output: first, acc: least, open: 'before' as const }] : []),
    ...Array.from(accs, (acc, n) => ({ output: first + 1 + n, acc })),
    ...(last < high ? [{ output: last + 1, acc: most + 1, open: 'from' as const }] : []),
  ];
}

function leastShift(scale: number): number {
  let least = 0;
  while (scale * 2 ** -least >= 2 ** 31 - nudges) least += 1;
  return least;
}

type Common = Pick<LaneRequantisation, 'signed' | 'zero'>;

function findChannel({ wanted, steps, scale }: Search, common: Common, shift: number): LaneChannel | undefined {
  const lessBelowZero = common.signed ? Math.round(2 ** (fractionBits + wanted.factor.shift)) : 0;
  for (const multiplier of multipliersToTry(Math.round(scale * 2 ** -shift), steps)) {
    const offset = offsetFor(wanted, steps, shift, multiplier, lessBelowZero);
    if (offset === undefined) continue;
    const channel = { shift, offset, multiplier, lessBelowZero };
    if (isExact(wanted, steps, common, channel)) return channel;
  }
  return undefined;
}

/**
 * From the nearest outwards. A channel whose output hardly changes, whatever the input, says little of its multiplier, and the
 * nearest may be too small for the offset to reach the output: larger ones follow.
 */
function* multipliersToTry(nearest: number, steps: readonly Step[]): Generator<number> {
  for (let n = 0; n <= 2 * nudges; n += 1) {
    const nudged = nearest + (n % 2 === 0 ? n / 2 : -(n + 1) / 2);
    if (nudged >= 1) yield nudged;
  }
  const changes = steps.filter(({ open }) => open === undefined).length;
  if (changes > mostChanges) return;
  for (let larger = Math.max(1, nearest) * 2; larger < 2 ** 31; larger *= 2) yield larger;
}

/** ceil(result * 2^31 / multiplier): the least shifted sum, offset included, whose product reaches the result. Exact in doubles. */
function leastReaching(result: number, multiplier: number): number {
  const high = Math.floor(multiplier / 65536);
  const low = multiplier - high * 65536;
  let quotient = Math.ceil((result * 2 ** 31) / multiplier);
  // By what the product exceeds the result; no partial product leaves 2^53 while the quotient is within 36 bits.
  let excess = (quotient * high - result * 2 ** 15) * 65536 + quotient * low;
  while (excess < 0) {
    quotient += 1;
    excess += multiplier;
  }
  while (excess >= multiplier) {
    quotient -= 1;
    excess -= multiplier;
  }
  return quotient;
}

/** An offset with which the formula steps where the reference steps, as far as nothing saturates. */
function offsetFor(
  { bias }: LaneWanted,
  steps: readonly Step[],
  shift: number,
  multiplier: number,
  lessBelowZero: number,
): number | undefined {
  let least = -(2 ** 31);
  let most = 2 ** 31 - 1;
  const unit = 2 ** shift;
  for (const { output, acc, open } of steps) {
    const needed = (less: number): number =>
      leastReaching(output * 2 ** fractionBits - 2 ** (fractionBits - 1) + less, multiplier);
    const from = needed(acc < 0 ? lessBelowZero : 0);
    const before = lessBelowZero === 0 || acc !== 0 ? from : needed(lessBelowZero);
    if (open !== 'from') least = Math.max(least, from - (acc - bias) * unit);
    if (open !== 'before') most = Math.min(most, before - 1 - (acc - 1 - bias) * unit);
    if (least > most) return undefined;
  }
  return Math.floor((least + most) / 2);
}

/** The proof: the formula is monotone, so it is exact if it is right on both sides of every step and at both ends. */
function isExact(wanted: LaneWanted, steps: readonly Step[], common: Common, channel: LaneChannel): boolean {
  const { bias, range, low, high } = wanted;
  const right = (acc: number): boolean =>
    clamp(requantiseLane(acc - bias, common, channel), low, high) === reference(wanted, acc);
  const resultAt = (acc: number): number => scaled(acc - bias, channel);
  if (common.signed) {
    // The result tells the sign of the accumulator, and the correction does not wrap.
    if (range.least < 0 && resultAt(Math.min(range.most, -1)) >= common.zero) return false;
    if (range.most >= 0 && resultAt(Math.max(range.least, 0)) < common.zero) return false;
    if (resultAt(range.least) - channel.lessBelowZero < -(2 ** 31)) return false;
  }
  return (
    Math.abs(range.least - bias) < 2 ** 31 &&
    Math.abs(range.most - bias) < 2 ** 31 &&
    right(range.least) &&
    right(range.most) &&
    steps.every(({ acc, open }) => open !== undefined || (right(acc) && right(acc - 1)))
  );
}
