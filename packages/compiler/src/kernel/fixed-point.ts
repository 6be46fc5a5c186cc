// Requantisation in kernel arithmetic: the functions of tensor/fixed-point.ts, bit for bit, as pure functions that
// renderers turn into small inline functions.
import { add, and, call, cast, int, long, lt, mul, select, shl, shr, sub } from './expressions.ts';
import type { Expr, Fn } from './ir.ts';
import { defineFn } from './writer.ts';

/** (a * b + 2^30) >> 31: with b positive this is gemmlowp's saturating rounding doubling high multiply. */
export const doublingHighMultiply: Fn = defineFn(
  'doubling_high_multiply',
  'round(a * b / 2^31), halves upwards; b is not negative.',
  { a: 'i32', b: 'i32' },
  (k, a, b) => {
    const product = k.let('product', mul(cast('i64', a), cast('i64', b)));
    return cast('i32', shr(add(product, long(2 ** 30)), long(31)));
  },
);

/** value / 2^exponent, halves away from zero; exponent 0..31. */
export const roundingShiftRight: Fn = defineFn(
  'rounding_shift_right',
  'value / 2^exponent, halves away from zero; exponent 0..31.',
  { value: 'i32', exponent: 'i32' },
  (k, value, exponent) => {
    // For exponent 31 the shift wraps to -2^31 and the subtraction back to 2^31 - 1, which is the mask.
    const mask = k.let('mask', sub(shl(int(1), exponent), int(1)));
    const remainder = k.let('remainder', and(value, mask));
    const threshold = k.let('threshold', add(shr(mask, 1), lt(value, 0)));
    return add(shr(value, exponent), lt(threshold, remainder));
  },
);

/** acc * multiplier / 2^31 * 2^shift with the reference's two roundings, shift -31..30. */
export const requantise: Fn = defineFn(
  'requantise',
  'acc * multiplier / 2^31 * 2^shift, rounded twice as the TensorFlow Lite reference does; shift -31..30.',
  { acc: 'i32', multiplier: 'i32', shift: 'i32' },
  (k, acc, multiplier, shift) => {
    const left = k.let('left', select(lt(int(0), shift), shift, int(0)));
    const right = k.let('right', sub(left, shift));
    return call(roundingShiftRight, call(doublingHighMultiply, shl(acc, left), multiplier), right);
  },
);

/** acc * multiplier / 2^31 / 2^right: the case without a left shift, which most layers have. */
export const requantiseDown: Fn = defineFn(
  'requantise_down',
  'acc * multiplier / 2^31 / 2^right, rounded twice as the TensorFlow Lite reference does; right 0..31.',
  { acc: 'i32', multiplier: 'i32', right: 'i32' },
  (_, acc, multiplier, right) => call(roundingShiftRight, call(doublingHighMultiply, acc, multiplier), right),
);

/** acc times a factor known now: the shortest form that is exact for it. */
export function requantiseBy(
  acc: Expr,
  { multiplier, shift }: { readonly multiplier: number; readonly shift: number },
): Expr {
  if (shift <= 0) return call(requantiseDown, acc, int(multiplier), int(-shift));
  return call(requantise, acc, int(multiplier), int(shift));
}
