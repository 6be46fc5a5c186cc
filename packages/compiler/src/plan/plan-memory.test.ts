import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import type { Value } from '../graph/graph.ts';
import { randomData } from '../ops/cases/case.ts';
import { evaluateGraph } from '../ops/evaluate-graph.ts';
import type { Graph, OpNode } from '../ops/index.ts';
import { passNames } from '../passes/index.ts';
import { bytesOf } from '../tensor/dtype.ts';
import { elementsOf, type TensorType } from '../tensor/tensor.ts';
import { runWasm } from '../testing/run-wasm.ts';
import { type Plan, planMemory } from './plan-memory.ts';

const int32 = (...shape: number[]): TensorType => ({ dtype: 'i32', shape });

/** A graph of sums, reshapes, slices and concatenations of int32 matrices, wired by random numbers: branches, long lives, views. */
function randomGraph(choices: readonly number[]): Graph {
  const values: Value[] = [
    { name: 'x0', type: int32(6, 4), role: 'input' },
    { name: 'x1', type: int32(6, 4), role: 'input' },
  ];
  const nodes: OpNode[] = [];
  const define = (node: Pick<OpNode, 'op' | 'attrs'>, inputs: readonly number[], type: TensorType): void => {
    values.push({ name: `v${values.length}`, type, role: 'temporary' });
    nodes.push({ ...node, inputs, outputs: [values.length - 1], from: {} } as OpNode);
  };
  const rows = (id: number): number => (values[id]?.type.shape[0] ?? 1) * (values[id]?.type.shape[1] ?? 1);
  for (const choice of choices) {
    const a = choice % values.length;
    const same = values.flatMap(({ type }, id) => (type.shape.join() === values[a]?.type.shape.join() ? [id] : []));
    const b = same[(choice >> 4) % same.length] ?? a;
    const kind = (choice >> 9) % 6;
    const [height = 1, width = 1] = values[a]?.type.shape ?? [];
    if (kind === 0) define({ op: 'reshape', attrs: { shape: [width, height] } }, [a], int32(width, height));
    else if (kind === 1 && rows(a) < 400) {
      define({ op: 'concatenation', attrs: { axis: 0, activation: 'none' } }, [a, b], int32(2 * height, width));
    } else if (kind === 2 && height > 1) {
      const first = (choice >> 12) % height;
      const count = 1 + ((choice >> 15) % (height - first));
      const attrs = { begin: [first, 0], strides: [1, 1], sizes: [count, width], shape: [count, width] };
      define({ op: 'stridedSlice', attrs }, [a], int32(count, width));
    } else define({ op: 'add', attrs: { activation: 'none' } }, [a, b], int32(height, width));
  }
  const used = new Set(nodes.flatMap((node) => node.inputs));
  const outputs = values.flatMap(({ role }, id) => (role === 'temporary' && !used.has(id) ? [id] : []));
  return { name: 'random', values, nodes, inputs: [0, 1], outputs };
}

/** Runs a graph on names of elements instead of numbers: each node must find its inputs whole. */
function checkContents(graph: Graph, { offsets, free, arenaBytes }: Plan): void {
  const names = new Map<number, readonly string[]>();
  const arena = new Array<string>(arenaBytes / 4).fill('nothing');
  const own = (id: number): readonly string[] =>
    Array.from({ length: elementsOf(graph.values[id]?.type ?? int32()) }, (_, i) => `${id}[${i}]`);
  const at = (id: number): number => (offsets.get(id) ?? 0) / 4;
  const check = (id: number): void => {
    const expected = names.get(id) ?? [];
    expect(arena.slice(at(id), at(id) + expected.length)).toEqual(expected);
  };
  const write = (id: number): void => {
    arena.splice(at(id), names.get(id)?.length ?? 0, ...(names.get(id) ?? []));
  };
  for (const id of graph.inputs) {
    names.set(id, own(id));
    write(id);
  }
  graph.nodes.forEach((node, position) => {
    const [output = -1] = node.outputs;
    const parts = node.inputs.map((id) => names.get(id ?? -1) ?? []);
    if (!free.has(position)) for (const id of node.inputs) if (id !== undefined) check(id);
    const [start = 0] = node.op === 'stridedSlice' ? node.attrs.begin : [];
    const width = graph.values[output]?.type.shape[1] ?? 1;
    const count = elementsOf(graph.values[output]?.type ?? int32());
    names.set(output, node.op === 'add' ? own(output) : parts.flat().slice(start * width, start * width + count));
    if (!free.has(position)) write(output);
    check(output);
  });
  for (const id of graph.outputs) check(id);
}

