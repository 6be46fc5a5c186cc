import { describe, expect, it } from 'vitest';
import { checkKernel } from './check.ts';
import {
  add,
  and,
  call,
  cast,
  clampTo,
  div,
  index,
  int,
  long,
  lt,
  max,
  min,
  mul,
  rem,
  select,
  shl,
  shr,
  sub,
} from './expressions.ts';
import { requantiseDown } from './fixed-point.ts';
import type { Expr, KernelArgument, Stmt } from './ir.ts';
import { expressionsThatNeverWrap, functionExpressionsThatNeverWrap, positionsNeverNegative } from './ranges.ts';
import { exactInterpret } from './testing/exact-interpret.ts';
import { randomKernel } from './testing/random-kernel.ts';
import { functionsUsed } from './visit.ts';
import { buildKernel, defineFn, type Writer } from './writer.ts';

describe('what is proven never to wrap never does, in random kernels', () => {
  it.each(Array.from({ length: 10 }, (_, n) => n * 40))('seeds from %i on', (first) => {
    let proven = 0;
    for (let seed = first; seed < first + 40; seed += 1) {
      const { kernel, arguments: contents } = randomKernel(seed);
      const never = new Set(expressionsThatNeverWrap(kernel.body, kernel.constants));
      for (const fn of functionsUsed(kernel.body))
        for (const expr of functionExpressionsThatNeverWrap(fn)) never.add(expr);
      const wrapped = new Set<Expr>();
      exactInterpret(kernel, contents(), (expr) => wrapped.add(expr));
      expect([seed, [...wrapped].filter((expr) => never.has(expr))]).toEqual([seed, []]);
      proven += never.size;
    }
    expect(proven).toBeGreaterThan(300);
  });
});

const bytes: KernelArgument = { name: 'bytes', type: 'i8', length: 64, space: 'argument', access: 'read' };
const words: KernelArgument = { ...bytes, name: 'words', type: 'i32' };

/** Whether the expression that `write` returns provably never wraps. */
function fits(write: (k: Writer) => Expr): boolean {
  let expr: Expr = int(0);
  const kernel = buildKernel('ranges', '', [bytes, words], (k) => {
    expr = write(k);
  });
  checkKernel(kernel);
  return expressionsThatNeverWrap(kernel.body, kernel.constants).has(expr);
}

/** Lets the kernel see the expression: what stands in no statement is not looked at. */
const seen = (k: Writer, expr: Expr): Expr => {
  k.let('seen', expr);
  return expr;
};

/** The sum that a loop of `turns` adds to an accumulator that starts at `start`. */
function accumulated(k: Writer, turns: number, start: number, term: (i: Expr) => Expr): Expr {
  const acc = k.variable('acc', int(start));
  let sum: Expr = acc;
  k.for('i', 0, turns, (i) => {
    sum = add(acc, term(i));
    k.set(acc, sum);
  });
  return sum;
}

const byte = (k: Writer, at: Expr | number = 0): Expr => k.load(bytes, at);
const word = (k: Writer): Expr => k.load(words, 0);

