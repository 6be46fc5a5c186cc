import { afterEach, describe, expect, it, vi } from 'vitest';
import { compile } from './compile.ts';
import { CompileError, type Issue } from './errors.ts';
import type { Value } from './graph/graph.ts';
import { load } from './load.ts';
import { graphOfCases } from './ops/cases/case.ts';
import { cases } from './ops/cases/index.ts';
import type { Graph, OpNode } from './ops/index.ts';
import { wasm } from './targets/wasm.ts';
import { wasmScalar } from './targets/wasm-scalar.ts';
import type { Data, DType } from './tensor/dtype.ts';
import type { TensorType } from './tensor/tensor.ts';

const value = (name: string, role: Value['role'], type: TensorType): Value => ({ name, type, role });
const reshape = (shape: readonly number[]): OpNode => ({
  op: 'reshape',
  attrs: { shape },
  inputs: [0],
  outputs: [1],
  from: {},
});

/** x → reshape → y: what goes in comes out. */
function identity(dtype: DType, elements: number, quantisation?: TensorType['quantisation']): Graph {
  const type = (shape: readonly number[]): TensorType => ({ dtype, shape, ...(quantisation ? { quantisation } : {}) });
  return {
    name: 'identity',
    values: [value('x', 'input', type([elements])), value('y', 'temporary', type([1, elements]))],
    nodes: [reshape([1, elements])],
    inputs: [0],
    outputs: [1],
  };
}

const affine = (scale: number, zeroPoint: number) => ({ scale: [Math.fround(scale)], zeroPoint: [zeroPoint], axis: 0 });

const four: TensorType = { dtype: 'f32', shape: [4] };
/** y = x + state, z = relu(x). */
const stateful: Graph = {
  name: 'stateful',
  values: [
    value('x', 'input', four),
    { ...value('state', 'state', four), data: Float32Array.of(1, 2, 3, 4) },
    value('y', 'temporary', four),
    value('empty', 'state', four),
    value('z', 'temporary', four),
  ],
  nodes: [
    { op: 'add', attrs: { activation: 'none' }, inputs: [0, 1], outputs: [2], from: {} },
    { op: 'add', attrs: { activation: 'none' }, inputs: [0, 3], outputs: [4], from: {} },
  ],
  inputs: [0],
  outputs: [2, 4],
};

async function issuesOf(act: () => unknown): Promise<readonly Issue[]> {
  try {
    await act();
  } catch (error) {
    if (error instanceof CompileError) return error.issues;
    throw error;
  }
  return [];
}

describe('run', () => {
  it.each<[DType, Data]>([
    ['f32', Float32Array.of(1.5, -0, Infinity)],
    ['i8', Int8Array.of(-128, 0, 127)],
    ['u8', Uint8Array.of(0, 1, 255)],
    ['bool', Uint8Array.of(0, 1, 1)],
    ['i16', Int16Array.of(-32768, 0, 32767)],
    ['i32', Int32Array.of(-2147483648, 0, 2147483647)],
    ['i64', BigInt64Array.of(-(2n ** 63n), 0n, 2n ** 63n - 1n)],
  ])('takes and gives %s', async (dtype, data) => {
    const model = await load(identity(dtype, 3));
    expect(model.run(data)).toEqual([data]);
  });

  it('gives copies', async () => {
    const model = await load(identity('i8', 2));
    const [first] = model.run(Int8Array.of(1, 2));
    model.run(Int8Array.of(3, 4));
    expect(first).toEqual(Int8Array.of(1, 2));
  });

  it('takes a part of a larger array', async () => {
    const model = await load(identity('i32', 2));
    expect(model.run(Int32Array.of(9, 1, 2, 9).subarray(1, 3))).toEqual([Int32Array.of(1, 2)]);
  });

  it.each<[string, Data[]]>([
    ['too few elements', [Int8Array.of(1)]],
    ['too many elements', [Int8Array.of(1, 2, 3)]],
    ['elements without sign', [Uint8Array.of(1, 2)]],
    ['as many bytes of wider elements', [Int16Array.of(1)]],
    ['floats', [Float32Array.of(1, 2)]],
  ])('refuses %s', async (_, inputs) => {
    const model = await load(identity('i8', 2));
    expect(await issuesOf(() => model.run(...inputs))).toMatchObject([
      { code: 'bad-value', where: { tensor: 'x' }, what: 'input 0', want: 'i8 [2]' },
    ]);
  });

  it('refuses another number of inputs', async () => {
    const model = await load(identity('i8', 2));
    const issue = { code: 'bad-value', what: 'number of inputs', want: '1' };
    expect(await issuesOf(() => model.run())).toMatchObject([{ ...issue, found: '0' }]);
    expect(await issuesOf(() => model.run(Int8Array.of(1, 2), Int8Array.of(1, 2)))).toMatchObject([
      { ...issue, found: '2' },
    ]);
    expect(await issuesOf(() => model.predict())).toMatchObject([{ ...issue, found: '0' }]);
  });
});

