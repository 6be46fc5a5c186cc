// Contract cases of stridedSlice: parts, steps, backwards, dropped axes, one element, every rank to 5.
import type { DType } from '../../tensor/dtype.ts';
import { type Case, fed, int8, plainType } from './case.ts';

interface Slice {
  readonly dtype?: DType;
  readonly x: readonly number[];
  readonly begin: readonly number[];
  readonly sizes: readonly number[];
  readonly strides?: readonly number[];
  readonly shape?: readonly number[];
}

function slice(name: string, seed: number, { dtype = 'i8', x, begin, sizes, strides, shape }: Slice): Case {
  const type = (own: readonly number[]) => (dtype === 'i8' ? int8(own, 0.3, 4) : plainType(dtype, own));
  const attrs = { begin, sizes, strides: strides ?? begin.map(() => 1), shape: shape ?? sizes };
  return {
    name,
    node: { op: 'stridedSlice', attrs },
    inputs: [fed(type(x), seed)],
    outputs: [type(attrs.shape)],
  };
}

export const stridedSliceCases: readonly Case[] = [
  slice('all of it', 1, { x: [3, 5], begin: [0, 0], sizes: [3, 5] }),
  slice('leading rows', 2, { x: [7, 16], begin: [0, 0], sizes: [3, 16] }),
  slice('trailing rows', 3, { x: [1, 7, 17], begin: [0, 2, 0], sizes: [1, 5, 17] }),
  slice('middle of the columns', 4, { x: [3, 17], begin: [0, 5], sizes: [3, 7] }),
  slice('every other', 5, { x: [17], begin: [1], sizes: [8], strides: [2] }),
  slice('step in rows and columns', 6, {
    x: [1, 9, 9, 3],
    begin: [0, 0, 1, 0],
    sizes: [1, 5, 4, 3],
    strides: [1, 2, 2, 1],
  }),
  slice('step of channels', 7, { x: [1, 2, 2, 7], begin: [0, 0, 0, 0], sizes: [1, 2, 2, 3], strides: [1, 1, 1, 3] }),
  slice('backwards', 8, { x: [16], begin: [15], sizes: [16], strides: [-1] }),
  slice('backwards in two axes', 9, { x: [4, 7], begin: [3, 6], sizes: [4, 4], strides: [-1, -2] }),
  slice('backwards rows, forward columns', 10, { x: [4, 7], begin: [2, 1], sizes: [2, 5], strides: [-2, 1] }),
  slice('one element', 11, { x: [3, 4, 5], begin: [2, 1, 3], sizes: [1, 1, 1] }),
  slice('dropped axis', 12, { x: [1, 7, 5], begin: [0, 6, 0], sizes: [1, 1, 5], shape: [1, 5] }),
  slice('all axes dropped', 13, { x: [3, 4], begin: [1, 2], sizes: [1, 1], shape: [] }),
  slice('f32', 14, { dtype: 'f32', x: [2, 5, 3], begin: [1, 1, 0], sizes: [1, 3, 3] }),
  slice('i32, rank 5', 15, { dtype: 'i32', x: [2, 3, 2, 3, 4], begin: [0, 1, 0, 1, 2], sizes: [2, 2, 2, 1, 2] }),
  slice('i64', 16, { dtype: 'i64', x: [7], begin: [2], sizes: [2], strides: [4] }),
  slice('i16', 17, { dtype: 'i16', x: [2, 7], begin: [0, 3], sizes: [2, 1] }),
];
