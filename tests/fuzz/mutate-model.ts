// Changes of a model as plain data: what a careless converter, or someone of ill will, could write into a well-formed file.
// They reach what bytes turned at random hardly do: the importer, the operators' rules, lowering, planner and renderers.

import type {
  TfliteModel,
  TfliteOperator,
  TfliteOptions,
  TfliteQuantization,
  TfliteSubgraph,
  TfliteTensor,
  TfliteTensorType,
} from '../../packages/compiler/src/formats/tflite/model.ts';
import {
  buildTfliteModel,
  type OperatorDescription,
} from '../../packages/compiler/src/formats/tflite/model-builder.ts';
import { conversions } from '../../packages/compiler/src/formats/tflite/ops.ts';
import { enums, tables } from '../../packages/compiler/src/formats/tflite/schema.ts';
import { elementCount, tensorByteLength } from '../../packages/compiler/src/formats/tflite/tensor-bytes.ts';
import type { Draws } from './draws.ts';

/** Those that often leave a model of sense stand here more than once. */
export const modelKinds = [
  'size',
  'size',
  'sizeEverywhere',
  'sizeEverywhere',
  'sizeEverywhere',
  'rank',
  'type',
  'typeEverywhere',
  'scale',
  'scale',
  'scale',
  'zeroPoint',
  'zeroPoint',
  'quantisation',
  'variable',
  'buffer',
  'buffer',
  'contents',
  'contents',
  'edge',
  'edges',
  'option',
  'option',
  'option',
  'option',
  'options',
  'operatorCode',
  'operatorList',
  'append',
  'append',
  'append',
  'append',
  'append',
  'append',
  'ends',
  'text',
] as const;

export type ModelKind = (typeof modelKinds)[number];

/** No constant is made larger than this, so that mutants stay files of ordinary size. */
const mostConstantBytes = 2 ** 20;

const smallSizes = [1, 1, 2, 3, 4, 5, 7, 8, 16, 17, 33, 64];
const largeSizes = [
  0,
  -1,
  100,
  255,
  1000,
  4095,
  4096,
  5000,
  2 ** 14,
  65535,
  65536,
  2 ** 18,
  2 ** 20,
  2 ** 22,
  2 ** 24,
  2 ** 26,
  2 ** 28,
  2 ** 31 - 1,
  -(2 ** 31),
];
const integers = [0, 1, 1, 2, 2, 3, 3, 4, 5, 7, 8, 15, 16, 31, 255, 256, 65535, 65536, 2 ** 31 - 1, -1, -2, -(2 ** 31)];
const reals = [0, -0, 1, -1, 0.5, 0.1, 2, -2, 10, 1e-3, 1e-30, 1e-45, 1e30, 3.4e38, Infinity, -Infinity, Number.NaN];
const scales = [
  0,
  1,
  1 / 256,
  1 / 128,
  0.1,
  1e-3,
  1e-10,
  2 ** -28,
  2 ** 31,
  1e-38,
  1e-45,
  1e30,
  3.4e38,
  -1,
  Infinity,
  Number.NaN,
];
const factors = [0.5, 2, 0.25, 4, 1.0000001, 1.01, 3, 1 / 3, 0.1, 10, 1e-3, 1e3, 2 ** -16, 2 ** 16, 2 ** 31, 2 ** -31];
const zeroPoints = [
  0,
  0,
  1,
  -1,
  5,
  -5,
  127,
  -128,
  128,
  -129,
  255,
  256,
  32767,
  -32768,
  2 ** 31 - 1,
  -(2 ** 31),
  2 ** 40,
];
const types: readonly TfliteTensorType[] = [
  'INT8',
  'FLOAT32',
  'INT32',
  'UINT8',
  'INT16',
  'INT64',
  'BOOL',
  'FLOAT16',
  'INT4',
  'STRING',
  'FLOAT64',
];
const texts = [
  '',
  'int8',
  'uint32',
  'main',
  'while',
  '*/ #error',
  '\\',
  '??/',
  '"%s%n',
  '\u0000',
  'ä→𝄞',
  'x'.repeat(3000),
];

