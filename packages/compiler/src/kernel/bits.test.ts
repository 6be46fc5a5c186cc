import { expect, it } from 'vitest';
import { clz } from './bits.ts';
import { applyFn } from './testing/apply-fn.ts';

it('clz counts as Math.clz32 does', () => {
  const around = Array.from({ length: 32 }, (_, bit) => [2 ** bit - 1, 2 ** bit, 2 ** bit + 1]).flat();
  const x = Int32Array.from([0, -1, ...around]);
  expect(applyFn(clz, x)).toEqual(x.map((value) => Math.clz32(value)));
});
