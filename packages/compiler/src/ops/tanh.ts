// Hyperbolic tangent: int8 in the reference's fixed-point arithmetic, and float32.
import { call } from '../kernel/expressions.ts';
import { tanh as tanhF32 } from '../kernel/float-math.ts';
import { fixedPointTanh } from '../tensor/fixed-point-functions.ts';
import { defineActivation } from './define-activation.ts';
import { checkFixedPointFunction, int8Function } from './fixed-point-argument.ts';

export const tanh = defineActivation({
  name: 'tanh',
  checkInt8: (x, y, _: object, complain) => checkFixedPointFunction(x, y, { scale: 1 / 128, zeroPoint: 0 }, complain),
  int8: (x) => int8Function(x, fixedPointTanh, { outputBits: 7, zeroPoint: 0 }),
  real: () => Math.tanh,
  arithmetic: (_, value) => call(tanhF32, value),
});