const round = Math.fround;

/** A changed copy of the model; the model itself where there is nothing of the kind to change. */
export function mutateModel(model: TfliteModel, kind: ModelKind, draws: Draws): TfliteModel {
  const [graph] = model.subgraphs;
  if (graph === undefined) return model;
  const tensorIndex = usedTensor(graph, draws);
  const operatorIndex = draws.below(graph.operators.length);
  const tensor = graph.tensors[tensorIndex];
  const operator = graph.operators[operatorIndex];
  switch (kind) {
    case 'size':
    case 'rank':
    case 'type':
    case 'variable':
      return tensor === undefined ? model : retyped(model, tensorIndex, changedTensor(tensor, kind, draws), draws);
    case 'sizeEverywhere':
      return tensor === undefined ? model : sizeEverywhere(model, tensor, draws);
    case 'typeEverywhere':
      return tensor === undefined ? model : typeEverywhere(model, tensor.type, draws);
    case 'scale':
    case 'zeroPoint':
    case 'quantisation':
      return tensor === undefined ? model : requantised(model, tensorIndex, kind, draws);
    case 'buffer':
      return rebuffered(model, tensorIndex, draws);
    case 'contents':
      return withContents(model, draws);
    case 'edge':
    case 'edges':
      return operator === undefined
        ? model
        : withOperator(model, operatorIndex, reconnected(operator, graph, kind, draws));
    case 'option':
    case 'options':
      return operator === undefined
        ? model
        : withOperator(model, operatorIndex, reoptioned(operator, graph, kind, draws));
    case 'operatorCode':
      return withOperatorCode(model, draws);
    case 'operatorList':
      return withGraph(model, { operators: reordered(graph.operators, draws) });
    case 'append':
      return appended(model, graph, draws);
    case 'ends':
      return withGraph(model, otherEnds(graph, draws));
    case 'text': {
      const text = draws.oneOf(texts) ?? '';
      return draws.chance(50) || tensor === undefined
        ? { ...model, description: text }
        : withTensor(model, tensorIndex, { ...tensor, name: text });
    }
  }
}

function withGraph(model: TfliteModel, change: Partial<TfliteSubgraph>): TfliteModel {
  return { ...model, subgraphs: model.subgraphs.map((graph, i) => (i === 0 ? { ...graph, ...change } : graph)) };
}

const replaced = <T>(list: readonly T[], index: number, item: T): readonly T[] =>
  list.map((own, i) => (i === index ? item : own));

const withTensor = (model: TfliteModel, index: number, tensor: TfliteTensor): TfliteModel =>
  withGraph(model, { tensors: replaced(model.subgraphs[0]?.tensors ?? [], index, tensor) });

const withOperator = (model: TfliteModel, index: number, operator: TfliteOperator): TfliteModel =>
  withGraph(model, { operators: replaced(model.subgraphs[0]?.operators ?? [], index, operator) });

/** Mostly a tensor that an operator reads or writes. */
function usedTensor(graph: TfliteSubgraph, draws: Draws): number {
  const operator = draws.oneOf(graph.operators);
  const used = operator === undefined ? [] : [...operator.inputs, ...operator.outputs].filter((index) => index >= 0);
  return draws.chance(5) ? draws.below(graph.tensors.length) : (draws.oneOf(used) ?? 0);
}

const isConstant = (model: TfliteModel, { buffer }: TfliteTensor): boolean =>
  (model.buffers[buffer]?.data.length ?? 0) > 0;

const anotherSize = (draws: Draws): number => draws.oneOf(draws.chance(80) ? smallSizes : largeSizes) ?? 1;

