// Sums of two int8 values, requantised, in 32 bits: clamp((a * factorA + b * factorB + offset) >> shift, low, high). There are
// only 65,536 pairs, so constants are searched, and proven by trying every pair.
import { clamp, type Multiplier, multiplyByQuantisedMultiplier } from './fixed-point.ts';
import { type Requantisation, stepAccumulators } from './step-requantisation.ts';

/** Constants of the formula. Factors are less than 2^23 in size, and no sum comes nearer to the ends of 32 bits than 2^shift. */
export interface AffineSum {
  readonly factorA: number;
  readonly factorB: number;
  readonly offset: number;
  readonly shift: number;
  /** Results before the clamp lie between these. */
  readonly least: number;
  readonly most: number;
}

/** What is to be reproduced: the requantised sum of what each input contributes, given for -128..127. */
export interface WantedSum {
  readonly a: ArrayLike<number>;
  readonly b: ArrayLike<number>;
  readonly requantisation: Requantisation;
}

const values = 256;
const lowest = -128;
const mostFactor = 2 ** 23 - 1;
const leastShift = 8;
const mostShift = 30;
/** Enough for most, and small enough to fit for most. */
export const usualShift = 21;
/** How far the factors are moved from the nearest ones, and how many pairs may then be near a step. */
const furthest = 8;
const mostPairs = 2048;

/** The formula that equals the reference for every pair, or undefined where none was found. */
export function affineSum(wanted: WantedSum): AffineSum | undefined {
  const { a, b, requantisation } = wanted;
  const { low, high } = requantisation;
  if (low >= high) return undefined;
  const outputs = outputsOfPairs(wanted);
  if (outputs === undefined) return undefined;
  const { multiplier, shift: exponent } = requantisation.factor;
  const perUnit = multiplier * 2 ** (exponent - 31);
  const slope = (term: ArrayLike<number>): number => ((Number(term[255]) - Number(term[0])) / 255) * perUnit;
  const [slopeA, slopeB] = [slope(a), slope(b)];
  const steepest = Math.max(Math.abs(slopeA), Math.abs(slopeB));
  if (!(steepest > 0)) return undefined;
  const widest = Math.min(mostShift, Math.floor(Math.log2(mostFactor / steepest)));
  // The usual shift first, so that sums may share their code; then as many bits as fit.
  for (const shift of [...(widest > usualShift ? [usualShift] : []), ...downFrom(widest)]) {
    const scale = 2 ** shift;
    const nearest = { factorA: Math.round(slopeA * scale), factorB: Math.round(slopeB * scale), shift };
    const bounds = offsetBounds(outputs, nearest, low, high);
    if (!fits(nearest, (bounds.least + bounds.below) / 2)) continue;
    const found = finish(nearest, bounds) ?? nearby(outputs, nearest, bounds, low, high);
    if (found !== undefined) return found;
    // Where sums fit, fewer bits are no better.
    if (shift !== usualShift) return steeper(outputs, nearest, low, high);
  }
  return undefined;
}

const downFrom = (shift: number): readonly number[] =>
  Array.from({ length: Math.max(0, shift - leastShift + 1) }, (_, i) => shift - i);

type Factors = Pick<AffineSum, 'factorA' | 'factorB' | 'shift'>;

/** Offsets from `least` to below `below` do; none if they cross. */
interface Bounds {
  readonly least: number;
  readonly below: number;
}

const reach = ({ factorA, factorB }: Factors): number => 128 * (Math.abs(factorA) + Math.abs(factorB));

const fits = (factors: Factors, offset: number): boolean => {
  const most = reach(factors) + Math.abs(offset) + 2 ** factors.shift;
  const { factorA, factorB } = factors;
  return most < 2 ** 31 && Math.max(Math.abs(factorA), Math.abs(factorB)) <= mostFactor;
};

/** The formula with the middle of the offsets, if there are any. */
function finish(factors: Factors, { least, below }: Bounds): AffineSum | undefined {
  if (!(least < below)) return undefined;
  const offset = Math.floor((least + below - 1) / 2);
  if (!fits(factors, offset)) return undefined;
  const { factorA, factorB, shift } = factors;
  const ends = [lowest, -lowest - 1].flatMap((a) =>
    [lowest, -lowest - 1].map((b) => a * factorA + b * factorB + offset),
  );
  const result = (sum: number): number => Math.floor(sum / 2 ** shift);
  return { ...factors, offset, least: result(Math.min(...ends)), most: result(Math.max(...ends)) };
}

