import { describe, expect, it } from 'vitest';
import { explain } from '../errors.ts';
import type { TensorType } from '../tensor/tensor.ts';
import { type Case, fed, graphOfCases, int8, plainType } from './cases/case.ts';
import { checkGraph } from './check-graph.ts';
import type { PoolAttrs } from './pool.ts';

const usual: PoolAttrs = {
  kernelH: 2,
  kernelW: 2,
  strideH: 1,
  strideW: 1,
  dilationH: 1,
  dilationW: 1,
  padding: { top: 0, bottom: 0, left: 0, right: 0 },
  activation: 'none',
};

const x = int8([1, 4, 4, 2], 0.1, 3);
const y = int8([1, 3, 3, 2], 0.1, 3);

describe.each(['averagePool2d', 'maxPool2d'] as const)('%s complains of', (op) => {
  it.each<readonly [string, TensorType, Partial<PoolAttrs>, TensorType, RegExp]>([
    ['an input without rows', int8([4, 2]), {}, y, /rank of the input: expected 4, found 2/],
    [
      'an output of another scale',
      x,
      {},
      int8([1, 3, 3, 2], 0.2, 3),
      /quantisation of the output: expected that of the/,
    ],
    ['an output of another zero point', x, {}, int8([1, 3, 3, 2], 0.1, 4), /quantisation of the output/],
    ['an output of another type', x, {}, plainType('f32', [1, 3, 3, 2]), /types of input and output/],
    ['a dilation', x, { dilationH: 2 }, int8([1, 2, 3, 2], 0.1, 3), /dilation of a pool/],
    ['a stride of 0', x, { strideH: 0 }, y, /stride \(rows\)/],
    [
      'windows that miss the input',
      x,
      { padding: { top: 2, bottom: 0, left: 0, right: 0 } },
      int8([1, 5, 3, 2], 0.1, 3),
      /padding of a pool: expected less than the window, found \[2, 0, 0, 0\]/,
    ],
    [
      'windows that miss the input behind',
      x,
      { padding: { top: 0, bottom: 0, left: 0, right: 2 } },
      int8([1, 3, 5, 2], 0.1, 3),
      /padding of a pool/,
    ],
  ])('%s', (_, input, attrs, output, message) => {
    const one: Case = {
      name: 'x',
      node: { op, attrs: { ...usual, ...attrs } },
      inputs: [fed(input, 1)],
      outputs: [output],
    };
    const found = checkGraph(graphOfCases('x', [one]).graph).map(explain);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(message);
  });
});
