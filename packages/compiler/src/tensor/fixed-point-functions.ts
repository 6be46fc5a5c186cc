// exp, 1 / (1 + x), logistic and tanh on 32-bit fixed-point numbers, bit for bit as gemmlowp's fixedpoint.h computes them
// and TensorFlow Lite Micro's reference kernels use them. Qm.n has m integer and n fraction bits beside the sign.
import { roundingDivideByPowerOfTwo, saturatingRoundingDoublingHighMultiply } from './fixed-point.ts';

const largest = 2147483647;
const smallest = -2147483648;

/** The product of Qa and Qb numbers, a Q(a + b) number. */
const multiply = saturatingRoundingDoublingHighMultiply;

/** value * 2^exponent, saturated where |value| reaches 2^(31 - exponent), as gemmlowp's Rescale to fewer integer bits. */
function saturatingShiftLeft(value: number, exponent: number): number {
  const threshold = 2 ** (31 - exponent) - 1;
  if (value > threshold) return largest;
  return value < -threshold ? smallest : value * 2 ** exponent;
}

/** [bit 2^e of the negated argument, exp(-2^e) in Q0.31], for exp by its binary digits. */
const powersOfE: readonly (readonly [number, number])[] = [
  [-2, 1672461947],
  [-1, 1302514674],
  [0, 790015084],
  [1, 290630308],
  [2, 39332535],
  [3, 720401],
  [4, 242],
];

/** exp on [-1/4, 0), Q0.31 to Q0.31: Taylor's polynomial of degree 4 around -1/8. */
function expNearZero(a: number): number {
  const expOfMinusEighth = 1895147668;
  const third = 715827883;
  const x = a + 2 ** 28;
  const x2 = multiply(x, x);
  const x3 = multiply(x2, x);
  const x4 = multiply(x2, x2);
  // x4 / 24 + x3 / 6 + x2 / 2
  const tail = roundingDivideByPowerOfTwo(multiply(roundingDivideByPowerOfTwo(x4, 2) + x3, third) + x2, 1);
  return expOfMinusEighth + multiply(expOfMinusEighth, x + tail);
}

/**
 * exp(a) in Q0.31 for a <= 0 in Q`integerBits`.(31 - `integerBits`), 1 to 5 integer bits; 1 becomes 1 - 2^-31.
 * Source: gemmlowp's exp_on_negative_values: a polynomial on the last quarter, one factor for each higher bit.
 */
export function expOnNegative(a: number, integerBits: number): number {
  if (a === 0) return largest;
  const fractionBits = 31 - integerBits;
  const quarter = 2 ** (fractionBits - 2);
  const lastQuarter = (a & (quarter - 1)) - quarter;
  let result = expNearZero(lastQuarter * 2 ** integerBits);
  const remainder = lastQuarter - a;
  for (const [exponent, factor] of powersOfE) {
    const bit = 2 ** (fractionBits + exponent);
    if (exponent < integerBits && Math.floor(remainder / bit) % 2 === 1) result = multiply(result, factor);
  }
  return result;
}

/**
 * 2 / (1 + a) in Q2.29 for a in [0, 1) in Q0.31. Source: gemmlowp's Newton-Raphson division: x = 48/17 - 32/17 * d, then
 * three times x += x * (1 - d * x), for the half denominator d = (1 + a) / 2.
 */
function twoOverOnePlus(a: number): number {
  const one = 2 ** 29;
  // Half of a + (2^31 - 1), rounded up.
  const half = Math.floor((a + 2 ** 31) / 2);
  let x = 1515870810 + multiply(half, -1010580540);
  for (let iteration = 0; iteration < 3; iteration += 1) {
    x += saturatingShiftLeft(multiply(x, one - multiply(half, x)), 2);
  }
  return x;
}

/** 1 / (1 + a), Q0.31 to Q0.31, a in [0, 1). Source: gemmlowp's one_over_one_plus_x_for_x_in_0_1. */
export const oneOverOnePlus = (a: number): number => saturatingShiftLeft(twoOverOnePlus(a), 1);

/** (1 - a) / (1 + a) = 2 / (1 + a) - 1, Q0.31 to Q0.31, a in [0, 1). Source: gemmlowp's one_minus_x_over_one_plus_x_for_x_in_0_1. */
export const oneMinusOverOnePlus = (a: number): number => saturatingShiftLeft(twoOverOnePlus(a) - 2 ** 29, 2);

/** 1 / (1 + exp(-a)), Q4.27 to Q0.31, |a| < 2^31. Source: gemmlowp's logistic. */
export function fixedPointLogistic(a: number): number {
  if (a === 0) return 2 ** 30;
  const ofMagnitude = oneOverOnePlus(expOnNegative(-Math.abs(a), 4));
  return a > 0 ? ofMagnitude : largest - ofMagnitude;
}

/** tanh(a), Q4.27 to Q0.31, |a| < 2^31: exp(-2 |a|) comes from reading -|a| as Q5.26. Source: gemmlowp's tanh. */
export function fixedPointTanh(a: number): number {
  if (a === 0) return 0;
  const ofMagnitude = oneMinusOverOnePlus(expOnNegative(-Math.abs(a), 5));
  return a > 0 ? ofMagnitude : -ofMagnitude;
}
