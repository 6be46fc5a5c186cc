import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CompileError, type Issue } from '../../errors.ts';
import { checkGraph } from '../../ops/check-graph.ts';
import { evaluateGraph } from '../../ops/evaluate-graph.ts';
import type { Graph } from '../../ops/index.ts';
import { bytesOf, type Data } from '../../tensor/dtype.ts';
import { importTflite } from './import.ts';
import type { TfliteModel } from './model.ts';
import { buildTfliteModel, type OperatorDescription, type TensorDescription } from './model-builder.ts';

const float = (name: string, ...shape: number[]): TensorDescription => ({ name, shape, type: 'FLOAT32' });
const int8 = (name: string, ...shape: number[]): TensorDescription => ({
  name,
  shape,
  type: 'INT8',
  scale: [0.5],
  zeroPoint: [3],
});
const data = (elements: Data): Uint8Array => bytesOf(elements);
const integers = (name: string, ...elements: number[]): TensorDescription => ({
  name,
  shape: [elements.length],
  type: 'INT32',
  data: data(Int32Array.from(elements)),
});

interface Ends {
  readonly inputs?: readonly number[];
  readonly outputs?: readonly number[];
}

/** Tensor 0 in, tensor 1 out. */
const model = (
  tensors: readonly TensorDescription[],
  operators: readonly OperatorDescription[],
  { inputs = [0], outputs = [1] }: Ends = {},
): TfliteModel => buildTfliteModel({ tensors, operators, inputs, outputs });

function issuesOf(given: TfliteModel): readonly Issue[] {
  try {
    return checkGraph(importTflite(given, 'm.tflite'));
  } catch (error) {
    if (error instanceof CompileError) return error.issues;
    throw error;
  }
}

const attrsOf = (given: TfliteModel): object | undefined => {
  const graph = importTflite(given);
  expect(checkGraph(graph)).toEqual([]);
  return graph.nodes[0]?.attrs;
};

