import { describe, expect, it } from 'vitest';
import { allocate, type Data } from '../tensor/dtype.ts';
import { checkKernel } from './check.ts';
import {
  add,
  binary,
  bits,
  cast,
  constantLike,
  div,
  float,
  index,
  int,
  long,
  max,
  min,
  ne,
  rem,
  select,
  shl,
  shr,
  sub,
  ushr,
} from './expressions.ts';
import { interpret } from './interpret.ts';
import { type BinaryOp, type Expr, type KernelArgument, type MemoryType, valueTypeOf } from './ir.ts';
import { allocateMemory } from './testing/allocate-memory.ts';
import { exactInterpret } from './testing/exact-interpret.ts';
import { kernelProgram } from './testing/kernel-program.ts';
import { randomKernel } from './testing/random-kernel.ts';
import { buildKernel, type Writer } from './writer.ts';

const argument = (name: string, type: MemoryType, length: number): KernelArgument => ({
  name,
  type,
  length,
  space: 'argument',
  access: 'update',
});

/** Runs a kernel on one array. */
function run<T extends Data>(type: MemoryType, data: T, write: (k: Writer, region: KernelArgument) => void): T {
  const region = argument('x', type, data.length);
  const kernel = buildKernel('test', '', [region], (k) => write(k, region));
  checkKernel(kernel);
  interpret(kernel, [data]);
  return data;
}

/** The values of expressions of one type; operators are kept from folding by loading the operands. */
function resultOf(op: BinaryOp, type: 'i32' | 'i64' | 'f32', a: number | bigint, b: number | bigint): number | bigint {
  const data = type === 'i64' ? BigInt64Array.of(BigInt(a), BigInt(b), 0n) : allocate(type, 3);
  if (!(data instanceof BigInt64Array)) data.set([Number(a), Number(b)]);
  run(type, data, (k, x) => {
    const result = binary(op, k.load(x, 0), k.load(x, 1));
    k.store(x, 2, result.type === type ? result : cast(type, result));
  });
  return data[2] ?? Number.NaN;
}

describe('an independent reading of the IR agrees on random kernels', () => {
  it.each(Array.from({ length: 10 }, (_, n) => n * 40))('seeds from %i on', (first) => {
    for (let seed = first; seed < first + 40; seed += 1) {
      const { kernel, arguments: contents } = randomKernel(seed);
      checkKernel(kernel);
      const { after, difference } = kernelProgram([{ kernel, arguments: contents() }]);
      const exact = contents();
      exactInterpret(kernel, exact, () => {});
      const { before: got } = kernelProgram([{ kernel: { ...kernel, body: [] }, arguments: exact }]);
      expect(difference(after, got)).toBeUndefined();
    }
  });
});

describe('operators', () => {
  const [least, most] = [-2147483648, 2147483647];
  it.each<[BinaryOp, number, number, number]>([
    ['add', most, 1, least],
    ['sub', least, 1, most],
    ['mul', 65537, 65537, 131073],
    ['mul', least, -1, least],
    ['div', -7, 2, -3],
    ['rem', -7, 2, -1],
    ['rem', 7, -2, 1],
    ['shl', 3, 31, least],
    ['shr', least, 31, -1],
    ['ushr', least, 31, 1],
    ['ushr', -1, 0, -1],
    ['and', -256, 511, 256],
    ['or', -256, 255, -1],
    ['xor', -1, most, least],
    ['lt', least, most, 1],
    ['le', 3, 3, 1],
    ['eq', 3, 3, 1],
    ['ne', 3, 3, 0],
  ])('i32 %s of %i and %i is %i', (op, a, b, want) => {
    expect(resultOf(op, 'i32', a, b)).toBe(want);
  });

  it.each<[BinaryOp, bigint, bigint, bigint]>([
    ['add', 2n ** 63n - 1n, 1n, -(2n ** 63n)],
    ['mul', 2n ** 32n + 1n, 2n ** 32n + 1n, 2n ** 33n + 1n],
    ['div', -7n, 2n, -3n],
    ['rem', -7n, 2n, -1n],
    ['shl', 3n, 63n, -(2n ** 63n)],
    ['shr', -(2n ** 63n), 63n, -1n],
    ['ushr', -(2n ** 63n), 63n, 1n],
    ['min', -1n, 2n, -1n],
    ['max', -1n, 2n, 2n],
  ])('i64 %s of %i and %i is %i', (op, a, b, want) => {
    expect(resultOf(op, 'i64', a, b)).toBe(want);
  });

  it.each<[BinaryOp, number, number, number]>([
    ['add', 2 ** 24, 1, 2 ** 24],
    ['add', 2 ** 24, 3, 2 ** 24 + 4],
    ['mul', 2 ** -126, 0.5, 2 ** -127],
    ['div', 1, 0, Infinity],
    ['sub', 0, 0, 0],
    ['min', Number.NaN, 1, 1],
    ['min', 1, Number.NaN, Number.NaN],
    ['max', Number.NaN, 1, 1],
    ['max', 1, Number.NaN, Number.NaN],
    ['min', 0, -0, -0],
    ['min', -0, 0, 0],
    ['max', 0, -0, -0],
  ])('f32 %s of %d and %d is %d', (op, a, b, want) => {
    expect(resultOf(op, 'f32', a, b)).toBe(want);
  });

  it('comparisons with NaN are false, but for ne', () => {
    for (const op of ['lt', 'le', 'eq'] as const) expect(resultOf(op, 'f32', Number.NaN, Number.NaN)).toBe(0);
    expect(resultOf('ne', 'f32', Number.NaN, Number.NaN)).toBe(1);
    expect(resultOf('eq', 'f32', 0, -0)).toBe(1);
  });
});

