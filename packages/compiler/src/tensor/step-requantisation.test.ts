import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clamp, multiplyByQuantisedMultiplier, quantiseMultiplier } from './fixed-point.ts';
import { type Requantisation, stepRequantisation } from './step-requantisation.ts';

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

describe('stepRequantisation', () => {
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