describe('attributes', () => {
  const window = (padding: 'SAME' | 'VALID', y: readonly number[]) =>
    model(
      [float('x', 1, 5, 6, 2), float('y', ...y), { ...float('w', 3, 3, 4, 2), data: data(new Float32Array(72)) }],
      [
        {
          op: 'CONV_2D',
          inputs: [0, 2, -1],
          outputs: [1],
          options: {
            type: 'Conv2DOptions',
            padding,
            strideH: 2,
            strideW: 1,
            dilationWFactor: 1,
            fusedActivationFunction: 'RELU6',
          },
        },
      ],
    );

  test('SAME becomes explicit, the odd element behind', () => {
    expect(attrsOf(window('SAME', [1, 3, 6, 3]))).toEqual({
      strideH: 2,
      strideW: 1,
      dilationH: 1,
      dilationW: 1,
      padding: { top: 1, bottom: 1, left: 1, right: 2 },
      activation: 'relu6',
    });
  });

  test('VALID pads nothing', () => {
    expect(attrsOf(window('VALID', [1, 2, 3, 3]))).toMatchObject({ padding: { top: 0, bottom: 0, left: 0, right: 0 } });
  });

  test('PAD of int8 pads with the zero point of the output', () => {
    const tensors = [int8('x', 1, 2), int8('y', 2, 5), integers('paddings', 1, 0, 2, 1)];
    const padded = model(
      [...tensors.slice(0, 2), { ...integers('paddings', 1, 0, 2, 1), shape: [2, 2] }],
      [{ op: 'PAD', inputs: [0, 2], outputs: [1] }],
    );
    expect(attrsOf(padded)).toEqual({ before: [1, 2], after: [0, 1], value: 3 });
  });

  test('PADV2 pads with the given value, as stored', () => {
    const value = { ...int8('value'), data: data(Int8Array.of(-7)) };
    const padded = (constant: TensorDescription) =>
      model(
        [int8('x', 2), int8('y', 4), { ...integers('paddings', 1, 1), shape: [1, 2] }, constant],
        [{ op: 'PADV2', inputs: [0, 2, 3], outputs: [1] }],
      );
    expect(attrsOf(padded(value))).toMatchObject({ value: -7 });
    expect(issuesOf(padded({ ...value, scale: [0.25] }))).toMatchObject([
      { code: 'bad-value', what: 'quantisation of the padding value' },
    ]);
  });

  test('axes count from the end', () => {
    const joined = model(
      [float('x', 2, 3), float('y', 2, 6)],
      [{ op: 'CONCATENATION', inputs: [0, 0], outputs: [1], options: { type: 'ConcatenationOptions', axis: -1 } }],
    );
    expect(attrsOf(joined)).toEqual({ axis: 1 });
  });

  test('SPLIT_V takes the sizes of its outputs', () => {
    const parts = model(
      [float('x', 1, 5), float('a', 1, 2), float('b', 1, 3), integers('sizes', 2, -1), integers('axis', 1)],
      [{ op: 'SPLIT_V', inputs: [0, 3, 4], outputs: [1, 2] }],
      { outputs: [1, 2] },
    );
    expect(attrsOf(parts)).toEqual({ axis: 1, sizes: [2, 3] });
  });

  test('a fused activation without a counterpart is refused', () => {
    const sum = model(
      [float('x', 2), float('y', 2)],
      [{ op: 'ADD', inputs: [0, 0], outputs: [1], options: { type: 'AddOptions', fusedActivationFunction: 'TANH' } }],
    );
    expect(issuesOf(sum)).toMatchObject([{ code: 'unsupported', what: 'fused activation', found: 'TANH' }]);
  });

  test('what must be constant and is not, is named', () => {
    const turned = model(
      [float('x', 2, 3), float('y', 3, 2), { name: 'order', shape: [2], type: 'INT32' }],
      [{ op: 'TRANSPOSE', inputs: [0, 2], outputs: [1] }],
      { inputs: [0, 2] },
    );
    expect(issuesOf(turned)).toMatchObject([
      {
        code: 'unsupported',
        what: 'permutation computed at run time,',
        found: 'order',
        where: { node: '0 (TRANSPOSE)' },
      },
    ]);
  });

  test.each([
    ['no options', undefined],
    ['options of another operator', { type: 'SoftmaxOptions', beta: 1 } as const],
  ])('%s', (_, options) => {
    const pool = model(
      [float('x', 1, 2, 2, 1), float('y', 1, 1, 1, 1)],
      [{ op: 'MAX_POOL_2D', inputs: [0], outputs: [1], ...(options && { options }) }],
    );
    expect(issuesOf(pool)).toMatchObject([{ code: 'bad-value', what: 'options', want: 'Pool2DOptions' }]);
  });
});

