// What the cases of activation functions share: every int8 value, float32 arguments around the bends, odd sizes.
import type { TensorType } from '../../tensor/tensor.ts';
import type { OpNode } from '../index.ts';
import { type Case, type CaseInput, fed, int8, plainType } from './case.ts';

/** All int8 values, ascending. */
export const everyInt8 = (scale: number, zeroPoint: number): CaseInput => ({
  type: int8([2, 128], scale, zeroPoint),
  data: Int8Array.from({ length: 256 }, (_, i) => i - 128),
});

/** Signed powers of two from 2^-24 to 2^10, zeros, infinities, NaN, the largest and the smallest, and values between. */
export function telltaleFloats(): CaseInput {
  const magnitudes = Array.from({ length: 35 }, (_, i) => 2 ** (i - 24));
  const positive = [0, ...magnitudes, 0.6249, 0.625, 1e-45, 1e-39, 87.3, 88.7, 88.8, 103.9, 104.5, Infinity];
  const data = Float32Array.from([...positive, ...positive.map((value) => -value), Number.NaN]);
  return { type: plainType('f32', [data.length]), data };
}

/** A case of int8 input over all values and an output of this scale and zero point. */
export const int8Case = (
  node: Pick<OpNode, 'op' | 'attrs'>,
  [scale, zeroPoint]: readonly [number, number],
  [yScale, yZero]: readonly [number, number],
): Case => ({
  name: `all int8, ${scale} and ${zeroPoint} to ${yScale} and ${yZero}`,
  node,
  inputs: [everyInt8(scale, zeroPoint)],
  outputs: [int8([2, 128], yScale, yZero)],
});

/** Cases every activation function has: odd sizes of both types, telling floats. */
export function commonCases(node: Pick<OpNode, 'op' | 'attrs'>, int8Types: readonly [TensorType, TensorType]): Case[] {
  const [x, y] = int8Types;
  const shaped = (shape: readonly number[], seed: number): Case => ({
    name: `int8 [${shape.join(', ')}]`,
    node,
    inputs: [fed({ ...x, shape }, seed)],
    outputs: [{ ...y, shape }],
  });
  const float = (shape: readonly number[], seed: number): Case => ({
    name: `float [${shape.join(', ')}]`,
    node,
    inputs: [fed(plainType('f32', shape), seed, 10)],
    outputs: [plainType('f32', shape)],
  });
  const telling = telltaleFloats();
  return [
    shaped([], 1),
    shaped([1], 2),
    shaped([7], 3),
    shaped([1, 3, 5, 17], 4),
    float([1], 5),
    float([7], 6),
    float([2, 16, 17], 7),
    { name: 'float telltales', node, inputs: [telling], outputs: [telling.type] },
  ];
}
