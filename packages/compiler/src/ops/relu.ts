// Rectifier, max(x, 0): int8, requantised from x's scale to y's, and float32.
import { float, max } from '../kernel/expressions.ts';
import { clamp } from '../tensor/fixed-point.ts';
import { checkRatio, defineActivation, multiplyBy, stepRatio } from './define-activation.ts';
import { perTensor } from './quantised.ts';

export const relu = defineActivation({
  name: 'relu',
  checkInt8: (x, y, _: object, complain) => checkRatio('scale(x) / scale(y)', stepRatio(x, y), complain),

  int8(x, y) {
    const rescale = multiplyBy(stepRatio(x, y));
    const [xZero, yZero] = [perTensor(x).zeroPoint, perTensor(y).zeroPoint];
    return (value) => clamp(yZero + rescale(value - xZero), yZero, 127);
  },

  real: () => (value) => (value < 0 ? 0 : value),
  // The variable stands second, so that NaN and -0 pass as in the reference.
  arithmetic: (_, value) => max(float(0), value),
});
