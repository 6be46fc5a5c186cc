// Models made by hand in a few lines: what everyone sets, with the format's conventions filled in. Meant for writers of
// models (scripts that export a trained network) and for tests of what reads them.

import { omittedValue } from '../wire/flatbuffer-schema.ts';
import type {
  TfliteBuffer,
  TfliteModel,
  TfliteOperator,
  TfliteOperatorCode,
  TfliteOptions,
  TfliteTensor,
  TfliteTensorType,
} from './model.ts';
import { type TableValue, type tables, tfliteSchema } from './schema.ts';

export interface TensorDescription {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: TfliteTensorType;
  /** Little-endian elements of a constant. */
  readonly data?: Uint8Array;
  /** One scale, or one per index of `quantizedDimension`; rounded to 32 bits. */
  readonly scale?: readonly number[];
  /** As many as scales; all 0 when left out. */
  readonly zeroPoint?: readonly number[];
  readonly quantizedDimension?: number;
  readonly isVariable?: boolean;
  readonly shapeSignature?: readonly number[];
}

type Tables = typeof tables;

/** A set of options by name, with the fields that differ from the format's defaults. */
export type OptionsDescription = {
  [T in Extract<TfliteOptions['type'], keyof Tables>]: { readonly type: T } & Partial<TableValue<T>>;
}[Extract<TfliteOptions['type'], keyof Tables>];

export interface OperatorDescription {
  /** Name of a builtin, 'CUSTOM' together with `customCode`. */
  readonly op: TfliteOperatorCode['builtin'];
  readonly customCode?: string;
  readonly version?: number;
  /** Indices into `tensors`, −1 for an optional input that is not given. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options?: OptionsDescription;
  readonly customOptions?: Uint8Array;
  readonly intermediates?: readonly number[];
}

export interface ModelDescription {
  readonly description?: string;
  readonly tensors: readonly TensorDescription[];
  readonly operators: readonly OperatorDescription[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** A model of one subgraph, operators in execution order. writeTfliteModel() turns it into a file. */
export function buildTfliteModel(description: ModelDescription): TfliteModel {
  const buffers: TfliteBuffer[] = [{ data: new Uint8Array(0) }];
  const operatorCodes: TfliteOperatorCode[] = [];
  const tensors = description.tensors.map((tensor) => {
    const isConstant = tensor.data !== undefined && tensor.data.length > 0;
    if (isConstant) buffers.push({ data: tensor.data });
    return tensorFrom(tensor, isConstant ? buffers.length - 1 : 0);
  });
  const operators = description.operators.map((operator): TfliteOperator => {
    const { op, customCode, inputs, outputs, options, customOptions, intermediates = [] } = operator;
    return {
      opcodeIndex: indexOfCode(operatorCodes, operator),
      op,
      ...(customCode !== undefined && { customCode }),
      inputs,
      outputs,
      ...(options && { options: completeOptions(options) }),
      ...(customOptions && { customOptions }),
      mutatingVariableInputs: [],
      intermediates,
    };
  });
  const { inputs, outputs } = description;
  return {
    version: 3,
    description: description.description ?? '',
    operatorCodes,
    subgraphs: [{ name: 'main', tensors, inputs, outputs, operators }],
    buffers,
    metadata: [],
    signatureDefs: [],
  };
}

function tensorFrom(tensor: TensorDescription, buffer: number): TfliteTensor {
  const { name, shape, type, scale, quantizedDimension = 0, isVariable = false, shapeSignature } = tensor;
  return {
    name,
    shape,
    ...(shapeSignature && { shapeSignature }),
    type,
    buffer,
    isVariable,
    hasRank: true,
    ...(scale && {
      quantization: {
        min: [],
        max: [],
        scale: scale.map(Math.fround),
        zeroPoint: tensor.zeroPoint ?? scale.map(() => 0),
        details: undefined,
        quantizedDimension,
      },
    }),
  };
}

function indexOfCode(codes: TfliteOperatorCode[], { op, customCode, version = 1 }: OperatorDescription): number {
  const known = codes.findIndex(
    (code) => code.builtin === op && code.customCode === customCode && code.version === version,
  );
  return known >= 0 ? known : codes.push({ builtin: op, ...(customCode !== undefined && { customCode }), version }) - 1;
}

function completeOptions(options: OptionsDescription): TfliteOptions {
  const given: Readonly<Record<string, unknown>> = { ...options };
  const values: Record<string, unknown> = { type: options.type };
  for (const field of tfliteSchema.tables[options.type] ?? []) {
    const [name, type] = field;
    if (type !== 'deprecated') values[name] = given[name] ?? omittedValue(tfliteSchema, field);
  }
  // Field by field what the schema declares for this type, so it is a member of the union.
  return values as TfliteOptions;
}
