// Contract cases of concatenation: every axis, one to five inputs, the same input twice, constants, every element type.
import type { DType } from '../../tensor/dtype.ts';
import { type Case, type CaseInput, fed, int8, known, plainType } from './case.ts';

const typeOf = (dtype: DType, shape: readonly number[]) =>
  dtype === 'i8' ? int8(shape, 0.3, 4) : plainType(dtype, shape);

function joined(
  name: string,
  dtype: DType,
  axis: number,
  shapes: readonly (readonly number[])[],
  make: (type: ReturnType<typeof typeOf>, seed: number) => CaseInput = fed,
): Case {
  const total = shapes.reduce((sum, shape) => sum + (shape[axis] ?? 0), 0);
  const y = (shapes[0] ?? []).map((size, i) => (i === axis ? total : size));
  return {
    name,
    node: { op: 'concatenation', attrs: { axis } },
    inputs: shapes.map((shape, i) => make(typeOf(dtype, shape), 10 * axis + i + shapes.length)),
    outputs: [typeOf(dtype, y)],
  };
}

export const concatenationCases: readonly Case[] = [
  joined('one input', 'i8', 0, [[7]]),
  joined('rows', 'i8', 0, [
    [1, 16],
    [2, 16],
    [1, 16],
  ]),
  joined('channels', 'i8', 3, [
    [1, 3, 5, 7],
    [1, 3, 5, 1],
    [1, 3, 5, 16],
  ]),
  joined('frames of a stream', 'i8', 1, [
    [1, 5, 1, 8],
    [1, 2, 1, 8],
  ]),
  joined('middle axis, batch 2', 'i8', 1, [
    [2, 1, 17],
    [2, 3, 17],
  ]),
  joined('five scalars in a row', 'i8', 1, [
    [1, 1],
    [1, 1],
    [1, 1],
    [1, 1],
    [1, 1],
  ]),
  joined(
    'constants',
    'i8',
    1,
    [
      [3, 2],
      [3, 5],
    ],
    known,
  ),
  joined('f32', 'f32', 2, [
    [1, 4, 3],
    [1, 4, 1],
  ]),
  joined('i32', 'i32', 0, [[3], [4]]),
  joined('i64', 'i64', 1, [
    [2, 3],
    [2, 1],
  ]),
  joined('i16', 'i16', 1, [
    [3, 1],
    [3, 2],
  ]),
  joined('bool', 'bool', 1, [
    [2, 2],
    [2, 3],
  ]),
];
