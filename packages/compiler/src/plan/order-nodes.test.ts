import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Value } from '../graph/graph.ts';
import { randomData } from '../ops/cases/case.ts';
import { evaluateGraph } from '../ops/evaluate-graph.ts';
import type { Graph, OpNode } from '../ops/index.ts';
import type { TensorType } from '../tensor/tensor.ts';
import { orderNodes } from './order-nodes.ts';
import { memoryNeeds, planMemory } from './plan-memory.ts';

const int32 = (rows: number): TensorType => ({ dtype: 'i32', shape: [rows, 4] });

/** Slices to fewer rows, concatenations to more, sums: branches whose sizes differ. */
function randomGraph(choices: readonly number[]): Graph {
  const values: Value[] = [{ name: 'x', type: int32(12), role: 'input' }];
  const nodes: OpNode[] = [];
  const rowsOf = (id: number): number => values[id]?.type.shape[0] ?? 1;
  const define = (node: Pick<OpNode, 'op' | 'attrs'>, inputs: readonly number[], rows: number): void => {
    values.push({ name: `v${values.length}`, type: int32(rows), role: 'temporary' });
    nodes.push({ ...node, inputs, outputs: [values.length - 1], from: {} } as OpNode);
  };
  for (const choice of choices) {
    const a = choice % values.length;
    const b = (choice >> 4) % values.length;
    const [rows, kind] = [rowsOf(a), (choice >> 9) % 3];
    if (kind === 0 && rows > 1) {
      const attrs = { begin: [1, 0], strides: [2, 1], sizes: [rows >> 1, 4], shape: [rows >> 1, 4] };
      define({ op: 'stridedSlice', attrs }, [a], rows >> 1);
    } else if (kind === 1 && rows + rowsOf(b) < 60) {
      define({ op: 'concatenation', attrs: { axis: 0, activation: 'none' } }, [a, b], rows + rowsOf(b));
    } else define({ op: 'mul', attrs: { activation: 'none' } }, [a, a], rows);
  }
  const used = new Set(nodes.flatMap((node) => node.inputs));
  const outputs = values.flatMap(({ role }, id) => (role === 'temporary' && !used.has(id) ? [id] : []));
  return { name: 'random', values, nodes, inputs: [0], outputs };
}

const peakOf = (graph: Graph): number => {
  const { liveBytes } = memoryNeeds(graph, 4);
  return Math.max(...graph.nodes.map((_, at) => liveBytes(at, 0, undefined)));
};

/** The peak of every order that there is. */
function peaksOf(graph: Graph): readonly number[] {
  const peaks: number[] = [];
  const extend = (done: readonly OpNode[], left: readonly OpNode[]): void => {
    if (left.length === 0) peaks.push(peakOf({ ...graph, nodes: done }));
    const known = new Set([...graph.inputs, ...done.flatMap(({ outputs }) => outputs)]);
    for (const node of left) {
      if (node.inputs.every((id) => id === undefined || known.has(id)))
        extend(
          [...done, node],
          left.filter((other) => other !== node),
        );
    }
  };
  extend([], graph.nodes);
  return peaks;
}

const graphs = (most: number) => fc.array(fc.nat({ max: 2 ** 24 }), { minLength: 2, maxLength: most }).map(randomGraph);

describe('orderNodes', () => {
  it('computes the same, in memory that is never more', () => {
    fc.assert(
      fc.property(graphs(20), (graph) => {
        const ordered = orderNodes(graph, 4);
        expect(new Set(ordered.nodes)).toEqual(new Set(graph.nodes));
        expect(peakOf(ordered)).toBeLessThanOrEqual(peakOf(graph));
        const inputs = [randomData(int32(12), 1)];
        const [before, after] = [evaluateGraph(graph, inputs), evaluateGraph(ordered, inputs)];
        for (const id of graph.outputs) expect(after.get(id)).toEqual(before.get(id));
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it('finds the best order of small graphs nearly always', () => {
    let [best, all, better] = [0, 0, 0];
    fc.assert(
      fc.property(graphs(7), (graph) => {
        const peak = peakOf(orderNodes(graph, 4));
        all += 1;
        if (peak === Math.min(...peaksOf(graph))) best += 1;
        if (peak < peakOf(graph)) better += 1;
      }),
      { seed: 6, numRuns: 150 },
    );
    expect(better).toBeGreaterThan(all / 20);
    expect(best).toBeGreaterThan(0.9 * all);
  });

  it('finishes a branch that leaves little before it begins the next', () => {
    // Two wide tensors, each reduced to a narrow one; as given, both wide ones are there at once.
    const type = (rows: number): TensorType => ({ dtype: 'i32', shape: [rows, 4] });
    const names = ['x', 'wide 1', 'wide 2', 'narrow 1', 'narrow 2', 'y'];
    const rows = [2, 100, 100, 2, 2, 4];
    const join = { axis: 0, activation: 'none' as const };
    const slice = { begin: [0, 0], strides: [50, 1], sizes: [2, 4], shape: [2, 4] };
    const many = Array.from({ length: 50 }, () => 0);
    const graph: Graph = {
      name: 'branches',
      values: names.map((name, i) => ({ name, type: type(rows[i] ?? 1), role: i === 0 ? 'input' : 'temporary' })),
      inputs: [0],
      outputs: [5],
      nodes: [
        { op: 'concatenation', attrs: join, inputs: many, outputs: [1], from: {} },
        { op: 'concatenation', attrs: join, inputs: many, outputs: [2], from: {} },
        { op: 'stridedSlice', attrs: slice, inputs: [1], outputs: [3], from: {} },
        { op: 'stridedSlice', attrs: slice, inputs: [2], outputs: [4], from: {} },
        { op: 'concatenation', attrs: join, inputs: [3, 4], outputs: [5], from: {} },
      ],
    };
    const ordered = orderNodes(graph, 4);
    expect(planMemory(graph, 4).arenaBytes).toBeGreaterThan(2 * 1600);
    expect(planMemory(ordered, 4).arenaBytes).toBeLessThan(1.2 * 1600);
  });

  it('leaves a chain alone', () => {
    const graph = randomGraph([2 << 9, (2 << 9) + 1, (2 << 9) + 2]);
    const chain = { ...graph, nodes: graph.nodes.map((node, i) => ({ ...node, inputs: [i, i] })) } as Graph;
    expect(orderNodes(chain, 4)).toBe(chain);
  });
});