const graphs = fc.array(fc.nat({ max: 2 ** 24 }), { minLength: 1, maxLength: 24 }).map(randomGraph);

describe('planMemory', () => {
  it('keeps every element of a value until its last reader, and knows a bound it does not undercut', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const plan = planMemory(graph, 16);
        expect(plan.arenaBytes).toBeGreaterThanOrEqual(plan.lowerBoundBytes);
        for (const { offset, bytes } of plan.blocks) {
          expect(offset % 16).toBe(0);
          expect(offset + bytes).toBeLessThanOrEqual(plan.arenaBytes);
        }
        checkContents(graph, plan);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it('gives every value that is read later its own bytes until then: runs in the arena equal the definition', async () => {
    await fc.assert(
      fc.asyncProperty(graphs, async (graph) => {
        const artifact = compile(graph, { target: 'wasm-scalar', trace: true, without: passNames });
        if (artifact.kind !== 'wasm') throw new Error('not WebAssembly');
        const inputs = graph.inputs.map((id, i) => randomData(graph.values[id]?.type ?? int32(1), i + 1));
        const expected = evaluateGraph(graph, inputs);
        const { layers } = await runWasm(artifact, inputs);
        artifact.graph.nodes.forEach((node, layer) => {
          const [id = 0] = node.outputs;
          const data = expected.get(id);
          expect(data && layers[layer]?.[0]).toEqual(data && bytesOf(data));
        });
      }),
      { seed: 2, numRuns: 2000 },
    );
  });

  it('places thousands of blocks, at the bound where lives only follow each other', () => {
    const length = 4000;
    const name = (i: number): string => `v${i}`;
    const graph: Graph = {
      name: 'chain',
      values: Array.from({ length: length + 1 }, (_, i) => ({
        name: name(i),
        type: i % 2 === 0 ? int32(2, 3) : int32(3, 2),
        role: i === 0 ? 'input' : 'temporary',
      })),
      inputs: [0],
      outputs: [length],
      nodes: Array.from({ length }, (_, i) => ({
        op: 'transpose',
        attrs: { perm: [1, 0] },
        inputs: [i],
        outputs: [i + 1],
        from: {},
      })),
    };
    const { arenaBytes, lowerBoundBytes } = planMemory(graph, 8);
    expect([arenaBytes, lowerBoundBytes]).toEqual([48, 48]);
  });

  it('lets a sum take over an operand that dies, and a reshape share its source', () => {
    const values: Value[] = ['x', 'y', 'sum', 'flat', 'z'].map((name, i) => ({
      name,
      type: name === 'flat' || name === 'z' ? int32(24) : int32(6, 4),
      role: i < 2 ? 'input' : 'temporary',
    }));
    const graph: Graph = {
      name: 'in place',
      values,
      inputs: [0, 1],
      outputs: [4],
      nodes: [
        { op: 'add', attrs: { activation: 'none' }, inputs: [0, 1], outputs: [2], from: {} },
        { op: 'reshape', attrs: { shape: [24] }, inputs: [2], outputs: [3], from: {} },
        { op: 'mul', attrs: { activation: 'none' }, inputs: [3, 3], outputs: [4], from: {} },
      ],
    };
    const plan = planMemory(graph, 4);
    expect(plan.arenaBytes).toBe(2 * 96);
    expect(plan.lowerBoundBytes).toBe(2 * 96);
    expect(new Set([2, 3, 4].map((id) => plan.offsets.get(id))).size).toBe(1);
  });

  it('does not let a sum take over an operand that is still read', () => {
    const names = ['x', 'double', 'sum'];
    const graph: Graph = {
      name: 'still read',
      values: names.map((name, i) => ({ name, type: int32(8), role: i === 0 ? 'input' : 'temporary' })),
      inputs: [0],
      outputs: [2],
      nodes: [
        { op: 'add', attrs: { activation: 'none' }, inputs: [0, 0], outputs: [1], from: {} },
        { op: 'add', attrs: { activation: 'none' }, inputs: [0, 1], outputs: [2], from: {} },
      ],
    };
    const plan = planMemory(graph, 4);
    expect(plan.offsets.get(1)).not.toBe(plan.offsets.get(0));
    expect(plan.arenaBytes).toBe(64);
  });
});
