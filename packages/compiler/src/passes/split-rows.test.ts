import { describe, expect, it } from 'vitest';
import { int8 } from '../ops/cases/case.ts';
import { checkGraph } from '../ops/check-graph.ts';
import { evaluateGraph } from '../ops/evaluate-graph.ts';
import type { Graph } from '../ops/index.ts';
import { canSplit, splitRows } from './split-rows.ts';
import { Network, whole } from './testing/network.ts';

/** A convolution, a pool that moves by two, and a sum with the convolution of it. */
function residual(): Graph {
  const network = new Network();
  const x = network.input(int8([1, 11, 4, 4], 0.5, 3));
  const padded = { ...whole, padding: { top: 1, bottom: 1, left: 1, right: 1 } };
  const weights = (seed: number): number =>
    network.constant(
      {
        dtype: 'i8',
        shape: [4, 3, 3, 4],
        quantisation: { scale: [0.02, 0.03, 0.01, 0.02], zeroPoint: [0, 0, 0, 0], axis: 0 },
      },
      Int8Array.from({ length: 144 }, (_, i) => ((i * 37 + seed) % 255) - 127),
    );
  const conv = (input: number, seed: number): number =>
    network.node({ op: 'conv2d', attrs: { ...padded, activation: 'none' } }, [
      input,
      weights(seed),
      network.bias([5, -7, 0, 90]),
    ]);
  const first = conv(x, 1);
  const second = conv(first, 9);
  const sum = network.node({ op: 'add', attrs: { activation: 'none' } }, [x, second]);
  const pool = { ...padded, strideH: 2, kernelH: 3, kernelW: 3, activation: 'none' } as const;
  return network.graph([network.node({ op: 'maxPool2d', attrs: pool }, [sum])]);
}

describe('splitRows', () => {
  const graph = residual();
  const input = Int8Array.from({ length: 176 }, (_, i) => ((i * 73) % 256) - 128);
  const [y = -1] = graph.outputs;
  const expected = evaluateGraph(graph, [input]).get(y);

  it.each([1, 2, 3, 4, 5])('computes the same in bands of %i rows, whatever the chain', (rows) => {
    let splits = 0;
    for (let first = 0; first < graph.nodes.length; first += 1) {
      for (let last = first; last < graph.nodes.length; last += 1) {
        if (!canSplit(graph, first, last)) continue;
        const { graph: split, parts } = splitRows(graph, [{ first, last, rows }]);
        expect(checkGraph(split)).toEqual([]);
        expect(parts.length).toBe(split.nodes.length);
        expect(evaluateGraph(split, [input]).get(y)).toEqual(expected);
        splits += 1;
      }
    }
    expect(splits).toBe(10);
  });

  it('does not split a chain whose inner values are read elsewhere', () => {
    const [, inner] = graph.nodes.map(({ outputs }) => outputs[0] ?? -1);
    expect(canSplit({ ...graph, outputs: [y, inner ?? -1] }, 0, 2)).toBe(false);
  });
});
