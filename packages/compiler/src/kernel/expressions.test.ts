import { describe, expect, it } from 'vitest';
import { checkKernel } from './check.ts';
import {
  add,
  and,
  binary,
  bits,
  call,
  cast,
  clampTo,
  constantLike,
  div,
  eq,
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
  sum,
} from './expressions.ts';
import { requantise } from './fixed-point.ts';
import { interpret } from './interpret.ts';
import type { BinaryOp, Expr, KernelArgument, ValueType } from './ir.ts';
import { randomOf } from './testing/random.ts';
import { buildKernel } from './writer.ts';

const variable = (type: ValueType, name = 'v'): Expr => ({ kind: 'var', type, name });
const x = variable('i32');
const i = variable('index');

/** Values of expressions over variables a and b (and the indices i and j). */
function evaluate(exprs: readonly Expr[], values: { readonly a: number; readonly b: number }): readonly bigint[] {
  const argument = (name: string, type: 'i32' | 'i64', length: number): KernelArgument => ({
    name,
    type,
    length,
    space: 'argument',
    access: 'update',
  });
  const args = [argument('given', 'i32', 2), argument('results', 'i64', exprs.length)] as const;
  const kernel = buildKernel('evaluate', '', args, (k) => {
    const [a, b] = [k.let('a', k.load(args[0], 0)), k.let('b', k.load(args[0], 1))];
    k.let('i', cast('index', a));
    k.let('j', cast('index', b));
    exprs.forEach((expr, at) => {
      k.store(args[1], at, cast('i64', expr));
    });
  });
  checkKernel(kernel);
  const results = new BigInt64Array(exprs.length);
  interpret(kernel, [Int32Array.of(values.a, values.b), results]);
  return Array.from(results);
}

const operators: readonly BinaryOp[] = [
  ...(['add', 'sub', 'mul', 'div', 'rem', 'min', 'max', 'shl', 'shr', 'ushr'] as const),
  ...(['and', 'or', 'xor', 'lt', 'le', 'eq', 'ne'] as const),
];

/** The expression without any simplification. */
const plain = (op: BinaryOp, a: Expr, b: Expr): Expr => ({
  kind: 'binary',
  type: ['lt', 'le', 'eq', 'ne'].includes(op) ? 'i32' : a.type,
  op,
  a,
  b,
});

/** Whether the operation is defined: in range, no division by zero. */
function isDefined(op: BinaryOp, a: number, b: number): boolean {
  if (op === 'div' || op === 'rem') return b !== 0 && !(a === -2147483648 && b === -1);
  return !/sh/.test(op) || (b >= 0 && b < 32);
}

describe('simplification keeps the value', () => {
  it.each(operators)('of %s, whatever is known', (op) => {
    const random = randomOf(operators.indexOf(op));
    for (let n = 0; n < 300; n += 1) {
      const a = random.i32();
      const b =
        /sh/.test(op) && random.chance(0.9) ? random.below(32) : random.chance(0.3) ? random.below(3) : random.i32();
      if (!isDefined(op, a, b)) continue;
      const [va, vb] = [variable('i32', 'a'), variable('i32', 'b')];
      const want = plain(op, va, vb);
      const variants = [binary(op, va, vb), binary(op, int(a), vb), binary(op, va, int(b)), binary(op, int(a), int(b))];
      const results = evaluate([want, ...variants], { a, b });
      expect([a, b, ...results]).toEqual([a, b, ...results.map(() => results[0])]);
    }
  });

  it('of sums and differences in a row', () => {
    const random = randomOf(77);
    for (let n = 0; n < 500; n += 1) {
      const [a, c, d] = [random.i32(), random.i32(), random.i32()];
      const va = variable('i32', 'a');
      const [first, second] = [random.pick([add, sub]), random.pick([add, sub])];
      const raw = plain(second === add ? 'add' : 'sub', plain(first === add ? 'add' : 'sub', va, int(c)), int(d));
      const [want, got] = evaluate([raw, second(first(va, c), d)], { a, b: 0 });
      expect([a, c, d, got]).toEqual([a, c, d, want]);
    }
  });
});

