// Between arrays of .npy files and elements as a model stores them: types and shapes checked, real numbers quantised.
import {
  CompileError,
  type Data,
  describeType,
  elementsOf,
  type LoadedTensor,
  type TensorType,
} from '@anymote/compiler';
import type { NpyArray, NpyType } from './npy.ts';

/** NumPy's type of the elements a tensor stores. */
export const npyTypeOf: Readonly<Record<TensorType['dtype'], NpyType>> = {
  f32: 'f4',
  i8: 'i1',
  u8: 'u1',
  i16: 'i2',
  i32: 'i4',
  i64: 'i8',
  bool: 'b1',
};

const ranges = { i8: [-128, 127], u8: [0, 255], i16: [-32768, 32767], i32: [-2147483648, 2147483647] } as const;

/** One scale and zero point for the whole tensor, where real = scale * (q - zeroPoint). */
function affineOf({ quantisation }: TensorType): { readonly scale: number; readonly zeroPoint: number } | undefined {
  const [scale, another] = quantisation?.scale ?? [];
  if (scale === undefined || another !== undefined) return undefined;
  return { scale, zeroPoint: quantisation?.zeroPoint[0] ?? 0 };
}

/** Shapes are the same but for leading axes of length 1, such as a batch of one. */
function sameButForBatch(a: readonly number[], b: readonly number[]): boolean {
  const trimmed = (shape: readonly number[]): readonly number[] => {
    const first = shape.findIndex((size) => size !== 1);
    return first === -1 ? [] : shape.slice(first);
  };
  return trimmed(a).join() === trimmed(b).join();
}

/** What may be given for an input, in words: `i8 [1, 49, 10, 1], or real numbers (f4, f8)`. */
export function describeInput({ type }: LoadedTensor): string {
  const real = type.dtype !== 'f32' && affineOf(type) !== undefined && type.dtype in ranges;
  return `${describeType(type)}${real ? ', or real numbers (f4, f8)' : ''}`;
}

/**
 * An array as the stored elements of an input; floats given for a quantised one are quantised: q = round(x / scale) +
 * zero point, halves away from zero, saturated.
 * @throws {CompileError} when type or shape are others than the input's
 */
export function storedElements(input: LoadedTensor, array: NpyArray, file: string): Data {
  const { type } = input;
  const refuse = (found: string): CompileError =>
    new CompileError([
      { code: 'bad-value', where: { file, tensor: input.name }, what: 'input', want: describeInput(input), found },
    ]);
  if (!sameButForBatch(array.shape, type.shape)) throw refuse(`${array.type} [${array.shape.join(', ')}]`);
  const { data } = array;
  if (data instanceof Float64Array || (data instanceof Float32Array && type.dtype !== 'f32')) {
    const stored = type.dtype === 'f32' ? Float32Array.from(data) : quantised(type, data);
    if (stored === undefined) throw refuse(`${array.type} [${array.shape.join(', ')}]`);
    if (stored === 'NaN') throw refuse('real numbers with NaN among them');
    return stored;
  }
  if (npyTypeOf[type.dtype] !== array.type) throw refuse(`${array.type} [${array.shape.join(', ')}]`);
  return data;
}

function quantised(type: TensorType, values: Float32Array | Float64Array): Data | 'NaN' | undefined {
  const affine = affineOf(type);
  const { dtype } = type;
  if (affine === undefined || !(dtype === 'i8' || dtype === 'u8' || dtype === 'i16' || dtype === 'i32'))
    return undefined;
  if (values.some(Number.isNaN)) return 'NaN';
  const [low, high] = ranges[dtype];
  const element = (value: number): number => {
    const scaled = value / affine.scale;
    const rounded = scaled < 0 ? -Math.floor(-scaled + 0.5) : Math.floor(scaled + 0.5);
    return Math.min(high, Math.max(low, rounded + affine.zeroPoint));
  };
  const elements = Array.from(values, element);
  switch (dtype) {
    case 'i8':
      return Int8Array.from(elements);
    case 'u8':
      return Uint8Array.from(elements);
    case 'i16':
      return Int16Array.from(elements);
    case 'i32':
      return Int32Array.from(elements);
  }
}

/** The real numbers that stored elements stand for; elements without a scale stand for themselves. */
export function realNumbers(type: TensorType, data: Data): Float32Array {
  const { scale, zeroPoint } = affineOf(type) ?? { scale: 1, zeroPoint: 0 };
  return Float32Array.from({ length: elementsOf(type) }, (_, i) => (Number(data[i]) - zeroPoint) * scale);
}

/** An output as an array to write: stored elements, or real numbers. */
export function npyOf({ type }: LoadedTensor, data: Data, real: boolean): NpyArray {
  if (real && type.dtype !== 'f32') return { type: 'f4', shape: type.shape, data: realNumbers(type, data) };
  return { type: npyTypeOf[type.dtype], shape: type.shape, data };
}