describe('casts', () => {
  it('keep, extend, cut, round and truncate', () => {
    const y = new BigInt64Array(8);
    run('i64', y, (k, x) => {
      k.store(x, 0, cast('i64', int(-5)));
      k.store(x, 1, cast('i64', cast('i32', long(0x1_8000_0001n))));
      k.store(x, 2, cast('i64', cast('i32', float(-2.9))));
      k.store(x, 3, cast('i64', bits('i32', cast('f32', int(16777217)))));
      k.store(x, 4, cast('i64', bits('i32', bits('f32', int(0x3f800001)))));
      k.store(x, 5, cast('i64', cast('i32', float(-2147483648))));
      k.store(x, 6, cast('i64', cast('i32', float(-0.9))));
      k.store(x, 7, cast('i64', index(-3)));
    });
    const want = [-5n, -2147483647n, -2n, 0x4b800000n, 0x3f800001n, -2147483648n, 0n, -3n];
    expect(Array.from(y)).toEqual(want);
  });
});

describe('memory', () => {
  it.each<[MemoryType, readonly number[]]>([
    ['i8', [-1, -128]],
    ['u8', [255, 128]],
    ['i16', [-1, -32768]],
  ])('of %s keeps the low bits and extends them', (type, want) => {
    const data = allocateMemory(type, 4) as Int8Array;
    run(type, data, (k, x) => {
      k.store(x, 0, int(-1));
      k.store(x, 1, int(type === 'i16' ? 0x8000 : 0x180));
      k.store(x, 2, k.load(x, 0));
      k.store(x, 3, k.load(x, 1));
    });
    expect(Array.from(data)).toEqual([...want, ...want]);
  });

  it('is read and written wide, little-endian, at any element', () => {
    const data = Uint8Array.of(9, 1, 2, 3, 4, 5, 6, 7, 8, 0xf0, 0, 0, 0);
    run('u8', data, (k, x) => {
      const wide = k.let('wide', k.load(x, 1, 'i32'));
      const eight = k.let('eight', k.load(x, 2, 'i64'));
      k.store(x, 9, wide, 'i32');
      k.store(x, 0, cast('i32', ushrOf(eight, 56)));
      k.store(x, 1, k.load(x, 9, 'i16'), 'i16');
    });
    expect(Array.from(data)).toEqual([0xf0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4]);
  });

  it.each<[string, (k: Writer, x: KernelArgument) => void]>([
    ['load before the start', (k, x) => k.store(x, 0, k.load(x, -1))],
    ['load past the end', (k, x) => k.store(x, 0, k.load(x, 4))],
    ['wide load over the end', (k, x) => k.store(x, 0, k.load(x, 1, 'i32'))],
    ['store past the end', (k, x) => k.store(x, 4, int(0))],
    ['load in the arm of a select that is not taken', (k, x) => k.store(x, 0, select(int1(k), int(0), k.load(x, 9)))],
  ])('%s throws', (_, write) => {
    expect(() => run('i8', new Int8Array(4), write)).toThrow('out of bounds');
  });
});

