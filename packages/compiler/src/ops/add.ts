// Sum, y = activation(a + b), broadcasting: int8 as TensorFlow Lite defines it, int32 (wrapping) and float32.
import { add as plus } from '../kernel/expressions.ts';
import { defineElementwise } from './elementwise.ts';
import { checkSumScales, quantisedSum, type Sum } from './quantised-sum.ts';

/** In double precision. */
export const addSum: Sum = { round: (value) => value, sign: 1 };

export const add = defineElementwise({
  name: 'add',
  real: (a, b) => a + b,
  int32: (a, b) => (a + b) | 0,
  expression: plus,
  quantised: (types) => quantisedSum(types, addSum),
  checkScales: (types, complain) => checkSumScales(types, addSum.round, complain),
});
