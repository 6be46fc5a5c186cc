// Difference, y = activation(a - b), broadcasting: int8 as TensorFlow Lite defines it, int32 (wrapping) and float32.
import { sub as minus } from '../kernel/expressions.ts';
import { defineElementwise } from './elementwise.ts';
import { checkSumScales, quantisedSum } from './quantised-sum.ts';

const real = (a: number, b: number): number => a - b;

export const sub = defineElementwise({
  name: 'sub',
  real,
  int32: (a, b) => (a - b) | 0,
  expression: minus,
  quantised: (types) => quantisedSum(types, Math.fround, { define: real, combine: minus }),
  checkScales: (types, complain) => checkSumScales(types, Math.fround, complain),
});
