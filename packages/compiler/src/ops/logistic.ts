// Logistic function (sigmoid), 1 / (1 + e^-x): int8 in the reference's fixed-point arithmetic, and float32.
import { call } from '../kernel/expressions.ts';
import { logistic as logisticF32 } from '../kernel/float-math.ts';
import { fixedPointLogistic } from '../tensor/fixed-point-functions.ts';
import { defineActivation } from './define-activation.ts';
import { checkFixedPointFunction, int8Function } from './fixed-point-argument.ts';

export const logistic = defineActivation({
  name: 'logistic',
  checkInt8: (x, y, _: object, complain) =>
    checkFixedPointFunction(x, y, { scale: 1 / 256, zeroPoint: -128 }, complain),
  int8: (x) => int8Function(x, fixedPointLogistic, { outputBits: 8, zeroPoint: -128 }),
  real: () => (value) => 1 / (1 + Math.exp(-value)),
  arithmetic: (_, value) => call(logisticF32, value),
});
