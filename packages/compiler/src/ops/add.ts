// Sum, y = activation(a + b), broadcasting: int8 as TensorFlow Lite defines it, int32 (wrapping) and float32.
import { add as plus } from '../kernel/expressions.ts';
import { defineElementwise } from './elementwise.ts';
import { checkSumScales, quantisedSum } from './quantised-sum.ts';

const inDouble = (value: number): number => value;
const real = (a: number, b: number): number => a + b;

export const add = defineElementwise({
  name: 'add',
  real,
  int32: (a, b) => (a + b) | 0,
  expression: plus,
  quantised: (types) => quantisedSum(types, inDouble, { define: real, combine: plus }),
  checkScales: (types, complain) => checkSumScales(types, inDouble, complain),
});
