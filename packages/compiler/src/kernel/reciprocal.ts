// 1 / (1 + a) in fixed point as kernel arithmetic: oneOverOnePlus of tensor/fixed-point-functions.ts, bit for bit.
import { add, call, int, lt, select, shl, shr, sub } from './expressions.ts';
import { doublingHighMultiply } from './fixed-point.ts';
import { defineFn } from './writer.ts';

/** 1 / (1 + a), Q0.31 to Q0.31, a in [0, 1): three Newton-Raphson steps from 48/17 - 32/17 * (1 + a) / 2. */
export const oneOverOnePlusFn = defineFn(
  'one_over_one_plus',
  '1 / (1 + a) for a in [0, 1), both with 31 fraction bits, as the TensorFlow Lite reference rounds it.',
  { a: 'i32' },
  (k, a) => {
    const half = k.let('half', add(shr(a, 1), 2 ** 30));
    const x = k.variable('x', add(call(doublingHighMultiply, int(-1010580540), half), 1515870810));
    k.for('iteration', 0, 3, () => {
      const rest = k.let('rest', sub(int(2 ** 29), call(doublingHighMultiply, x, half)));
      // rest is within 1/17 of 0, so that the shift, which saturates in the reference, never does.
      k.set(x, add(x, shl(call(doublingHighMultiply, rest, x), 2)));
    });
    // Twice x with 29 fraction bits; 2^30, for a = 0, saturates.
    return select(lt(x, 2 ** 30), shl(x, 1), int(2 ** 31 - 1));
  },
);
