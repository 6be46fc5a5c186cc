// Amounts of memory.
import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, parseByteSize } from './byte-size.ts';

describe('parseByteSize', () => {
  it.each([
    ['65536', 65536],
    ['64K', 65536],
    ['64k', 65536],
    ['64KiB', 65536],
    ['64 KB', 65536],
    ['1.5M', 1572864],
    ['0', 0],
    ['12B', 12],
  ])('reads %s', (text, bytes) => expect(parseByteSize(text)).toBe(bytes));

  it.each(['', 'K', '-1K', '64G', '1e3', '0.0001K', '64Kx'])("refuses '%s'", (text) =>
    expect(parseByteSize(text)).toBeUndefined(),
  );
});

it('writes counts and bytes', () => {
  expect([0, 999, 1000, 1234567].map(formatCount)).toEqual(['0', '999', '1,000', '1,234,567']);
  expect([0, 1023, 1024, 1536, 3 << 20].map(formatBytes)).toEqual(['0 B', '1023 B', '1.0 KiB', '1.5 KiB', '3.0 MiB']);
});
