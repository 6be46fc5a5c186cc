// Contract cases of split: every axis, equal and unequal parts, one part, every element type.
import type { DType } from '../../tensor/dtype.ts';
import { type Case, fed, int8, plainType } from './case.ts';

function parts(name: string, dtype: DType, x: readonly number[], axis: number, sizes: readonly number[]): Case {
  const type = (shape: readonly number[]) => (dtype === 'i8' ? int8(shape, 0.3, 4) : plainType(dtype, shape));
  return {
    name,
    node: { op: 'split', attrs: { axis, sizes } },
    inputs: [fed(type(x), x.length + sizes.length)],
    outputs: sizes.map((size) => type(x.map((own, i) => (i === axis ? size : own)))),
  };
}

export const splitCases: readonly Case[] = [
  parts('one part', 'i8', [1, 7], 1, [7]),
  parts('halves of channels', 'i8', [1, 3, 5, 16], 3, [8, 8]),
  parts('unequal channels', 'i8', [2, 3, 17], 2, [1, 9, 7]),
  parts('rows', 'i8', [7, 16], 0, [3, 4]),
  parts('middle axis, batch 2', 'i8', [2, 6, 1, 3], 1, [2, 2, 2]),
  parts('single elements', 'i8', [4], 0, [1, 1, 1, 1]),
  parts('f32', 'f32', [1, 5, 4], 2, [2, 2]),
  parts('i32', 'i32', [3, 4], 1, [1, 3]),
  parts('i16', 'i16', [2, 7], 1, [3, 4]),
  parts('i64', 'i64', [2, 3], 0, [1, 1]),
];
