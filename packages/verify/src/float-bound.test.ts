// The bound of f32 results.
import { describe, expect, it } from 'vitest';
import type { Difference } from './difference.ts';
import { beyondTolerance, deviationOf, type PlacedDeviation } from './float-bound.ts';

const of = (...values: number[]): Float32Array => Float32Array.from(values);

/** A deviation in a layer, with just enough of its place. */
function placed(layer: number, definition: Float32Array, result: Float32Array): PlacedDeviation {
  const place: Pick<Difference, 'layer' | 'output' | 'element'> = { layer, output: 0, element: 0 };
  const names = { sample: 's', op: 'add', node: '0', tensor: 'y', position: [0], expected: 0, got: 0 };
  return { ...deviationOf(definition, result), difference: { ...names, ...place } };
}

describe('deviationOf', () => {
  it('finds the element that is farthest away', () => {
    const deviation = deviationOf(of(1, -4, 2), of(1, -4.5, 2.25));
    expect(deviation).toEqual({ element: 1, distance: 0.5, magnitude: 4 });
  });

  it('takes infinities and NaN for what they are', () => {
    const { NaN: none, POSITIVE_INFINITY: infinite } = Number;
    expect(deviationOf(of(none, infinite, 3), of(none, infinite, 3))).toEqual({
      element: 0,
      distance: 0,
      magnitude: 3,
    });
    expect(deviationOf(of(1, infinite), of(1, 2)).distance).toBe(infinite);
    expect(deviationOf(of(1), of(none)).distance).toBe(infinite);
  });
});

describe('beyondTolerance', () => {
  it('measures by the largest magnitude of all samples', () => {
    const cancelled = placed(0, of(1e-3), of(1e-3 + 5e-7));
    expect(beyondTolerance([[cancelled]])).toBe(cancelled.difference);
    expect(beyondTolerance([[cancelled], [placed(0, of(1), of(1))]])).toBeUndefined();
    expect(beyondTolerance([[cancelled], [placed(1, of(1), of(1))]])).toBe(cancelled.difference);
  });

  it('accepts nothing but zero where all is zero', () => {
    expect(beyondTolerance([[placed(0, of(0), of(0))]])).toBeUndefined();
    expect(beyondTolerance([[placed(0, of(0), of(1e-30))]])).toBeDefined();
  });
});
