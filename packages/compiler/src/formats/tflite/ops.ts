import type { Draft } from '../../ops/index.ts';
import { type Padding, samePadding } from '../../ops/window.ts';
import type { OperatorReader } from './import-operator.ts';
import type { TfliteOperator, TfliteTensor } from './model.ts';
import { resolveSlice } from './resolve-slice.ts';
import type { EnumName } from './schema.ts';

export interface Conversion {
  /** Inputs that stay inputs, by position in the file's list; the others become attributes. */
  readonly inputs: readonly number[] | 'all';
  /** Inputs the operator has at most. */
  readonly most: number;
  /** Undefined when something is missing or not supported, which the reader then knows. */
  readonly convert: (operator: OperatorReader) => Draft | undefined;
}

const inputs = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/** An operator all of whose inputs stay. */
const direct = (count: number, convert: Conversion['convert']): Conversion => ({
  inputs: inputs(count),
  most: count,
  convert,
});

/** An operator with one tensor to work on, at `position`; the others tell it how. */
const told = (position: number, most: number, convert: Conversion['convert']): Conversion => ({
  inputs: [position],
  most,
  convert,
});

const conv2d = direct(3, (operator) => {
  const options = operator.options('Conv2DOptions');
  const window = options && weightedWindow(operator, options);
  return window && { op: 'conv2d', attrs: window };
});

const depthwiseConv2d = direct(3, (operator) => {
  const options = operator.options('DepthwiseConv2DOptions');
  const window = options && weightedWindow(operator, options);
  return window && { op: 'depthwiseConv2d', attrs: window };
});

const fullyConnected = direct(3, (operator) => {
  const options = operator.optional('FullyConnectedOptions');
  const activation = operator.activation(options?.fusedActivationFunction);
  if (options !== undefined && options.weightsFormat !== 'DEFAULT') {
    operator.refuse('weights format', options.weightsFormat, 'convert without shuffled weights');
    return undefined;
  }
  return activation && { op: 'fullyConnected', attrs: { activation, keepDims: options?.keepNumDims ?? false } };
});

const pool2d = (op: 'averagePool2d' | 'maxPool2d'): Conversion =>
  direct(1, (operator) => {
    const options = operator.options('Pool2DOptions');
    const x = operator.input(0);
    if (options === undefined || x === undefined) return undefined;
    const { strideH, strideW, filterHeight: kernelH, filterWidth: kernelW } = options;
    const geometry = { strideH, strideW, dilationH: 1, dilationW: 1, kernelH, kernelW };
    const padding = paddingOf(operator, options.padding, x, geometry);
    const activation = operator.activation(options.fusedActivationFunction);
    return padding && activation && { op, attrs: { ...geometry, padding, activation } };
  });

const elementwise = (op: 'add' | 'mul' | 'sub', type: 'AddOptions' | 'MulOptions' | 'SubOptions'): Conversion =>
  direct(2, (operator) => {
    const activation = operator.activation(operator.optional(type)?.fusedActivationFunction);
    return activation && { op, attrs: { activation } };
  });

const unary = (op: 'hardSwish' | 'logistic' | 'relu' | 'relu6' | 'tanh' | 'quantize' | 'dequantize'): Conversion =>
  direct(1, () => ({ op, attrs: {} }));

const softmax = direct(1, (operator) => {
  const options = operator.options('SoftmaxOptions');
  return options && { op: 'softmax', attrs: { beta: options.beta } };
});

const leakyRelu = direct(1, (operator) => {
  const options = operator.options('LeakyReluOptions');
  return options && { op: 'leakyRelu', attrs: { alpha: options.alpha } };
});

// As in the reference, the new shape is that of the output tensor: the input and the options that also tell it may be
// out of date after the converter has changed the batch size.
const reshape = told(0, 2, (operator) => {
  const y = operator.output(0);
  return y && { op: 'reshape', attrs: { shape: y.shape } };
});

const pad = told(0, 3, (operator) => {
  const [x, y] = [operator.input(0), operator.output(0)];
  const paddings = operator.integers(1, 'paddings');
  if (x === undefined || y === undefined || paddings === undefined) return undefined;
  const value = operator.has(2) ? padConstant(operator, y) : isQuantised(y) ? zeroPointOf(y) : 0;
  if (paddings.length !== 2 * x.shape.length) {
    operator.contradict('paddings', `${x.shape.length} pairs`, `${paddings.length} numbers`);
    return undefined;
  }
  if (value === undefined) return undefined;
  const [before, after] = [0, 1].map((side) => paddings.filter((_, i) => i % 2 === side));
  return before && after && { op: 'pad', attrs: { before, after, value } };
});

