// The tables of a .tflite file → a model: codes resolved to names, the format's alternative places for the same thing
// brought together. What contradicts itself on the way is reported; indices and sizes are checked by check.ts.

import type { FileReport } from '../wire/file-report.ts';
import { nameOf, numberOfName, type PlainTable } from '../wire/flatbuffer-schema.ts';
import type {
  TfliteBuffer,
  TfliteModel,
  TfliteOperator,
  TfliteOperatorCode,
  TfliteOptions,
  TfliteSubgraph,
  TfliteTensor,
} from './model.ts';
import { enums, type TableValue } from './schema.ts';

interface Source {
  readonly bytes: Uint8Array;
  readonly byteOf: ReadonlyMap<PlainTable, number>;
  readonly report: FileReport;
}

export function modelFrom(source: Source, file: TableValue<'Model'>): TfliteModel {
  const operatorCodes = file.operatorCodes.map((code, index) => operatorCode(source, code, `operatorCodes[${index}]`));
  return {
    version: file.version,
    description: file.description,
    operatorCodes,
    subgraphs: file.subgraphs.map((graph, index) => subgraph(source, graph, operatorCodes, `subgraphs[${index}]`)),
    buffers: file.buffers.map((buffer, index) => bufferFrom(source, buffer, `buffers[${index}]`)),
    metadata: file.metadata,
    signatureDefs: file.signatureDefs.map((signature) => ({
      key: signature.signatureKey,
      subgraph: signature.subgraphIndex,
      inputs: signature.inputs.map(({ name, tensorIndex }) => ({ name, tensor: tensorIndex })),
      outputs: signature.outputs.map(({ name, tensorIndex }) => ({ name, tensor: tensorIndex })),
    })),
  };
}

function operatorCode(source: Source, code: TableValue<'OperatorCode'>, path: string): TfliteOperatorCode {
  const names = enums.BuiltinOperator.names;
  // Files from before 2020 only have the one-byte field, later ones both: the greater is meant.
  const number = Math.max(code.deprecatedBuiltinCode, numberOfName(names, code.builtinCode) ?? 0);
  const byte = source.byteOf.get(code);
  if (code.deprecatedBuiltinCode < 0)
    source.report.fault({ byte }, path, `code ${code.deprecatedBuiltinCode} is negative`);
  // The names are those of the enum, or made by the same rule as those of its unknown values.
  const builtin = nameOf(names, number) as TfliteOperatorCode['builtin'];
  if (builtin !== 'CUSTOM') return { builtin, version: code.version };
  if (code.customCode === '') source.report.fault({ byte }, path, 'a custom operator without a name');
  return { builtin, customCode: code.customCode, version: code.version };
}

function subgraph(
  source: Source,
  graph: TableValue<'SubGraph'>,
  codes: readonly TfliteOperatorCode[],
  path: string,
): TfliteSubgraph {
  return {
    name: graph.name,
    tensors: graph.tensors.map((tensor, index) => tensorFrom(source, tensor, `${path}.tensors[${index}]`)),
    inputs: graph.inputs,
    outputs: graph.outputs,
    operators: graph.operators.map((operator, index) =>
      operatorFrom(source, operator, codes, `${path}.operators[${index}]`),
    ),
  };
}

function tensorFrom(source: Source, tensor: TableValue<'Tensor'>, path: string): TfliteTensor {
  const { name, shape, type, buffer, isVariable, hasRank, quantization, sparsity } = tensor;
  const byte = source.byteOf.get(tensor) ?? 0;
  if (tensor.externalBuffer !== 0) {
    const reason = `its data is in another file (external buffer ${tensor.externalBuffer})`;
    source.report.fault({ tensor: name, byte }, path, reason, 'convert the model into a single file');
  }
  return {
    name,
    shape,
    ...(tensor.shapeSignature.length > 0 && { shapeSignature: tensor.shapeSignature }),
    type,
    buffer,
    isVariable,
    hasRank,
    ...(quantization && { quantization }),
    ...(sparsity && { sparsity }),
    ...(tensor.variantTensors.length > 0 && { variantTensors: tensor.variantTensors }),
    byte,
  };
}

function operatorFrom(
  source: Source,
  operator: TableValue<'Operator'>,
  codes: readonly TfliteOperatorCode[],
  path: string,
): TfliteOperator {
  const { opcodeIndex, inputs, outputs, mutatingVariableInputs, intermediates } = operator;
  const byte = source.byteOf.get(operator) ?? 0;
  const code = codes[opcodeIndex];
  const report = (reason: string): void => source.report.fault({ node: path, byte }, path, reason);
  if (code === undefined) report(`opcodeIndex is ${opcodeIndex}, there are ${codes.length} operator codes`);
  const { builtinOptions, builtinOptions2 } = operator;
  if (builtinOptions !== undefined && builtinOptions2 !== undefined) {
    report(`two sets of options, ${builtinOptions.type} and ${builtinOptions2.type}`);
  }
  const options: TfliteOptions | undefined = builtinOptions ?? builtinOptions2;
  const custom = dataOf(source, report, 'customOptions', {
    data: operator.customOptions,
    offset: operator.largeCustomOptionsOffset,
    size: operator.largeCustomOptionsSize,
  });
  if (custom.length > 0 && operator.customOptionsFormat !== 'FLEXBUFFERS') {
    report(`customOptionsFormat ${operator.customOptionsFormat} is not known`);
  }
  return {
    opcodeIndex,
    op: code?.builtin ?? 'UNKNOWN_-1',
    ...(code?.customCode !== undefined && { customCode: code.customCode }),
    inputs,
    outputs,
    ...(options && { options }),
    ...(custom.length > 0 && { customOptions: custom }),
    mutatingVariableInputs,
    intermediates,
    byte,
  };
}

function bufferFrom(source: Source, buffer: TableValue<'Buffer'>, path: string): TfliteBuffer {
  const byte = source.byteOf.get(buffer) ?? 0;
  const data = dataOf(source, (reason) => source.report.fault({ byte }, path, reason), 'data', buffer);
  return { data, byte: data.length > 0 ? data.byteOffset - source.bytes.byteOffset : byte };
}

/** Data inside the FlatBuffer or, in files that outgrew its 2 GB, behind it at `offset`, which counts from 2 on. */
function dataOf(
  { bytes }: Source,
  report: (reason: string) => void,
  what: string,
  { data, offset, size }: { readonly data: Uint8Array; readonly offset: number; readonly size: number },
): Uint8Array {
  if (offset <= 1) return data;
  if (data.length > 0) {
    report(`${what} is given twice, here and at byte ${offset}`);
    return data;
  }
  if (offset + size > bytes.length) {
    report(`${what} would be at bytes ${offset} to ${offset + size}, outside the file of ${bytes.length} bytes`);
    return data;
  }
  return bytes.subarray(offset, offset + size);
}
