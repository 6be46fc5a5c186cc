import { describe, expect, it } from 'vitest';
import { expDouble, logDouble, sqrtDouble } from './double-math.ts';
import { applyFn } from './testing/apply-fn.ts';
import { randomOf } from './testing/random.ts';

const random = randomOf(1);
const sample = (low: number, high: number): Float64Array =>
  Float64Array.from({ length: 20000 }, () => low + (random.below(2 ** 31) / 2 ** 31) * (high - low));
const positive = Float64Array.from(sample(-700, 700), Math.exp);

describe.each([
  { name: 'exp', fn: expDouble, definition: Math.exp, relative: 3e-16, samples: [sample(-1, 1), sample(-700, 700)] },
  { name: 'log', fn: logDouble, definition: Math.log, relative: 5e-16, samples: [sample(0.5, 2), positive] },
  { name: 'sqrt', fn: sqrtDouble, definition: Math.sqrt, relative: 2.3e-16, samples: [sample(0, 4), positive] },
])('$name', ({ fn, definition, relative, samples }) => {
  it('errs by no more than stated', () => {
    for (const x of samples) {
      const y = applyFn(fn, x);
      const worst = x.reduce((most, argument, i) => {
        const want = definition(argument);
        return Math.max(most, Math.abs((y[i] ?? Number.NaN) - want) / Math.abs(want));
      }, 0);
      expect(worst).toBeLessThan(relative);
    }
  });
});

it('knows the ends', () => {
  const ends = [Number.NaN, Infinity, -Infinity, 0, -0, 1];
  const near = (want: number) => (Number.isFinite(want) && want !== 0 ? expect.closeTo(want, 14) : want);
  const [e, ln, root] = [expDouble, logDouble, sqrtDouble].map((fn) =>
    Array.from(applyFn(fn, Float64Array.from(ends))),
  );
  expect(e).toEqual(ends.map(Math.exp).map(near));
  expect(ln).toEqual(ends.map(Math.log).map(near));
  expect(root?.map(Math.abs)).toEqual(ends.map(Math.sqrt).map(Math.abs).map(near));
  expect(Array.from(applyFn(expDouble, Float64Array.of(710, -746)))).toEqual([Infinity, 0]);
  expect(Array.from(applyFn(logDouble, Float64Array.of(-1)))).toEqual([Number.NaN]);
});
