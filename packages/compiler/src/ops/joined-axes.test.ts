import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { broadcastShapes, broadcastStrides, elementCount, stridesOf } from '../tensor/shape.ts';
import { joinAxes } from './joined-axes.ts';

const joinedSizes = (a: readonly number[], b: readonly number[]): readonly number[] => {
  const y = broadcastShapes(a, b) ?? [];
  return joinAxes(y, [broadcastStrides(a, y), broadcastStrides(b, y), stridesOf(y)]).map(({ size }) => size);
};

describe('joinAxes', () => {
  it.each([
    ['equal shapes are one loop', [2, 3, 4], [2, 3, 4], [24]],
    ['one element is one loop', [2, 3, 4], [1], [24]],
    ['a channel vector is two loops', [2, 3, 3, 4], [4], [18, 4]],
    ['a gate per channel is two loops', [1, 5, 7, 4], [1, 1, 1, 4], [35, 4]],
    ['a factor per pixel is two loops', [2, 5, 7, 4], [2, 5, 7, 1], [70, 4]],
    ['both repeat', [3, 1, 2], [1, 4, 1], [3, 4, 2]],
    ['scalars need no loop', [], [1, 1], []],
  ])('%s', (_, a, b, sizes) => {
    expect(joinedSizes(a, b)).toEqual(sizes);
  });

  it('visits what the axes as given visit, in their order', () => {
    const dimension = fc.constantFrom(1, 1, 2, 3);
    const shapes = fc.array(fc.tuple(dimension, fc.boolean()), { maxLength: 5 });
    fc.assert(
      fc.property(shapes, (axes) => {
        const y = axes.map(([size]) => size);
        const a = axes.map(([size, repeats]) => (repeats ? 1 : size));
        const strides = [broadcastStrides(a, y), stridesOf(y)];
        const joined = joinAxes(y, strides);
        const given = y.map((size, axis) => ({ size, strides: strides.map((list) => list[axis] ?? 0) }));
        expect(visited(joined)).toEqual(visited(given));
        expect(elementCount(joined.map(({ size }) => size))).toBe(elementCount(y));
      }),
      { seed: 7 },
    );
  });
});

const visited = (
  axes: readonly { readonly size: number; readonly strides: readonly number[] }[],
): readonly (readonly number[])[] =>
  axes.reduceRight<readonly (readonly number[])[]>(
    (inner, { size, strides }) =>
      Array.from({ length: size }, (_, i) =>
        inner.map((offsets) => offsets.map((offset, n) => offset + i * (strides[n] ?? 0))),
      ).flat(),
    [[0, 0]],
  );
