// Rectifier with an upper bound, min(max(x, 0), 6): int8 and float32.
import { float, max, min } from '../kernel/expressions.ts';
import { clamp, roundHalfAwayFromZero } from '../tensor/fixed-point.ts';
import { defineActivation } from './define-activation.ts';
import { perTensor } from './quantised.ts';

export const relu6 = defineActivation({
  name: 'relu6',

  checkInt8(x, y, _: object, complain) {
    const [from, to] = [perTensor(x), perTensor(y)];
    if (from.scale !== to.scale || from.zeroPoint !== to.zeroPoint) {
      complain(
        'scale and zero point of the output',
        `those of the input, ${from.scale} and ${from.zeroPoint}`,
        `${to.scale} and ${to.zeroPoint}`,
        'the TensorFlow Lite Micro kernel copies values without rescaling; fuse the activation into the layer before it',
      );
    }
  },

  int8(x) {
    const { scale, zeroPoint } = perTensor(x);
    const six = clamp(zeroPoint + roundHalfAwayFromZero(Math.fround(6 / scale)), -128, 127);
    return (value) => clamp(value, zeroPoint, six);
  },

  real: () => (value) => (value > 6 ? 6 : value < 0 ? 0 : value),
  // The variable stands second, so that NaN and -0 pass as in the reference.
  arithmetic: (_, value) => min(float(6), max(float(0), value)),
});