describe('what is not supported', () => {
  test('operators: all at once, each kind once, with a way out', () => {
    const chain = model(
      [float('x', 2), float('y', 2), float('a', 2), float('b', 2), float('c', 2)],
      [
        { op: 'PRELU', inputs: [0, 0], outputs: [2] },
        { op: 'PRELU', inputs: [2, 2], outputs: [3] },
        { op: 'CUSTOM', customCode: 'FlexErf', inputs: [3], outputs: [4] },
        { op: 'STABLEHLO_ADD', inputs: [4, 4], outputs: [1] },
      ],
    );
    expect(issuesOf(chain)).toMatchObject(
      [
        { op: 'PRELU', where: { file: 'm.tflite', node: '0 (PRELU) and 1 more', tensor: 'a' }, nearest: /LEAKY_RELU/ },
        { op: 'CUSTOM "FlexErf"', where: { node: '2 (FlexErf)' }, nearest: /SELECT_TF_OPS/ },
        { op: 'STABLEHLO_ADD', nearest: /TFLITE_BUILTINS/ },
      ].map(({ nearest, ...issue }) => ({ ...issue, code: 'unsupported-op', nearest: expect.stringMatching(nearest) })),
    );
  });

  test('operators with an effect, though nothing reads from them', () => {
    const streaming = model(
      [float('x', 2), float('y', 2)],
      [
        { op: 'CALL_ONCE', inputs: [], outputs: [] },
        { op: 'RELU', inputs: [0], outputs: [1] },
      ],
    );
    expect(issuesOf(streaming)).toMatchObject([{ code: 'unsupported-op', op: 'CALL_ONCE' }]);
  });

  test('operators that nothing reads are left out, even unknown ones', () => {
    const shapes = model(
      [float('x', 2, 3), float('y', 6), { name: 'shape', shape: [2], type: 'INT32' }],
      [
        { op: 'SHAPE', inputs: [0], outputs: [2] },
        { op: 'RESHAPE', inputs: [0, 2], outputs: [1] },
      ],
    );
    expect(attrsOf(shapes)).toEqual({ shape: [6] });
  });

  test.each([
    ['FLOAT16', 'element type', /float16/],
    ['STRING', 'element type', /text/],
    ['COMPLEX64', 'element type', /Fourier/],
    ['INT16', 'arithmetic in', /int8/],
    ['UINT8', 'arithmetic in', /INT8/],
  ] as const)('%s', (type, what, help) => {
    const sum = model(
      [
        { ...float('x', 2), type },
        { ...float('y', 2), type },
      ],
      [{ op: 'ADD', inputs: [0, 0], outputs: [1] }],
    );
    expect(issuesOf(sum)).toMatchObject([
      { code: 'unsupported', what, found: type, help: expect.stringMatching(help) },
    ]);
  });

  test('dimensions that are open but for the batch', () => {
    const open = (signature: readonly number[]) =>
      model(
        [{ ...float('x', 1, 1), shapeSignature: signature }, float('y', 1, 1)],
        [{ op: 'RELU', inputs: [0], outputs: [1] }],
      );
    expect(issuesOf(open([-1, 1]))).toEqual([]);
    expect(issuesOf(open([-1, -1]))).toMatchObject([{ code: 'dynamic-shape', dimension: 1, shape: [-1, -1] }]);
  });

  test('a dimension of size 0', () => {
    const empty = model([float('x', 1, 0), float('y', 1, 0)], [{ op: 'RELU', inputs: [0], outputs: [1] }]);
    expect(issuesOf(empty)).toMatchObject([
      { code: 'dynamic-shape', dimension: 1, where: { file: 'm.tflite', tensor: 'x and 1 more' } },
    ]);
  });

  test('inputs beyond those of the operator', () => {
    const wide = model([float('x', 2), float('y', 2)], [{ op: 'RELU', inputs: [0, 0], outputs: [1] }]);
    expect(issuesOf(wide)).toMatchObject([{ code: 'bad-value', what: 'inputs', want: 'at most 1', found: '2' }]);
  });
});

test('a file of more operators than any network has is refused at once', () => {
  const count = 5000;
  const tensors = Array.from({ length: count + 1 }, (_, i) => float(`x${i}`, 2));
  const operators = tensors.slice(1).map((_, i) => ({ op: 'RELU' as const, inputs: [i], outputs: [i + 1] }));
  expect(issuesOf(model(tensors, operators, { outputs: [count] }))).toMatchObject([
    { code: 'unsupported', where: { file: 'm.tflite' }, what: 'a graph of', found: '5000 nodes' },
  ]);
});

