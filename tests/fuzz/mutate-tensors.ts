// Changes of tensors: sizes, ranks, types, scales, and the contents of constants.
import type {
  TfliteModel,
  TfliteQuantization,
  TfliteTensor,
  TfliteTensorType,
} from '../../packages/compiler/src/formats/tflite/model.ts';
import { elementCount, tensorByteLength } from '../../packages/compiler/src/formats/tflite/tensor-bytes.ts';
import type { Draws } from './draws.ts';
import { integers, reals, replaced, round, withGraph, withTensor } from './model-edits.ts';

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

const isConstant = (model: TfliteModel, { buffer }: TfliteTensor): boolean =>
  (model.buffers[buffer]?.data.length ?? 0) > 0;

const anotherSize = (draws: Draws): number => draws.oneOf(draws.chance(80) ? smallSizes : largeSizes) ?? 1;

/** A tensor of another size, rank or type, or one that is a variable where it was none. */
export function changedTensor(
  tensor: TfliteTensor,
  kind: 'size' | 'rank' | 'type' | 'variable',
  draws: Draws,
): TfliteTensor {
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
export function retyped(model: TfliteModel, index: number, tensor: TfliteTensor, draws: Draws): TfliteModel {
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
export function sizeEverywhere(model: TfliteModel, { shape }: TfliteTensor, draws: Draws): TfliteModel {
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

/** Every tensor of one type in another. */
export function typeEverywhere(model: TfliteModel, from: TfliteTensorType, draws: Draws): TfliteModel {
  const to = draws.oneOf(types) ?? 'FLOAT32';
  const tensors = model.subgraphs[0]?.tensors ?? [];
  return tensors.reduce(
    (changed, tensor, index) =>
      tensor.type === from ? retyped(changed, index, { ...tensor, type: to }, draws) : changed,
    model,
  );
}

/** Another scale or zero point, or none, or as many as another tensor has. */
export function requantised(
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
export function rebuffered(model: TfliteModel, index: number, draws: Draws): TfliteModel {
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
export function withContents(model: TfliteModel, draws: Draws): TfliteModel {
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
