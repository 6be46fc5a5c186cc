// Hard swish, x * min(max(x + 3, 0), 6) / 6: int8 in the reference's 16-bit fixed-point arithmetic, and float32.
import { add, div, float, max, min, mul } from '../kernel/expressions.ts';
import { clamp, type Multiplier, quantiseMultiplier, roundingDivideByPowerOfTwo } from '../tensor/fixed-point.ts';
import type { TensorType } from '../tensor/tensor.ts';
import { defineActivation } from './define-activation.ts';
import { perTensor } from './quantised.ts';

/** round(a * b / 2^15) of int16 values, halves upwards; b is not negative. */
const doublingHighMultiply16 = (a: number, b: number): number => Math.floor((a * b + 2 ** 14) / 2 ** 15);

const saturate16 = (value: number): number => clamp(value, -32768, 32767);
const wrap16 = (value: number): number => (value << 16) >> 16;

/** A multiplier cut to 16 bits, rounded. */
const multiplier16 = ({ multiplier }: Multiplier): number =>
  Math.min(32767, Math.floor((multiplier + 2 ** 15) / 2 ** 16));

/** Factors of a 128th of x's step: to y's step, and to 3/32768, where x = 3 reads as 1 with 15 fraction bits. */
function factorsOf(x: TensorType, y: TensorType): { readonly output: Multiplier; readonly reluish: Multiplier } {
  const step = Math.fround(perTensor(x).scale / 128);
  return {
    output: quantiseMultiplier(Math.fround(step / perTensor(y).scale)),
    reluish: quantiseMultiplier(Math.fround(step / Math.fround(3 / 32768))),
  };
}

export const hardSwish = defineActivation({
  name: 'hardSwish',

  checkInt8(x, y, _: object, complain) {
    const { output, reluish } = factorsOf(x, y);
    // 16-bit shifts go no further, and a left shift of the product is not provided for.
    if (output.multiplier === 0 || output.shift < -15 || output.shift > 0) {
      const ratio = perTensor(x).scale / perTensor(y).scale;
      complain('scale(x) / scale(y)', 'more than 2^-9 and less than 128', String(ratio));
    }
    if (reluish.multiplier === 0 || reluish.shift < -15 || reluish.shift > 31) {
      complain('scale of the input', 'one in 2^-22..2^24', String(perTensor(x).scale));
    }
  },

  int8(x, y) {
    const { output, reluish } = factorsOf(x, y);
    const [xZero, yZero] = [perTensor(x).zeroPoint, perTensor(y).zeroPoint];
    // x on y's scale, still to be shifted right.
    const onOutputScale = (steps: number): number => doublingHighMultiply16(steps * 128, multiplier16(output));
    // x / 3, saturated, with 15 fraction bits; the last bit of a left shift comes after the multiplication.
    const third = (steps: number): number => {
      const { shift } = reluish;
      const raised = shift > 0 ? saturate16(steps * 128 * 2 ** (shift - 1)) : steps * 128;
      const scaled = doublingHighMultiply16(raised, multiplier16(reluish));
      return shift > 0 ? saturate16(scaled * 2) : roundingDivideByPowerOfTwo(scaled, -shift);
    };
    return (value) => {
      const steps = value - xZero;
      // (x + 3) / 6 clamped to 0..1, with 15 fraction bits.
      const weight = (third(steps) + 32768) >> 1;
      const product = Math.trunc((weight * onOutputScale(steps)) / 32768);
      return clamp(wrap16(roundingDivideByPowerOfTwo(product, -output.shift) + yZero), -128, 127);
    };
  },

  real: () => (value) => (value * Math.min(6, Math.max(0, value + 3))) / 6,
  // In the reference's order, so that float32 results are the reference's to the last bit.
  arithmetic: (_, value) => div(mul(value, min(max(add(value, 3), float(0)), float(6))), float(6)),
});
