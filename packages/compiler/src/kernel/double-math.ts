// exp, log and the square root in float64 kernel arithmetic: no libm, the same bits on every target. Errors stated are the largest
// found over random arguments of the whole range. NaN gives NaN; no cast ever leaves its range.
import { add, bits, cast, clampTo, div, double, long, lt, mul, ne, select, shl, shr, sub } from './expressions.ts';
import type { Expr } from './ir.ts';
import { defineFn } from './writer.ts';

/** Horner's rule, highest coefficient first. */
const polynomial = (x: Expr, [highest = 0, ...rest]: readonly number[]): Expr =>
  rest.reduce((value, coefficient) => add(mul(value, x), coefficient), double(highest));

/** 2^exponent, exponent -1022..1023, put together from its bits. */
const powerOfTwo = (exponent: Expr): Expr => bits('f64', shl(cast('i64', add(exponent, 1023)), 52));

/** 1/13!, 1/12!, … 1/0!: the rest of the series is below 2^-57 where |r| <= ln 2 / 2. */
const factorials = Array.from({ length: 14 }, (_, i) => i).map((i) =>
  Array.from({ length: 13 - i }, (_unused, n) => n + 1).reduce((product, n) => product / n, 1),
);

/**
 * e^x, relative error below 3e-16; infinity above 709.8, 0 below -745.2. x = n ln 2 + r with |r| <= ln 2 / 2 (Cody and Waite: ln 2 in
 * two parts, n times the first exact), then e^x = 2^n e^r, e^r by its series.
 */
export const expDouble = defineFn('exp_f64', 'e^x, relative error below 3e-16.', { x: 'f64' }, (k, x) => {
  // Beyond these the result is 0 or infinity anyway; NaN becomes the lower, for the sake of the cast.
  const clamped = k.let('clamped', clampTo(x, -746, 710));
  const scaled = k.let('scaled', mul(clamped, Math.LOG2E));
  const n = k.let('n', cast('i32', add(scaled, select(lt(scaled, 0), double(-0.5), double(0.5)))));
  const whole = k.let('whole', cast('f64', n));
  const r = k.let('r', sub(sub(clamped, mul(whole, 0.6931471803691238)), mul(whole, 1.9082149292705877e-10)));
  const fraction = k.let('fraction', polynomial(r, factorials));
  // 2^n in two factors: n reaches 1024 and -1076, one double's exponent does not.
  const half = k.let('half', shr(n, 1));
  const result = k.let('result', mul(mul(fraction, powerOfTwo(half)), powerOfTwo(sub(n, half))));
  return select(ne(x, x), x, result);
});

/** 2/21, 2/19, … 2/1. */
const reciprocals = Array.from({ length: 11 }, (_, i) => 2 / (21 - 2 * i));

/**
 * The natural logarithm of a normal positive number, relative error below 5e-16; of others: -infinity at 0 and for subnormal numbers, NaN
 * below 0. x = 2^n m with sqrt(1/2) <= m < sqrt(2); ln m = 2 artanh(s), s = (m - 1) / (m + 1), by its series.
 */
export const logDouble = defineFn('log_f64', 'ln x, relative error below 5e-16.', { x: 'f64' }, (k, x) => {
  const word = k.let('word', bits('i64', x));
  // Offset so that the exponent rounds to the nearer power of two.
  const moved = k.let('moved', sub(word, long(0x3fe6a09e667f3bcdn)));
  const n = k.let('n', cast('i32', shr(moved, 52)));
  const m = k.let('m', bits('f64', sub(word, shl(cast('i64', n), 52))));
  const s = k.let('s', div(sub(m, 1), add(m, 1)));
  const series = k.let('series', mul(s, polynomial(mul(s, s), reciprocals)));
  const whole = k.let('whole', cast('f64', n));
  const result = k.let('result', add(mul(whole, 0.6931471803691238), add(series, mul(whole, 1.9082149292705877e-10))));
  const outside = select(lt(x, 0), double(Number.NaN), double(Number.NEGATIVE_INFINITY));
  const infinite = select(lt(double(Number.MAX_VALUE), x), x, result);
  return select(ne(x, x), x, select(lt(x, 2.2250738585072014e-308), outside, infinite));
});

/** The square root, error at most 1 ulp; 0 for subnormal numbers, NaN below 0. Newton's iteration from half the exponent. */
export const sqrtDouble = defineFn('sqrt_f64', 'The square root within 1 ulp.', { x: 'f64' }, (k, x) => {
  const word = k.let('word', bits('i64', x));
  const guess = k.variable('guess', bits('f64', add(shr(word, 1), long(0x1ff7a3bea91d9b1bn))));
  k.for('turn', 0, 4, () => {
    k.set(guess, mul(add(guess, div(x, guess)), 0.5));
  });
  const outside = select(lt(x, 0), double(Number.NaN), double(0));
  const infinite = select(lt(double(Number.MAX_VALUE), x), x, guess);
  return select(ne(x, x), x, select(lt(x, 2.2250738585072014e-308), outside, infinite));
});
