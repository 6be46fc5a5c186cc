import { describe, expect, it } from 'vitest';
import { exp, logistic, tanh } from './float-math.ts';
import { applyFn } from './testing/apply-fn.ts';

/** Seeded uniform numbers of [low, high). */
function* uniform(seed: number, low: number, high: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield low + (state / 2 ** 32) * (high - low);
  }
}

const sample = (seed: number, count: number, low: number, high: number): Float32Array => {
  const numbers = uniform(seed, low, high);
  return Float32Array.from({ length: count }, () => numbers.next().value);
};

/** Arguments of any magnitude: random bits without infinities and NaN. */
const anyBits = (seed: number, count: number): Float32Array => {
  const words = Uint32Array.from(
    sample(seed, count, 0, 1),
    (unit, i) => Math.imul(unit * 2 ** 24, 2654435761) + i * 97,
  );
  return new Float32Array(words.buffer).map((value) => (Number.isFinite(value) ? value : 1));
};

/** The spacing of float32 numbers at a magnitude. */
const ulp = (value: number): number => 2 ** Math.max(-149, Math.floor(Math.log2(Math.abs(value))) - 23);

const largest = Math.fround(3.4028234663852886e38);

/** The largest errors of results that are finite numbers; what overflows must be infinite. */
function worst(x: Float32Array, y: Float32Array, definition: (x: number) => number) {
  const errors = { ulps: 0, relative: 0 };
  x.forEach((argument, i) => {
    const want = definition(argument);
    const got = y[i] ?? Number.NaN;
    if (Math.fround(want) === Infinity) expect(got).toBe(Infinity);
    else if (want === 0 || Math.abs(want) < 2 ** -151) expect(Math.abs(got)).toBe(0);
    else {
      const error = Math.abs(got - want);
      errors.ulps = Math.max(errors.ulps, error / ulp(want));
      if (Math.abs(want) >= 2 ** -126) errors.relative = Math.max(errors.relative, error / Math.abs(want));
    }
  });
  return errors;
}

const sigmoid = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));

describe.each([
  { name: 'exp', fn: exp, definition: Math.exp, ulps: 0.99, relative: 8.2e-8 },
  { name: 'tanh', fn: tanh, definition: Math.tanh, ulps: 1.34, relative: 1.43e-7 },
  { name: 'logistic', fn: logistic, definition: sigmoid, ulps: 2.41, relative: 1.78e-7 },
])('$name', ({ fn, definition, ulps, relative }) => {
  it.each([
    ['near 0', sample(1, 20000, -1, 1)],
    ['moderate', sample(2, 20000, -20, 20)],
    ['up to overflow and underflow', sample(3, 20000, -110, 95)],
    ['of any magnitude', anyBits(4, 20000)],
  ])('is accurate for arguments %s', (_, x) => {
    const errors = worst(x, applyFn(fn, x), definition);
    expect(errors.ulps).toBeLessThan(ulps);
    expect(errors.relative).toBeLessThan(relative);
  });

  it('gives NaN for NaN, and limits for infinities', () => {
    const [nan, up, down] = applyFn(fn, Float32Array.of(Number.NaN, Infinity, -Infinity));
    expect(nan).toBeNaN();
    expect(up).toBe(definition(Infinity));
    expect(down).toBe(definition(-Infinity));
  });
});

it('exp is exact at 0, reaches the largest numbers, subnormal ones and 0', () => {
  const [one, big, beyond, subnormal, zero] = applyFn(exp, Float32Array.of(-0, 88.7228, 88.7229, -103, -104));
  expect(one).toBe(1);
  expect(big).toBeLessThanOrEqual(largest);
  expect(big).toBeGreaterThan(3.4e38);
  expect(beyond).toBe(Infinity);
  expect(subnormal).toBe(Math.fround(Math.exp(-103)));
  expect(zero).toBe(0);
});

it('tanh is odd to the last bit', () => {
  const x = sample(5, 2000, 0, 10);
  const positive = applyFn(tanh, x);
  expect(
    applyFn(
      tanh,
      x.map((value) => -value),
    ),
  ).toEqual(positive.map((value) => -value));
});

it('logistic is one half at 0', () => {
  expect(applyFn(logistic, Float32Array.of(0, -0))).toEqual(Float32Array.of(0.5, 0.5));
});
