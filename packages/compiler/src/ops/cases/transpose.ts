// Contract cases of transpose: ranks 1 to 6, permutations that keep inner axes together and that scatter everything.
import type { DType } from '../../tensor/dtype.ts';
import { type Case, fed, int8, plainType } from './case.ts';

const transposed = (dtype: DType, shape: readonly number[], perm: readonly number[], seed: number): Case => {
  const type = (own: readonly number[]) => (dtype === 'i8' ? int8(own, 0.3, 4) : plainType(dtype, own));
  return {
    name: `${dtype} [${shape.join(', ')}] by [${perm.join(', ')}]`,
    node: { op: 'transpose', attrs: { perm } },
    inputs: [fed(type(shape), seed)],
    outputs: [type(perm.map((axis) => shape[axis] ?? 0))],
  };
};

export const transposeCases: readonly Case[] = [
  transposed('i8', [7], [0], 1),
  transposed('i8', [7, 16], [1, 0], 2),
  transposed('i8', [17, 1], [1, 0], 3),
  transposed('i8', [1, 5, 4, 3], [0, 3, 1, 2], 4),
  transposed('i8', [1, 3, 5, 4], [0, 2, 3, 1], 5),
  transposed('i8', [2, 3, 4, 5], [0, 1, 2, 3], 6),
  transposed('i8', [2, 3, 4, 5], [3, 2, 1, 0], 7),
  transposed('f32', [2, 7, 3], [1, 0, 2], 8),
  transposed('f32', [3, 4, 5], [0, 2, 1], 9),
  transposed('i16', [2, 3, 2, 3, 2], [4, 1, 0, 3, 2], 10),
  transposed('i32', [2, 1, 3, 2, 2, 2], [5, 3, 1, 0, 2, 4], 11),
  transposed('i64', [3, 2], [1, 0], 12),
  transposed('bool', [3, 5], [1, 0], 13),
];
