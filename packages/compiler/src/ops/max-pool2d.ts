// Maximum over windows of x (n, h, w, c): int8 and float32, padding, strides, fused activation.
import { float, int, max } from '../kernel/expressions.ts';
import { clamp } from '../tensor/fixed-point.ts';
import { activateFloat, activateInt8 } from './fused-activation.ts';
import { defineOp } from './op.ts';
import { evaluatePool, inferPool, lowerPool, type PoolAttrs } from './pool.ts';
import { activationRange, quantisedActivationRange } from './quantised.ts';

/** The lowest float32, where the reference starts: a window of -Infinity or of NaN gives this. */
const lowestFloat = -(2 - 2 ** -23) * 2 ** 127;

export const maxPool2d = defineOp({
  name: 'maxPool2d',
  inputs: ['x'],

  infer({ x }, attrs: PoolAttrs, [y], complain) {
    return inferPool(x, attrs, y, complain);
  },

  evaluate({ x }, attrs, [y]) {
    const float32 = y.dtype === 'f32';
    const [low, high] = float32 ? activationRange(attrs.activation) : quantisedActivationRange(attrs.activation, y);
    const lowest = float32 ? lowestFloat : -128;
    return [
      evaluatePool(x, attrs, y, (elements) => {
        const largest = elements.reduce((known, element) => (element > known ? element : known), lowest);
        return clamp(largest, low, high);
      }),
    ];
  },

  lower(k, { x }, attrs, [y]) {
    const range = y.type === 'i8' ? quantisedActivationRange(attrs.activation, y.tensor) : undefined;
    lowerPool(k, x, attrs, y, {
      accumulator: 'largest',
      start: range === undefined ? float(lowestFloat) : int(-128),
      // The element comes first: max gives its second operand when either is NaN.
      accumulate: (largest, element) => max(element, largest),
      finish: () => (largest) =>
        range === undefined ? activateFloat(largest, attrs.activation) : activateInt8(largest, range),
    });
  },
});