const concatenation: Conversion = {
  inputs: 'all',
  most: Infinity,
  convert(operator) {
    const options = operator.optional('ConcatenationOptions');
    const activation = operator.activation(options?.fusedActivationFunction);
    const axis = operator.resolve(options?.axis ?? 0, operator.output(0)?.shape.length ?? 0);
    if (activation !== undefined && activation !== 'none') {
      operator.refuse(
        'fused activation',
        `${options?.fusedActivationFunction} of CONCATENATION`,
        'apply it to the inputs',
      );
    }
    return axis === undefined ? undefined : { op: 'concatenation', attrs: { axis } };
  },
};

const split = told(1, 2, (operator) => {
  const x = operator.input(1);
  const axis = x && operator.axis(0, x.shape.length);
  if (x === undefined || axis === undefined) return undefined;
  const parts = operator.source.outputs.length;
  return { op: 'split', attrs: { axis, sizes: operator.source.outputs.map(() => (x.shape[axis] ?? 0) / parts) } };
});

// As in the reference, the sizes are those of the output tensors.
const splitV = told(0, 3, (operator) => {
  const x = operator.input(0);
  const axis = x && operator.axis(2, x.shape.length);
  if (axis === undefined) return undefined;
  const sizes = operator.source.outputs.map((_, part) => operator.output(part)?.shape[axis] ?? 0);
  return { op: 'split', attrs: { axis, sizes } };
});

const transpose = told(0, 2, (operator) => {
  const perm = operator.integers(1, 'permutation');
  return perm && { op: 'transpose', attrs: { perm } };
});

const stridedSlice = told(0, 4, (operator) => {
  const options = operator.options('StridedSliceOptions');
  const x = operator.input(0);
  const [begin, end, strides] = ['begin', 'end', 'strides'].map((what, i) => operator.integers(i + 1, what));
  if (!options || !x || !begin || !end || !strides) return undefined;
  const { ellipsisMask, newAxisMask, offset } = options;
  const rank = x.shape.length;
  if (ellipsisMask !== 0 || newAxisMask !== 0 || offset) {
    const found =
      ellipsisMask !== 0 ? 'an ellipsis' : newAxisMask !== 0 ? 'a new axis' : 'an end relative to the begin';
    operator.refuse('slice with', found, 'slice by positions and reshape');
  } else if (begin.length > rank || end.length !== begin.length || strides.length !== begin.length) {
    operator.contradict(
      'begin, end and strides',
      `${rank} each`,
      `${begin.length}, ${end.length} and ${strides.length}`,
    );
  } else if (strides.includes(0)) operator.contradict('stride', 'not 0', '0');
  else return { op: 'stridedSlice', attrs: resolveSlice(x.shape, { ...options, begin, end, strides }) };
  return undefined;
});

const mean = told(0, 2, (operator) => {
  const options = operator.optional('ReducerOptions');
  const axes = operator.integers(1, 'axes');
  return axes && { op: 'mean', attrs: { axes, keepDims: options?.keepDims ?? false } };
});

const argExtremum = (op: 'argMax' | 'argMin'): Conversion =>
  told(0, 2, (operator) => {
    const x = operator.input(0);
    const axis = x && operator.axis(1, x.shape.length);
    return axis === undefined ? undefined : { op, attrs: { axis } };
  });

/** By the name of the builtin. */
export const conversions: Readonly<Partial<Record<TfliteOperator['op'], Conversion>>> = {
  ADD: elementwise('add', 'AddOptions'),
  ARG_MAX: argExtremum('argMax'),
  ARG_MIN: argExtremum('argMin'),
  AVERAGE_POOL_2D: pool2d('averagePool2d'),
  CONCATENATION: concatenation,
  CONV_2D: conv2d,
  DEPTHWISE_CONV_2D: depthwiseConv2d,
  DEQUANTIZE: unary('dequantize'),
  EXPAND_DIMS: reshape,
  FULLY_CONNECTED: fullyConnected,
  HARD_SWISH: unary('hardSwish'),
  LEAKY_RELU: leakyRelu,
  LOGISTIC: unary('logistic'),
  MAX_POOL_2D: pool2d('maxPool2d'),
  MEAN: mean,
  MUL: elementwise('mul', 'MulOptions'),
  PAD: pad,
  PADV2: pad,
  QUANTIZE: unary('quantize'),
  RELU: unary('relu'),
  RELU6: unary('relu6'),
  RESHAPE: reshape,
  SOFTMAX: softmax,
  SPLIT: split,
  SPLIT_V: splitV,
  SQUEEZE: { ...reshape, most: 1 },
  STRIDED_SLICE: stridedSlice,
  SUB: elementwise('sub', 'SubOptions'),
  TANH: unary('tanh'),
  TRANSPOSE: transpose,
};

