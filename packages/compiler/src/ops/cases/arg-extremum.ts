// Contract cases of argMax and argMin: every axis, equal elements, one element, NaN first and later, both output types.
import type { Data, DType } from '../../tensor/dtype.ts';
import { type Case, type CaseInput, fed, int8, plainType } from './case.ts';

function extreme(op: 'argMax' | 'argMin', name: string, axis: number, input: CaseInput, y: DType = 'i32'): Case {
  const shape = input.type.shape.filter((_, i) => i !== axis);
  return { name, node: { op, attrs: { axis } }, inputs: [input], outputs: [plainType(y, shape)] };
}

const floats = (data: readonly number[]): CaseInput => ({
  type: plainType('f32', [data.length]),
  data: Float32Array.from(data) satisfies Data,
});

const casesOf = (op: 'argMax' | 'argMin'): readonly Case[] => [
  extreme(op, 'classes', 1, fed(int8([1, 12]), 1)),
  extreme(op, 'one class', 1, fed(int8([3, 1]), 2)),
  extreme(op, 'outer axis', 0, fed(int8([7, 5]), 3)),
  extreme(op, 'middle axis', 1, fed(int8([2, 17, 3]), 4)),
  extreme(op, 'channels, i64', 3, fed(int8([1, 4, 4, 7]), 5), 'i64'),
  extreme(op, 'f32', 1, fed(plainType('f32', [5, 16]), 6)),
  extreme(op, 'f32, outer axis, i64', 0, fed(plainType('f32', [5, 3]), 7), 'i64'),
  extreme(op, 'f32, equal elements', 0, floats([1, 3, -2, 3, -2, 1])),
  extreme(op, 'f32, signed zeros', 0, floats([-0, 0, -0])),
  extreme(op, 'f32, NaN first', 0, floats([NaN, 1, -1])),
  extreme(op, 'f32, NaN later', 0, floats([0, NaN, 5, -5, Infinity, -Infinity])),
  extreme(op, 'u8', 1, fed(plainType('u8', [3, 7]), 8)),
  extreme(op, 'i16', 1, fed(plainType('i16', [3, 7]), 9)),
];

export const argMaxCases: readonly Case[] = casesOf('argMax');
export const argMinCases: readonly Case[] = casesOf('argMin');
