import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clamp, multiplyByQuantisedMultiplier, quantiseMultiplier, roundHalfAwayFromZero } from './fixed-point.ts';
import {
  averageFactor,
  averageOffset,
  averageShift,
  mostAveraged,
  type NarrowStep,
  narrowStep,
  stepFunctionOf,
} from './narrow-step.ts';

/** The formula in 32 bits, each product that is shifted within them. */
function cheap(step: NarrowStep, acc: number): number {
  const fine = acc * step.fine;
  const less = acc < 0 ? step.lessBelowZero : 0;
  const sum = acc * step.coarse + (fine >> step.fineShift) + step.offset - less;
  if (fine !== (fine | 0) || sum !== (sum | 0)) throw new Error(`${acc}: beyond 32 bits`);
  return sum >> step.shift;
}

const zero = fc.oneof(fc.constantFrom(-128, 0, 127), fc.integer({ min: -128, max: 127 }));

it('gives the reference’s value of every accumulator, and is found nearly always where they are few', () => {
  let asked = 0;
  let offered = 0;
  const cases = fc.record({
    bits: fc.double({ min: -20, max: -0.001, noNaN: true }),
    zeroPoint: zero,
    relu: fc.boolean(),
    least: fc.integer({ min: -65025, max: 0 }),
    most: fc.integer({ min: 0, max: 65025 }),
  });
  fc.assert(
    fc.property(cases, ({ bits, zeroPoint, relu, least, most }) => {
      const [low, high] = [relu ? zeroPoint : -128, 127];
      const factor = quantiseMultiplier(2 ** bits);
      const steps = stepFunctionOf({ factor, zeroPoint, low, high }, { least, most });
      const found = steps && narrowStep(steps);
      asked += 1;
      if (found === undefined) return;
      offered += 1;
      for (let acc = least; acc <= most; acc += 1) {
        const right = clamp(multiplyByQuantisedMultiplier(acc, factor) + zeroPoint, low, high);
        const before = cheap(found, acc);
        if (clamp(before, low, high) !== right || before < found.least || before > found.most) {
          expect([acc, before]).toEqual([acc, right]);
        }
      }
    }),
    { seed: 5, numRuns: 300 },
  );
  expect(offered / asked).toBeGreaterThan(0.95);
});

it('has no form for a factor that shifts left', () => {
  const wanted = { factor: quantiseMultiplier(3), zeroPoint: 0, low: -128, high: 127 };
  expect(stepFunctionOf(wanted, { least: -9, most: 9 })).toBeUndefined();
});

it('averages every sum of every count', () => {
  for (let count = 1; count <= mostAveraged; count += 1) {
    const factor = averageFactor(count);
    for (let sum = -128 * count; sum <= 127 * count; sum += 1) {
      const whole = sum * factor + averageOffset;
      if (whole !== (whole | 0) || whole >> averageShift !== roundHalfAwayFromZero(sum / count)) {
        expect([count, sum, whole >> averageShift]).toEqual([count, sum, roundHalfAwayFromZero(sum / count)]);
      }
    }
  }
});
