import { describe, expect, it } from 'vitest';
import {
  expOnNegative,
  fixedPointLogistic,
  fixedPointTanh,
  oneMinusOverOnePlus,
  oneOverOnePlus,
} from './fixed-point-functions.ts';

/** Arguments -2^31 < a <= 0: some near 0, then seeded ones; the positions' parity gives signs where functions take both. */
function* seededArguments(): Generator<number> {
  let state = 12345;
  for (let i = 0; i < 200_000; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield i < 64 ? -(i ** 4) * 100 : -(state >>> 1);
  }
}

/** sum of 31^(n - i) * results[i] mod 2^32. */
function checksum(apply: (a: number, i: number) => number): number {
  let hash = 0;
  let i = 0;
  for (const a of seededArguments()) {
    hash = (Math.imul(hash, 31) + apply(a, i)) >>> 0;
    i += 1;
  }
  return hash;
}

describe('checksums of what gemmlowp computes for the same arguments', () => {
  const alternating = (a: number, i: number): number => (i % 2 === 1 ? a : -a);
  it.each([
    ['exp_on_negative_values, 5 integer bits', 2097446097, (a: number) => expOnNegative(a, 5)],
    ['exp_on_negative_values, 4 integer bits', 945041313, (a: number) => expOnNegative(a, 4)],
    ['one_over_one_plus_x_for_x_in_0_1', 1792903713, (a: number) => oneOverOnePlus(-a)],
    ['one_minus_x_over_one_plus_x_for_x_in_0_1', 1158395937, (a: number) => oneMinusOverOnePlus(-a)],
    ['logistic, 4 integer bits', 1629646518, (a: number, i: number) => fixedPointLogistic(alternating(a, i))],
    ['tanh, 4 integer bits', 2145598073, (a: number, i: number) => fixedPointTanh(alternating(a, i))],
  ])('%s', (_, want, apply) => {
    expect(checksum(apply)).toBe(want);
  });
});

describe('ends, as gemmlowp computes them', () => {
  it.each([
    [0, 2147483647, 2147483647],
    [1, 2147483647, 2147483647],
    [715827883, 1610612732, 1073741816],
    [2147483647, 1073741820, -8],
  ])('1 / (1 + a) and (1 - a) / (1 + a) of %i', (a, inverse, difference) => {
    expect(oneOverOnePlus(a)).toBe(inverse);
    expect(oneMinusOverOnePlus(a)).toBe(difference);
  });
});

it('the functions are close to those of real numbers', () => {
  for (let x = -15.9; x < 16; x += 0.037) {
    const a = Math.round(x * 2 ** 27);
    expect(fixedPointLogistic(a) / 2 ** 31).toBeCloseTo(1 / (1 + Math.exp(-x)), 6);
    expect(fixedPointTanh(a) / 2 ** 31).toBeCloseTo(Math.tanh(x), 6);
    if (x <= 0) expect(expOnNegative(a, 4) / 2 ** 31).toBeCloseTo(Math.exp(x), 6);
  }
});
