// What to do about operators that have no counterpart here: the nearest way out, for the message that refuses them.
import type { TfliteOperator } from './model.ts';

const application = 'cut the model before it, and do it in the application';
const recurrent = 'recurrent layers are not supported yet: unroll them, or use convolutions over time';
const streaming = 'models that keep state in variables are not supported yet: export the non-streaming model';
const controlFlow = 'control flow is not supported: unroll it before converting';
const upsampling = 'resize in the application, or end the model before it';
const hashing = 'look it up in the application and feed the result';
const constant =
  'its result is a constant in a model of fixed shapes: convert again with a fixed batch size and input shape';
const comparison = `the model's result can be compared in the application: ${application}`;
const normalisation = 'where it normalises layers: train with batch normalisation, which the converter folds away';
const segments = 'use FULLY_CONNECTED or MEAN over a fixed axis';

const ways: Readonly<Record<string, string>> = {
  ABS: 'ADD of RELU(x) and RELU(-x) is the same',
  ADD_N: 'ADD, two at a time',
  ASSIGN_VARIABLE: streaming,
  ATAN2: application,
  BATCH_MATMUL: 'FULLY_CONNECTED, where one side is constant',
  BATCH_TO_SPACE_ND: 'it surrounds a dilated convolution: newer converters fold it into the dilation of CONV_2D',
  BIDIRECTIONAL_SEQUENCE_LSTM: recurrent,
  BIDIRECTIONAL_SEQUENCE_RNN: recurrent,
  BROADCAST_ARGS: constant,
  BROADCAST_TO: 'ADD and MUL broadcast by themselves; otherwise CONCATENATION',
  CALL: controlFlow,
  CALL_ONCE: streaming,
  CAST: 'QUANTIZE or DEQUANTIZE, or feed the type that the model computes in',
  COMPLEX_ABS: 'leave Fourier transforms to the application, before the model',
  CONV_3D: 'CONV_2D on slices, added',
  CUMSUM: application,
  DENSIFY: 'convert without sparsity',
  DEPTH_TO_SPACE: 'RESHAPE, TRANSPOSE, RESHAPE do the same',
  DIV: 'MUL by the reciprocal, where the divisor is constant',
  DYNAMIC_UPDATE_SLICE: streaming,
  ELU: 'RELU, LEAKY_RELU or HARD_SWISH, and train again',
  EMBEDDING_LOOKUP: hashing,
  EMBEDDING_LOOKUP_SPARSE: hashing,
  EXP: 'LOGISTIC, TANH or SOFTMAX where one of them is meant; otherwise end the model before it',
  FAKE_QUANT: 'convert with quantisation, which takes it away',
  FILL: constant,
  GATHER: 'STRIDED_SLICE and CONCATENATION, where the indices are constant',
  GATHER_ND: 'STRIDED_SLICE and CONCATENATION, where the indices are constant',
  GELU: 'HARD_SWISH or RELU, and train again',
  HASHTABLE: hashing,
  HASHTABLE_FIND: hashing,
  HASHTABLE_IMPORT: hashing,
  HASHTABLE_LOOKUP: hashing,
  HASHTABLE_SIZE: hashing,
  IF: controlFlow,
  IMAG: 'leave Fourier transforms to the application, before the model',
  L2_NORMALIZATION: 'normalise in the application, after the model',
  L2_POOL_2D: 'AVERAGE_POOL_2D of MUL(x, x)',
  LOCAL_RESPONSE_NORMALIZATION: 'batch normalisation, which the converter folds into the convolution before it',
  LOG_SOFTMAX: 'SOFTMAX; the order of the classes is the same',
  LSTM: recurrent,
  MAXIMUM: 'y + RELU(x - y) is the same; with the bound 0 it is RELU',
  MINIMUM: 'x - RELU(x - y) is the same',
  MIRROR_PAD: 'PAD, and train again',
  NEG: 'MUL by -1',
  NON_MAX_SUPPRESSION_V4: application,
  NON_MAX_SUPPRESSION_V5: application,
  ONE_HOT: hashing,
  PACK: 'RESHAPE and CONCATENATION do the same',
  POW: 'MUL, where the exponent is a small whole number',
  PRELU: 'LEAKY_RELU with one slope for all channels, or RELU',
  RANGE: constant,
  RANK: constant,
  READ_VARIABLE: streaming,
  REAL: 'leave Fourier transforms to the application, before the model',
  REDUCE_MAX: 'MAX_POOL_2D over the whole height and width',
  REDUCE_MIN: 'MAX_POOL_2D of MUL(x, -1) over the whole height and width',
  RELU_0_TO_1: 'RELU6, and train again',
  RELU_N1_TO_1: 'fuse it into the layer before (activation RELU_N1_TO_1), or use RELU6 or TANH',
  RESIZE_BILINEAR: upsampling,
  RESIZE_NEAREST_NEIGHBOR: upsampling,
  REVERSE_V2: 'STRIDED_SLICE with stride -1 does the same',
  RFFT2D: 'leave Fourier transforms to the application, before the model',
  RNN: recurrent,
  ROUND: application,
  RSQRT: normalisation,
  SELECT: comparison,
  SELECT_V2: comparison,
  SHAPE: constant,
  SLICE: 'STRIDED_SLICE does the same',
  SPACE_TO_BATCH_ND: 'it surrounds a dilated convolution: newer converters fold it into the dilation of CONV_2D',
  SPACE_TO_DEPTH: 'RESHAPE, TRANSPOSE, RESHAPE do the same',
  SQRT: normalisation,
  SQUARE: 'MUL of the tensor with itself',
  SQUARED_DIFFERENCE: 'SUB, then MUL of the result with itself',
  SUM: 'MEAN, then MUL by the number of elements',
  SVDF: recurrent,
  TILE: 'CONCATENATION of the tensor with itself',
  TOPK_V2: 'ARG_MAX for the best, or sort in the application',
  TRANSPOSE_CONV: upsampling,
  UNIDIRECTIONAL_SEQUENCE_LSTM: recurrent,
  UNIDIRECTIONAL_SEQUENCE_RNN: recurrent,
  UNPACK: 'SPLIT and RESHAPE do the same',
  UNSORTED_SEGMENT_MAX: segments,
  UNSORTED_SEGMENT_MIN: segments,
  UNSORTED_SEGMENT_PROD: segments,
  UNSORTED_SEGMENT_SUM: segments,
  VAR_HANDLE: streaming,
  WHERE: comparison,
  WHILE: `${controlFlow}; ${recurrent}`,
  ZEROS_LIKE: constant,
};

