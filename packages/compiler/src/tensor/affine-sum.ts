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
const mostShift = 30;
/** How far the factors are moved from the nearest ones. */
const furthest = 8;

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
  for (let shift = Math.min(mostShift, Math.floor(Math.log2(mostFactor / steepest))); shift >= 8; shift -= 1) {
    const scale = 2 ** shift;
    const nearest = { factorA: Math.round(slopeA * scale), factorB: Math.round(slopeB * scale), shift };
    const bounds = offsetBounds(outputs, nearest, low, high);
    const middle = (bounds.least + bounds.below) / 2;
    // Where the sums leave 32 bits, a smaller scale may do; where they fit, no smaller one is better.
    if (!Number.isFinite(middle) || !fits(nearest, middle)) continue;
    return (
      finish(nearest, bounds) ?? nearby(outputs, nearest, bounds, low, high) ?? steeper(outputs, nearest, low, high)
    );
  }
  return undefined;
}

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

/** The offsets that are right for all pairs, or for those listed. */
function offsetBounds(
  outputs: Int8Array,
  { factorA, factorB, shift }: Factors,
  low: number,
  high: number,
  pairs?: readonly number[],
): Bounds {
  const unit = 2 ** shift;
  const count = pairs?.length ?? outputs.length;
  let least = -Infinity;
  let below = Infinity;
  for (let i = 0; i < count; i += 1) {
    const pair = pairs === undefined ? i : (pairs[i] ?? 0);
    const output = outputs[pair] ?? 0;
    const start = output * unit - ((pair >> 8) + lowest) * factorA - ((pair & 255) + lowest) * factorB;
    // The clamp sees to what lies beyond its ends.
    if (output > low && start > least) least = start;
    if (output < high && start + unit < below) below = start + unit;
  }
  return { least, below };
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
  for (let distance = 1; distance <= furthest; distance += 1) {
    for (let i = -distance; i <= distance; i += 1) {
      for (let j = -distance; j <= distance; j += 1) {
        if (Math.max(Math.abs(i), Math.abs(j)) < distance) continue;
        const moved = { factorA: factorA + i, factorB: factorB + j, shift };
        const some = offsetBounds(outputs, moved, low, high, pairs);
        if (!(some.least < some.below)) continue;
        const found = finish(moved, offsetBounds(outputs, moved, low, high));
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}
