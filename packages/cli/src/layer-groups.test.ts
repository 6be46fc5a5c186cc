import { expect, it } from 'vitest';
import { groupsOf, loopsOf, mostOf, nameOf, rangeOf, sumOf } from './layer-groups.ts';

const layer = (op: string, modelLayer: number, macs = 0) => ({ op, modelLayer, macs, tactic: op });

it('parts of a layer and their copies are one, in the order of first parts', () => {
  const layers = [
    layer('stridedSlice', -1),
    layer('conv2d', 0, 10),
    layer('stridedSlice', -1),
    layer('stridedSlice', 0),
    layer('conv2d', 0, 12),
    layer('concatenation', 0),
    layer('softmax', 1),
  ];
  const groups = groupsOf(layers);
  expect(groups.map(nameOf)).toEqual(['stridedSlice in 2 parts', 'conv2d in 2 parts', 'softmax']);
  expect(groups.map(rangeOf)).toEqual(['0–2', '1–5', '6']);
  const [, convolution] = groups;
  if (convolution === undefined) throw new Error('no group');
  expect(sumOf(convolution, ({ macs }) => macs)).toBe(22);
  expect(mostOf(convolution, ({ macs }) => macs)).toBe(12);
  expect(loopsOf(convolution)).toBe('conv2d');
});

it('a layer that slices or joins itself is what it is', () => {
  expect(groupsOf([layer('concatenation', 3)]).map(nameOf)).toEqual(['concatenation']);
  expect(groupsOf([])).toEqual([]);
});
