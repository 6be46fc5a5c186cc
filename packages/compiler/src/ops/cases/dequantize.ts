// Contract cases of dequantize: all elements of int8, extreme zero points and scales, uint8 and int16.
import type { DType } from '../../tensor/dtype.ts';
import { type Case, fed, plainType } from './case.ts';

function real(dtype: DType, length: number, scale: number, zeroPoint: number, seed: number): Case {
  const quantisation = { scale: [Math.fround(scale)], zeroPoint: [zeroPoint], axis: 0 };
  return {
    name: `${dtype} x ${length}, scale ${scale}, zero point ${zeroPoint}`,
    node: { op: 'dequantize', attrs: {} },
    inputs: [fed({ dtype, shape: [1, length], quantisation }, seed, 32767)],
    outputs: [plainType('f32', [1, length])],
  };
}

export const dequantizeCases: readonly Case[] = [
  real('i8', 256, 0.1, -128, 1),
  real('i8', 17, 0.00390625, 127, 2),
  real('i8', 1, 1e-38, 0, 3),
  real('i8', 7, 1e38, 3, 4),
  real('u8', 64, 0.3, 255, 5),
  real('u8', 16, 0.007, 0, 6),
  real('i16', 64, 0.0003, 0, 7),
  real('i16', 7, 1.7, -32768, 8),
];
