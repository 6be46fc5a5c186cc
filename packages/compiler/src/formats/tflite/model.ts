// A TensorFlow Lite file as plain data, as the reader gives it and the writer takes it: names instead of codes, indices
// checked, constants as views of the file. Nothing is interpreted yet; the importer does that.

import type { EnumName, TableValue, UnionValue } from './schema.ts';

export type TfliteTensorType = EnumName<'TensorType'>;

/** Real value = scale · (stored − zeroPoint), one pair for the tensor or one per index of `quantizedDimension`. */
export type TfliteQuantization = TableValue<'QuantizationParameters'>;

export type TfliteSparsity = TableValue<'SparsityParameters'>;

/** The attributes of a built-in operator: `type` names the set, e.g. 'Conv2DOptions'. */
export type TfliteOptions = UnionValue<'BuiltinOptions'> | UnionValue<'BuiltinOptions2'>;

export interface TfliteOperatorCode {
  readonly builtin: EnumName<'BuiltinOperator'>;
  /** Only of builtin 'CUSTOM'. */
  readonly customCode?: string;
  readonly version: number;
}

export interface TfliteTensor {
  readonly name: string;
  /** Empty for a scalar, or when the rank is unknown (`hasRank` is then false, but old files never set it). */
  readonly shape: readonly number[];
  /** The shape with −1 for each dimension that is only known at run time; absent when there is none. */
  readonly shapeSignature?: readonly number[];
  readonly type: TfliteTensorType;
  /** Index into the model's buffers; an empty buffer means that the tensor is not a constant. */
  readonly buffer: number;
  readonly isVariable: boolean;
  readonly hasRank: boolean;
  readonly quantization?: TfliteQuantization;
  readonly sparsity?: TfliteSparsity;
  readonly variantTensors?: readonly TableValue<'VariantSubType'>[];
  /** Position in the file, of models that come from one. */
  readonly byte?: number;
}

export interface TfliteOperator {
  readonly opcodeIndex: number;
  /** The builtin of that code, 'CUSTOM' for a custom operator: its name is then in `customCode`. */
  readonly op: EnumName<'BuiltinOperator'>;
  readonly customCode?: string;
  /** Tensor indices; −1 stands for an optional input that is not given. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options?: TfliteOptions;
  readonly customOptions?: Uint8Array;
  /** Empty, or one entry per input. */
  readonly mutatingVariableInputs: readonly boolean[];
  readonly intermediates: readonly number[];
  readonly byte?: number;
}

export interface TfliteSubgraph {
  readonly name: string;
  readonly tensors: readonly TfliteTensor[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** In execution order. */
  readonly operators: readonly TfliteOperator[];
}

export interface TfliteBuffer {
  readonly data: Uint8Array;
  readonly byte?: number;
}

export interface TfliteMetadata {
  readonly name: string;
  readonly buffer: number;
}

export interface TfliteSignature {
  readonly key: string;
  readonly subgraph: number;
  readonly inputs: readonly TfliteNamedTensor[];
  readonly outputs: readonly TfliteNamedTensor[];
}

export interface TfliteNamedTensor {
  readonly name: string;
  /** Index into the tensors of the signature's subgraph. */
  readonly tensor: number;
}

export interface TfliteModel {
  /** Of the schema: always 3. */
  readonly version: number;
  readonly description: string;
  readonly operatorCodes: readonly TfliteOperatorCode[];
  /** The first is the model; the others are called by its operators. */
  readonly subgraphs: readonly TfliteSubgraph[];
  /** The first is empty: tensors without data refer to it. */
  readonly buffers: readonly TfliteBuffer[];
  readonly metadata: readonly TfliteMetadata[];
  readonly signatureDefs: readonly TfliteSignature[];
}

/** The model apart from where in a file it was: two files hold the same model if these are deeply equal. */
export function withoutPositions(model: TfliteModel): TfliteModel {
  return {
    ...model,
    buffers: model.buffers.map(({ data }) => ({ data })),
    subgraphs: model.subgraphs.map((subgraph) => ({
      ...subgraph,
      tensors: subgraph.tensors.map(({ byte: _, ...tensor }) => tensor),
      operators: subgraph.operators.map(({ byte: _, ...operator }) => operator),
    })),
  };
}