interface Steps {
  readonly strideH: number;
  readonly strideW: number;
  readonly dilationH: number;
  readonly dilationW: number;
}

interface WeightedOptions {
  readonly padding: EnumName<'Padding'>;
  readonly strideH: number;
  readonly strideW: number;
  readonly dilationHFactor: number;
  readonly dilationWFactor: number;
  readonly fusedActivationFunction: EnumName<'ActivationFunctionType'>;
}

/** The window of a convolution over x (n, h, w, c) with weights (…, kh, kw, …). */
function weightedWindow(operator: OperatorReader, options: WeightedOptions) {
  const [x, w] = [operator.input(0), operator.input(1)];
  if (x === undefined || w === undefined) return undefined;
  const { strideH, strideW, dilationHFactor: dilationH, dilationWFactor: dilationW } = options;
  const steps: Steps = { strideH, strideW, dilationH, dilationW };
  const [, kernelH = 0, kernelW = 0] = w.shape;
  const padding = paddingOf(operator, options.padding, x, { ...steps, kernelH, kernelW });
  const activation = operator.activation(options.fusedActivationFunction);
  return padding && activation && { ...steps, padding, activation };
}

function paddingOf(
  operator: OperatorReader,
  padding: EnumName<'Padding'>,
  x: TfliteTensor,
  window: Steps & { readonly kernelH: number; readonly kernelW: number },
): Padding | undefined {
  const [, height = 0, width = 0] = x.shape;
  if (padding === 'VALID') return { top: 0, bottom: 0, left: 0, right: 0 };
  if (padding !== 'SAME') {
    operator.contradict('padding', 'SAME or VALID', padding);
    return undefined;
  }
  const [top, bottom] = samePadding(height, window.kernelH, window.strideH, window.dilationH);
  const [left, right] = samePadding(width, window.kernelW, window.strideW, window.dilationW);
  return { top, bottom, left, right };
}

const isQuantised = ({ type, quantization }: TfliteTensor): boolean =>
  (type === 'INT8' || type === 'UINT8') && (quantization?.scale.length ?? 0) > 0;

const zeroPointOf = ({ quantization }: TfliteTensor): number => quantization?.zeroPoint[0] ?? 0;

/** The one element of PADV2's third input, as stored. */
function padConstant(operator: OperatorReader, y: TfliteTensor): number | undefined {
  const constant = operator.input(2);
  const bytes = operator.bytes(2, 'padding value');
  if (constant === undefined || bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const element = { INT8: 1, UINT8: 1, BOOL: 1, INT16: 2, INT32: 4, FLOAT32: 4, INT64: 8 }[String(constant.type)] ?? 0;
  if (constant.type !== y.type || bytes.length !== element) {
    operator.contradict('padding value', `one element of ${y.type}`, `${bytes.length} bytes of ${constant.type}`);
    return undefined;
  }
  if (isQuantised(y) && (zeroPointOf(constant) !== zeroPointOf(y) || scaleOf(constant) !== scaleOf(y))) {
    operator.contradict(
      'quantisation of the padding value',
      `that of the output, scale ${scaleOf(y)} and zero point ${zeroPointOf(y)}`,
      `scale ${scaleOf(constant)} and zero point ${zeroPointOf(constant)}`,
    );
    return undefined;
  }
  switch (constant.type) {
    case 'FLOAT32':
      return view.getFloat32(0, true);
    case 'INT32':
      return view.getInt32(0, true);
    case 'INT64':
      return Number(view.getBigInt64(0, true));
    case 'INT16':
      return view.getInt16(0, true);
    case 'INT8':
      return view.getInt8(0);
    default:
      return view.getUint8(0);
  }
}

const scaleOf = ({ quantization }: TfliteTensor): number => quantization?.scale[0] ?? 0;
