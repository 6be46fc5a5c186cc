// Product, y = activation(a * b), broadcasting: int8 as TensorFlow Lite defines it, int32 (wrapping) and float32.
import { int, sub, mul as times } from '../kernel/expressions.ts';
import { requantiseBy } from '../kernel/fixed-point.ts';
import { type Multiplier, multiplyByQuantisedMultiplier, quantiseMultiplier } from '../tensor/fixed-point.ts';
import { defineElementwise, type PairOfTypes } from './elementwise.ts';
import { perTensor } from './quantised.ts';

/** scale(a) * scale(b) / scale(y). */
const factorOf = ({ a, b, y }: PairOfTypes): Multiplier =>
  quantiseMultiplier((perTensor(a).scale * perTensor(b).scale) / perTensor(y).scale);

export const mul = defineElementwise({
  name: 'mul',
  real: (a, b) => a * b,
  int32: Math.imul,
  expression: times,
  quantised(types) {
    const factor = factorOf(types);
    const [zeroA, zeroB] = [perTensor(types.a).zeroPoint, perTensor(types.b).zeroPoint];
    return {
      define: (a, b) => multiplyByQuantisedMultiplier((a - zeroA) * (b - zeroB), factor),
      terms: [(a) => sub(a, int(zeroA)), (b) => sub(b, int(zeroB))],
      combine: (a, b) => requantiseBy(times(a, b), factor),
    };
  },
  checkScales(types, complain) {
    // A factor of 2^30 and more has no fixed-point form.
    const { shift } = factorOf(types);
    if (shift > 30) complain('scale(a) * scale(b) / scale(y)', 'less than 2^30', `2^${shift}`);
  },
});
