import { expect, it } from 'vitest';
import { explain } from '../errors.ts';
import type { TensorType } from '../tensor/tensor.ts';
import { type Case, fed, graphOfCases, int8, plainType } from './cases/case.ts';
import { checkGraph } from './check-graph.ts';

const messages = (x: TensorType, axes: readonly number[], y: TensorType): readonly string[] => {
  const one: Case = {
    name: 'x',
    node: { op: 'mean', attrs: { axes, keepDims: false } },
    inputs: [fed(x, 1)],
    outputs: [y],
  };
  return checkGraph(graphOfCases('x', [one]).graph).map(explain);
};

it.each<readonly [string, TensorType, readonly number[], TensorType, RegExp]>([
  ['an axis outside', int8([2, 3]), [2], int8([2]), /axis: expected -2\.\.1, found 2/],
  ['an axis before the first', int8([2, 3]), [-3], int8([2]), /axis: expected -2\.\.1, found -3/],
  ['an axis of a scalar', int8([]), [0], int8([]), /axis: expected none, for a scalar, found 0/],
  ['types that differ', int8([2, 3]), [1], plainType('f32', [2]), /both int8 or both float32, found i8, f32/],
  ['another shape', int8([2, 3]), [1], int8([3]), /shape of output 0: expected \[2\], found \[3\]/],
  ['a factor without fixed-point form', int8([2, 3], 2 ** 31), [1], int8([2], 1), /scale\(x\) \/ scale\(y\)/],
])('complains of %s', (_, x, axes, y, message) => {
  const found = messages(x, axes, y);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(message);
});
