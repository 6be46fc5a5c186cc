// Dequantize: stored integers to the real numbers they stand for, scale * (q - zeroPoint), rounded once.
import { cast, float, mul, sub } from '../kernel/expressions.ts';
import { elementsOf } from '../tensor/tensor.ts';
import { checkAffine } from './affine.ts';
import { defineOp } from './op.ts';
import { perTensor } from './quantised.ts';

export const dequantize = defineOp({
  name: 'dequantize',
  inputs: ['x'],

  infer({ x }, _: object, [y], complain) {
    if (!['i8', 'u8', 'i16'].includes(x.dtype) || y.dtype !== 'f32') {
      complain('types of input and output', 'i8, u8 or i16, and f32', `${x.dtype} and ${y.dtype}`);
    } else checkAffine('the input', x, complain);
    return [x.shape];
  },

  evaluate({ x }, _, [yType]) {
    const { scale, zeroPoint } = perTensor(x.type);
    return [Float32Array.from({ length: elementsOf(yType) }, (_, i) => scale * (Number(x.data[i]) - zeroPoint))];
  },

  lower(k, { x }, _, [y]) {
    const { scale, zeroPoint } = perTensor(x.tensor);
    k.for('i', 0, y.length, (i) => {
      k.store(y, i, mul(cast('f32', sub(k.load(x, i), zeroPoint)), float(scale)));
    });
  },
});
