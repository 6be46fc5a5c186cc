// Contract cases of reshape: ranks up and down, a scalar, every element type.
import type { DType } from '../../tensor/dtype.ts';
import { type Case, fed, int8, plainType } from './case.ts';

const reshaped = (dtype: DType, from: readonly number[], to: readonly number[], seed: number): Case => {
  const type = (shape: readonly number[]) => (dtype === 'i8' ? int8(shape, 0.3, 4) : plainType(dtype, shape));
  return {
    name: `${dtype} [${from.join(', ')}] to [${to.join(', ')}]`,
    node: { op: 'reshape', attrs: { shape: to } },
    inputs: [fed(type(from), seed)],
    outputs: [type(to)],
  };
};

export const reshapeCases: readonly Case[] = [
  reshaped('i8', [1, 1, 1, 17], [1, 17], 1),
  reshaped('i8', [7, 16], [1, 7, 4, 4], 2),
  reshaped('f32', [1, 3, 5], [15], 3),
  reshaped('f32', [1], [], 4),
  reshaped('f32', [], [1, 1], 5),
  reshaped('i16', [2, 7], [7, 2], 6),
  reshaped('i32', [16], [1, 16], 7),
  reshaped('i64', [5], [5, 1], 8),
  reshaped('u8', [3, 1, 3], [9], 9),
  reshaped('bool', [2, 2], [4], 10),
];
