// Changes of operators: their edges, options and codes, their order, and operators added behind others.

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
import { elementCount } from '../../packages/compiler/src/formats/tflite/tensor-bytes.ts';
import type { Draws } from './draws.ts';
import { integers, reals, replaced, round, withGraph } from './model-edits.ts';

/** An operator with other inputs or outputs. */
export function reconnected(
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

/** An operator with another option, with none, or with those of another operator. */
export function reoptioned(
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

/** Another operator under one of the model's codes. */
export function withOperatorCode(model: TfliteModel, draws: Draws): TfliteModel {
  const index = draws.below(model.operatorCodes.length);
  const known = enums.BuiltinOperator.names.filter((name) => name in conversions);
  const builtin = draws.oneOf(draws.chance(85) ? known : enums.BuiltinOperator.names) ?? 'ADD';
  if (builtin === 'CUSTOM') return model;
  return { ...model, operatorCodes: replaced(model.operatorCodes, index, { builtin, version: 1 }) };
}

/** Operators with one left out, moved, or repeated. */
export function reordered(operators: readonly TfliteOperator[], draws: Draws): readonly TfliteOperator[] {
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
export function appended(model: TfliteModel, graph: TfliteSubgraph, draws: Draws): TfliteModel {
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

/** Other inputs or outputs of the model. */
export function otherEnds({ inputs, outputs, tensors }: TfliteSubgraph, draws: Draws): Partial<TfliteSubgraph> {
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
