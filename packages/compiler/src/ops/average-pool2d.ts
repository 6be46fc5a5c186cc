// Average over windows of x (n, h, w, c), of the elements inside the input: int8 and float32, padding, strides, fused activation.
import { add, cast, div, float, int, lt, mul, select, shr, sub } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import { clamp, roundHalfAwayFromZero } from '../tensor/fixed-point.ts';
import { averageFactor, averageOffset, averageShift, mostAveraged } from '../tensor/narrow-step.ts';
import { activateFloat, activateInt8 } from './fused-activation.ts';
import { defineOp } from './op.ts';
import { evaluatePool, inferPool, lowerPool, type PoolAttrs } from './pool.ts';
import { activationRange, quantisedActivationRange } from './quantised.ts';

const sumOf = (elements: readonly number[]): number => elements.reduce((sum, element) => sum + element, 0);

export const averagePool2d = defineOp({
  name: 'averagePool2d',
  inputs: ['x'],

  infer({ x }, attrs: PoolAttrs, [y], complain) {
    return inferPool(x, attrs, y, complain);
  },

  evaluate({ x }, attrs, [y]) {
    const float32 = y.dtype === 'f32';
    const [low, high] = float32 ? activationRange(attrs.activation) : quantisedActivationRange(attrs.activation, y);
    return [
      evaluatePool(x, attrs, y, (elements) => {
        const average = sumOf(elements) / elements.length;
        return clamp(float32 ? average : roundHalfAwayFromZero(average), low, high);
      }),
    ];
  },

  lower(k, { x }, attrs, [y]) {
    if (y.type === 'f32') {
      lowerPool(k, x, attrs, y, {
        accumulator: 'sum',
        start: float(0),
        accumulate: add,
        finish: (count) => (sum) => activateFloat(div(sum, asFloat(count)), attrs.activation),
      });
      return;
    }
    const range = quantisedActivationRange(attrs.activation, y.tensor);
    const most = attrs.kernelH * attrs.kernelW;
    // Windows at borders have fewer elements.
    const factors =
      most <= mostAveraged
        ? k.constant(
            'factors',
            Int32Array.from({ length: most }, (_, i) => averageFactor(i + 1)),
          )
        : undefined;
    lowerPool(k, x, attrs, y, {
      accumulator: 'sum',
      start: int(0),
      accumulate: add,
      finish: (count) => {
        if (factors === undefined) return (sum) => activateInt8(roundedQuotient(sum, cast('i32', count)), range);
        const factor =
          count.kind === 'const'
            ? int(averageFactor(Number(count.value)))
            : k.let('factor', k.load(factors, sub(count, 1)));
        return (sum) => activateInt8(shr(add(mul(sum, factor), averageOffset), averageShift), range);
      },
    });
  },
});

const asFloat = (count: Expr): Expr =>
  count.kind === 'const' ? float(Number(count.value)) : cast('f32', cast('i32', count));

/** sum / count, halves away from zero; count is positive. */
export function roundedQuotient(sum: Expr, count: Expr): Expr {
  const half = shr(count, 1);
  return div(add(sum, select(lt(sum, 0), sub(int(0), half), half)), count);
}