describe('neutral and absorbing elements', () => {
  it.each<[string, Expr, Expr]>([
    ['x + 0', add(x, 0), x],
    ['0 + x', add(int(0), x), x],
    ['x - 0', sub(x, 0), x],
    ['x * 1', mul(x, 1), x],
    ['1 * x', mul(int(1), x), x],
    ['x / 1', div(x, 1), x],
    ['x | 0', or(x, 0), x],
    ['x << 0', shl(x, 0), x],
    ['x >> 0', shr(x, 0), x],
    ['x * 0', mul(x, 0), int(0)],
    ['0 * x in 64 bits', mul(long(0), variable('i64')), long(0)],
    ['i + 3 + 4', add(add(i, 3), 4), add(i, 7)],
    ['i + 3 - 3', add(add(i, 3), -3), i],
    ['i + -3', add(i, -3), { kind: 'binary', type: 'index', op: 'sub', a: i, b: index(3) }],
    ['i - -3', sub(i, -3), add(i, 3)],
    ['3 < 4', lt(int(3), 4), int(1)],
    ['3 == 4 of indices', eq(index(3), 4), int(0)],
    ['(-7) / 2', div(int(-7), 2), int(-3)],
    ['(-7) % 7', rem(int(-7), 7), int(0)],
    ['min(max(300, -128), 127)', clampTo(int(300), -128, 127), int(127)],
    ['a sum of constants', sum(int(1), int(2), int(-5)), int(-2)],
    ['a select that is decided', select(lt(int(1), 2), x, int(9)), x],
    ['the other select', select(lt(int(2), 1), x, int(9)), int(9)],
  ])('%s', (_, got, want) => {
    expect(got).toEqual(want);
  });

  it('are no such elements for floats', () => {
    const f = variable('f32');
    for (const expr of [add(f, 0), mul(f, 1), mul(f, 0), sub(f, 0), add(float(1), 2), div(f, 1)]) {
      expect(expr.kind).toBe('binary');
    }
  });
});

describe('what is not defined is left as it stands', () => {
  it.each<[string, Expr]>([
    ['1 / 0', div(int(1), 0)],
    ['1 % 0', rem(int(1), 0)],
    ['-2^31 / -1', div(int(-2147483648), -1)],
    ['-2^31 % -1', rem(int(-2147483648), -1)],
    ['1 << 32', shl(int(1), 32)],
    ['1 >> -1', shr(int(1), -1)],
    ['an index moved over the end of int32 and back', add(add(i, 2147483647), 2147483647)],
  ])('%s', (_, expr) => {
    expect(expr.kind).toBe('binary');
  });
});

describe('constants', () => {
  it('wrap and round to their types', () => {
    expect(int(2 ** 31)).toEqual(int(-(2 ** 31)));
    expect(long(2n ** 63n)).toEqual(long(-(2n ** 63n)));
    expect(float(0.1)).toEqual({ kind: 'const', type: 'f32', value: Math.fround(0.1) });
    expect(index(-0)).toEqual({ kind: 'const', type: 'index', value: 0 });
    expect(constantLike('i64', 3)).toEqual(long(3));
    expect(constantLike('f32', 3)).toEqual(float(3));
    expect(constantLike('index', 3)).toEqual(index(3));
  });

  it('a number takes the type of what stands left of it', () => {
    expect(and(variable('i64'), 3)).toMatchObject({ type: 'i64', b: long(3) });
    expect(add(variable('f32'), 0.1)).toMatchObject({ type: 'f32', b: float(0.1) });
  });
});

describe('casts', () => {
  it('of constants are constants where nothing is rounded', () => {
    expect(cast('index', int(-3))).toEqual(index(-3));
    expect(cast('i64', int(-3))).toEqual(long(-3));
    expect(cast('i32', x)).toBe(x);
    expect(cast('f32', int(16777217)).kind).toBe('cast');
    expect(bits('f32', float(1))).toEqual(float(1));
    expect(bits('i32', float(1))).toEqual({ kind: 'cast', type: 'i32', value: float(1), bits: true });
  });
});

describe('types that do not fit', () => {
  it.each<[string, () => Expr]>([
    ['operands of two types', () => add(x, float(1))],
    ['arms of two types', () => select(x, x, i)],
    ['a test that is no i32', () => select(i, x, x)],
    ['bits of an i64', () => bits('f32', long(1))],
    ['a call with too few arguments', () => call(requantise, x)],
    ['a call with an argument of another type', () => call(requantise, x, x, i)],
  ])('%s', (_, write) => {
    expect(write).toThrow('internal error');
  });
});
