// Contract cases of mean: axes at the front, in the middle, behind, all and repeated, kept or not, scales equal and not.
import type { DType } from '../../tensor/dtype.ts';
import type { Shape } from '../../tensor/shape.ts';
import { atTheEnds, type Case, fed, int8, plainType } from './case.ts';

interface Options {
  readonly keepDims?: true;
  readonly dtype?: DType;
  readonly scales?: readonly [x: number, y: number];
  readonly zeroPoints?: readonly [x: number, y: number];
}

function mean(name: string, seed: number, x: Shape, axes: readonly number[], y: Shape, options: Options = {}): Case {
  const { keepDims = false, dtype = 'i8', scales = [0.02, 0.02], zeroPoints = [5, 5] } = options;
  const type = (shape: Shape, n: 0 | 1) =>
    dtype === 'i8' ? int8(shape, scales[n], zeroPoints[n]) : plainType(dtype, shape);
  return {
    name,
    node: { op: 'mean', attrs: { axes, keepDims } },
    inputs: [fed(type(x, 0), seed, 4)],
    outputs: [type(y, 1)],
  };
}

export const meanCases: readonly Case[] = [
  mean('over rows and columns', 1, [1, 7, 5, 16], [1, 2], [1, 16]),
  mean('over rows and columns, kept, batch 2', 2, [2, 3, 5, 7], [2, 1], [2, 1, 1, 7], { keepDims: true }),
  mean('over the last axis', 3, [3, 17], [-1], [3]),
  mean('over the first axis, other scale', 4, [17, 3], [0], [3], { scales: [0.05, 0.03], zeroPoints: [-128, 127] }),
  mean('over first and last', 5, [2, 3, 7], [-1, 0], [3]),
  mean('over alternating axes', 6, [2, 2, 3, 2, 2], [1, 3], [2, 3, 2]),
  mean('over all', 7, [2, 3, 4], [0, 1, 2], [], { zeroPoints: [127, -128] }),
  mean('over a repeated axis, kept', 8, [2, 7, 3], [1, -2], [2, 1, 3], { keepDims: true }),
  mean('over axes of size 1', 9, [1, 1, 1, 7], [1, 2], [1, 7], { scales: [0.1, 0.3] }),
  mean('over no axis', 10, [2, 3], [], [2, 3], { scales: [0.1, 0.05], zeroPoints: [-3, 9] }),
  mean('of 600 elements', 11, [600], [0], [1], { keepDims: true, zeroPoints: [-128, 0] }),
  mean('factor above 1, saturating', 12, [1, 3, 3, 4], [1, 2], [1, 4], { scales: [0.3, 0.005], zeroPoints: [3, 0] }),
  mean('factor near 0', 13, [1, 4, 4, 3], [1, 2], [1, 3], { scales: [1e-9, 2], zeroPoints: [0, 5] }),
  mean('of 24 channels', 14, [1, 7, 5, 24], [1, 2], [1, 24], { scales: [0.0317, 0.0189], zeroPoints: [-128, -101] }),
  mean('of 8 channels, batch 3', 15, [3, 2, 3, 8], [1, 2], [3, 8], { scales: [0.0217, 0.0289], zeroPoints: [127, 3] }),
  atTheEnds(mean('largest sums of 16 bits', 16, [1, 16, 16, 8], [1, 2], [1, 8], { zeroPoints: [-128, -128] })),
  mean('float over rows and columns', 21, [1, 7, 5, 3], [1, 2], [1, 3], { dtype: 'f32' }),
  mean('float over the last axis, kept', 22, [2, 16], [1], [2, 1], { dtype: 'f32', keepDims: true }),
  mean('float over all', 23, [3, 1, 7], [0, 1, 2], [], { dtype: 'f32' }),
];
