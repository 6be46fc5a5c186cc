import { describe, expect, it } from 'vitest';
import { explain } from '../errors.ts';
import type { Shape } from '../tensor/shape.ts';
import type { TensorType } from '../tensor/tensor.ts';
import { add } from './add.ts';
import { type Case, fed, graphOfCases, int8, plainType } from './cases/case.ts';
import { checkGraph } from './check-graph.ts';
import { mul } from './mul.ts';
import type { Activation } from './quantised.ts';
import { sub } from './sub.ts';

const messages = (
  op: 'add' | 'sub' | 'mul',
  [a, b, y]: readonly [TensorType, TensorType, TensorType],
  activation: Activation = 'none',
): readonly string[] => {
  const one: Case = { name: 'x', node: { op, attrs: { activation } }, inputs: [fed(a, 1), fed(b, 2)], outputs: [y] };
  return checkGraph(graphOfCases('x', [one]).graph).map(explain);
};

const usual = int8([4], 0.1, 3);

describe.each(['add', 'sub', 'mul'] as const)('%s complains of', (op) => {
  it.each<readonly [string, readonly [TensorType, TensorType, TensorType], RegExp]>([
    ['types that differ', [usual, plainType('f32', [4]), usual], /types of inputs and output: .* found i8, f32, i8/],
    ['types without arithmetic', [plainType('i16', [4]), plainType('i16', [4]), plainType('i16', [4])], /all int8/],
    [
      'shapes that do not broadcast',
      [usual, int8([3], 0.1), usual],
      /sizes that are equal or 1, found \[4\] and \[3\]/,
    ],
    ['a missing quantisation', [usual, plainType('i8', [4]), usual], /quantisation of the second input/],
    ['an output of another shape', [usual, usual, int8([1, 4], 0.1)], /shape of output 0: expected \[4\]/],
  ])('%s', (_, types, message) => {
    const found = messages(op, types);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(message);
  });

  it('a fused activation of int32', () => {
    const type = plainType('i32', [4]);
    expect(messages(op, [type, type, type])).toEqual([]);
    expect(messages(op, [type, type, type], 'relu')[0]).toMatch(/fused activation of int32: expected none, found relu/);
  });
});

it.each(['add', 'sub'] as const)('%s complains of an output scale that would enlarge the sum', (op) => {
  const coarse = int8([4], 2 ** 19, 0);
  expect(messages(op, [coarse, coarse, int8([4], 1.0001, 0)])).toEqual([]);
  expect(messages(op, [coarse, coarse, int8([4], 1, 0)])[0]).toMatch(/scale of the output: expected more than 1,/);
});

it('mul complains of a factor without fixed-point form', () => {
  expect(messages('mul', [int8([4], 2 ** 15), int8([4], 2 ** 14), int8([4], 0.9)])).toEqual([]);
  expect(messages('mul', [int8([4], 2 ** 15), int8([4], 2 ** 15), int8([4], 0.9)])[0]).toMatch(/less than 2\^30/);
});

it.each([add, sub, mul])('may take over the memory of inputs that do not repeat: %#', (op) => {
  const inPlace = (a: Shape, b: Shape, y: Shape): readonly string[] | undefined =>
    op.inPlace?.({ a: int8(a), b: int8(b) }, { activation: 'none' }, [int8(y)]);
  expect(inPlace([2, 3], [2, 3], [2, 3])).toEqual(['a', 'b']);
  expect(inPlace([2, 3], [3], [2, 3])).toEqual(['a']);
  expect(inPlace([1], [1, 2, 3], [1, 2, 3])).toEqual(['b']);
  expect(inPlace([2, 1], [1, 3], [2, 3])).toEqual([]);
});
