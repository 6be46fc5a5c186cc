// Contract cases that add, sub and mul share: shapes that broadcast in every way, activations, zero points, element types.
import type { DType } from '../../tensor/dtype.ts';
import { broadcastShapes, type Shape } from '../../tensor/shape.ts';
import type { TensorType } from '../../tensor/tensor.ts';
import type { ElementwiseAttrs } from '../elementwise.ts';
import type { Activation } from '../quantised.ts';
import { type Case, type CaseInput, fed, int8, known, plainType } from './case.ts';

interface Options {
  readonly dtype?: DType;
  readonly activation?: Activation;
  /** Scales and zero points of a, b and y. */
  readonly scales?: readonly [number, number, number];
  readonly zeroPoints?: readonly [number, number, number];
  /** b is part of the model. */
  readonly constant?: true;
}

/** One case of an elementwise operator; y's scale suits sums. */
export function elementwiseCase(
  op: 'add' | 'sub' | 'mul',
  name: string,
  seed: number,
  a: Shape,
  b: Shape,
  { dtype = 'i8', activation = 'none', scales = [0.05, 0.03, 0.07], zeroPoints = [5, -9, 3], constant }: Options = {},
): Case {
  const type = (shape: Shape, n: 0 | 1 | 2): TensorType =>
    dtype === 'i8' ? int8(shape, scales[n], zeroPoints[n]) : plainType(dtype, shape);
  const range = dtype === 'i32' ? 2 ** 31 : 4;
  const input = (shape: Shape, n: 0 | 1): CaseInput =>
    constant && n === 1 ? known(type(shape, n), seed + n, range) : fed(type(shape, n), seed + n, range);
  const attrs: ElementwiseAttrs = { activation };
  return {
    name,
    node: { op, attrs },
    inputs: [input(a, 0), input(b, 1)],
    outputs: [type(broadcastShapes(a, b) ?? [], 2)],
  };
}

/** The cases every elementwise operator has. */
export const elementwiseCases = (op: 'add' | 'sub' | 'mul'): readonly Case[] => [
  elementwiseCase(op, 'same shape', 1, [1, 7, 1, 16], [1, 7, 1, 16]),
  elementwiseCase(op, 'one element each, relu', 3, [1], [1], { activation: 'relu' }),
  elementwiseCase(op, 'no dimensions', 5, [], []),
  elementwiseCase(op, 'one element on the left, reluN1To1', 7, [1], [2, 3, 3], { activation: 'reluN1To1' }),
  elementwiseCase(op, 'one constant on the right, relu6', 9, [17], [1, 1], { activation: 'relu6', constant: true }),
  elementwiseCase(op, 'constant along channels', 11, [2, 3, 3, 4], [4], { constant: true }),
  elementwiseCase(op, 'a gate for each channel', 13, [1, 4, 5, 7], [1, 1, 1, 7]),
  elementwiseCase(op, 'a factor for each pixel', 15, [2, 3, 2, 7], [2, 3, 2, 1]),
  elementwiseCase(op, 'both repeat', 17, [2, 4, 1, 3], [1, 4, 5, 1]),
  elementwiseCase(op, 'five dimensions, alternating', 19, [2, 1, 2, 1, 3], [1, 3, 1, 2, 1]),
  elementwiseCase(op, 'lower rank on the left', 21, [5, 3], [2, 1, 3]),
  elementwiseCase(op, 'zero points at the ends', 23, [16], [16], { zeroPoints: [-128, 127, 0] }),
  elementwiseCase(op, 'zero points at the other ends, relu', 25, [16], [16], {
    zeroPoints: [127, -128, -100],
    activation: 'relu',
  }),
  elementwiseCase(op, 'scales far apart', 27, [33], [33], { scales: [1e-7, 40, 50] }),
  elementwiseCase(op, 'equal scales', 29, [33], [33], { scales: [0.1, 0.1, 0.1] }),
  elementwiseCase(op, 'saturating', 31, [33], [33], { scales: [0.3, 0.2, 0.01] }),
  elementwiseCase(op, 'common scales', 41, [43], [43], { scales: [0.0203177, 0.0317493, 0.0388235] }),
  elementwiseCase(op, 'common scales, relu6', 43, [5, 7], [5, 7], {
    scales: [0.0203177, 0.0317493, 0.0288123],
    zeroPoints: [-128, 7, -20],
    activation: 'relu6',
  }),
  elementwiseCase(op, 'small beside the output', 45, [21], [21], { scales: [0.0011, 0.0007, 0.0888] }),
  elementwiseCase(op, 'int32', 33, [2, 7], [7], { dtype: 'i32' }),
  elementwiseCase(op, 'float', 35, [1, 17], [1, 17], { dtype: 'f32' }),
  elementwiseCase(op, 'float, both repeat, relu6', 37, [3, 1, 2], [1, 4, 1], { dtype: 'f32', activation: 'relu6' }),
  elementwiseCase(op, 'float, one constant, reluN1To1', 39, [2, 7], [1], {
    dtype: 'f32',
    activation: 'reluN1To1',
    constant: true,
  }),
];
