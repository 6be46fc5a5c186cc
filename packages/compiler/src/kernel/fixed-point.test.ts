// Three readings of the same arithmetic: exact integers, the doubles of tensor/fixed-point.ts, and kernel functions.
import { describe, expect, it } from 'vitest';
import {
  multiplyByQuantisedMultiplier,
  roundingDivideByPowerOfTwo,
  saturatingRoundingDoublingHighMultiply,
} from '../tensor/fixed-point.ts';
import { checkKernel } from './check.ts';
import { call } from './expressions.ts';
import { doublingHighMultiply, requantise, requantiseBy, requantiseDown, roundingShiftRight } from './fixed-point.ts';
import { interpret } from './interpret.ts';
import type { Expr, Fn, KernelArgument } from './ir.ts';
import { randomOf } from './testing/random.ts';
import { buildKernel } from './writer.ts';

const [least, most] = [-2147483648, 2147483647];
const extremes = [
  0,
  1,
  -1,
  2,
  -2,
  3,
  -3,
  2 ** 30 - 1,
  2 ** 30,
  -(2 ** 30),
  2 ** 30 + 1,
  most - 1,
  most,
  least,
  least + 1,
];

type Triple = readonly [number, number, number];

/** The expression for every triple of a, b and c. */
function forAll(triples: readonly Triple[], expr: (a: Expr, b: Expr, c: Expr) => Expr): Int32Array {
  const argument = (name: string, access: 'read' | 'write'): KernelArgument => ({
    name,
    type: 'i32',
    length: triples.length,
    space: 'argument',
    access,
  });
  const args = [argument('a', 'read'), argument('b', 'read'), argument('c', 'read'), argument('y', 'write')] as const;
  const kernel = buildKernel('apply', '', args, (k) =>
    k.for('i', 0, triples.length, (i) =>
      k.store(args[3], i, expr(k.load(args[0], i), k.load(args[1], i), k.load(args[2], i))),
    ),
  );
  checkKernel(kernel);
  const y = new Int32Array(triples.length);
  interpret(kernel, [...[0, 1, 2].map((at) => Int32Array.from(triples, (triple) => triple[at] ?? 0)), y]);
  return y;
}

const apply = (fn: Fn, triples: readonly Triple[]): Int32Array =>
  forAll(triples, (...args) => call(fn, ...args.slice(0, fn.params.length)));

/** Every pair of extremes and random ones, with every value of a small third. */
function triples(seed: number, second: (value: number) => number, low: number, high: number): readonly Triple[] {
  const random = randomOf(seed);
  const third = (): number => random.between(low, high);
  const all: Triple[] = extremes.flatMap((a) => extremes.map((b): Triple => [a, second(b), third()]));
  for (let n = 0; n < 3000; n += 1) all.push([random.i32(), second(random.i32()), third()]);
  for (let c = low; c <= high; c += 1)
    for (const a of extremes) all.push([a, second(most), c], [a, second(2 ** 30), c]);
  return all;
}

/** Differences as [arguments, want, got], none when all is well. */
function differences(
  all: readonly Triple[],
  want: (triple: Triple) => number | bigint,
  got: (triple: Triple, i: number) => number | undefined,
) {
  return all.flatMap((triple, i) => {
    const [a, b] = [Number(want(triple)), got(triple, i)];
    return Object.is(a + 0, (b ?? Number.NaN) + 0) ? [] : [[triple, a, b]];
  });
}

/** round(a * b / 2^31), halves away from zero but for what gemmlowp does below it: towards plus infinity. */
const highMultiply = (a: number, b: number): bigint => {
  const product = BigInt(a) * BigInt(b);
  const nudge = product >= 0n ? 2n ** 30n : 1n - 2n ** 30n;
  return a === least && b === least ? BigInt(most) : (product + nudge) / 2n ** 31n;
};

/** round(value / 2^exponent), halves away from zero. */
function shiftRight(value: bigint, exponent: number): bigint {
  const divisor = 2n ** BigInt(exponent);
  const magnitude = ((value < 0n ? -value : value) * 2n + divisor) / (2n * divisor);
  return value < 0n ? -magnitude : magnitude;
}

const wrapped = (value: bigint): number => Number(BigInt.asIntN(32, value));

describe('the high half of a doubled product', () => {
  it('of any numbers', () => {
    const all = triples(1, (b) => b, 0, 0);
    const definition = ([a, b]: Triple): bigint => highMultiply(a, b);
    expect(differences(all, definition, ([a, b]) => saturatingRoundingDoublingHighMultiply(a, b))).toEqual([]);
  });

  it('of a number and one that is not negative', () => {
    const all = triples(2, (b) => (b < 0 ? ~b : b), 0, 0);
    const y = apply(doublingHighMultiply, all);
    expect(
      differences(
        all,
        ([a, b]) => highMultiply(a, b),
        (_, i) => y[i],
      ),
    ).toEqual([]);
  });
});

it('division by powers of two, halves away from zero', () => {
  const all = triples(3, (b) => b, 0, 31).map(([a, , c]): Triple => [a, c, 0]);
  const definition = ([a, exponent]: Triple): bigint => shiftRight(BigInt(a), exponent);
  expect(differences(all, definition, ([a, exponent]) => roundingDivideByPowerOfTwo(a, exponent))).toEqual([]);
  const y = apply(roundingShiftRight, all);
  expect(differences(all, definition, (_, i) => y[i])).toEqual([]);
});

describe('requantisation', () => {
  const multiplierOf = (b: number): number => (b === 0 ? 0 : (Math.abs(b | 0) % 2 ** 30) | (2 ** 30));
  const definition = ([acc, multiplier, shift]: Triple): bigint => {
    const left = wrapped(BigInt(acc) << BigInt(Math.max(shift, 0)));
    return shiftRight(highMultiply(left, multiplier), Math.max(-shift, 0));
  };

  it('by factors of all sizes', () => {
    const all = triples(4, multiplierOf, -31, 30);
    const doubles = ([acc, multiplier, shift]: Triple): number =>
      multiplyByQuantisedMultiplier(acc, { multiplier, shift });
    expect(differences(all, definition, doubles)).toEqual([]);
    const y = apply(requantise, all);
    expect(differences(all, definition, (_, i) => y[i])).toEqual([]);
  });

  it('by factors below 1', () => {
    const all = triples(5, multiplierOf, 0, 31);
    const y = apply(requantiseDown, all);
    expect(
      differences(
        all,
        ([acc, multiplier, right]) => definition([acc, multiplier, -right]),
        (_, i) => y[i],
      ),
    ).toEqual([]);
  });

  it.each([-31, -7, -1, 0, 1, 8, 30])('by a factor known now, of shift %i', (shift) => {
    for (const multiplier of [2 ** 30, 1518500250, most]) {
      const all = triples(6, () => multiplier, shift, shift);
      const y = forAll(all, (acc) => requantiseBy(acc, { multiplier, shift }));
      expect(differences(all, definition, (_, i) => y[i])).toEqual([]);
    }
  });
});
