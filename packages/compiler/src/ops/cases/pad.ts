// Contract cases of pad: each axis, both sides, nothing at all, the zero point, other values, ranks 0 to 5.
import type { DType } from '../../tensor/dtype.ts';
import { type Case, fed, int8, plainType } from './case.ts';

interface Padding {
  readonly dtype?: DType;
  readonly x: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value?: number;
}

function padded(name: string, seed: number, { dtype = 'i8', x, before, after, value = 4 }: Padding): Case {
  const type = (shape: readonly number[]) => (dtype === 'i8' ? int8(shape, 0.3, 4) : plainType(dtype, shape));
  return {
    name,
    node: { op: 'pad', attrs: { before, after, value } },
    inputs: [fed(type(x), seed)],
    outputs: [type(x.map((size, axis) => (before[axis] ?? 0) + size + (after[axis] ?? 0)))],
  };
}

export const padCases: readonly Case[] = [
  padded('nothing', 1, { x: [3, 5], before: [0, 0], after: [0, 0] }),
  padded('around an image', 2, { x: [1, 7, 5, 3], before: [0, 1, 1, 0], after: [0, 1, 1, 0] }),
  padded('behind an image', 3, { x: [1, 4, 4, 16], before: [0, 0, 0, 0], after: [0, 1, 1, 0], value: -128 }),
  padded('channels', 4, { x: [1, 3, 3, 7], before: [0, 0, 0, 0], after: [0, 0, 0, 9] }),
  padded('rows and channels', 5, { x: [1, 3, 2, 5], before: [0, 2, 0, 1], after: [0, 0, 0, 3] }),
  padded('batch', 6, { x: [2, 3], before: [1, 0], after: [2, 0], value: 127 }),
  padded('all axes', 7, { x: [1, 2, 3, 4], before: [1, 0, 2, 1], after: [0, 1, 1, 2] }),
  padded('rank 5', 8, { x: [1, 2, 1, 2, 3], before: [0, 1, 1, 0, 1], after: [1, 0, 0, 1, 0] }),
  padded('rank 1', 9, { x: [17], before: [3], after: [1] }),
  padded('rank 0', 10, { x: [], before: [], after: [] }),
  padded('batches of images', 11, { x: [2, 3, 3, 2], before: [0, 1, 0, 0], after: [0, 0, 1, 0] }),
  padded('f32, zero', 12, { dtype: 'f32', x: [1, 3, 3, 2], before: [0, 1, 1, 0], after: [0, 1, 1, 0], value: 0 }),
  padded('f32, -1.5', 13, { dtype: 'f32', x: [5, 3], before: [1, 1], after: [0, 2], value: -1.5 }),
  padded('i32', 14, { dtype: 'i32', x: [7], before: [0], after: [2], value: -70000 }),
  padded('i16', 15, { dtype: 'i16', x: [3, 3], before: [0, 1], after: [1, 0], value: 300 }),
  padded('u8', 16, { dtype: 'u8', x: [3, 3], before: [0, 1], after: [1, 0], value: 255 }),
  padded('i64', 17, { dtype: 'i64', x: [3], before: [1], after: [1], value: -3 }),
];
