// What int8 logistic and tanh share: their argument as a fixed-point number with 4 integer and 27 fraction bits, and
// outputs of a fixed scale and zero point.
import { clamp, frexp, multiplyByQuantisedMultiplier, roundingDivideByPowerOfTwo } from '../tensor/fixed-point.ts';
import type { TensorType } from '../tensor/tensor.ts';
import type { Complain } from './op.ts';
import { perTensor } from './quantised.ts';

/** Complains of scales outside of those the argument's conversion is defined for, and of an output other than `y`'s only one. */
export function checkFixedPointFunction(
  x: TensorType,
  y: TensorType,
  only: { readonly scale: number; readonly zeroPoint: number },
  complain: Complain,
): void {
  const from = perTensor(x).scale;
  // The conversion shifts by the binary exponent of scale * 2^27, 0 to 62.
  if (!(from >= 2 ** -28 && from < 2 ** 35)) complain('scale of the input', 'one in 2^-28..2^35', String(from));
  const { scale, zeroPoint } = perTensor(y);
  if (scale !== only.scale || zeroPoint !== only.zeroPoint) {
    complain(
      'scale and zero point of the output',
      `1/${1 / only.scale} and ${only.zeroPoint}`,
      `${scale} and ${zeroPoint}`,
      'the TensorFlow Lite quantisation specification fixes them',
    );
  }
}

/**
 * The function of int8 values that a function of Q4.27 arguments with Q0.31 results makes, results taken to `outputBits`
 * fraction bits and `zeroPoint`. Arguments that come near 2^4 saturate to the ends of int8, as in the reference.
 */
export function int8Function(
  x: TensorType,
  fn: (a: number) => number,
  { outputBits, zeroPoint }: { readonly outputBits: number; readonly zeroPoint: number },
): (value: number) => number {
  const from = perTensor(x);
  // A float32 scale has 24 digits, so that its mantissa becomes a multiplier without rounding.
  const [mantissa, shift] = frexp(from.scale * 2 ** 27);
  const multiplier = { multiplier: mantissa * 2 ** 31, shift };
  const radius = Math.floor((15 * 2 ** 27) / 2 ** shift);
  return (value) => {
    const steps = value - from.zeroPoint;
    if (steps <= -radius) return -128;
    if (steps >= radius) return 127;
    const result = fn(multiplyByQuantisedMultiplier(steps, multiplier));
    return clamp(roundingDivideByPowerOfTwo(result, 31 - outputBits) + zeroPoint, -128, 127);
  };
}