describe('proven', () => {
  it.each<[string, (k: Writer) => Expr]>([
    ['a product of bytes', (k) => mul(byte(k), byte(k, 1))],
    ['a sum of clamped words', (k) => add(clampTo(word(k), 0, 2 ** 30), clampTo(word(k), 0, 2 ** 30 - 1))],
    ['a shifted byte', (k) => shl(and(word(k), 255), 23)],
    ['the product of words in 64 bits', (k) => mul(cast('i64', word(k)), cast('i64', word(k)))],
    ['a sum of remainders and quotients', (k) => add(rem(word(k), 1000), div(byte(k), 4))],
    ['a sum of masked and shifted words', (k) => add(and(word(k), 0xffff), shr(word(k), 2))],
    ['what a select gives, more', (k) => add(select(lt(word(k), 0), int(7), int(-7)), 2147483640)],
    ['what a call gives, more', (k) => add(call(requantiseDown, byte(k), int(2 ** 30), int(3)), 2 ** 30)],
  ])('%s', (_, write) => {
    expect(fits((k) => seen(k, write(k)))).toBe(true);
  });

  it.each<[string, (k: Writer) => Expr]>([
    ['a dot product of 64 bytes', (k) => accumulated(k, 64, 0, (i) => mul(sub(byte(k, i), -128), byte(k, i)))],
    ['as many terms as just fit', (k) => accumulated(k, 2 ** 24 - 1, 0, (i) => byte(k, and64(i)))],
    [
      'a greatest element',
      (k) => {
        const most = k.variable('most', int(-128));
        k.for('i', 0, 64, (i) => k.set(most, max(most, byte(k, i))));
        return seen(k, add(most, 2147483647 - 127));
      },
    ],
    [
      'a sum in nested loops',
      (k) => {
        const acc = k.variable('acc', int(0));
        k.for('i', 0, 8, (i) => k.for('j', 0, 8, (j) => k.set(acc, add(acc, byte(k, add(mul(i, 8), j))))));
        return seen(k, add(acc, 2147483647 - 64 * 127));
      },
    ],
  ])('%s', (_, write) => {
    expect(fits(write)).toBe(true);
  });
});

const and64 = (i: Expr): Expr => rem(i, 64);

describe('not proven', () => {
  it.each<[string, (k: Writer) => Expr]>([
    ['a sum of words', (k) => add(word(k), word(k))],
    ['a product of words', (k) => mul(word(k), word(k))],
    ['a negative number shifted left', (k) => shl(byte(k), 1)],
    ['one more than the largest', (k) => add(max(word(k), 0), 1)],
    ['a product of products in 64 bits', (k) => mul(mul(cast('i64', word(k)), cast('i64', word(k))), long(2))],
    ['a byte region read as words', (k) => add(k.load(k.constant('c', new Int8Array(8)), 0, 'i32'), 1)],
    ['a 64-bit sum whose rounded bound would fit', (k) => add(mul(clamp64(k), long(2 ** 31)), long(-(2n ** 62n) - 1n))],
    ['a product of opposite signs', (k) => mul(clampTo(word(k), -(2 ** 20), 0), clampTo(word(k), 0, 2 ** 20))],
    ['less than a word masked by a word', (k) => sub(min(and(word(k), word(k)), 5), 2147483647)],
    ['what a cast has cut', (k) => add(cast('i32', add(cast('i64', word(k)), long(2 ** 40))), 1)],
  ])('%s', (_, write) => {
    expect(fits((k) => seen(k, write(k)))).toBe(false);
  });

  it.each<[string, (k: Writer) => Expr]>([
    ['an accumulator of words', (k) => accumulated(k, 2, 0, () => word(k))],
    ['one term more than fits', (k) => accumulated(k, 2 ** 24, 0, (i) => byte(k, and64(i)))],
    ['terms that fit, from a start that does not', (k) => accumulated(k, 64, -2147483647, (i) => byte(k, i))],
    [
      'as many turns as a bound from memory may give',
      (k) => {
        const acc = k.variable('acc', int(0));
        let sum: Expr = acc;
        k.for('i', 0, cast('index', word(k)), () => k.set(acc, (sum = add(acc, byte(k)))));
        return sum;
      },
    ],
    [
      'terms of what is set in one branch only',
      (k) => {
        const acc = k.variable('acc', int(0));
        let sum: Expr = acc;
        k.for('i', 0, 10, (i) => {
          const term = k.variable('term', int(2 ** 30));
          k.if(lt(byte(k, i), 0), () => k.set(term, int(3)));
          k.set(acc, (sum = add(acc, term)));
        });
        return sum;
      },
    ],
    [
      'terms of what is set to more in one branch',
      (k) => {
        const acc = k.variable('acc', int(0));
        let sum: Expr = acc;
        k.for('i', 0, 10, (i) => {
          const term = k.variable('term', int(3));
          k.if(lt(byte(k, i), 0), () => k.set(term, int(2 ** 30)));
          sum = add(acc, term);
          k.set(acc, sum);
        });
        return sum;
      },
    ],
    [
      'what grows by itself',
      (k) => {
        const acc = k.variable('acc', int(1));
        let product: Expr = acc;
        k.for('i', 0, 40, () => k.set(acc, (product = mul(acc, 2))));
        return product;
      },
    ],
    [
      'an expression that fits in one place and not in another',
      (k) => {
        const n = k.variable('n', int(1));
        const shared = add(n, 1);
        k.let('small', shared);
        k.set(n, word(k));
        return seen(k, shared);
      },
    ],
    [
      'what is set in a branch',
      (k) => {
        const n = k.variable('n', int(1));
        k.if(lt(word(k), 0), () => k.set(n, int(2147483647)));
        return seen(k, add(n, 1));
      },
    ],
  ])('%s', (_, write) => {
    expect(fits(write)).toBe(false);
  });
});

