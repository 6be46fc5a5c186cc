// Every tactic for WebAssembly's vectors gives, to the last bit, what the operator's definition gives, interpreted and in the
// engine: on the operators' contract cases, and on layers of random shapes, windows, scales and zero points.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { valueAt } from '../graph/graph.ts';
import { checkKernel } from '../kernel/check.ts';
import { interpret } from '../kernel/interpret.ts';
import { type Case, fed, graphOfCases, int8, int8PerAxis, known, plainType } from '../ops/cases/case.ts';
import { cases } from '../ops/cases/index.ts';
import { checkGraph } from '../ops/check-graph.ts';
import { evaluateGraph } from '../ops/evaluate-graph.ts';
import { lowerNode } from '../ops/lower-node.ts';
import { windowOutputs } from '../ops/window.ts';
import { wasm } from '../targets/wasm.ts';
import { wasmScalar } from '../targets/wasm-scalar.ts';
import { allocate, bytesOf, type Data } from '../tensor/dtype.ts';
import { elementsOf } from '../tensor/tensor.ts';
import { runWasm } from '../testing/run-wasm.ts';
import { candidatesOf, plain } from './index.ts';

/** Compares each tactic that takes the case, interpreted and in the engine, with the definition; their names. */
async function run(one: Case): Promise<readonly string[]> {
  const { graph, inputs } = graphOfCases('tactic', [one]);
  expect(checkGraph(graph)).toEqual([]);
  const [node] = graph.nodes;
  if (node === undefined) throw new Error('no node');
  const taken = candidatesOf(graph, node, wasm).filter(({ tactic }) => tactic !== plain);
  if (taken.length === 0) return [];
  const names = taken.map(({ tactic }) => tactic);
  const expected = evaluateGraph(graph, inputs);
  const outputs = new Set(node.outputs);
  for (const { tactic, lower } of taken) {
    const { kernel, values } = lowerNode(graph, node, 'tactic', lower);
    checkKernel(kernel);
    const args = values.map((id): Data => {
      const { type } = valueAt(graph, id);
      const data = outputs.has(id) ? undefined : expected.get(id);
      return data?.slice() ?? allocate(type.dtype, elementsOf(type));
    });
    interpret(kernel, args);
    const without = [plain, ...names.filter((name) => name !== tactic)];
    const { layers } = await runWasm(compile(graph, { target: wasm, trace: true, without }), inputs);
    node.outputs.forEach((id, i) => {
      expect(args[values.indexOf(id)], tactic).toEqual(expected.get(id));
      expect(layers[0]?.[i], tactic).toEqual(bytesOf(expected.get(id) ?? new Int8Array(0)));
    });
  }
  return names;
}

describe('contract cases', () => {
  it.each(['conv2d', 'depthwiseConv2d', 'fullyConnected', 'add', 'sub', 'averagePool2d'] as const)('%s', async (op) => {
    const taken: string[] = [];
    for (const one of cases[op]) taken.push(...(await run(one)));
    expect(taken.length).toBeGreaterThan(0);
  });

  it('a target without vectors has none', () => {
    for (const one of [...cases.conv2d, ...cases.add]) {
      const { graph } = graphOfCases('tactic', [one]);
      for (const node of graph.nodes) expect(candidatesOf(graph, node, wasmScalar)).toHaveLength(1);
    }
  });
});

const zeroPoints = fc.constantFrom(-128, -5, 0, 127);
/** Factors to the output from tiny (all outputs alike) to large (nearly all saturate). */
const outputScales = fc.constantFrom(0.004, 0.05, 0.5, 3, 20, 1000);

/** Runs so many random cases and says how often each tactic took one. */
async function count<T>(one: fc.Arbitrary<T>, numRuns: number, caseOf: (drawn: T) => Case | undefined) {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(one, async (drawn) => {
      const made = caseOf(drawn);
      fc.pre(made !== undefined);
      for (const name of await run(made)) seen.set(name, (seen.get(name) ?? 0) + 1);
    }),
    { seed: 5, numRuns },
  );
  return (name: string): number => seen.get(name) ?? 0;
}

