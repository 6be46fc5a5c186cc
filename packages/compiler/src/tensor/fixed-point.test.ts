import { describe, expect, it } from 'vitest';
import { clamp, frexp, quantiseMultiplier, roundHalfAwayFromZero } from './fixed-point.ts';

/** Seeded doubles of any magnitude. */
function* doubles(count: number): Generator<number> {
  const view = new DataView(new ArrayBuffer(8));
  let state = 5;
  for (let n = 0; n < count; n += 1) {
    for (const at of [0, 4]) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      view.setUint32(at, Math.imul(state ^ (state >>> 13), 2654435761) >>> 0);
    }
    const value = view.getFloat64(0);
    if (Number.isFinite(value)) yield value;
  }
}

describe('frexp', () => {
  it.each([
    [1, 0.5, 1],
    [0.5, 0.5, 0],
    [-3, -0.75, 2],
    [Number.MAX_VALUE, 1 - 2 ** -53, 1024],
    [2 ** -1074, 0.5, -1073],
    [2 ** -1022, 0.5, -1021],
    [1 - 2 ** -53, 1 - 2 ** -53, 0],
    [0, 0, 0],
  ])('of %d is %d and %i', (value, mantissa, exponent) => {
    expect(frexp(value)).toEqual([mantissa, exponent]);
  });

  it('is exact for any double', () => {
    for (const value of doubles(5000)) {
      const [mantissa, exponent] = frexp(value);
      expect(Math.abs(mantissa)).toBeGreaterThanOrEqual(0.5);
      expect(Math.abs(mantissa)).toBeLessThan(1);
      // In two factors, as 2^exponent itself may be out of range.
      const half = Math.floor(exponent / 2);
      expect(mantissa * 2 ** half * 2 ** (exponent - half)).toBe(value);
    }
  });
});

describe('rounding half away from zero', () => {
  it.each([
    [0.5, 1],
    [-0.5, -1],
    [2.5, 3],
    [-2.5, -3],
    [0.49999999999999994, 0],
    [-0.49999999999999994, 0],
    [-0.2, 0],
    [-0, 0],
    [4503599627370495.5, 4503599627370496],
    [2 ** 53, 2 ** 53],
    [1e300, 1e300],
    [Infinity, Infinity],
    [-Infinity, -Infinity],
    [Number.NaN, Number.NaN],
  ])('of %d is %d', (value, want) => {
    expect(roundHalfAwayFromZero(value)).toBe(want);
  });
});

describe('the fixed-point form of a factor', () => {
  it.each([
    [1, 2 ** 30, 1],
    [0.5, 2 ** 30, 0],
    [0.75, 1610612736, 0],
    [2 ** -31, 2 ** 30, -30],
    [2 ** -32, 2 ** 30, -31],
    [2 ** -33, 0, 0],
    [0, 0, 0],
    // Rounds up to the next power of two.
    [1 - 2 ** -33, 2 ** 30, 1],
    [2 ** 30, 2 ** 30, 31],
    // A half of the last place goes away from zero.
    [0.5 + 2 ** -32, 2 ** 30 + 1, 0],
  ])('of %d', (factor, multiplier, shift) => {
    expect(quantiseMultiplier(factor)).toEqual({ multiplier, shift });
  });

  it('is within half a unit of its last place', () => {
    for (const value of doubles(5000)) {
      const factor = Math.abs(value);
      if (factor < 2 ** -32 || factor > 2 ** 30) continue;
      const { multiplier, shift } = quantiseMultiplier(factor);
      expect(multiplier).toBeGreaterThanOrEqual(2 ** 30);
      expect(multiplier).toBeLessThan(2 ** 31);
      expect(Math.abs(multiplier * 2 ** (shift - 31) - factor)).toBeLessThanOrEqual(2 ** (shift - 32));
    }
  });
});

it('clamp keeps what is within', () => {
  expect([-3, 0, 1, 4, 5].map((value) => clamp(value, 0, 4))).toEqual([0, 0, 1, 4, 4]);
});
