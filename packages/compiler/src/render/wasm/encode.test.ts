import { describe, expect, it } from 'vitest';
import { float32, join, name, section, signed, unsigned, vector } from './encode.ts';

describe('LEB128', () => {
  it.each([
    [0, [0]],
    [1, [1]],
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    [624485, [0xe5, 0x8e, 0x26]],
    [16384, [0x80, 0x80, 0x01]],
    [2 ** 31, [0x80, 0x80, 0x80, 0x80, 0x08]],
    [2 ** 32 - 1, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('unsigned %i', (value, bytes) => {
    expect(unsigned(value)).toEqual(bytes);
  });

  it.each<[number | bigint, number[]]>([
    [0, [0]],
    [-1, [0x7f]],
    [63, [0x3f]],
    [64, [0xc0, 0x00]],
    [-64, [0x40]],
    [-65, [0xbf, 0x7f]],
    [-123456, [0xc0, 0xbb, 0x78]],
    [2147483647, [0xff, 0xff, 0xff, 0xff, 0x07]],
    [-2147483648, [0x80, 0x80, 0x80, 0x80, 0x78]],
    [2n ** 63n - 1n, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00]],
    [-(2n ** 63n), [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f]],
  ])('signed %i', (value, bytes) => {
    expect(signed(value)).toEqual(bytes);
  });

  it('gives back what went in', () => {
    const decode = (bytes: readonly number[]): bigint => {
      let value = 0n;
      bytes.forEach((byte, i) => {
        value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      });
      return BigInt.asIntN(7 * bytes.length, value);
    };
    for (let shift = 0n; shift < 63n; shift += 1n) {
      for (const offset of [-1n, 0n, 1n]) {
        for (const value of [(1n << shift) + offset, -(1n << shift) + offset])
          expect(decode(signed(value))).toBe(value);
      }
    }
  });
});

it('floats are their little-endian bytes', () => {
  expect(float32(1)).toEqual([0, 0, 0x80, 0x3f]);
  expect(float32(-0)).toEqual([0, 0, 0, 0x80]);
  expect(float32(2 ** -149)).toEqual([1, 0, 0, 0]);
  expect(float32(Number.NaN).slice(2)).toEqual([0xc0, 0x7f]);
});

it('vectors, names and sections begin with their length', () => {
  expect(vector([[1, 2], [3]])).toEqual([2, 1, 2, 3]);
  expect(name('run')).toEqual([3, 0x72, 0x75, 0x6e]);
  const long = new Uint8Array(300).fill(7);
  const built = section(10, long);
  expect(Array.from(built.subarray(0, 4))).toEqual([10, 0xac, 0x02, 7]);
  expect(built).toHaveLength(303);
  expect(Array.from(join([[1], Uint8Array.of(2, 3), []]))).toEqual([1, 2, 3]);
});
