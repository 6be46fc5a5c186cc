// Element types of tensors and the typed arrays that hold them.

export type DType = 'f32' | 'i8' | 'u8' | 'i16' | 'i32' | 'i64' | 'bool';

/** Elements in row-major order. `bool` is one byte, 0 or 1. Doubles are constants of kernels only: no tensor consists of them. */
export type Data = Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Int32Array | BigInt64Array;

/** The class of arrays that hold elements of each type. */
const arrayOf = {
  f32: Float32Array,
  i8: Int8Array,
  u8: Uint8Array,
  i16: Int16Array,
  i32: Int32Array,
  i64: BigInt64Array,
  bool: Uint8Array,
} as const;

/** Whether the array holds elements of the type, and as many. */
export const holds = (data: Data, dtype: DType, length: number): boolean =>
  data instanceof arrayOf[dtype] && data.length === length;

/** Bytes of one element. */
export const dtypeBytes: Readonly<Record<DType, number>> = { f32: 4, i8: 1, u8: 1, i16: 2, i32: 4, i64: 8, bool: 1 };

/** Smallest and largest value of an integer type that quantised arithmetic saturates to. */
export const integerRange: Readonly<Record<'i8' | 'u8' | 'i16' | 'i32', readonly [number, number]>> = {
  i8: [-128, 127],
  u8: [0, 255],
  i16: [-32768, 32767],
  i32: [-2147483648, 2147483647],
};

/** A zero-filled array for `length` elements. */
export function allocate(dtype: DType, length: number): Data {
  switch (dtype) {
    case 'f32':
      return new Float32Array(length);
    case 'i8':
      return new Int8Array(length);
    case 'u8':
    case 'bool':
      return new Uint8Array(length);
    case 'i16':
      return new Int16Array(length);
    case 'i32':
      return new Int32Array(length);
    case 'i64':
      return new BigInt64Array(length);
  }
}

/** Elements read from little-endian bytes, copied so that any alignment will do. */
export const dataFromBytes = (dtype: DType, bytes: Uint8Array): Data =>
  // Not bytes.slice(): that of Node's Buffer does not copy.
  viewOf(dtype, new Uint8Array(bytes).buffer, 0, Math.floor(bytes.length / dtypeBytes[dtype]));

/** Elements as they lie in memory, from an offset that is a multiple of their size on. */
export function viewOf(dtype: DType, memory: ArrayBuffer, offset: number, length: number): Data {
  switch (dtype) {
    case 'f32':
      return new Float32Array(memory, offset, length);
    case 'i8':
      return new Int8Array(memory, offset, length);
    case 'u8':
    case 'bool':
      return new Uint8Array(memory, offset, length);
    case 'i16':
      return new Int16Array(memory, offset, length);
    case 'i32':
      return new Int32Array(memory, offset, length);
    case 'i64':
      return new BigInt64Array(memory, offset, length);
  }
}

/** The bytes of `data` as a view, little-endian on every machine JavaScript runs on today. */
export const bytesOf = (data: Data): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