function changedTensor(tensor: TfliteTensor, kind: 'size' | 'rank' | 'type' | 'variable', draws: Draws): TfliteTensor {
  const { shapeSignature: _, ...plain } = tensor;
  const { shape } = tensor;
  const axis = draws.below(shape.length);
  switch (kind) {
    case 'size':
      if (draws.chance(5)) return { ...tensor, shapeSignature: replaced(shape, axis, -1) };
      return { ...plain, shape: replaced(shape, axis, anotherSize(draws)) };
    case 'rank':
      return { ...plain, shape: anotherRank(shape, axis, draws) };
    case 'type':
      return { ...tensor, type: draws.oneOf(types) ?? 'INT8' };
    case 'variable':
      return { ...tensor, isVariable: !tensor.isVariable };
  }
}

function anotherRank(shape: readonly number[], axis: number, draws: Draws): readonly number[] {
  switch (draws.below(6)) {
    case 0:
      return [...shape.slice(0, axis), 1, ...shape.slice(axis)];
    case 1:
      return shape.filter((_, i) => i !== axis);
    case 2:
      return [...shape].reverse();
    case 3:
      return [elementCount(shape)];
    case 4:
      return draws.chance(50) ? [] : [...shape, ...Array.from({ length: draws.below(40) }, () => 1)];
    default:
      return shape.flatMap((size) => (size > 3 && size % 2 === 0 ? [2, size / 2] : [size]));
  }
}

/** Replaces a tensor; a constant's data mostly grow or shrink with it. */
function retyped(model: TfliteModel, index: number, tensor: TfliteTensor, draws: Draws): TfliteModel {
  const next = withTensor(model, index, tensor);
  const bytes = tensorByteLength(tensor.type, elementCount(tensor.shape)) ?? 0;
  const data = model.buffers[tensor.buffer]?.data;
  if (data === undefined || data.length === 0 || bytes <= 0 || bytes > mostConstantBytes || draws.chance(10))
    return next;
  if (bytes === data.length) return next;
  const resized = Uint8Array.from({ length: bytes }, (_, i) => data[i % data.length] ?? 0);
  return withTensor({ ...next, buffers: [...next.buffers, { data: resized }] }, index, {
    ...tensor,
    buffer: next.buffers.length,
  });
}

/** One size along one axis, such as a batch or a channel count, changed wherever it occurs. */
function sizeEverywhere(model: TfliteModel, { shape }: TfliteTensor, draws: Draws): TfliteModel {
  const axis = draws.below(shape.length);
  const [from, to] = [shape[axis], anotherSize(draws)];
  const tensors = model.subgraphs[0]?.tensors ?? [];
  return tensors.reduce(
    (changed, tensor, index) =>
      tensor.shape[axis] !== from || tensor.shape.length !== shape.length
        ? changed
        : retyped(changed, index, { ...tensor, shape: replaced(tensor.shape, axis, to) }, draws),
    model,
  );
}

function typeEverywhere(model: TfliteModel, from: TfliteTensorType, draws: Draws): TfliteModel {
  const to = draws.oneOf(types) ?? 'FLOAT32';
  const tensors = model.subgraphs[0]?.tensors ?? [];
  return tensors.reduce(
    (changed, tensor, index) =>
      tensor.type === from ? retyped(changed, index, { ...tensor, type: to }, draws) : changed,
    model,
  );
}

function requantised(
  model: TfliteModel,
  index: number,
  kind: 'scale' | 'zeroPoint' | 'quantisation',
  draws: Draws,
): TfliteModel {
  const tensors = model.subgraphs[0]?.tensors ?? [];
  const tensor = tensors[index];
  const { quantization } = tensor ?? {};
  if (tensor === undefined || quantization === undefined) return model;
  const { quantization: _, ...plain } = tensor;
  const next = kind === 'quantisation' ? anotherQuantisation(quantization, tensors, draws) : undefined;
  if (kind === 'quantisation') {
    return withTensor(model, index, next === undefined ? plain : { ...tensor, quantization: next });
  }
  const { scale, zeroPoint } = quantization;
  if (kind === 'zeroPoint') {
    const changed = replaced(zeroPoint, draws.below(zeroPoint.length), draws.oneOf(zeroPoints) ?? 0);
    return withTensor(model, index, { ...tensor, quantization: { ...quantization, zeroPoint: changed } });
  }
  const at = draws.below(scale.length);
  const value = draws.chance(80) ? (scale[at] ?? 1) * (draws.oneOf(factors) ?? 1) : (draws.oneOf(scales) ?? 1);
  const changed = replaced(scale, at, round(value));
  return withTensor(model, index, { ...tensor, quantization: { ...quantization, scale: changed } });
}

