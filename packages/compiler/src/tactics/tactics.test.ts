// Every tactic gives, to the last bit, what the operator's definition gives: on the operator's own contract cases, and on
// convolutions of random shapes, paddings, strides and scales.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valueAt } from '../graph/graph.ts';
import { checkKernel } from '../kernel/check.ts';
import { interpret } from '../kernel/interpret.ts';
import { type Case, fed, graphOfCases, int8, int8PerAxis, known, plainType } from '../ops/cases/case.ts';
import { cases } from '../ops/cases/index.ts';
import { packedSums } from '../ops/cases/packed-sums.ts';
import { randomLayers, randomSums } from '../ops/cases/random-layers.ts';
import { checkGraph } from '../ops/check-graph.ts';
import { evaluateGraph } from '../ops/evaluate-graph.ts';
import { lowerNode } from '../ops/lower-node.ts';
import { windowOutputs } from '../ops/window.ts';
import { targets } from '../targets/index.ts';
import { allocate, type Data } from '../tensor/dtype.ts';
import { elementsOf } from '../tensor/tensor.ts';
import { candidatesOf, plain } from './index.ts';

/** The tactics that take the case on a target, after comparing their results. */
function run(one: Case, targetName: string): readonly string[] {
  const { graph, inputs } = graphOfCases('tactic', [one]);
  expect(checkGraph(graph)).toEqual([]);
  const [node] = graph.nodes;
  const target = targets.find(({ name }) => name === targetName);
  if (node === undefined || target === undefined) throw new Error('no node or target');
  const expected = evaluateGraph(graph, inputs);
  const outputs = new Set(node.outputs);
  return candidatesOf(graph, node, target).flatMap(({ tactic, lower }) => {
    if (tactic === plain) return [];
    const { kernel, values } = lowerNode(graph, node, 'tactic', lower);
    checkKernel(kernel);
    const args = values.map((id): Data => {
      const data = outputs.has(id) ? undefined : expected.get(id);
      const { type } = valueAt(graph, id);
      return data?.slice() ?? allocate(type.dtype, elementsOf(type));
    });
    interpret(kernel, args);
    for (const id of node.outputs) expect(args[values.indexOf(id)], tactic).toEqual(expected.get(id));
    return [tactic];
  });
}

const fastTargets = ['cortex-m4', 'cortex-m7', 'cortex-m33', 'cortex-m55', 'cortex-m0plus', 'cortex-m3', 'rv32imc'];

describe('contract cases', () => {
  const names = ['conv2d', 'depthwiseConv2d', 'fullyConnected', 'add', 'sub'] as const;
  for (const op of names) {
    it.each(['cortex-m4', 'cortex-m55', 'cortex-m0plus'])(`${op} on %s`, (target) => {
      const taken = cases[op].flatMap((one) => run(one, target));
      expect(taken.length).toBeGreaterThan(2);
    });
  }

  it.each(['cortex-m4', 'cortex-m0plus', 'rv32imc'])('limits of packed sums on %s', (target) => {
    const taken = packedSums.flatMap((one) => run(one, target));
    expect(taken.length).toBeGreaterThan(packedSums.length / 2);
  });

  it('a target without such instructions has none', () => {
    for (const one of cases.conv2d) expect(run(one, 'wasm-scalar')).toEqual([]);
  });
});

describe('random convolutions', () => {
  const shapes = fc.record({
    depthwise: fc.boolean(),
    h: fc.integer({ min: 1, max: 7 }),
    w: fc.integer({ min: 1, max: 7 }),
    c: fc.constantFrom(1, 3, 4, 7, 8, 16),
    o: fc.constantFrom(1, 2, 3, 5, 8),
    kh: fc.integer({ min: 1, max: 4 }),
    kw: fc.integer({ min: 1, max: 4 }),
    strideH: fc.integer({ min: 1, max: 3 }),
    strideW: fc.integer({ min: 1, max: 3 }),
    pads: fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 2 }))),
    xZero: fc.constantFrom(-128, -5, 0, 127),
    yZero: fc.constantFrom(-128, 3, 127),
    yScale: fc.constantFrom(0.5, 3, 20),
    relu: fc.boolean(),
    bias: fc.boolean(),
    seed: fc.nat({ max: 1000 }),
    target: fc.constantFrom(...fastTargets),
  });
  it('equal the definition', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(shapes, (s) => {
        const [top = 0, bottom = 0, left = 0, right = 0] = s.pads;
        const oh = windowOutputs(s.h, top + bottom, s.kh, s.strideH, 1);
        const ow = windowOutputs(s.w, left + right, s.kw, s.strideW, 1);
        fc.pre(oh > 0 && ow > 0);
        const channels = s.depthwise ? s.c : s.o;
        const attrs = {
          strideH: s.strideH,
          strideW: s.strideW,
          dilationH: 1,
          dilationW: 1,
          padding: { top, bottom, left, right },
          activation: s.relu ? ('relu' as const) : ('none' as const),
        };
        const scales = Array.from({ length: channels }, (_, i) => 0.002 * (i + 1));
        const weights = s.depthwise
          ? int8PerAxis([1, s.kh, s.kw, s.c], scales, 3)
          : int8PerAxis([s.o, s.kh, s.kw, s.c], scales);
        const one: Case = {
          name: 'random',
          node: { op: s.depthwise ? 'depthwiseConv2d' : 'conv2d', attrs },
          inputs: [
            fed(int8([1, s.h, s.w, s.c], 0.25, s.xZero), s.seed),
            known(weights, s.seed + 1),
            s.bias ? known(plainType('i32', [channels]), s.seed + 2, 5000) : undefined,
          ],
          outputs: [int8([1, oh, ow, channels], s.yScale, s.yZero)],
        };
        for (const name of run(one, s.target)) seen.set(name, (seen.get(name) ?? 0) + 1);
      }),
      { seed: 3, numRuns: 400 },
    );
    expect(seen.get('dsp-dot')).toBeGreaterThan(50);
    expect(seen.get('dsp-depthwise')).toBeGreaterThan(20);
    expect(seen.get('triple-dot')).toBeGreaterThan(50);
    expect(seen.get('triple-slide')).toBeGreaterThan(30);
  });
});

it('random layers of all kinds on vector registers', () => {
  const seen = new Map<string, number>();
  for (const one of [...randomLayers(7, 150), ...randomSums(7, 40)]) {
    for (const name of run(one, 'cortex-m55')) seen.set(name, (seen.get(name) ?? 0) + 1);
  }
  expect(seen.get('mve-dot')).toBeGreaterThan(100);
  expect(seen.get('mve-depthwise')).toBeGreaterThan(20);
  expect(seen.get('int8-sum')).toBeGreaterThan(30);
});
