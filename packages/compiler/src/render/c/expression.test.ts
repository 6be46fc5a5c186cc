// The text of expressions. That it means what the expression means is tested with compilers; here, that it reads well.
import { describe, expect, it } from 'vitest';
import {
  add,
  and,
  bits,
  call,
  cast,
  clampTo,
  div,
  float,
  index,
  int,
  long,
  lt,
  mul,
  or,
  rem,
  select,
  shl,
  shr,
  sub,
  ushr,
  xor,
} from '../../kernel/expressions.ts';
import { requantiseDown } from '../../kernel/fixed-point.ts';
import type { Expr, ValueType } from '../../kernel/ir.ts';
import { randomOf } from '../../kernel/testing/random.ts';
import { type ExpressionContext, floatLiteral, renderExpr } from './expression.ts';

const v = (name: string, type: ValueType = 'i32'): Expr => ({ kind: 'var', type, name });
const [a, b, c] = [v('a'), v('b'), v('c')];
const [i, j] = [v('i', 'index'), v('j', 'index')];
const [p, q] = [v('p', 'i64'), v('q', 'i64')];
const f = v('f', 'f32');

const load = (region: string, at: Expr, memory: 'i8' | 'i32' = 'i8'): Expr => ({
  kind: 'load',
  type: 'i32',
  memory,
  region,
  at,
});

/** The text, where the expressions given never wrap. */
function textOf(expr: Expr, neverWraps: readonly Expr[] = [], spellings: ExpressionContext['spellings'] = {}): string {
  return renderExpr(expr, {
    neverWraps: new Set(neverWraps),
    spellings,
    fnName: (name) => name,
    regionType: () => 'i8',
    regionName: (name) => name,
    variableName: (name) => name,
    need: (helper) => helper,
  });
}

describe('operators', () => {
  it.each<[string, Expr]>([
    ['i * 64 + j', add(mul(i, 64), j)],
    ['(i + j) * 3', mul(add(i, j), 3)],
    ['i - (j - 3)', sub(i, sub(j, 3))],
    ['i - j - 3', sub(sub(i, j), 3)],
    ['i / 2 % 3', rem(div(i, 2), 3)],
    ['i / (j / 2)', div(i, div(j, 2))],
    ['(i + 1) >> 1', shr(add(i, 1), 1)],
    ['(a & 255) | (b ^ c)', or(and(a, 255), xor(b, c))],
    ['a < b', lt(a, b)],
    ['a ? i : j', select(a, i, j)],
    ['(a < b ? i : j) + 1', add(select(lt(a, b), i, j), 1)],
    ['a ? (b ? i : j) : i', select(a, select(b, i, j), i)],
    ['min_i32(max_i32(a, -128), 127)', clampTo(a, -128, 127)],
    ['x[i * 8 + j]', load('x', add(mul(i, 8), j))],
    ['load_i32(&x[i])', load('x', i, 'i32')],
    ['load_i32(x)', load('x', index(0), 'i32')],
    ['requantise_down(a, 5, b)', call(requantiseDown, a, int(5), b)],
    ['(float)a * f', mul(cast('f32', a), f)],
    ['(int32_t)(f + 0.5f)', cast('i32', add(f, 0.5))],
    ['(int64_t)a', cast('i64', a)],
    ['(int32_t)(p >> 31)', cast('i32', shr(p, 31))],
    ['i', cast('i32', i)],
    ['bits_from_float(f)', bits('i32', f)],
    ['float_from_bits(2143289344)', float(Number.NaN)],
    ['float_from_bits(-8388608)', float(-Infinity)],
  ])('%s', (text, expr) => {
    expect(textOf(expr)).toBe(text);
  });

  it('plainly where nothing wraps, as unsigned where something may', () => {
    const product = mul(a, b);
    const total = add(product, c);
    expect(textOf(total, [product, total])).toBe('a * b + c');
    expect(textOf(total)).toBe('(int32_t)((uint32_t)a * (uint32_t)b + (uint32_t)c)');
    expect(textOf(total, [product])).toBe('(int32_t)((uint32_t)(a * b) + (uint32_t)c)');
    expect(textOf(sub(p, q))).toBe('(int64_t)((uint64_t)p - (uint64_t)q)');
    expect(textOf(shl(a, b))).toBe('(int32_t)((uint32_t)a << b)');
    expect(textOf(shl(a, 3), [shl(a, 3)])).toBe('(int32_t)((uint32_t)a << 3)');
    expect(textOf(ushr(a, 24))).toBe('(int32_t)((uint32_t)a >> 24)');
  });

  it('spelled as the target has it', () => {
    const spellings = { requantise_down: { c: (x: string, m: string, s: string) => `__fast(${x}, ${m}, ${s})` } };
    expect(textOf(call(requantiseDown, a, int(5), b), [], spellings)).toBe('__fast(a, 5, b)');
  });
});

describe('constants', () => {
  it.each<[string, Expr]>([
    ['(-2147483647 - 1)', int(-2147483648)],
    ['2147483647', int(2147483647)],
    ['a & -5', and(a, -5)],
    ['INT64_C(9223372036854775807)', long(2n ** 63n - 1n)],
    ['-INT64_C(5)', long(-5)],
    ['(-INT64_C(9223372036854775807) - 1)', long(-(2n ** 63n))],
    ['-0.0f', float(-0)],
    ['f - -1.5f', sub(f, -1.5)],
  ])('%s', (text, expr) => {
    expect(textOf(expr)).toBe(text);
  });
});

describe('float literals', () => {
  /** What a C compiler reads. */
  const read = (literal: string): number => {
    expect(literal).toMatch(/^-?\d+(\.\d+)?(e-?\d+)?f$/);
    expect(literal).toMatch(/[.e]/);
    return Math.fround(Number(literal.slice(0, -1)));
  };
  const survives = (value: number): void => expect(read(floatLiteral(value) ?? '')).toBe(value);

  it.each([
    [0, '0.0f'],
    [-0, '-0.0f'],
    [1, '1.0f'],
    [-1.5, '-1.5f'],
    [100, '100.0f'],
    [Math.fround(0.1), '0.1f'],
    [2 ** 24 + 2, '16777218.0f'],
    [3.4028234663852886e38, '3.4028235e38f'],
    [2 ** -126, '1.17549435e-38f'],
    [1e10, '1e10f'],
    [Infinity, undefined],
    [Number.NaN, undefined],
  ])('of %d', (value, want) => {
    expect(floatLiteral(value)).toBe(want);
  });

  it('give back every power of two, and its neighbours', () => {
    for (let exponent = -149; exponent < 128; exponent += 1) {
      const ulp = 2 ** Math.max(-149, exponent - 23);
      for (const value of [2 ** exponent, 2 ** exponent + ulp, 2 ** exponent - ulp / 2]) {
        if (Math.fround(value) === value) for (const sign of [1, -1]) survives(sign * value);
      }
    }
  });

  it('give back subnormal, largest and random floats', () => {
    for (let n = 1; n < 200; n += 1) survives(n * 2 ** -149);
    survives(3.4028234663852886e38);
    survives(-3.4028234663852886e38);
    const random = randomOf(8);
    for (let n = 0; n < 20000; n += 1) {
      const value = random.f32();
      if (Number.isFinite(value)) survives(value);
    }
  });
});
