// Arrays as stored elements: what fits is taken, what does not is refused with what would.
import { CompileError, type LoadedTensor, type TensorType } from '@anymote/compiler';
import { describe, expect, it } from 'vitest';
import type { NpyArray } from './npy.ts';
import { npyOf, realNumbers, storedElements } from './stored-elements.ts';

const quantisation = { scale: [0.5], zeroPoint: [3], axis: 0 };
const int8: LoadedTensor = { name: 'x', type: { dtype: 'i8', shape: [1, 1, 4], quantisation } };
const float: LoadedTensor = { name: 'x', type: { dtype: 'f32', shape: [1, 4] } };

const array = (type: NpyArray['type'], shape: readonly number[], data: NpyArray['data']): NpyArray => ({
  type,
  shape,
  data,
});
const floats = Float32Array.of(0, 1, -0.25, 1000);

const refusal = (input: LoadedTensor, given: NpyArray): string => {
  try {
    storedElements(input, given, 'x.npy');
  } catch (error) {
    if (error instanceof CompileError) return error.message;
    throw error;
  }
  return 'none';
};

describe('storedElements', () => {
  it('takes elements as they are, with or without a batch of one', () => {
    const data = Int8Array.of(1, -2, 3, 4);
    for (const shape of [[1, 1, 4], [1, 4], [4]])
      expect(storedElements(int8, array('i1', shape, data), 'x')).toBe(data);
    expect(storedElements(float, array('f4', [4], floats), 'x')).toBe(floats);
  });

  it('quantises real numbers: halves away from zero, saturated', () => {
    expect(storedElements(int8, array('f4', [4], floats), 'x')).toEqual(Int8Array.of(3, 5, 2, 127));
    expect(storedElements(int8, array('f8', [4], Float64Array.of(0.25, -0.25, -1e9, 0.2)), 'x')).toEqual(
      Int8Array.of(4, 2, -128, 3),
    );
    const to = (dtype: TensorType['dtype']): LoadedTensor => ({ name: 'x', type: { dtype, shape: [4], quantisation } });
    expect(storedElements(to('u8'), array('f4', [4], floats), 'x')).toEqual(Uint8Array.of(3, 5, 2, 255));
    expect(storedElements(to('i16'), array('f4', [4], floats), 'x')).toEqual(Int16Array.of(3, 5, 2, 2003));
    expect(storedElements(to('i32'), array('f4', [4], floats), 'x')).toEqual(Int32Array.of(3, 5, 2, 2003));
  });

  it('takes doubles for floats', () => {
    expect(storedElements(float, array('f8', [1, 4], Float64Array.of(0.1, 2, 3, 4)), 'x')).toEqual(
      Float32Array.of(0.1, 2, 3, 4),
    );
  });

  it('refuses other types and shapes', () => {
    expect(refusal(int8, array('i2', [4], new Int16Array(4)))).toBe(
      'x.npy, tensor x: input: expected i8 [1, 1, 4], or real numbers (f4, f8), found i2 [4]',
    );
    expect(refusal(int8, array('i1', [4, 1], new Int8Array(4)))).toContain('found i1 [4, 1]');
    expect(refusal(int8, array('i1', [5], new Int8Array(5)))).toContain('found i1 [5]');
    expect(refusal(float, array('i4', [4], new Int32Array(4)))).toContain('expected f32 [1, 4], found i4 [4]');
    expect(refusal(int8, array('f4', [4], Float32Array.of(1, Number.NaN, 0, 0)))).toContain('NaN');
    const plain: LoadedTensor = { name: 'n', type: { dtype: 'i32', shape: [4] } };
    expect(refusal(plain, array('f4', [4], floats))).toContain('expected i32 [4], found f4 [4]');
  });
});

describe('outputs', () => {
  it('stand for real numbers', () => {
    const data = Int8Array.of(3, 5, 2, 127);
    expect(realNumbers(int8.type, data)).toEqual(Float32Array.of(0, 1, -0.5, 62));
    expect(npyOf(int8, data, false)).toEqual({ type: 'i1', shape: [1, 1, 4], data });
    expect(npyOf(int8, data, true)).toMatchObject({ type: 'f4', data: Float32Array.of(0, 1, -0.5, 62) });
    expect(npyOf(float, floats, true)).toEqual({ type: 'f4', shape: [1, 4], data: floats });
  });
});
