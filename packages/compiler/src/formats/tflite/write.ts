// A model as plain data → .tflite bytes: the inverse of read.ts, for models made here and for tests.

import { CompileError } from '../../errors.ts';
import { encodeFlatbuffer } from '../wire/flatbuffer-encode.ts';
import { numberOfName } from '../wire/flatbuffer-schema.ts';
import type {
  TfliteModel,
  TfliteOperator,
  TfliteOperatorCode,
  TfliteOptions,
  TfliteSubgraph,
  TfliteTensor,
} from './model.ts';
import { enums, type TableContent, tfliteSchema, type UnionValue, unions } from './schema.ts';

/**
 * The same model always gives the same bytes; constants start at multiples of 16. Reading them back gives the model
 * (numbers of type float must be representable in 32 bits for that).
 * @throws CompileError 'bad-value' listing every value that its field cannot hold
 */
export function writeTfliteModel(model: TfliteModel): Uint8Array {
  const { bytes, problems } = encodeFlatbuffer({ ...fileContent(model) }, tfliteSchema);
  if (problems.length > 0) {
    throw new CompileError(
      problems.map(({ path, want, found }) => ({ code: 'bad-value', where: {}, what: path, want, found })),
    );
  }
  return bytes;
}

const nonEmpty = <T extends { readonly length: number }>(list: T | undefined): T | undefined =>
  list === undefined || list.length === 0 ? undefined : list;

function fileContent(model: TfliteModel): TableContent<'Model'> {
  return {
    version: model.version,
    description: model.description,
    operatorCodes: model.operatorCodes.map(operatorCode),
    subgraphs: model.subgraphs.map(subgraph),
    buffers: model.buffers.map(({ data }) => ({ data: nonEmpty(data) })),
    metadata: nonEmpty(model.metadata),
    signatureDefs: nonEmpty(
      model.signatureDefs.map((signature) => ({
        inputs: signature.inputs.map(({ name, tensor }) => ({ name, tensorIndex: tensor })),
        outputs: signature.outputs.map(({ name, tensor }) => ({ name, tensorIndex: tensor })),
        signatureKey: signature.key,
        subgraphIndex: signature.subgraph,
      })),
    ),
  };
}

// Codes from here on do not fit the old one-byte field; it then holds this one, and readers take the greater of the two.
const greaterCode = enums.BuiltinOperator.names.indexOf('PLACEHOLDER_FOR_GREATER_OP_CODES');

function operatorCode(code: TfliteOperatorCode): TableContent<'OperatorCode'> {
  const number = numberOfName(enums.BuiltinOperator.names, code.builtin) ?? 0;
  return {
    deprecatedBuiltinCode: Math.min(number, greaterCode),
    builtinCode: code.builtin,
    customCode: code.customCode,
    version: code.version,
  };
}

function subgraph({ name, tensors, inputs, outputs, operators }: TfliteSubgraph): TableContent<'SubGraph'> {
  return { name, tensors: tensors.map(tensor), inputs, outputs, operators: operators.map(operator) };
}

function tensor({ quantization, byte: _, ...fields }: TfliteTensor): TableContent<'Tensor'> {
  return {
    ...fields,
    quantization: quantization && {
      ...quantization,
      min: nonEmpty(quantization.min),
      max: nonEmpty(quantization.max),
      scale: nonEmpty(quantization.scale),
      zeroPoint: nonEmpty(quantization.zeroPoint),
    },
  };
}

function operator(operator: TfliteOperator): TableContent<'Operator'> {
  const { opcodeIndex, inputs, outputs, options, customOptions } = operator;
  const optionsField =
    options === undefined ? {} : isSecond(options) ? { builtinOptions2: options } : { builtinOptions: options };
  return {
    opcodeIndex,
    inputs,
    outputs,
    ...optionsField,
    customOptions,
    mutatingVariableInputs: nonEmpty(operator.mutatingVariableInputs),
    intermediates: nonEmpty(operator.intermediates),
  };
}

/** Whether the options belong to the union that was added when the first had no numbers left. */
function isSecond(options: TfliteOptions): options is UnionValue<'BuiltinOptions2'> {
  const number = numberOfName(['', ...unions.BuiltinOptions], options.type);
  // A member that only has a number is one that its union does not know.
  return number === undefined || (options.type.startsWith('UNKNOWN_') && number <= unions.BuiltinOptions.length);
}
