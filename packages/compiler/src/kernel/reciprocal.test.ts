import { expect, it } from 'vitest';
import { oneOverOnePlus } from '../tensor/fixed-point-functions.ts';
import { oneOverOnePlusFn } from './reciprocal.ts';
import { applyFn } from './testing/apply-fn.ts';

it('is the definition bit for bit', () => {
  const ends = Array.from({ length: 200 }, (_, i) => [i, 2 ** 31 - 1 - i, 2 ** 30 - 100 + i]).flat();
  const spread = Array.from({ length: 20000 }, (_, i) => Math.imul(i, 2654435761) >>> 1);
  const x = Int32Array.from([...ends, ...spread]);
  expect(applyFn(oneOverOnePlusFn, x)).toEqual(x.map(oneOverOnePlus));
});
