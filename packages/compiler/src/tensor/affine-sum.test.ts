import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AffineSum, affineSum, type WantedSum } from './affine-sum.ts';
import { clamp, multiplyByQuantisedMultiplier, quantiseMultiplier } from './fixed-point.ts';

/** What TensorFlow Lite adds, for -128..127: both brought to twice the larger scale, with 20 bits behind the point. */
function wantedOf(
  scales: readonly [a: number, b: number, y: number],
  zeros: readonly number[],
  low: number,
): WantedSum {
  const [scaleA, scaleB, scaleY] = scales;
  const [zeroA = 0, zeroB = 0, zeroPoint = 0] = zeros;
  const twice = 2 * Math.max(scaleA, scaleB);
  const term = (scale: number, zero: number): readonly number[] =>
    Array.from({ length: 256 }, (_, i) =>
      multiplyByQuantisedMultiplier((i - 128 - zero) * 2 ** 20, quantiseMultiplier(scale / twice)),
    );
  const factor = quantiseMultiplier(twice / (2 ** 20 * scaleY));
  return { a: term(scaleA, zeroA), b: term(scaleB, zeroB), requantisation: { factor, zeroPoint, low, high: 127 } };
}

/** Pairs for which the formula gives something else, up to three. */
function wrongPairs({ a, b, requantisation }: WantedSum, found: AffineSum): readonly (readonly number[])[] {
  const { factor, zeroPoint, low, high } = requantisation;
  const wrong: number[][] = [];
  for (let i = 0; i < 256; i += 1) {
    for (let j = 0; j < 256; j += 1) {
      const right = clamp(multiplyByQuantisedMultiplier(Number(a[i]) + Number(b[j]), factor) + zeroPoint, low, high);
      const sum = (i - 128) * found.factorA + (j - 128) * found.factorB + found.offset;
      const before = sum >> found.shift;
      const kept = sum === (sum | 0) && before >= found.least && before <= found.most;
      if (!kept || clamp(before, low, high) !== right) wrong.push([i - 128, j - 128]);
      if (wrong.length === 3) return wrong;
    }
  }
  return wrong;
}

const zero = fc.oneof(fc.constantFrom(-128, 0, 127), fc.integer({ min: -128, max: 127 }));
const scale = fc.double({ min: -12, max: 3, noNaN: true }).map((bits) => 2 ** bits);

it('gives the reference’s sum of every pair, and is found nearly always', () => {
  let asked = 0;
  let offered = 0;
  fc.assert(
    fc.property(scale, scale, scale, fc.tuple(zero, zero, zero), fc.boolean(), (a, b, y, zeros, relu) => {
      fc.pre(2 * Math.max(a, b) < 2 ** 20 * y);
      const wanted = wantedOf([a, b, y], zeros, relu ? (zeros[2] ?? 0) : -128);
      fc.pre(wanted.requantisation.low < 127);
      const found = affineSum(wanted);
      asked += 1;
      if (found === undefined) return;
      offered += 1;
      expect(wrongPairs(wanted, found)).toEqual([]);
    }),
    { seed: 4, numRuns: 150 },
  );
  expect(offered / asked).toBeGreaterThan(0.9);
});

it('takes the exact halves between equal scales away from zero', () => {
  const wanted = wantedOf([0.1, 0.1, 0.2], [3, -7, 0], -128);
  const found = affineSum(wanted);
  if (found === undefined) throw new Error('not found');
  expect(wrongPairs(wanted, found)).toEqual([]);
});

it('is not offered where every output is the same', () => {
  const { a, b, requantisation } = wantedOf([0.1, 0.1, 0.2], [0, 0, 0], -128);
  expect(affineSum({ a, b, requantisation: { ...requantisation, low: 5, high: 5 } })).toBeUndefined();
});