describe('predict', () => {
  it('rounds halves away from zero and saturates', async () => {
    const model = await load(identity('i8', 8, affine(0.5, 10)));
    const real = [0.25, -0.25, 0.24, -0.24, 0, 1000, -1000, Number.NaN];
    expect(model.predict(real)).toEqual([Float32Array.of(0.5, -0.5, 0, 0, 0, 58.5, -69, -69)]);
  });

  it('divides in float32, as the quantize operator', async () => {
    const model = await load(identity('i8', 2, affine(0.1, 0)));
    const scale = Math.fround(0.1);
    // As doubles the first quotient is just below 2.5; as floats it is 2.5.
    const [justBelow, tiny] = [Math.fround(0.25), scale * 0.49999997];
    expect(justBelow / scale).toBeLessThan(2.5);
    const [results] = model.predict([justBelow, tiny]);
    expect(Array.from(results ?? [], (result) => Math.round(result / scale))).toEqual([3, 0]);
  });

  it('passes floats on, and rounds for integers that are not quantised', async () => {
    expect((await load(identity('f32', 2))).predict([0.1, -5])).toEqual([Float32Array.of(0.1, -5)]);
    expect((await load(identity('i32', 3))).predict([2.5, -2.5, 1e12])).toEqual([Float32Array.of(3, -3, 2147483647)]);
    expect((await load(identity('i64', 3))).predict([2.5, -1e30, Number.NaN])).toEqual([
      Float32Array.of(3, -(2 ** 63), -(2 ** 63)),
    ]);
    expect((await load(identity('bool', 3))).predict([0.4, 1, 7])).toEqual([Float32Array.of(0, 1, 1)]);
    expect((await load(identity('u8', 2, affine(1, 128)))).predict([-200, 200])).toEqual([Float32Array.of(-128, 127)]);
    expect((await load(identity('i16', 2, affine(0.001, 0)))).predict([0.5, -99])).toEqual([
      Float32Array.of(500 * Math.fround(0.001), -32768 * Math.fround(0.001)),
    ]);
  });

  it('refuses another number of elements', async () => {
    const model = await load(identity('i8', 2, affine(1, 0)));
    expect(await issuesOf(() => model.predict([1]))).toMatchObject([
      { code: 'bad-value', want: 'i8 [2]', found: '1 numbers' },
    ]);
  });
});

describe('states', () => {
  it('begin as the model has them, and can be had back', async () => {
    const model = await load(stateful);
    const x = Float32Array.of(10, 10, 10, 10);
    const want = [Float32Array.of(11, 12, 13, 14), x];
    expect(model.run(x)).toEqual(want);
    expect(model.run(x)).toEqual(want);
    model.reset();
    expect(model.run(x)).toEqual(want);
  });

  it('instances do not share memory', async () => {
    const [one, two] = [await load(identity('i8', 2)), await load(identity('i8', 2))];
    const first = one.run(Int8Array.of(1, 2));
    two.run(Int8Array.of(3, 4));
    expect(first).toEqual([Int8Array.of(1, 2)]);
    expect(one.run(Int8Array.of(5, 6))).toEqual([Int8Array.of(5, 6)]);
  });
});

describe('outputs that no node computes', () => {
  it('an input comes back as it was', async () => {
    const graph = identity('i8', 2);
    const model = await load({ ...graph, outputs: [0, 1, 0] });
    const x = Int8Array.of(7, -7);
    expect(model.run(x)).toEqual([x, x, x]);
  });

  it('an input is not computed over, where it is an output too', async () => {
    const relu: OpNode = { op: 'relu', attrs: {}, inputs: [0], outputs: [1], from: {} };
    const values = [value('x', 'input', four), value('y', 'temporary', four)];
    const model = await load({ name: 'relu', values, nodes: [relu], inputs: [0], outputs: [0, 1] });
    const x = Float32Array.of(-1, 2, -3, 4);
    expect(model.run(x)).toEqual([x, Float32Array.of(0, 2, 0, 4)]);
  });

  it('a state is what it is after the run', async () => {
    const model = await load({ ...stateful, outputs: [1] });
    expect(model.run(new Float32Array(4))).toEqual([Float32Array.of(1, 2, 3, 4)]);
  });
});

it('tensors may have the same name', async () => {
  const values = [value('x', 'input', four), value('x', 'input', four), value('x', 'temporary', four)];
  const sum: OpNode = { op: 'add', attrs: { activation: 'none' }, inputs: [0, 1], outputs: [2], from: {} };
  const model = await load({ name: 'x', values, nodes: [sum], inputs: [0, 1], outputs: [2] });
  const [a, b] = [Float32Array.of(1, 2, 3, 4), Float32Array.of(10, 20, 30, 40)];
  expect(model.run(a, b)).toEqual([Float32Array.of(11, 22, 33, 44)]);
});

it('says what the model is', async () => {
  const model = await load(stateful);
  expect(model).toMatchObject({
    name: 'stateful',
    inputs: [{ name: 'x', type: four }],
    outputs: [{ name: 'y' }, { name: 'z' }],
  });
  expect(model.arenaBytes).toBeGreaterThanOrEqual(64);
});

it('bytes that are no model are an issue', async () => {
  expect(await issuesOf(() => load(Uint8Array.of(1, 2, 3)))).toMatchObject([{ code: 'bad-file' }]);
});

describe('the engine', () => {
  afterEach(() => vi.restoreAllMocks());

  it('gets vector instructions where it knows them, as Node does', async () => {
    const compiled = vi.spyOn(WebAssembly, 'compile');
    const graph = graphOfCases('conv2d', cases.conv2d.slice(0, 1)).graph;
    await load(graph);
    const [bytes] = compiled.mock.calls[0] ?? [];
    const { bytes: expected } = compile(graph, { target: wasm });
    expect(bytes).toEqual(expected);
    expect(expected).not.toEqual(compile(graph, { target: wasmScalar }).bytes);
  });
});