/** The reference's results, a pair (a, b) at (a + 128) * 256 + b + 128; undefined where it is no step function. */
function outputsOfPairs({ a, b, requantisation }: WantedSum): Int8Array | undefined {
  const { factor, zeroPoint, low, high } = requantisation;
  if (factor.multiplier <= 0 || factor.shift > 0) return undefined;
  const all = (term: ArrayLike<number>): readonly number[] => Array.from(term);
  const output = (total: number): number => outputOf(factor, total) + zeroPoint;
  const first = clamp(output(Math.min(...all(a)) + Math.min(...all(b))), low, high);
  const last = clamp(output(Math.max(...all(a)) + Math.max(...all(b))), low, high);
  // steps[i] is the least total that gives first + 1 + i.
  const steps = stepAccumulators(factor, first + 1 - zeroPoint, last - zeroPoint);
  const outputs = new Int8Array(values * values);
  let reached = 0;
  for (let i = 0; i < values; i += 1) {
    const own = Number(a[i]);
    for (let j = 0; j < values; j += 1) {
      const total = own + Number(b[j]);
      while (reached < steps.length && total >= Number(steps[reached])) reached += 1;
      while (reached > 0 && total < Number(steps[reached - 1])) reached -= 1;
      outputs[i * values + j] = first + reached;
    }
  }
  return outputs;
}

const outputOf = (factor: Multiplier, total: number): number => multiplyByQuantisedMultiplier(total, factor);

/** The offsets that are right for all pairs. */
function offsetBounds(outputs: Int8Array, { factorA, factorB, shift }: Factors, low: number, high: number): Bounds {
  const unit = 2 ** shift;
  let least = -Infinity;
  let below = Infinity;
  for (let a = 0; a < values; a += 1) {
    let sum = (a + lowest) * factorA + lowest * factorB;
    for (let at = a * values; at < (a + 1) * values; at += 1) {
      const output = outputs[at] ?? 0;
      const start = output * unit - sum;
      // The clamp sees to what lies beyond its ends.
      if (output > low && start > least) least = start;
      if (output < high && start + unit < below) below = start + unit;
      sum += factorB;
    }
  }
  return { least, below };
}

/** Whether the pairs listed leave an offset. */
function leaveOffset(
  outputs: Int8Array,
  { factorA, factorB, shift }: Factors,
  [low, high]: readonly [number, number],
  pairs: readonly number[],
): boolean {
  const unit = 2 ** shift;
  let least = -Infinity;
  let below = Infinity;
  for (const pair of pairs) {
    const output = outputs[pair] ?? 0;
    const start = output * unit - ((pair >> 8) + lowest) * factorA - ((pair & 255) + lowest) * factorB;
    if (output > low && start > least) least = start;
    if (output < high && start + unit < below) below = start + unit;
    if (least >= below) return false;
  }
  return true;
}

/** Where many pairs lie halfway between outputs, a steeper sum leads them away from zero, as the reference rounds them. */
function steeper(outputs: Int8Array, nearest: Factors, low: number, high: number): AffineSum | undefined {
  const { factorA, factorB, shift } = nearest;
  for (let bits = 23; bits >= 10; bits -= 1) {
    const by = 1 + 2 ** -bits;
    const moved = { factorA: Math.round(factorA * by), factorB: Math.round(factorB * by), shift };
    const found = finish(moved, offsetBounds(outputs, moved, low, high));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The same with factors a little off, tried on the pairs nearest to a step, then on all. */
function nearby(
  outputs: Int8Array,
  nearest: Factors,
  { least, below }: Bounds,
  low: number,
  high: number,
): AffineSum | undefined {
  const { factorA, factorB, shift } = nearest;
  const unit = 2 ** shift;
  const middle = (least + below) / 2;
  // Moving both factors moves a sum by no more; so far inside its step, a pair stays there.
  const margin = least - below + 2 * furthest * 2 * -lowest;
  const pairs: number[] = [];
  outputs.forEach((output, pair) => {
    const sum = ((pair >> 8) + lowest) * factorA + ((pair & 255) + lowest) * factorB + middle;
    const beyond = sum - output * unit;
    if ((output > low && beyond < margin) || (output < high && unit - beyond < margin)) pairs.push(pair);
  });
  if (pairs.length > mostPairs) return undefined;
  for (let distance = 1; distance <= furthest; distance += 1) {
    for (let i = -distance; i <= distance; i += 1) {
      for (let j = -distance; j <= distance; j += 1) {
        if (Math.max(Math.abs(i), Math.abs(j)) < distance) continue;
        const moved = { factorA: factorA + i, factorB: factorB + j, shift };
        if (!leaveOffset(outputs, moved, [low, high], pairs)) continue;
        const found = finish(moved, offsetBounds(outputs, moved, low, high));
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}