describe('random layers', () => {
  it('convolutions', { timeout: 120_000 }, async () => {
    const layer = fc.record({
      depthwise: fc.boolean(),
      batches: fc.constantFrom(1, 1, 2),
      h: fc.integer({ min: 1, max: 8 }),
      w: fc.integer({ min: 1, max: 12 }),
      c: fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 11, 16, 17),
      o: fc.constantFrom(1, 2, 3, 4, 5, 8, 9, 12, 16, 23),
      kh: fc.integer({ min: 1, max: 4 }),
      kw: fc.integer({ min: 1, max: 5 }),
      strideH: fc.integer({ min: 1, max: 3 }),
      strideW: fc.integer({ min: 1, max: 3 }),
      pads: fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 3 }))),
      xZero: zeroPoints,
      yZero: zeroPoints,
      yScale: outputScales,
      activation: fc.constantFrom('none' as const, 'relu' as const, 'relu6' as const),
      bias: fc.boolean(),
      seed: fc.nat({ max: 1000 }),
    });
    const taken = await count(layer, 250, (s) => {
      const [top = 0, bottom = 0, left = 0, right = 0] = s.pads;
      const oh = windowOutputs(s.h, top + bottom, s.kh, s.strideH, 1);
      const ow = windowOutputs(s.w, left + right, s.kw, s.strideW, 1);
      if (oh <= 0 || ow <= 0) return undefined;
      const channels = s.depthwise ? s.c : s.o;
      const scales = Array.from({ length: channels }, (_, i) => 0.002 * (i + 1));
      const weights = s.depthwise
        ? int8PerAxis([1, s.kh, s.kw, s.c], scales, 3)
        : int8PerAxis([s.o, s.kh, s.kw, s.c], scales);
      return {
        name: 'random',
        node: {
          op: s.depthwise ? 'depthwiseConv2d' : 'conv2d',
          attrs: {
            strideH: s.strideH,
            strideW: s.strideW,
            dilationH: 1,
            dilationW: 1,
            padding: { top, bottom, left, right },
            activation: s.activation,
          },
        },
        inputs: [
          fed(int8([s.batches, s.h, s.w, s.c], 0.25, s.xZero), s.seed),
          known(weights, s.seed + 1),
          s.bias ? known(plainType('i32', [channels]), s.seed + 2, 5000) : undefined,
        ],
        outputs: [int8([s.batches, oh, ow, channels], s.yScale, s.yZero)],
      };
    });
    expect(taken('simd-dot')).toBeGreaterThan(70);
    expect(taken('simd-depthwise')).toBeGreaterThan(50);
  });

  it('fully connected', { timeout: 120_000 }, async () => {
    const layer = fc.record({
      rows: fc.integer({ min: 1, max: 6 }),
      depth: fc.integer({ min: 1, max: 40 }),
      channels: fc.integer({ min: 1, max: 40 }),
      perChannel: fc.boolean(),
      xZero: zeroPoints,
      yZero: zeroPoints,
      yScale: outputScales,
      seed: fc.nat({ max: 1000 }),
    });
    const taken = await count(layer, 100, (s) => ({
      name: 'random',
      node: { op: 'fullyConnected', attrs: { activation: 'none', keepDims: false } },
      inputs: [
        fed(int8([s.rows, s.depth], 0.25, s.xZero), s.seed),
        known(
          int8PerAxis(
            [s.channels, s.depth],
            Array.from({ length: s.perChannel ? s.channels : 1 }, (_, i) => 0.01 * (i + 1)),
          ),
          s.seed + 1,
        ),
        known(plainType('i32', [s.channels]), s.seed + 2, 5000),
      ],
      outputs: [int8([s.rows, s.channels], s.yScale, s.yZero)],
    }));
    expect(taken('simd-dot')).toBeGreaterThan(80);
  });

  it('sums and differences', { timeout: 120_000 }, async () => {
    const scale = fc.double({ min: 0.01, max: 2, noNaN: true });
    const layer = fc.record({
      op: fc.constantFrom('add' as const, 'sub' as const),
      length: fc.integer({ min: 1, max: 40 }),
      scales: fc.tuple(scale, scale, scale),
      same: fc.boolean(),
      zeros: fc.tuple(zeroPoints, zeroPoints, zeroPoints),
      activation: fc.constantFrom('none' as const, 'relu' as const),
      seed: fc.nat({ max: 1000 }),
    });
    const taken = await count(layer, 30, ({ op, length, scales, same, zeros, activation, seed }) => {
      const [a, b, y] = scales;
      return {
        name: 'random',
        node: { op, attrs: { activation } },
        inputs: [fed(int8([1, length], a, zeros[0]), seed), fed(int8([1, length], same ? a : b, zeros[1]), seed + 1)],
        outputs: [int8([1, length], y, zeros[2])],
      };
    });
    expect(taken('simd-sum')).toBeGreaterThan(20);
  });

  it('averages', async () => {
    const layer = fc.record({
      h: fc.integer({ min: 1, max: 9 }),
      w: fc.integer({ min: 1, max: 9 }),
      c: fc.constantFrom(8, 16, 24),
      kh: fc.integer({ min: 1, max: 4 }),
      kw: fc.integer({ min: 1, max: 4 }),
      strideH: fc.integer({ min: 1, max: 3 }),
      strideW: fc.integer({ min: 1, max: 3 }),
      zero: zeroPoints,
      relu: fc.boolean(),
      seed: fc.nat({ max: 1000 }),
    });
    const taken = await count(layer, 60, (s) => {
      const oh = windowOutputs(s.h, 0, s.kh, s.strideH, 1);
      const ow = windowOutputs(s.w, 0, s.kw, s.strideW, 1);
      if (oh <= 0 || ow <= 0) return undefined;
      const { kh: kernelH, kw: kernelW, strideH, strideW } = s;
      const padding = { top: 0, bottom: 0, left: 0, right: 0 };
      const activation = s.relu ? ('relu' as const) : ('none' as const);
      return {
        name: 'random',
        node: {
          op: 'averagePool2d',
          attrs: { kernelH, kernelW, strideH, strideW, dilationH: 1, dilationW: 1, padding, activation },
        },
        inputs: [fed(int8([1, s.h, s.w, s.c], 0.25, s.zero), s.seed)],
        outputs: [int8([1, oh, ow, s.c], 0.25, s.zero)],
      };
    });
    expect(taken('simd-average-pool')).toBeGreaterThan(30);
  });
});
