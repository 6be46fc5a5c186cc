// Contract cases of quantize: float32 with halves, saturation, infinities and signed zeros; requantisation of every pair
// of integer types, up, down, and with equal scales.
import type { DType } from '../../tensor/dtype.ts';
import type { TensorType } from '../../tensor/tensor.ts';
import { type Case, fed, plainType } from './case.ts';

const scaled = (dtype: DType, length: number, scale: number, zeroPoint: number): TensorType => ({
  dtype,
  shape: [1, length],
  quantisation: { scale: [Math.fround(scale)], zeroPoint: [zeroPoint], axis: 0 },
});

function fromFloat(name: string, dtype: DType, scale: number, zeroPoint: number, data: readonly number[]): Case {
  return {
    name: `f32 to ${dtype}, ${name}`,
    node: { op: 'quantize', attrs: {} },
    inputs: [{ type: plainType('f32', [1, data.length]), data: Float32Array.from(data) }],
    outputs: [scaled(dtype, data.length, scale, zeroPoint)],
  };
}

type Affine = readonly [dtype: DType, scale: number, zeroPoint: number];

function requantised(name: string, seed: number, from: Affine, to: Affine, length = 64): Case {
  return {
    name: `${from[0]} to ${to[0]}, ${name}`,
    node: { op: 'quantize', attrs: {} },
    inputs: [fed(scaled(from[0], length, from[1], from[2]), seed, 32767)],
    outputs: [scaled(to[0], length, to[1], to[2])],
  };
}

const halves = Array.from({ length: 41 }, (_, i) => (i - 20) / 4);
// Neighbours of one half, where adding 0.5 in single precision would round wrongly, and values no integer can hold.
const hazards = [
  0.49999997,
  -0.49999997,
  0.5,
  -0.5,
  8388607.5,
  -8388609,
  3e38,
  -3e38,
  Infinity,
  -Infinity,
  NaN,
  -0,
  1e-40,
];

export const quantizeCases: readonly Case[] = [
  fromFloat('halves', 'i8', 1, 0, halves),
  fromFloat('hazards', 'i8', 1, -5, hazards),
  fromFloat('tiny scale', 'i8', 1e-30, 127, hazards),
  fromFloat('odd scale, zero point -128', 'i8', 0.003921568859368563, -128, [0, 0.1, 0.499, 0.5, 0.75, 1, 1.1]),
  fromFloat('halves', 'u8', 0.5, 128, halves),
  fromFloat('hazards', 'i16', 0.25, -300, hazards),
  requantised('equal', 1, ['i8', 0.5, 3], ['i8', 0.5, 3]),
  requantised('other zero point', 2, ['i8', 0.5, -128], ['i8', 0.5, 127]),
  requantised('down', 3, ['i8', 0.017, 9], ['i8', 0.3, -4], 256),
  requantised('up', 4, ['i8', 0.3, -4], ['i8', 0.017, 9], 256),
  requantised('to nothing', 5, ['i8', 1e-12, 0], ['i8', 1, 7], 17),
  requantised('sign bit', 6, ['i8', 0.00390625, -128], ['u8', 0.00390625, 0], 256),
  requantised('sign bit', 7, ['u8', 0.1, 130], ['i8', 0.1, 2], 256),
  requantised('down', 8, ['u8', 0.1, 255], ['i8', 0.17, 0]),
  requantised('up', 9, ['i8', 0.1, 5], ['i16', 0.0001, 0]),
  requantised('up', 10, ['i8', 0.1, 5], ['i32', 0.00001, 0]),
  requantised('down', 11, ['i16', 0.001, 0], ['i8', 0.05, -3]),
  requantised('between', 12, ['i16', 0.001, 0], ['i16', 0.0013, 0]),
  requantised('up', 13, ['i16', 0.001, 0], ['i32', 0.00001, 0], 1),
  requantised('down', 14, ['i32', 0.0001, 0], ['i8', 0.05, -3]),
  requantised('down', 15, ['i32', 0.0001, 0], ['i16', 0.003, 0]),
];
