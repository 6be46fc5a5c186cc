import { describe, expect, it } from 'vitest';
import { allocate, bytesOf, type Data, type DType, dataFromBytes, dtypeBytes, holds, integerRange } from './dtype.ts';

const dtypes: readonly DType[] = ['f32', 'i8', 'u8', 'i16', 'i32', 'i64', 'bool'];

describe.each(dtypes)('%s', (dtype) => {
  it('is allocated as zeros of its size', () => {
    const data = allocate(dtype, 3);
    expect(data.byteLength).toBe(3 * dtypeBytes[dtype]);
    expect(bytesOf(data)).toEqual(new Uint8Array(data.byteLength));
    expect(holds(data, dtype, 3)).toBe(true);
    expect(holds(data, dtype, 2)).toBe(false);
  });

  it('is read from bytes at any position, copied', () => {
    const bytes = Uint8Array.from({ length: 25 }, (_, i) => i * 37 + 1);
    const part = bytes.subarray(1, 25);
    const data = dataFromBytes(dtype, part);
    expect(data).toHaveLength(24 / dtypeBytes[dtype]);
    expect(bytesOf(data)).toEqual(part);
    bytes.fill(0);
    expect(bytesOf(data)[0]).toBe(38);
  });

  it('leaves out the rest of an element', () => {
    expect(dataFromBytes(dtype, new Uint8Array(2 * dtypeBytes[dtype] - (dtypeBytes[dtype] > 1 ? 1 : 0)))).toHaveLength(
      dtypeBytes[dtype] > 1 ? 1 : 2,
    );
  });
});

it('arrays hold one type each, bytes two', () => {
  const held = (data: Data): DType[] => dtypes.filter((dtype) => holds(data, dtype, 1));
  expect(dtypes.map((dtype) => held(allocate(dtype, 1)))).toEqual([
    ['f32'],
    ['i8'],
    ['u8', 'bool'],
    ['i16'],
    ['i32'],
    ['i64'],
    ['u8', 'bool'],
  ]);
});

it('bytes are those of the part an array shows', () => {
  const data = Int16Array.of(1, 2, 3, 4).subarray(1, 3);
  expect(Array.from(bytesOf(data))).toEqual([2, 0, 3, 0]);
});

it('ranges are those of the arrays', () => {
  for (const [dtype, [low, high]] of Object.entries(integerRange) as [DType, readonly [number, number]][]) {
    const data = allocate(dtype, 4) as Int32Array;
    data.set([low, high, low - 1, high + 1]);
    expect(Array.from(data)).toEqual([low, high, high, low]);
  }
});
