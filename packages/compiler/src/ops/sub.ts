// Difference, y = activation(a - b), broadcasting: int8 as TensorFlow Lite defines it, int32 (wrapping) and float32.
import { sub as minus } from '../kernel/expressions.ts';
import { defineElementwise } from './elementwise.ts';
import { checkSumScales, quantisedSum, type Sum } from './quantised-sum.ts';

/** In single precision. */
export const subSum: Sum = { round: Math.fround, sign: -1 };

export const sub = defineElementwise({
  name: 'sub',
  real: (a, b) => a - b,
  int32: (a, b) => (a - b) | 0,
  expression: minus,
  quantised: (types) => quantisedSum(types, subSum),
  checkScales: (types, complain) => checkSumScales(types, subSum.round, complain),
});
