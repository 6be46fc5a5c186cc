import { expect, it } from 'vitest';
import { explain } from '../errors.ts';
import type { TensorType } from '../tensor/tensor.ts';
import { type Case, fed, graphOfCases, int8, int8PerAxis, known } from './cases/case.ts';
import { checkGraph } from './check-graph.ts';
import { type DepthwiseConv2dAttrs, depthwiseConv2d } from './depthwise-conv2d.ts';

const attrs: DepthwiseConv2dAttrs = {
  strideH: 1,
  strideW: 1,
  dilationH: 1,
  dilationW: 1,
  padding: { top: 0, bottom: 0, left: 0, right: 0 },
  activation: 'none',
};

const x = int8([1, 4, 4, 2], 0.1, 3);
const y = int8([1, 3, 3, 4], 0.1, 3);

it.each<readonly [string, TensorType, TensorType, RegExp]>([
  ['weights with a first dimension', int8([2, 2, 2, 4]), y, /x \(n, h, w, c\) and w \(1, kh, kw, outputs\)/],
  ['outputs that are no multiple', int8([1, 2, 2, 3]), int8([1, 3, 3, 3]), /a multiple of the input’s 2, found 3/],
  ['scales along another axis', int8PerAxis([1, 2, 2, 4], [1, 2, 3, 4], 0), y, /axis of the weights’ scales/],
  ['too few scales', int8PerAxis([1, 2, 2, 4], [1, 2], 3), y, /scales of the weights: expected 1 or 4, found 2/],
])('complains of %s', (_, w, output, message) => {
  const one: Case = {
    name: 'x',
    node: { op: 'depthwiseConv2d', attrs },
    inputs: [fed(x, 1), known(w, 2), undefined],
    outputs: [output],
  };
  const found = checkGraph(graphOfCases('x', [one]).graph).map(explain);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(message);
});

it('counts a multiply-accumulate for each tap of each output', () => {
  expect(depthwiseConv2d.macs?.({ x, w: int8([1, 2, 2, 4]) }, attrs, [y])).toBe(3 * 3 * 4 * 2 * 2);
});
