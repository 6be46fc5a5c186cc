// The routines for int8 tensors mean, to the last bit, what the operators' definitions give: on the contract cases, and on sums and
// pools of random shapes and scales.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Case, fed, int8 } from '../ops/cases/case.ts';
import { cases } from '../ops/cases/index.ts';
import { windowOutputs } from '../ops/window.ts';
import { tacticsThatTake } from './testing/tactics-that-take.ts';

const cores = ['cortex-m0plus', 'cortex-m3', 'cortex-m4', 'cortex-m55', 'rv32imc'] as const;

describe.each(cores)('%s', (core) => {
  it.each([
    ['add', 'int8-sum', 10],
    ['sub', 'int8-sum', 10],
    ['averagePool2d', 'int8-pool', 5],
    ['mean', 'int8-pool', 3],
  ] as const)('%s', (op, tactic, least) => {
    const taken = cases[op].filter((one) => tacticsThatTake(one, core).includes(tactic));
    expect(taken.length).toBeGreaterThanOrEqual(least);
  });
});

describe.each(['cortex-m0plus', 'cortex-m3', 'cortex-m4', 'cortex-m55'] as const)('%s', (core) => {
  it.each(['quantize', 'logistic', 'tanh', 'relu', 'relu6', 'leakyRelu', 'hardSwish'] as const)('%s', (op) => {
    const taken = cases[op].filter((one) => tacticsThatTake(one, core).includes('int8-map'));
    expect(taken.length).toBeGreaterThan(0);
  });
});

it('cores that take the largest of four bytes pool so', () => {
  for (const core of ['cortex-m4', 'cortex-m55']) {
    const taken = cases.maxPool2d.filter((one) => tacticsThatTake(one, core).includes('int8-pool'));
    expect(taken.length).toBeGreaterThanOrEqual(5);
  }
});

it('WebAssembly has no use for them', () => {
  for (const op of ['add', 'averagePool2d', 'logistic'] as const) {
    for (const one of cases[op])
      expect(tacticsThatTake(one, 'wasm').filter((name) => name.startsWith('int8-'))).toEqual([]);
  }
});

const scale = fc.double({ min: -10, max: 2, noNaN: true }).map((bits) => 2 ** bits);
const zero = fc.oneof(fc.constantFrom(-128, 0, 127), fc.integer({ min: -128, max: 127 }));

it('random sums', () => {
  let taken = 0;
  const sums = fc.record({
    op: fc.constantFrom('add' as const, 'sub' as const),
    activation: fc.constantFrom('none' as const, 'relu' as const, 'relu6' as const),
    scales: fc.tuple(scale, scale, scale),
    zeros: fc.tuple(zero, zero, zero),
    size: fc.integer({ min: 1, max: 70 }),
    seed: fc.nat({ max: 1000 }),
  });
  fc.assert(
    fc.property(sums, ({ op, activation, scales, zeros, size, seed }) => {
      const [a, b, y] = scales;
      fc.pre(2 * Math.max(a, b) < 2 ** 19 * y);
      const one: Case = {
        name: 'random',
        node: { op, attrs: { activation } },
        inputs: [fed(int8([size], a, zeros[0]), seed), fed(int8([size], b, zeros[1]), seed + 1)],
        outputs: [int8([size], y, zeros[2])],
      };
      if (tacticsThatTake(one, 'cortex-m4').includes('int8-sum')) taken += 1;
    }),
    { seed: 6, numRuns: 150 },
  );
  expect(taken).toBeGreaterThan(100);
});

it('random pools', () => {
  let taken = 0;
  const pools = fc.record({
    op: fc.constantFrom('averagePool2d' as const, 'maxPool2d' as const),
    size: fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 })),
    kernel: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    channels: fc.constantFrom(8, 16, 24),
    pads: fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 2 }))),
    seed: fc.nat({ max: 1000 }),
  });
  fc.assert(
    fc.property(pools, ({ op, size: [h, w], kernel, strides, channels, pads, seed }) => {
      const [kernelH, kernelW] = kernel;
      const [strideH, strideW] = strides;
      const [top = 0, bottom = 0, left = 0, right = 0] = pads;
      const oh = windowOutputs(h, top + bottom, kernelH, strideH, 1);
      const ow = windowOutputs(w, left + right, kernelW, strideW, 1);
      const meets = (outputs: number, stride: number, before: number, size: number, extent: number): boolean =>
        outputs > 0 && before < extent && (outputs - 1) * stride - before < size;
      fc.pre(meets(oh, strideH, top, h, kernelH) && meets(ow, strideW, left, w, kernelW));
      const padding = { top, bottom, left, right };
      const attrs = {
        ...{ kernelH, kernelW, strideH, strideW, dilationH: 1, dilationW: 1 },
        ...{ padding, activation: 'none' as const },
      };
      const one: Case = {
        name: 'random',
        node: { op, attrs },
        inputs: [fed(int8([1, h, w, channels], 0.1, 4), seed)],
        outputs: [int8([1, oh, ow, channels], 0.1, 4)],
      };
      taken += tacticsThatTake(one, 'cortex-m4').length;
    }),
    { seed: 7, numRuns: 200 },
  );
  expect(taken).toBeGreaterThan(100);
});