function anotherQuantisation(
  quantization: TfliteQuantization,
  tensors: readonly TfliteTensor[],
  draws: Draws,
): TfliteQuantization | undefined {
  const { scale, zeroPoint } = quantization;
  switch (draws.below(7)) {
    case 0:
      return undefined;
    case 1:
      return { ...quantization, zeroPoint: [] };
    case 2:
      return { ...quantization, scale: [...scale, ...scale], zeroPoint: [...zeroPoint, ...zeroPoint] };
    case 3:
      return { ...quantization, scale: scale.slice(1), zeroPoint: zeroPoint.slice(1) };
    case 4:
      return { ...quantization, quantizedDimension: draws.oneOf([0, 1, 2, 3, 4, -1, 2 ** 31 - 1]) ?? 0 };
    case 5: {
      const [first = 1] = scale;
      const count = draws.below(20);
      return {
        ...quantization,
        scale: Array.from({ length: count }, (_, i) => round(first * (1 + i / 7))),
        zeroPoint: Array.from({ length: count }, () => 0),
      };
    }
    default:
      return draws.oneOf(tensors.flatMap((tensor) => tensor.quantization ?? []));
  }
}

/** Another buffer for a tensor, which may make an input of a constant and a constant of anything. */
function rebuffered(model: TfliteModel, index: number, draws: Draws): TfliteModel {
  const tensor = model.subgraphs[0]?.tensors[index];
  if (tensor === undefined) return model;
  if (draws.chance(30)) return withTensor(model, index, { ...tensor, buffer: draws.below(model.buffers.length + 1) });
  if (isConstant(model, tensor)) {
    const inputs = model.subgraphs[0]?.inputs ?? [];
    const without = withTensor(model, index, { ...tensor, buffer: 0 });
    return draws.chance(80) ? withGraph(without, { inputs: [...inputs, index] }) : without;
  }
  const bytes = tensorByteLength(tensor.type, elementCount(tensor.shape)) ?? 0;
  if (bytes <= 0 || bytes > mostConstantBytes) return model;
  const data = Uint8Array.from({ length: bytes }, () => draws.below(256));
  const inputs = (model.subgraphs[0]?.inputs ?? []).filter((input) => input !== index);
  const constant = withTensor({ ...model, buffers: [...model.buffers, { data }] }, index, {
    ...tensor,
    buffer: model.buffers.length,
  });
  return draws.chance(80) ? withGraph(constant, { inputs }) : constant;
}

/** Other elements in a constant: some, or all; integers and reals at the ends of their ranges. */
function withContents(model: TfliteModel, draws: Draws): TfliteModel {
  const candidates = model.buffers.flatMap(({ data }, i) => (data.length > 0 ? [i] : []));
  const index = draws.oneOf(candidates);
  const data = index === undefined ? undefined : model.buffers[index]?.data.slice();
  if (index === undefined || data === undefined) return model;
  const view = new DataView(data.buffer);
  const wordCount = data.length >> 2;
  for (let n = draws.below(4); n >= 0; n -= 1) {
    const at = 4 * draws.below(wordCount);
    if (wordCount === 0 || draws.chance(30)) data[draws.below(data.length)] = draws.below(256);
    else if (draws.chance(50)) view.setInt32(at, draws.oneOf(integers) ?? 0, true);
    else view.setFloat32(at, draws.oneOf(reals) ?? 0, true);
  }
  if (draws.chance(10)) data.fill(draws.oneOf([0, 1, 0x7f, 0x80, 0xff]) ?? 0);
  return { ...model, buffers: replaced(model.buffers, index, { data }) };
}