describe('ends of the graph', () => {
  const doubled: OperatorDescription = { op: 'ADD', inputs: [0, 0], outputs: [1] };
  const run = (graph: Graph): readonly (Data | undefined)[] => {
    expect(checkGraph(graph)).toEqual([]);
    const results = evaluateGraph(graph, [Float32Array.of(1, 2)]);
    return graph.outputs.map((id) => results.get(id));
  };

  test('an output told twice and an input handed on are values of their own', () => {
    const graph = importTflite(model([float('x', 2), float('y', 2)], [doubled], { outputs: [1, 0, 1] }));
    expect(new Set(graph.outputs).size).toBe(3);
    expect(run(graph)).toEqual([Float32Array.of(2, 4), Float32Array.of(1, 2), Float32Array.of(2, 4)]);
    expect(graph.values.map(({ name }) => name)).toEqual(['x', 'y', 'x#2', 'y#2']);
  });

  test.each([
    ['no output', { outputs: [] }, 'outputs of the model'],
    ['an input twice', { inputs: [0, 0] }, 'inputs of the model'],
    ['a constant as output', { outputs: [1, 2] }, 'output of the model'],
    ['a constant as input', { inputs: [0, 2] }, 'input of the model'],
  ])('%s is refused', (_, ends, what) => {
    const given = model([float('x', 2), float('y', 2), integers('c', 1)], [doubled], ends);
    expect(issuesOf(given)).toMatchObject([{ code: 'bad-value', what }]);
  });

  test('operators out of order are refused', () => {
    const given = model(
      [float('x', 2), float('y', 2), float('a', 2)],
      [
        { op: 'RELU', inputs: [2], outputs: [1] },
        { op: 'RELU', inputs: [0], outputs: [2] },
      ],
    );
    expect(issuesOf(given)).toMatchObject([{ code: 'bad-value', what: 'input', found: 'a' }]);
  });

  test('the name is the file’s, else the description unless a converter wrote it', () => {
    const given = model([float('x', 2), float('y', 2)], [doubled]);
    expect(importTflite(given, 'some/where/wake-word.v2.tflite').name).toBe('wake-word.v2');
    expect(importTflite({ ...given, description: 'wake word' }).name).toBe('wake word');
    expect(importTflite({ ...given, description: 'MLIR Converted.' }).name).toBe('model');
  });
});

describe('values', () => {
  const sum = (c: TensorDescription) =>
    importTflite(model([float('x', 2), float('y', 2), c], [{ op: 'ADD', inputs: [0, 2], outputs: [1] }]));

  test('constants are views where their alignment permits', () => {
    const bytes = new Uint8Array(12);
    bytesOf(Float32Array.of(1, 2)).forEach((byte, i) => {
      bytes[i + 1] = byte;
    });
    const constant = (from: number) => sum({ ...float('c', 2), data: bytes.subarray(from, from + 8) }).values[1]?.data;
    expect(constant(4)?.buffer).toBe(bytes.buffer);
    expect(constant(1)).toEqual(Float32Array.of(1, 2));
    expect(constant(1)?.buffer).not.toBe(bytes.buffer);
  });

  test('variables are state that starts at real 0', () => {
    const given = model(
      [int8('x', 2), int8('y', 2), { ...int8('v', 2), isVariable: true }],
      [{ op: 'ADD', inputs: [0, 2], outputs: [1] }],
    );
    expect(importTflite(given).values[1]).toMatchObject({ name: 'v', role: 'state', data: Int8Array.of(3, 3) });
    const large = model(
      [int8('x', 2), int8('y', 2), { ...int8('v', 2 ** 30), isVariable: true }],
      [{ op: 'ADD', inputs: [0, 2], outputs: [1] }],
    );
    expect(issuesOf(large)).toMatchObject([{ code: 'unsupported', what: 'variable of' }]);
  });

  test('variables are bounded all together, and told once', () => {
    const variables = (count: number) => {
      const shape = 2 ** 20;
      const tensors = Array.from({ length: count }, (_, i) => ({ ...int8(`v${i}`, shape), isVariable: true }));
      const list = tensors.map((_, i) => i + 1);
      const options = { type: 'ConcatenationOptions', axis: 0 } as const;
      return model(
        [int8('y', count * shape), ...tensors],
        [{ op: 'CONCATENATION', inputs: list, outputs: [0], options }],
        { inputs: [], outputs: [0] },
      );
    };
    expect(issuesOf(variables(4))).toEqual([]);
    expect(issuesOf(variables(7))).toMatchObject([
      { code: 'unsupported', where: { tensor: 'v4 and 2 more' }, what: 'variable of', found: `[${2 ** 20}]` },
    ]);
  });

  test('names are made different, however many are the same', () => {
    const count = 1000;
    const tensors = Array.from({ length: count + 1 }, () => float('x', 2));
    const chain = model(
      tensors,
      Array.from({ length: count }, (_, i) => ({ op: 'RELU' as const, inputs: [i], outputs: [i + 1] })),
      { outputs: [count, count] },
    );
    const names = importTflite(chain).values.map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual(['x', 'x#2', 'x#3']);
    expect(new Set(names).size).toBe(count + 2);
  });

  test('int8 weights of a float32 layer become the real numbers they stand for', () => {
    const weights: TensorDescription = {
      name: 'w',
      shape: [2, 3],
      type: 'INT8',
      data: data(Int8Array.of(1, 2, 3, -1, -2, -3)),
      scale: [0.5, 0.25],
      quantizedDimension: 0,
    };
    const graph = importTflite(
      model([float('x', 1, 3), float('y', 1, 2), weights], [{ op: 'FULLY_CONNECTED', inputs: [0, 2], outputs: [1] }]),
    );
    expect(checkGraph(graph)).toEqual([]);
    expect(graph.values[1]).toMatchObject({
      type: { dtype: 'f32' },
      data: Float32Array.of(0.5, 1, 1.5, -0.25, -0.5, -0.75),
    });
  });

  test('a bias may carry the dimension of its weights', () => {
    const given = model(
      [int8('x', 2), int8('y', 2), { ...int8('b', 2), scale: [0.5, 0.25], quantizedDimension: 3 }],
      [{ op: 'ADD', inputs: [0, 2], outputs: [1] }],
      { inputs: [0, 2] },
    );
    expect(importTflite(given).values[1]?.type.quantisation?.axis).toBe(0);
  });
});

