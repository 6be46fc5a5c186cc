// What activation functions and softmax refuse, and softmax's loops against its definition on random rows.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpret } from '../kernel/interpret.ts';
import type { TensorType } from '../tensor/tensor.ts';
import { type Case, graphOfCases, int8, plainType } from './cases/case.ts';
import { checkGraph } from './check-graph.ts';
import { evaluateGraph } from './evaluate-graph.ts';
import { lowerNode } from './lower-node.ts';

/** What the checker complains about. */
function complaints(node: Case['node'], x: TensorType, y: TensorType): readonly string[] {
  const input = { type: x, data: new Int8Array(4) };
  const { graph } = graphOfCases('refused', [{ name: 'one', node, inputs: [input], outputs: [y] }]);
  return checkGraph(graph).map((issue) => ('what' in issue ? issue.what : issue.code));
}

const shape = [1, 4];
const relu = { op: 'relu', attrs: {} } as const;
const relu6 = { op: 'relu6', attrs: {} } as const;
const tanh = { op: 'tanh', attrs: {} } as const;
const logistic = { op: 'logistic', attrs: {} } as const;
const hardSwish = { op: 'hardSwish', attrs: {} } as const;
const leakyRelu = (alpha: number) => ({ op: 'leakyRelu', attrs: { alpha } }) as const;
const softmax = (beta = 1) => ({ op: 'softmax', attrs: { beta } }) as const;
const some = int8(shape, 0.1, 3);

describe('refused', () => {
  it.each<[string, Case['node'], TensorType, TensorType, string]>([
    ['mixed types', relu, some, plainType('f32', shape), 'types of input and output'],
    ['int16', tanh, plainType('i16', shape), plainType('i16', shape), 'types of input and output'],
    ['no scale', relu, plainType('i8', shape), some, 'quantisation of the input'],
    ['scales 2^40 apart', relu, int8(shape, 1e6), int8(shape, 1e-6), 'scale(x) / scale(y)'],
    ['rescaling relu6', relu6, some, int8(shape, 0.2, 3), 'scale and zero point of the output'],
    ['moving relu6', relu6, some, int8(shape, 0.1, 4), 'scale and zero point of the output'],
    ['NaN as slope', leakyRelu(Number.NaN), plainType('f32', shape), plainType('f32', shape), 'alpha'],
    ['huge slope', leakyRelu(-1e12), some, some, 'scale(x) * |alpha| / scale(y)'],
    ['tanh to another scale', tanh, some, int8(shape, 1 / 256, 0), 'scale and zero point of the output'],
    ['logistic to another zero', logistic, some, int8(shape, 1 / 256, 0), 'scale and zero point of the output'],
    ['scale too small', logistic, int8(shape, 2 ** -29), int8(shape, 1 / 256, -128), 'scale of the input'],
    ['scale too large', tanh, int8(shape, 2 ** 35), int8(shape, 1 / 128, 0), 'scale of the input'],
    ['hard swish to fine steps', hardSwish, int8(shape, 1), int8(shape, 1 / 128), 'scale(x) / scale(y)'],
    ['hard swish to coarse steps', hardSwish, int8(shape, 0.001), int8(shape, 1), 'scale(x) / scale(y)'],
    ['hard swish of tiny steps', hardSwish, int8(shape, 1e-7), int8(shape, 1e-7), 'scale of the input'],
    ['softmax to int32', softmax(), some, plainType('i32', shape), 'types of input and output'],
    ['softmax to another scale', softmax(), some, int8(shape, 1 / 128, -128), 'scale and zero point of the output'],
    ['beta 0', softmax(0), some, int8(shape, 1 / 256, -128), 'beta * scale of the input'],
    ['beta NaN', softmax(Number.NaN), plainType('f32', shape), plainType('f32', shape), 'beta'],
    ['a scalar', softmax(), plainType('f32', []), plainType('f32', []), 'rank of the input'],
  ])('%s', (_, node, x, y, what) => {
    expect(complaints(node, x, y)).toEqual([what]);
  });

  it('rows of int8 softmax beyond what its sum holds', () => {
    const [x, y] = [int8([4096], 0.1, 3), int8([4096], 1 / 256, -128)];
    expect(complaints(softmax(), x, y)).toEqual(['size of the last axis']);
    expect(complaints(softmax(), { ...x, shape: [4095] }, { ...y, shape: [4095] })).toEqual([]);
  });
});

describe('int8 softmax', () => {
  const outputs = {
    i8: (length: number) => int8([1, length], 1 / 256, -128),
    i16: (length: number): TensorType => ({
      dtype: 'i16',
      shape: [1, length],
      quantisation: { scale: [1 / 65536], zeroPoint: [-32768], axis: 0 },
    }),
  };
  const row = fc.oneof(
    fc.int8Array({ minLength: 1, maxLength: 40 }),
    fc.tuple(fc.integer({ min: -128, max: 127 }), fc.integer({ min: 1, max: 1200 })).map(([value, length]) => {
      return Int8Array.from({ length }, (_, i) => value - (i % 7 === 3 ? 1 : 0));
    }),
  );

  it('has loops that give the definition for any row, scale and beta', () => {
    const exponent = fc.double({ min: -23, max: 6, noNaN: true });
    fc.assert(
      fc.property(row, exponent, fc.constantFrom(0.5, 1, 3), fc.constantFrom('i8', 'i16'), (x, e, beta, type) => {
        const y = outputs[type](x.length);
        const one = { name: 'one', node: softmax(beta), inputs: [{ type: int8([1, x.length], 2 ** e, 0), data: x }] };
        const { graph, inputs } = graphOfCases('softmax', [{ ...one, outputs: [y] }]);
        expect(checkGraph(graph)).toEqual([]);
        const want = evaluateGraph(graph, inputs).get(1);
        const [node] = graph.nodes;
        if (node === undefined) throw new Error('no node');
        const got = type === 'i8' ? new Int8Array(x.length) : new Int16Array(x.length);
        interpret(lowerNode(graph, node, 'softmax').kernel, [x.slice(), got]);
        expect(got).toEqual(want);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  it('is within a step of the real function', () => {
    fc.assert(
      fc.property(
        fc.int8Array({ minLength: 1, maxLength: 40 }),
        fc.double({ min: -8, max: 1, noNaN: true }),
        (x, e) => {
          const scale = Math.fround(2 ** e);
          const { graph, inputs } = graphOfCases('softmax', [
            {
              name: 'one',
              node: softmax(),
              inputs: [{ type: int8([1, x.length], scale, 0), data: x }],
              outputs: [outputs.i8(x.length)],
            },
          ]);
          const exps = Array.from(x, (value) => Math.exp((value - Math.max(...x)) * scale));
          const total = exps.reduce((a, b) => a + b);
          evaluateGraph(graph, inputs)
            .get(1)
            ?.forEach((value: number | bigint, i: number) => {
              const real = Math.min(255, (256 * (exps[i] ?? 0)) / total);
              expect(Math.abs(Number(value) + 128 - real)).toBeLessThan(0.51);
            });
        },
      ),
      { seed: 8, numRuns: 200 },
    );
  });
});