function reconnected(
  operator: TfliteOperator,
  { tensors }: TfliteSubgraph,
  kind: 'edge' | 'edges',
  draws: Draws,
): TfliteOperator {
  const side = draws.chance(70) ? 'inputs' : 'outputs';
  const list = operator[side];
  const any = draws.chance(5)
    ? (draws.oneOf([-1, -2, tensors.length, 2 ** 31 - 1]) ?? -1)
    : draws.chance(50)
      ? (draws.oneOf([...operator.inputs, ...operator.outputs]) ?? 0)
      : draws.below(tensors.length);
  if (kind === 'edge') return { ...operator, [side]: replaced(list, draws.below(list.length), any) };
  const changed = [
    list.slice(0, -1),
    list.slice(1),
    [...list, any],
    [...list].reverse(),
    [any, ...list],
    Array.from({ length: 3 + draws.below(60) }, () => list[0] ?? any),
    [],
  ];
  return { ...operator, [side]: draws.oneOf(changed) ?? list };
}

function reoptioned(
  operator: TfliteOperator,
  { operators }: TfliteSubgraph,
  kind: 'option' | 'options',
  draws: Draws,
): TfliteOperator {
  const { options, ...bare } = operator;
  if (options === undefined) return operator;
  if (kind === 'option') return { ...operator, options: withOption(options, draws) };
  const other = draws.oneOf(operators)?.options;
  return draws.chance(50) || other === undefined ? bare : { ...operator, options: other };
}

/** One field of the options with another value of its type. */
function withOption(options: TfliteOptions, draws: Draws): TfliteOptions {
  const declared: readonly (readonly [name: string, type: string, ...unknown[]])[] =
    Object.entries(tables).find(([name]) => name === options.type)?.[1] ?? [];
  const field = draws.oneOf(declared.filter(([, type]) => type !== 'deprecated'));
  if (field === undefined) return options;
  const [name, type] = field;
  const names = Object.entries(enums).find(([own]) => own === type)?.[1].names;
  const value =
    names !== undefined
      ? (draws.oneOf(names) ?? '')
      : type === 'bool'
        ? draws.chance(50)
        : type === 'float'
          ? (draws.oneOf(reals) ?? 0)
          : type.startsWith('[')
            ? Array.from({ length: draws.below(5) }, () => draws.oneOf(integers) ?? 0)
            : (draws.oneOf(integers) ?? 0);
  // The value is of the declared type of its field; which member of the union it is does not change.
  return { ...options, [name]: value } as TfliteOptions;
}

function withOperatorCode(model: TfliteModel, draws: Draws): TfliteModel {
  const index = draws.below(model.operatorCodes.length);
  const known = enums.BuiltinOperator.names.filter((name) => name in conversions);
  const builtin = draws.oneOf(draws.chance(85) ? known : enums.BuiltinOperator.names) ?? 'ADD';
  if (builtin === 'CUSTOM') return model;
  return { ...model, operatorCodes: replaced(model.operatorCodes, index, { builtin, version: 1 }) };
}

function reordered(operators: readonly TfliteOperator[], draws: Draws): readonly TfliteOperator[] {
  const at = draws.below(operators.length);
  const one = operators[at];
  if (one === undefined) return operators;
  const rest = operators.filter((_, i) => i !== at);
  switch (draws.below(3)) {
    case 0:
      return rest;
    case 1: {
      const to = draws.below(operators.length);
      return [...rest.slice(0, to), one, ...rest.slice(to)];
    }
    default:
      return [...operators, ...Array.from({ length: 1 + draws.below(3) }, () => one)];
  }
}

type Addition = Pick<OperatorDescription, 'op' | 'options'> & {
  readonly binary?: true;
  /** Scale and zero point that the operator's int8 output must have. */
  readonly quantisation?: readonly [scale: number, zeroPoint: number];
  readonly type?: TfliteTensorType;
};

