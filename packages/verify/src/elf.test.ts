// The ELF reader on a small executable, whole and damaged.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { functionAt, readElf } from './elf.ts';

/** A small executable: one segment, .text and .bss, one function. */
function smallElf(): Uint8Array {
  const bytes = new Uint8Array(512);
  const view = new DataView(bytes.buffer);
  const words = (at: number, ...values: number[]): void =>
    values.forEach((value, i) => {
      view.setUint32(at + 4 * i, value, true);
    });
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  words(24, 0x10000001, 52, 100);
  [52, 32, 1, 40, 5, 4].forEach((value, i) => {
    view.setUint16(40 + 2 * i, value, true);
  });
  words(52, 1, 300, 0x20000000, 0x10000000, 8, 16);
  const header = (index: number, ...values: number[]): void => words(100 + 40 * index, ...values);
  header(1, 1, 1, 6, 0x10000000, 300, 8);
  header(2, 7, 8, 3, 0x20000000, 308, 64);
  header(3, 0, 2, 0, 0, 340, 32, 4);
  header(4, 0, 3, 0, 0, 400, 20);
  bytes.set([1, 2, 3, 4, 5, 6, 7, 8], 300);
  words(356, 12, 0x10000001, 4, 0x00000002);
  bytes.set(Buffer.from('\0.text\0.bss\0main\0'), 400);
  return bytes;
}

it('reads segments, sections and functions', () => {
  const elf = readElf(smallElf());
  expect(elf.segments).toEqual([{ address: 0x10000000, bytes: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }]);
  expect(elf.sections).toEqual([
    { name: '.text', bytes: 8, executable: true, writable: false, stored: true },
    { name: '.bss', bytes: 64, executable: false, writable: true, stored: false },
  ]);
  expect(functionAt(elf, 0x10000002)).toBe('main');
  expect(functionAt(elf, 0x10000004)).toBeUndefined();
});

it('refuses what is cut short or not ELF', () => {
  const whole = smallElf();
  for (const length of [0, 3, 51, 99, 150, 299, 305, 399, 410])
    expect(() => readElf(whole.subarray(0, length)), `${length} bytes`).toThrow('not an ELF file');
  expect(() => readElf(new Uint8Array(512))).toThrow('wrong identification');
});

it('never reads outside of the file', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 419 }), fc.integer({ min: 0, max: 255 }), (at, value) => {
      const bytes = smallElf();
      bytes[at] = value;
      try {
        readElf(bytes);
      } catch (error) {
        expect(String(error)).toContain('not an ELF file');
      }
    }),
    { seed: 7, numRuns: 500 },
  );
});