test('a model with numbers of any kind is imported or refused', () => {
  const base = model(
    [
      int8('x', 1, 5, 6, 2),
      int8('y', 1, 2, 3, 2),
      { ...int8('a', 1, 5, 6, 2), isVariable: true },
      int8('b', 1, 5, 6, 2),
      integers('begin', 0, 1, 0, 0),
      integers('end', 1, 5, 6, 2),
      integers('strides', 1, 2, 2, 1),
    ],
    [
      { op: 'ADD', inputs: [0, 2], outputs: [3] },
      {
        op: 'STRIDED_SLICE',
        inputs: [3, 4, 5, 6],
        outputs: [1],
        options: { type: 'StridedSliceOptions', beginMask: 1 },
      },
    ],
  );
  expect(issuesOf(base)).toEqual([]);
  const places = numbersIn(base);
  const number = fc.oneof(fc.integer({ min: -2, max: 8 }), fc.integer(), fc.constantFrom(2 ** 31 - 1, Number.NaN, 0.5));
  const change = fc.tuple(fc.nat(places - 1), number);
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const changed = structuredClone(base);
      let place = 0;
      visitNumbers(changed, (holder, key) => {
        for (const [at, value] of changes) if (at === place) holder[key] = value;
        place += 1;
      });
      for (const issue of issuesOf(changed)) expect(issue.code).toBeDefined();
    }),
    { seed: 1, numRuns: 3000 },
  );
});

function visitNumbers(value: object, visit: (holder: Record<string, unknown>, key: string) => void): void {
  const holder = value as Record<string, unknown>;
  for (const [key, content] of Object.entries(holder)) {
    if (typeof content === 'number') visit(holder, key);
    else if (typeof content === 'object' && content !== null) visitNumbers(content, visit);
  }
}

function numbersIn(value: object): number {
  let count = 0;
  visitNumbers(value, () => {
    count += 1;
  });
  return count;
}
