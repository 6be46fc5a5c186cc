import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clamp, multiplyByQuantisedMultiplier, quantiseMultiplier } from './fixed-point.ts';
import {
  type AccumulatorRange,
  type Requantisation,
  type StepRequantisation,
  stepRequantisation,
} from './step-requantisation.ts';

const reference = ({ factor, zeroPoint, low, high }: Requantisation, acc: number): number =>
  clamp(multiplyByQuantisedMultiplier(acc, factor) + zeroPoint, low, high);

const requantisations = fc
  .record({
    exponent: fc.double({ min: -14, max: -0.01, noNaN: true }),
    zeroPoint: fc.integer({ min: -128, max: 127 }),
    relu: fc.boolean(),
    least: fc.integer({ min: -(2 ** 24), max: 0 }),
    span: fc.integer({ min: 0, max: 2 ** 25 }),
    drop: fc.integer({ min: 0, max: 4 }),
  })
  .map(({ exponent, zeroPoint, relu, least, span, drop }) => {
    const factor = quantiseMultiplier(2 ** exponent);
    const wanted: Requantisation = { factor, zeroPoint, low: relu ? zeroPoint : -128, high: 127 };
    return { wanted, range: { least, most: least + span }, shift: 31 - factor.shift - drop };
  })
  .filter(({ shift }) => shift >= 31);

/** The search in big integers, with thresholds found by bisection of the reference: the middle of all exact offsets. */
function searchInBigIntegers(
  wanted: Requantisation,
  { least, most }: AccumulatorRange,
  shift: number,
): StepRequantisation | undefined {
  const leastReaching = (output: number): number => {
    let [below, from] = [least, most];
    while (from - below > 1) {
      const middle = Math.floor((below + from) / 2);
      if (reference(wanted, middle) >= output) from = middle;
      else below = middle;
    }
    return from;
  };
  const [first, last] = [reference(wanted, least), reference(wanted, most)];
  // At `acc` the output is to be `output` or more (`from`), or less than it.
  const bounds: { readonly output: number; readonly acc: number; readonly from: boolean }[] = [];
  if (first > wanted.low) bounds.push({ output: first, acc: least, from: true });
  if (last < wanted.high) bounds.push({ output: last + 1, acc: most, from: false });
  for (let output = first + 1; output <= last; output += 1) {
    const acc = leastReaching(output);
    bounds.push({ output, acc, from: true }, { output, acc: acc - 1, from: false });
  }
  const nearest = Math.round(wanted.factor.multiplier * 2 ** (shift - 31 + wanted.factor.shift));
  for (const lessBelowZero of [0n, 1n << BigInt(shift + wanted.factor.shift)]) {
    for (const nudge of [0, -1, 1, -2, 2, -3, 3]) {
      const multiplier = nearest + nudge;
      if (multiplier < 1 || multiplier > 0x7fffffff) continue;
      const ends = bounds.map(({ output, acc, from }) => {
        const exact = (BigInt(output) << BigInt(shift)) - BigInt(acc) * BigInt(multiplier);
        return { from, bound: acc < 0 ? exact + lessBelowZero : exact };
      });
      const offset = ends.reduce((most, { from, bound }) => (from && bound > most ? bound : most), -(1n << 62n));
      const below = ends.reduce((least, { from, bound }) => (!from && bound < least ? bound : least), 1n << 62n);
      if (offset < below) return { multiplier, offset: offset + (below - 1n - offset) / 2n, lessBelowZero, shift };
    }
  }
  return undefined;
}