describe('what a kernel must not do throws', () => {
  const zero = (k: Writer): Expr => k.variable('zero', int(0));
  it.each<[string, (k: Writer) => Expr, string]>([
    ['a division by zero', (k) => div(int(1), zero(k)), 'no i32 result'],
    ['a remainder by zero', (k) => rem(int(1), zero(k)), 'no i32 result'],
    ['an overflowing quotient', (k) => div(sub(zero(k), int(-2147483648)), -1), 'no i32 result'],
    ['an i64 division by zero', (k) => cast('i32', div(long(1), cast('i64', zero(k)))), 'no i64 result'],
    ['a shift by the width', (k) => shl(int(1), add(zero(k), 32)), 'shift by 32'],
    ['a shift by less than 0', (k) => shr(int(1), add(zero(k), -1)), 'shift by -1'],
    ['a cast of NaN', (k) => cast('i32', div(cast('f32', zero(k)), float(0))), 'cast of NaN'],
    ['a cast of 2^31', (k) => cast('i32', add(cast('f32', zero(k)), 2 ** 31)), 'cast of 2147483648'],
  ])('%s', (_, expr, message) => {
    expect(() => run('i32', new Int32Array(1), (k, x) => k.store(x, 0, expr(k)))).toThrow(message);
  });

  it('arrays of other sizes than the arguments', () => {
    const kernel = buildKernel('sizes', '', [argument('x', 'i8', 3)], () => {});
    expect(() => interpret(kernel, [new Int8Array(2)])).toThrow('size of argument x');
    expect(() => interpret(kernel, [])).toThrow('takes 1 arguments');
  });
});

describe('statements', () => {
  it('a loop evaluates its bounds once', () => {
    const data = run('i32', new Int32Array(2), (k, x) => {
      const end = k.variable('end', index(3));
      k.store(x, 1, int(4));
      k.for('i', 0, end, () => {
        k.set(end, index(9));
        k.store(x, 0, add(k.load(x, 0), 1));
      });
      k.for('j', 0, cast('index', k.load(x, 1)), () => {
        k.store(x, 1, int(0));
        k.store(x, 0, add(k.load(x, 0), 10));
      });
    });
    expect(data[0]).toBe(43);
  });

  it('loops count by their step, and not at all when they start at the end', () => {
    const data = run('i32', new Int32Array(1), (k, x) => {
      const count = (): void => k.store(x, 0, add(k.load(x, 0), 1));
      k.for('i', 0, 10, count, 4);
      k.for('j', index(5), k.variable('end', index(5)), () => k.store(x, 0, int(99)));
      k.for('n', index(5), k.variable('lower', index(-5)), () => k.store(x, 0, int(99)));
    });
    expect(data[0]).toBe(3);
  });

  it('a value keeps what it was when its variable is set', () => {
    const data = run('i32', new Int32Array(2), (k, x) => {
      const n = k.variable('n', int(1));
      const old = k.let('old', n);
      k.set(n, add(n, 41));
      k.store(x, 0, old);
      k.store(x, 1, n);
    });
    expect(Array.from(data)).toEqual([1, 42]);
  });
});

const ushrOf = (value: Expr, amount: number): Expr => ushr(value, constantLike(value.type, amount));
const int1 = (k: Writer): Expr => k.variable('one', int(1));

it('types of loads follow the memory', () => {
  expect((['i8', 'u8', 'i16', 'i32', 'i64', 'f32'] as const).map(valueTypeOf)).toEqual([
    'i32',
    'i32',
    'i32',
    'i32',
    'i64',
    'f32',
  ]);
});

it('min and max of an expression with itself, and x != x', () => {
  const data = run('f32', Float32Array.of(Number.NaN, 0, 0), (k, x) => {
    const value = k.let('value', k.load(x, 0));
    k.store(x, 1, cast('f32', ne(value, value)));
    k.store(x, 2, min(max(value, value), value));
  });
  expect(Array.from(data)).toEqual([Number.NaN, 1, Number.NaN]);
});
