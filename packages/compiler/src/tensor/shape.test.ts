import { describe, expect, it } from 'vitest';
import { broadcastShapes, broadcastStrides, elementCount, resolveAxis, sameShape, stridesOf } from './shape.ts';
import { describeType } from './tensor.ts';

it('a scalar has one element, anything times 0 none', () => {
  expect([[], [7], [2, 3, 4], [5, 0, 2]].map(elementCount)).toEqual([1, 7, 24, 0]);
});

it('strides are row-major', () => {
  expect(stridesOf([])).toEqual([]);
  expect(stridesOf([2, 3, 4])).toEqual([12, 4, 1]);
});

it('shapes are the same element by element', () => {
  expect(sameShape([1, 2], [1, 2])).toBe(true);
  expect(sameShape([1, 2], [1, 2, 1])).toBe(false);
  expect(sameShape([1, 2], [2, 1])).toBe(false);
});

describe('broadcasting', () => {
  it.each([
    [[2, 3], [3], [2, 3]],
    [[3], [2, 3], [2, 3]],
    [
      [2, 1],
      [1, 3],
      [2, 3],
    ],
    [[], [4, 1], [4, 1]],
    [[1], [1], [1]],
    [[2], [3], undefined],
    [[2, 3], [2], undefined],
  ])('of %j and %j is %j', (a, b, want) => {
    expect(broadcastShapes(a, b)).toEqual(want);
  });

  it('walks a shape that is repeated with stride 0', () => {
    expect(broadcastStrides([3], [2, 3])).toEqual([0, 1]);
    expect(broadcastStrides([2, 1], [2, 3])).toEqual([1, 0]);
    expect(broadcastStrides([2, 3], [2, 3])).toEqual([3, 1]);
    expect(broadcastStrides([], [2, 3])).toEqual([0, 0]);
  });

  it('reads what NumPy reads', () => {
    const [shape, target] = [
      [2, 1, 3],
      [4, 2, 5, 3],
    ];
    const strides = broadcastStrides(shape, target);
    const seen = new Set<number>();
    for (let n = 0; n < 4; n += 1)
      for (let a = 0; a < 2; a += 1)
        for (let b = 0; b < 5; b += 1)
          for (let c = 0; c < 3; c += 1) {
            const at = [n, a, b, c].reduce((sum, index, axis) => sum + index * (strides[axis] ?? 0), 0);
            expect(at).toBe(a * 3 + c);
            seen.add(at);
          }
    expect(seen.size).toBe(6);
  });
});

it('axes count from either end', () => {
  expect([0, 2, -1, -3, 3, -4].map((axis) => resolveAxis(axis, 3))).toEqual([0, 2, 2, 0, undefined, undefined]);
});

it('types are described for messages', () => {
  expect(describeType({ dtype: 'i8', shape: [1, 49, 10, 1] })).toBe('i8 [1, 49, 10, 1]');
  expect(describeType({ dtype: 'f32', shape: [] })).toBe('f32 []');
});