/** Factors and ranges of every size, the reference's extremes among them. */
const anyRequantisation = fc
  .record({
    multiplier: fc.oneof(
      fc.integer({ min: 2 ** 30, max: 2 ** 31 - 1 }),
      fc.constantFrom(1, 2 ** 30, 2 ** 30 + 1, 2 ** 31 - 1),
      fc.integer({ min: 0, max: 30 }).map((bits) => 2 ** bits + 3),
    ),
    right: fc.integer({ min: 0, max: 31 }),
    zeroPoint: fc.oneof(fc.constantFrom(-128, 127), fc.integer({ min: -128, max: 127 })),
    relu: fc.boolean(),
    high: fc.constantFrom(127, 127, 5),
    ends: fc.tuple(
      ...[0, 1].map(() => fc.double({ min: 0, max: 31, noNaN: true }).map((bits) => Math.floor(2 ** bits))),
    ),
    signs: fc.tuple(fc.boolean(), fc.boolean()),
    drop: fc.constantFrom(0, 0, 1, 2, 5, 11, 30),
  })
  .map(({ multiplier, right, zeroPoint, relu, high, ends, signs, drop }) => {
    const low = relu ? zeroPoint : -128;
    const wanted = { factor: { multiplier, shift: -right }, zeroPoint, low, high: Math.max(low, high) };
    const [a = 0, b = 0] = ends.map((end, i) => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, signs[i] ? -end : end)));
    return { wanted, range: { least: Math.min(a, b), most: Math.max(a, b) }, shift: 31 + right - drop };
  })
  .filter(({ shift }) => shift >= 31 && shift <= 61);

describe('stepRequantisation', () => {
  it('finds what a search in big integers finds', () => {
    let offered = 0;
    fc.assert(
      fc.property(anyRequantisation, ({ wanted, range, shift }) => {
        const found = stepRequantisation(wanted, range, shift);
        if (found !== undefined) offered += 1;
        expect(found).toEqual(searchInBigIntegers(wanted, range, shift));
      }),
      { seed: 2, numRuns: 2000 },
    );
    expect(offered).toBeGreaterThan(1000);
  });

  it('gives the reference’s value wherever it is offered, and is offered nearly always', () => {
    let offered = 0;
    let asked = 0;
    fc.assert(
      fc.property(
        requantisations,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
        ({ wanted, range, shift }, parts) => {
          const step = stepRequantisation(wanted, range, shift);
          asked += 1;
          if (step === undefined) return;
          offered += 1;
          const cheap = (acc: number): number => {
            const offset = acc < 0 ? step.offset - step.lessBelowZero : step.offset;
            const value = (BigInt(acc) * BigInt(step.multiplier) + offset) >> BigInt(step.shift);
            return clamp(Number(value), wanted.low, wanted.high);
          };
          const { least, most } = range;
          const perOutput = 2 ** (31 - wanted.factor.shift) / wanted.factor.multiplier;
          const chosen = parts.map((part) => Math.round(least + part * (most - least)));
          // Around every half step of a few outputs, where roundings could part.
          const edges = [-128, -100, -1, 0, 1, 77, 127].flatMap((output) => {
            const edge = Math.round((output - wanted.zeroPoint - 0.5) * perOutput);
            return [edge - 2, edge - 1, edge, edge + 1, edge + 2];
          });
          for (const acc of [least, most, -1, 0, 1, ...chosen, ...edges]) {
            if (acc >= least && acc <= most) expect([acc, cheap(acc)]).toEqual([acc, reference(wanted, acc)]);
          }
        },
      ),
      { seed: 1, numRuns: 3000 },
    );
    expect(offered / asked).toBeGreaterThan(0.95);
  });

  it('knows constant outputs: a factor of zero, and a range that never leaves the clamp', () => {
    const zero: Requantisation = { factor: { multiplier: 0, shift: 0 }, zeroPoint: 5, low: -128, high: 127 };
    const always = stepRequantisation(zero, { least: -1000, most: 1000 }, 40);
    expect(always && always.offset >> 40n).toBe(5n);
    const clamped: Requantisation = { factor: quantiseMultiplier(0.001), zeroPoint: -128, low: -128, high: 127 };
    const step = stepRequantisation(clamped, { least: -5000, most: -2000 }, 31 - clamped.factor.shift);
    if (step === undefined) throw new Error('not offered');
    for (const acc of [-5000, -3000, -2000]) {
      expect(Number((BigInt(acc) * BigInt(step.multiplier) + step.offset) >> BigInt(step.shift))).toBeLessThanOrEqual(
        -128,
      );
    }
  });

  it('is not offered where the reference shifts left, which may wrap', () => {
    const wanted: Requantisation = { factor: quantiseMultiplier(3), zeroPoint: 0, low: -128, high: 127 };
    expect(stepRequantisation(wanted, { least: -100, most: 100 }, 31)).toBeUndefined();
  });
});
