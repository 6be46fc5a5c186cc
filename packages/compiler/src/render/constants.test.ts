import { expect, it } from 'vitest';
import type { Region } from '../kernel/ir.ts';
import { firstOfEach } from './constants.ts';

const region = (data: Int8Array | Int32Array, type: 'i8' | 'i32' | 'u8' = 'i32'): Region => ({
  name: 'table',
  type,
  length: data.length,
  space: 'constant',
  data,
});

it('regions of one type and contents are the same, and no others', () => {
  const regions = [
    region(Int32Array.of(1, 2)),
    region(Int32Array.of(1, 2)),
    region(Int32Array.of(1, 2, 0)),
    region(Int8Array.of(1, 2), 'i8'),
    region(Int8Array.of(1, 2), 'u8'),
    region(Int32Array.of(2, 1)),
  ];
  const firsts = firstOfEach(regions);
  expect(regions.map((own) => regions.indexOf(firsts.get(own) ?? own))).toEqual([0, 0, 2, 3, 4, 5]);
});

it('regions that agree in their digest only are kept apart', () => {
  // As many as make a digest of 32 bits repeat with near certainty.
  const regions = Array.from({ length: 200_000 }, (_, i) => region(Int32Array.of(Math.imul(i, 0x9e3779b1))));
  const firsts = firstOfEach(regions);
  expect(new Set(firsts.values()).size).toBe(regions.length);
});