const clamp64 = (k: Writer): Expr => cast('i64', k.let('low', word(k)));

it('an index is taken at its word: loops over it bound what it adds up to', () => {
  expect(fits((k) => accumulated(k, 100, 0, (i) => cast('i32', mul(i, index(1000)))))).toBe(true);
});

it('parameters of functions may be anything', () => {
  const fn = defineFn('twice', '', { a: 'i32' }, (_, a) => add(a, a));
  expect(functionExpressionsThatNeverWrap(fn).size).toBe(0);
  const small = defineFn('twice_low', '', { a: 'i32' }, (_, a) => add(and(a, 255), and(a, 255)));
  expect(functionExpressionsThatNeverWrap(small)).toEqual(new Set([small.result]));
});

describe('positions', () => {
  const x: KernelArgument = { name: 'x', type: 'i8', length: 8, space: 'argument', access: 'update' };
  /** Whether a position made of a loop's index, from `from` to 5, is proven not to be negative. */
  const isProven = (from: number, of: (i: Expr, k: Writer) => Expr): boolean => {
    const positions: Expr[] = [];
    const { body } = buildKernel('kernel', '', [x], (k) =>
      k.for('i', from, 6, (i) => {
        const position = of(i, k);
        positions.push(position);
        k.store(x, position, int(0));
      }),
    );
    const proven = positionsNeverNegative(body, []);
    return positions.every((position) => proven.has(position));
  };

  it('that cannot be negative are proven', () => {
    expect(isProven(0, (i) => i)).toBe(true);
    expect(isProven(3, (i) => sub(i, 3))).toBe(true);
    expect(isProven(0, (i, k) => k.let('row', mul(i, 2)))).toBe(true);
    expect(isProven(0, (i) => max(sub(i, 3), 0))).toBe(true);
  });

  it('that can be are not', () => {
    expect(isProven(0, (i) => sub(i, 1))).toBe(false);
    expect(isProven(2, (i) => sub(i, 3))).toBe(false);
    expect(isProven(0, (i, k) => k.let('row', sub(mul(i, 2), 1)))).toBe(false);
    expect(isProven(0, (_, k) => cast('index', k.load(x, 0)))).toBe(false);
  });

  it('one object in two places is proven only if it is never negative in either', () => {
    const body = (last: number): readonly Stmt[] =>
      buildKernel('kernel', '', [x], (k) => {
        const place = k.variable('place', index(4));
        const position = sub(place, 1);
        positions.push(position);
        k.store(x, position, int(0));
        k.set(place, index(last));
        k.store(x, position, int(0));
      }).body;
    const positions: Expr[] = [];
    const proven = [1, 0].map((last) => positionsNeverNegative(body(last), []));
    expect(proven.map((found, n) => positions[n] !== undefined && found.has(positions[n]))).toEqual([true, false]);
  });
});
