// Requantisation as the step function it is. An int8 output takes at most 256 values and grows with its accumulator, so a
// cheaper formula is exact if it steps where the reference steps, for every accumulator that can occur:
// (acc * multiplier + offset) >> shift, in 64 bits, then the clamp. The constants are searched, and proven by the thresholds.
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

const reference = ({ factor, zeroPoint, low, high }: Requantisation, acc: number): number =>
  clamp(multiplyByQuantisedMultiplier(acc, factor) + zeroPoint, low, high);

/** At `acc` the output is to be `output` or more; at the accumulator before it, less. Either may be left open. */
interface Step {
  readonly output: number;
  readonly acc: number;
  readonly open?: 'before' | 'from';
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
  if (factor.multiplier < 0 || factor.shift > 0) return undefined;
  const steps = stepsOf(wanted, range);
  if (steps === undefined) return undefined;
  const nearest = Math.round(factor.multiplier * 2 ** (shift - 31 + factor.shift));
  for (const lessBelowZero of [0n, 1n << BigInt(shift + factor.shift)]) {
    for (const nudge of [0, -1, 1, -2, 2, -3, 3]) {
      const multiplier = nearest + nudge;
      if (multiplier < 1 || multiplier > 0x7fffffff) continue;
      const offset = offsetFor(steps, multiplier, lessBelowZero, shift);
      if (offset !== undefined) return { multiplier, offset, lessBelowZero, shift };
    }
  }
  return undefined;
}

/** An offset with which the formula steps at exactly these accumulators: the middle of the interval that all steps leave. */
function offsetFor(
  steps: readonly Step[],
  multiplier: number,
  lessBelowZero: bigint,
  shift: number,
): bigint | undefined {
  const m = BigInt(multiplier);
  let least = -(1n << 62n);
  let below = 1n << 62n;
  for (const { output, acc, open } of steps) {
    const exact = (BigInt(output) << BigInt(shift)) - BigInt(acc) * m;
    const atLeast = acc < 0 ? exact + lessBelowZero : exact;
    const lessThan = exact + m + (acc - 1 < 0 ? lessBelowZero : 0n);
    if (atLeast > least && open !== 'from') least = atLeast;
    if (lessThan < below && open !== 'before') below = lessThan;
    if (least >= below) return undefined;
  }
  return least + (below - 1n - least) / 2n;
}

/** All steps within the range, and its ends; undefined where the reference does not grow steadily. */
function stepsOf(wanted: Requantisation, { least, most }: AccumulatorRange): readonly Step[] | undefined {
  const { factor, zeroPoint } = wanted;
  const first = reference(wanted, least);
  const last = reference(wanted, most);
  const perOutput = 2 ** (31 - factor.shift) / factor.multiplier;
  const steps: Step[] = [];
  // The ends of the range count as well, unless the clamp sees to them.
  if (first > wanted.low) steps.push({ output: first, acc: least, open: 'before' });
  if (last < wanted.high) steps.push({ output: last + 1, acc: most + 1, open: 'from' });
  for (let output = first + 1; output <= last; output += 1) {
    // A guess from the real factor, then a few looks to either side.
    let acc = clamp(Math.round((output - zeroPoint - 0.5) * perOutput), least, most);
    for (let looks = 0; reference(wanted, acc) >= output; looks += 1) {
      if (acc === least || looks > 64) return undefined;
      acc -= 1;
    }
    for (let looks = 0; reference(wanted, acc) < output; looks += 1) {
      if (acc === most || looks > 64) return undefined;
      acc += 1;
    }
    steps.push({ output, acc });
  }
  return steps;
}
