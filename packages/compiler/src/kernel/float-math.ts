// exp, tanh and the logistic function in float32 kernel arithmetic: no libm, the same bits on every target. Errors stated
// are the largest found over all finite float32 arguments. NaN gives NaN; no cast ever leaves its range.
import { add, bits, call, cast, clampTo, div, float, lt, mul, ne, select, shl, shr, sub } from './expressions.ts';
import type { Expr } from './ir.ts';
import { defineFn } from './writer.ts';

/** Horner's rule, highest coefficient first. */
const polynomial = (x: Expr, [highest = 0, ...rest]: readonly number[]): Expr =>
  rest.reduce((value, coefficient) => add(mul(value, x), coefficient), float(highest));

/** 2^exponent, exponent -126..127, put together from its bits. */
const powerOfTwo = (exponent: Expr): Expr => bits('f32', shl(add(exponent, 127), 23));

/**
 * e^x, error below 0.99 ulp, relative error below 8.2e-8, subnormal results included; infinity above 88.72, 0 below -103.97.
 * x = n ln 2 + r with |r| <= ln 2 / 2 (Cody and Waite: ln 2 in two parts, n times the first exact), then
 * e^x = 2^n (1 + r + r^2 q(r)), q minimising the largest relative error (3e-9).
 */
export const exp = defineFn('exp_f32', 'e^x within 1 ulp.', { x: 'f32' }, (k, x) => {
  // Beyond these the result is 0 or infinity anyway; NaN becomes the lower, for the sake of the cast.
  const clamped = k.let('clamped', clampTo(x, -104, 89));
  const scaled = k.let('scaled', mul(clamped, Math.LOG2E));
  const n = k.let('n', cast('i32', add(scaled, select(lt(scaled, 0), float(-0.5), float(0.5)))));
  const whole = k.let('whole', cast('f32', n));
  const r = k.let('r', sub(sub(clamped, mul(whole, 0.693359375)), mul(whole, -2.1219444e-4)));
  const q = k.let('q', polynomial(r, [0.0013814222, 0.008368899, 0.041668404, 0.1666652, 0.49999994]));
  const fraction = k.let('fraction', add(add(mul(q, mul(r, r)), r), 1));
  // 2^n in two factors: n reaches 128 and -150, one float's exponent does not.
  const half = k.let('half', shr(n, 1));
  const result = k.let('result', mul(mul(fraction, powerOfTwo(half)), powerOfTwo(sub(n, half))));
  return select(ne(x, x), x, result);
});

const magnitude = (x: Expr): Expr => select(lt(x, 0), sub(float(0), x), x);

/**
 * tanh(x), error below 1.34 ulp, relative error below 1.43e-7, tiny arguments included; +0 for either zero.
 * |x| < 0.625: x + x^3 p(x^2), p minimising the largest relative error (5e-9); else 1 - 2 / (e^2|x| + 1).
 */
export const tanh = defineFn('tanh_f32', 'tanh(x) within 1.34 ulp.', { x: 'f32' }, (k, x) => {
  const size = k.let('size', magnitude(x));
  const result = k.variable('result', x);
  k.if(
    lt(size, 0.625),
    () => {
      const square = k.let('square', mul(x, x));
      const p = polynomial(square, [-0.0056669773, 0.020606177, -0.053730007, 0.13331331, -0.33333278]);
      k.set(result, add(mul(mul(p, square), x), x));
    },
    () => {
      const positive = k.let('positive', sub(float(1), div(float(2), add(call(exp, add(size, size)), 1))));
      k.set(result, select(lt(x, 0), sub(float(0), positive), positive));
    },
  );
  return result;
});

/**
 * 1 / (1 + e^-x), error below 2.41 ulp, relative error below 1.78e-7 where the result is a normal number.
 * With e = e^-|x|: 1 / (1 + e) for x >= 0, e / (1 + e) below, so that small results keep their digits.
 */
export const logistic = defineFn('logistic_f32', '1 / (1 + e^-x) within 2.41 ulp.', { x: 'f32' }, (k, x) => {
  const e = k.let('e', call(exp, sub(float(0), magnitude(x))));
  return div(select(lt(x, 0), e, float(1)), add(e, 1));
});
