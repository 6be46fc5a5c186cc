// Leaky rectifier, x for x > 0, alpha * x below: int8, requantised from x's scale to y's, and float32. Any finite alpha.
import { float, lt, mul, select } from '../kernel/expressions.ts';
import { clamp } from '../tensor/fixed-point.ts';
import { checkRatio, defineActivation, multiplyBy, stepRatio } from './define-activation.ts';
import { perTensor } from './quantised.ts';

export interface LeakyReluAttrs {
  readonly alpha: number;
}

export const leakyRelu = defineActivation({
  name: 'leakyRelu',

  checkAttrs({ alpha }: LeakyReluAttrs, complain) {
    if (!Number.isFinite(Math.fround(alpha))) complain('alpha', 'a finite number', String(alpha));
  },

  checkInt8(x, y, { alpha }, complain) {
    checkRatio('scale(x) / scale(y)', stepRatio(x, y), complain);
    checkRatio('scale(x) * |alpha| / scale(y)', stepRatio(x, y, Math.abs(alpha)), complain);
  },

  int8(x, y, { alpha }) {
    const rescale = multiplyBy(stepRatio(x, y));
    const leak = multiplyBy(stepRatio(x, y, Math.abs(alpha)));
    const [xZero, yZero] = [perTensor(x).zeroPoint, perTensor(y).zeroPoint];
    return (value) => {
      const steps = value - xZero;
      const scaled = steps >= 0 ? rescale(steps) : alpha < 0 ? -leak(steps) : leak(steps);
      return clamp(yZero + scaled, -128, 127);
    };
  },

  real: ({ alpha }) => {
    const slope = Math.fround(alpha);
    return (value) => (value > 0 ? value : value * slope);
  },
  arithmetic: (_, value, { alpha }) => select(lt(float(0), value), value, mul(value, alpha)),
});
