import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { explain } from '../errors.ts';
import type { TensorType } from '../tensor/tensor.ts';
import { int8, int8PerAxis } from './cases/case.ts';
import { checkGraph } from './check-graph.ts';
import type { Graph } from './index.ts';

/** y = x * w' with weights fed at run time. */
const fullyConnected = (x: TensorType, w: TensorType, y: TensorType): Graph => ({
  name: 'fed',
  values: [
    { name: 'x', type: x, role: 'input' },
    { name: 'w', type: w, role: 'input' },
    { name: 'y', type: y, role: 'temporary' },
  ],
  nodes: [
    {
      op: 'fullyConnected',
      attrs: { activation: 'none', keepDims: false },
      inputs: [0, 1, undefined],
      outputs: [2],
      from: {},
    },
  ],
  inputs: [0, 1],
  outputs: [2],
});

describe('factors of the channels', () => {
  it('of one scale are one, for however many channels', () => {
    const channels = 2 ** 26;
    const graph = fullyConnected(int8([1, 1]), int8([channels, 1]), int8([1, channels]));
    expect(checkGraph(graph)).toEqual([]);
    const { report } = compile(graph, { target: 'wasm' });
    expect(report.constantBytes).toBe(0);
    expect(report.arenaBytes).toBe(2 * channels + 16);
  });

  it('are refused where one is too large, of however many', () => {
    const channels = 200_000;
    const scales = Array.from({ length: channels }, () => 1e30);
    const graph = fullyConnected(int8([1, 1]), int8PerAxis([channels, 1], scales), int8([1, channels]));
    expect(checkGraph(graph).map(explain)).toEqual([expect.stringContaining('scale(x) * scale(w) / scale(y)')]);
  });

  it('are refused where the scales belong to another axis', () => {
    const graph = fullyConnected(int8([1, 2]), int8PerAxis([2, 2], [1, 2], 1), int8([1, 2]));
    expect(checkGraph(graph).map(explain)).toEqual(['axis of the weights’ scales: expected 0, found 1']);
  });

  it('are refused where the product of two scales, rounded to float32 as the reference does, is none', () => {
    const graph = fullyConnected(int8([1, 1], 1e30), int8([2, 1], 1e30), int8([1, 2], 3e38));
    expect(checkGraph(graph).map(explain)).toEqual([
      expect.stringContaining('scale(x) * scale(w) / scale(y): expected less than 2^30, found more than'),
    ]);
  });
});