const comparisons = /^(EQUAL|NOT_EQUAL|LESS|LESS_EQUAL|GREATER|GREATER_EQUAL|LOGICAL_\w+|REDUCE_(ANY|ALL))$/;

/** The name an operator goes by, and the way out if there is one. */
export function describeUnsupported({ op, customCode }: TfliteOperator): {
  readonly op: string;
  readonly nearest?: string;
} {
  if (customCode !== undefined) return { op: `CUSTOM "${customCode}"`, nearest: wayOutOfCustom(customCode) };
  if (op.startsWith('STABLEHLO_'))
    return { op, nearest: 'convert with TFLITE_BUILTINS as the only supported set of operators' };
  if (op.startsWith('UNKNOWN_'))
    return { op, nearest: 'it is newer than this program: convert with an older converter' };
  const nearest = ways[op] ?? (comparisons.test(op) ? comparison : application);
  return { op, nearest };
}

function wayOutOfCustom(code: string): string {
  if (code.startsWith('Flex')) return 'convert without SELECT_TF_OPS, replacing what then fails to convert';
  if (code === 'TFLite_Detection_PostProcess')
    return 'end the model before it: decode boxes and suppress overlaps in the application';
  if (code.startsWith('Signal')) return 'feed features that the application computes from the signal';
  if (/^(Convolution2D)?Transpose|Resampl|Upsampl/i.test(code)) return upsampling;
  return `it is known only to the framework that made it: ${application}`;
}
