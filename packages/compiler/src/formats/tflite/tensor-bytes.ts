// How many bytes the elements of a tensor take in a file. Types of less than a byte are packed, the last byte padded.

import type { TfliteTensorType } from './model.ts';

const bits: Readonly<Record<string, number>> = {
  FLOAT64: 64,
  FLOAT32: 32,
  FLOAT16: 16,
  BFLOAT16: 16,
  FLOAT8_E4M3FN: 8,
  FLOAT8_E5M2: 8,
  INT64: 64,
  INT32: 32,
  INT16: 16,
  INT8: 8,
  INT4: 4,
  INT2: 2,
  UINT64: 64,
  UINT32: 32,
  UINT16: 16,
  UINT8: 8,
  UINT4: 4,
  BOOL: 8,
  COMPLEX64: 64,
  COMPLEX128: 128,
} satisfies Partial<Record<TfliteTensorType, number>>;

/** Undefined for types whose elements have no fixed size: texts, resources, variants, types that are not known. */
export function tensorByteLength(type: TfliteTensorType, elementCount: number): number | undefined {
  const elementBits = bits[type];
  return elementBits === undefined ? undefined : Math.ceil((elementCount * elementBits) / 8);
}

/** Number of elements, 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}