const additions: readonly Addition[] = [
  { op: 'RELU' },
  { op: 'RELU6' },
  { op: 'HARD_SWISH' },
  { op: 'QUANTIZE' },
  { op: 'QUANTIZE', type: 'INT8' },
  { op: 'DEQUANTIZE', type: 'FLOAT32' },
  { op: 'RESHAPE' },
  { op: 'RESHAPE' },
  { op: 'LEAKY_RELU', options: { type: 'LeakyReluOptions', alpha: 0.125 } },
  { op: 'LOGISTIC', quantisation: [1 / 256, -128] },
  { op: 'TANH', quantisation: [1 / 128, 0] },
  { op: 'SOFTMAX', options: { type: 'SoftmaxOptions', beta: 1 }, quantisation: [1 / 256, -128] },
  { op: 'ADD', options: { type: 'AddOptions' }, binary: true },
  { op: 'SUB', options: { type: 'SubOptions' }, binary: true },
  { op: 'MUL', options: { type: 'MulOptions' }, binary: true },
  { op: 'CONCATENATION', options: { type: 'ConcatenationOptions', axis: 0 }, binary: true },
];

/** An operator after another, whose result is a further output of the model or takes the last one's place. */
function appended(model: TfliteModel, graph: TfliteSubgraph, draws: Draws): TfliteModel {
  const after = draws.oneOf(graph.operators);
  const source = draws.chance(70) ? after?.outputs[0] : draws.oneOf([...graph.inputs, ...graph.outputs]);
  const tensor = graph.tensors[source ?? -1];
  const addition = draws.oneOf(additions);
  if (source === undefined || tensor === undefined || addition === undefined) return model;
  const { op, options, binary, quantisation, type = tensor.type } = addition;
  const alike = graph.tensors.flatMap((other, index) =>
    elementCount(other.shape) === elementCount(tensor.shape) && other.type === tensor.type ? [index] : [],
  );
  const second = draws.chance(40) ? source : (draws.oneOf(alike) ?? source);
  const [built] = buildTfliteModel({
    tensors: [],
    operators: [
      {
        op,
        inputs: binary ? [source, second] : [source],
        outputs: [graph.tensors.length],
        ...(options && { options }),
      },
    ],
    inputs: [],
    outputs: [],
  }).subgraphs;
  const { shapeSignature: _, ...plain } = tensor;
  const output: TfliteTensor = {
    ...plain,
    name: `${tensor.name}_${op}`,
    type,
    buffer: 0,
    isVariable: false,
    shape: op === 'RESHAPE' && draws.chance(50) ? [elementCount(tensor.shape)] : tensor.shape,
    ...(tensor.type === 'INT8' && quantisation !== undefined && { quantization: oneScale(...quantisation) }),
    ...(tensor.type === 'FLOAT32' && type === 'INT8' && { quantization: oneScale(round(0.1), 3) }),
  };
  const operators = (built?.operators ?? []).map((operator) => ({
    ...operator,
    opcodeIndex: model.operatorCodes.length,
  }));
  const ends = draws.chance(60) ? graph.outputs : graph.outputs.slice(0, -1);
  return {
    ...withGraph(model, {
      tensors: [...graph.tensors, output],
      operators: [...graph.operators, ...operators],
      outputs: [...ends, graph.tensors.length],
    }),
    operatorCodes: [...model.operatorCodes, { builtin: op, version: 1 }],
  };
}

const oneScale = (scale: number, zeroPoint: number): TfliteQuantization => ({
  min: [],
  max: [],
  scale: [scale],
  zeroPoint: [zeroPoint],
  details: undefined,
  quantizedDimension: 0,
});

function otherEnds({ inputs, outputs, tensors }: TfliteSubgraph, draws: Draws): Partial<TfliteSubgraph> {
  const any = draws.below(tensors.length);
  const change = (list: readonly number[]): readonly number[] =>
    draws.oneOf([
      [...list, any],
      list.slice(0, -1),
      list.slice(1),
      replaced(list, draws.below(list.length), any),
      [...list, ...list.slice(0, 1)],
      [...list].reverse(),
      [...list, tensors.length],
    ]) ?? list;
  return draws.chance(50) ? { inputs: change(inputs) } : { outputs: change(outputs) };
}
