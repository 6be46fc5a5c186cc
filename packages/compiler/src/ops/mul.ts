// Product, y = activation(a * b), broadcasting: int8 as TensorFlow Lite defines it, int32 (wrapping) and float32.
import { int, sub, mul as times } from '../kernel/expressions.ts';
import { requantiseBy } from '../kernel/fixed-point.ts';
import type { Expr } from '../kernel/ir.ts';
import { type Multiplier, multiplyByQuantisedMultiplier, quantiseMultiplier } from '../tensor/fixed-point.ts';
import { narrowStep, stepFunctionOf } from '../tensor/narrow-step.ts';
import type { AccumulatorRange } from '../tensor/step-requantisation.ts';
import { defineElementwise, type PairOfTypes } from './elementwise.ts';
import { perTensor } from './quantised.ts';
import { narrowRequantised } from './requantisation.ts';

/** scale(a) * scale(b) / scale(y). */
const factorOf = ({ a, b, y }: PairOfTypes): Multiplier =>
  quantiseMultiplier((perTensor(a).scale * perTensor(b).scale) / perTensor(y).scale);

/** The products that can occur. */
function productsOf(zeroA: number, zeroB: number): AccumulatorRange {
  const ends = [-128 - zeroA, 127 - zeroA].flatMap((a) => [-128 - zeroB, 127 - zeroB].map((b) => a * b));
  return { least: Math.min(...ends), most: Math.max(...ends) };
}

export const mul = defineElementwise({
  name: 'mul',
  real: (a, b) => a * b,
  int32: Math.imul,
  expression: times,
  quantised(types) {
    const factor = factorOf(types);
    const [zeroA, zeroB] = [perTensor(types.a).zeroPoint, perTensor(types.b).zeroPoint];
    const terms = [(a: Expr) => sub(a, int(zeroA)), (b: Expr) => sub(b, int(zeroB))] as const;
    return {
      define: (a, b) => multiplyByQuantisedMultiplier((a - zeroA) * (b - zeroB), factor),
      terms,
      combine: (a, b) => requantiseBy(times(a, b), factor),
      direct: (k, [low, high]) => {
        const { zeroPoint } = perTensor(types.y);
        const steps = stepFunctionOf({ factor, zeroPoint, low, high }, productsOf(zeroA, zeroB));
        const found = steps && narrowStep(steps);
        return (
          found && { terms, combine: (a, b) => narrowRequantised(k.let('product', times(a, b)), found, [low, high]) }
        );
      },
    };
  },
  checkScales(types, complain) {
    // A factor of 2^30 and more has no fixed-point form.
    const { shift } = factorOf(types);
    if (shift > 30) complain('scale(a) * scale(b) / scale(y)', 'less than 2^30', `2^${shift}`);
  },
});
