import { describe, expect, it } from 'vitest';
import { checkKernel } from './check.ts';
import { add, call, index, int, long } from './expressions.ts';
import type { Expr, Fn, Instr, Kernel, KernelArgument, Region, Stmt } from './ir.ts';
import { buildKernel, defineFn, defineInstr } from './writer.ts';

const read: KernelArgument = { name: 'x', type: 'i32', length: 8, space: 'argument', access: 'read' };
const written: KernelArgument = { ...read, name: 'y', access: 'write' };
const bytes: KernelArgument = { ...read, name: 'bytes', type: 'i8', access: 'update' };
const register: Region = { name: 'register', type: 'i32', length: 4, space: { registers: 'v128' } };

const v = (name: string, type: Expr['type'] = 'i32'): Expr => ({ kind: 'var', type, name });
const letting = (name: string, value: Expr = int(1), mutable = false): Stmt => ({
  kind: 'let',
  name,
  value,
  ...(mutable ? { mutable: true as const } : {}),
});
const storing = (value: Expr, region = 'y', at: Expr = index(0)): Stmt => ({
  kind: 'store',
  memory: 'i32',
  region,
  at,
  value,
});
const loading = (more: Partial<Extract<Expr, { kind: 'load' }>> = {}): Expr => ({
  kind: 'load',
  type: 'i32',
  memory: 'i32',
  region: 'x',
  at: index(0),
  ...more,
});
const looping = (more: Partial<Extract<Stmt, { kind: 'for' }>> = {}): Stmt => ({
  kind: 'for',
  index: 'i',
  from: index(0),
  to: index(2),
  step: 1,
  body: [],
  ...more,
});
const binary = (more: Partial<Extract<Expr, { kind: 'binary' }>>): Expr => ({
  kind: 'binary',
  type: 'i32',
  op: 'add',
  a: int(1),
  b: int(1),
  ...more,
});

const kernelOf = (body: readonly Stmt[], more: Partial<Kernel> = {}): Kernel => ({
  name: 'kernel',
  note: '',
  arguments: [read, written, bytes],
  constants: [],
  body,
  ...more,
});

const square: Fn = defineFn('square', '', { a: 'i32' }, (_, a) => add(a, a));
const calling = (fn: Fn, args: readonly Expr[], type = fn.type): Expr => ({ kind: 'call', type, fn, args });

const copy: Instr = defineInstr(
  'copy',
  [
    { name: 'scale', kind: 'scalar', type: 'i32' },
    { name: 'from', kind: 'region', type: 'i32', lanes: 4, access: 'read', in: 'memory' },
    { name: 'to', kind: 'region', type: 'i32', lanes: 4, access: 'write', in: 'memory' },
  ],
  (k, { from, to }) => {
    if (from && to) k.for('lane', 0, 4, (lane) => k.store(to, lane, k.load(from, lane)));
  },
);
const instr = (instruction: Instr, ...args: readonly (Expr | string)[]): Stmt => ({
  kind: 'instr',
  instr: instruction,
  args: args.map((arg) =>
    typeof arg === 'string' ? { kind: 'region', region: arg, at: index(0) } : { kind: 'scalar', value: arg },
  ),
});
const ofRegister: Instr = {
  ...copy,
  params: copy.params.map((param) =>
    param.name === 'to' ? { ...param, in: { registers: 'v128' } } : param,
  ) as Instr['params'],
};
const alloc = (region: Region): Stmt => ({ kind: 'alloc', region });

describe('accepts', () => {
  it.each<[string, readonly Stmt[]]>([
    ['the use of a name of an outer scope', [letting('a'), looping({ body: [storing(v('a'))] })]],
    ['a set of a mutable variable', [letting('a', int(1), true), { kind: 'set', name: 'a', value: int(2) }]],
    ['a wider load', [storing(loading({ region: 'bytes' }))]],
    ['an instruction', [instr(copy, int(1), 'x', 'y')]],
    [
      'an instruction on a register, and a lane of it',
      [alloc(register), instr(ofRegister, int(1), 'x', 'register'), storing(loading({ region: 'register' }))],
    ],
    ['a call', [storing(call(square, int(3)))]],
  ])('%s', (_, body) => {
    expect(() => checkKernel(kernelOf(body))).not.toThrow();
  });
});

describe('refuses', () => {
  it.each<[string, string, readonly Stmt[]]>([
    ['a name that is none', '"A" is not a name', [letting('A')]],
    ['a name twice', 'a is defined twice', [letting('a'), letting('a')]],
    ['the name of a region', 'x is defined twice', [letting('x')]],
    ['a name twice, in scopes side by side', 'i is defined twice', [looping(), looping()]],
    ['a variable that does not exist', 'variable a of type i32 does not exist', [storing(v('a'))]],
    [
      'a variable of an inner scope',
      'variable a of type i32 does not exist',
      [looping({ body: [letting('a')] }), storing(v('a'))],
    ],
    [
      'a variable of the other branch',
      'variable a of type i32 does not exist',
      [{ kind: 'if', test: int(1), then: [letting('a')], else: [storing(v('a'))] }],
    ],
    [
      'a variable read as another type',
      'variable a of type i64 does not exist',
      [letting('a'), letting('b', v('a', 'i64'))],
    ],
    ['a set of what is not mutable', 'a may not be set', [letting('a'), { kind: 'set', name: 'a', value: int(2) }]],
    ['a set of a loop index', 'i may not be set', [looping({ body: [{ kind: 'set', name: 'i', value: index(2) }] })]],
    [
      'a set to another type',
      'i64 where i32 is due',
      [letting('a', int(1), true), { kind: 'set', name: 'a', value: long(2) }],
    ],
    ['a store to what is only read', 'region x may not be written', [storing(int(1), 'x')]],
    ['a store to a region that does not exist', 'region z may not be written', [storing(int(1), 'z')]],
    ['a store of another type', 'i64 where i32 is due', [storing(long(1))]],
    ['a store at no index', 'i32 where index is due', [storing(int(1), 'y', int(0))]],
    ['a store into a lane', 'region register may not be written', [alloc(register), storing(int(1), 'register')]],
    [
      'a store of a narrower type',
      'i8 in region y of i32',
      [{ kind: 'store', memory: 'i8', region: 'y', at: index(0), value: int(1) }],
    ],
    ['a load of a region that does not exist', 'region z does not exist', [storing(loading({ region: 'z' }))]],
    ['a load as another type', 'load of i32 as index', [looping({ to: loading({ type: 'index' }) })]],
    ['a load at no index', 'load at i32', [storing(loading({ at: int(0) }))]],
    ['a load of a narrower type', 'u8 in region x of i32', [storing(loading({ memory: 'u8' }))]],
    [
      'a load of another type as wide',
      'f32 in region x of i32',
      [letting('a', loading({ memory: 'f32', type: 'f32' }))],
    ],
    [
      'a lane at a variable',
      'lane of register register',
      [alloc(register), looping({ body: [storing(loading({ region: 'register', at: v('i', 'index') }))] })],
    ],
    [
      'a lane read wide',
      'lane of register register',
      [alloc(register), letting('a', loading({ region: 'register', memory: 'i64', type: 'i64' }))],
    ],
    [
      'an alloc of no elements',
      'region s of 0 elements',
      [alloc({ name: 's', type: 'i8', length: 0, space: 'stack' })],
    ],
    ['an alloc of a constant', 'alloc of s', [alloc({ name: 's', type: 'i8', length: 1, space: 'constant' })]],
    ['a loop from no index', 'i32 where index is due', [looping({ from: int(0) })]],
    ['a loop to no index', 'i32 where index is due', [looping({ to: int(0) })]],
    ['a loop that does not move', 'step 0', [looping({ step: 0 })]],
    ['a test that is no i32', 'i64 where i32 is due', [{ kind: 'if', test: long(1), then: [], else: [] }]],
    ['operands of two types', 'add of i32 and i64', [storing(binary({ b: long(1) }))]],
    ['a sum as another type', 'add of i32 as i64', [letting('a', binary({ type: 'i64' }))]],
    [
      'a comparison as its operands',
      'lt of i64 as i64',
      [letting('a', binary({ op: 'lt', type: 'i64', a: long(1), b: long(1) }))],
    ],
    [
      'bits of floats',
      'and of f32',
      [
        letting(
          'a',
          binary({
            op: 'and',
            type: 'f32',
            a: { kind: 'const', type: 'f32', value: 1 },
            b: { kind: 'const', type: 'f32', value: 1 },
          }),
        ),
      ],
    ],
    [
      'a select by an index',
      'select',
      [storing({ kind: 'select', type: 'i32', test: index(1), a: int(1), b: int(1) })],
    ],
    [
      'a select of two types',
      'select',
      [storing({ kind: 'select', type: 'i32', test: int(1), a: int(1), b: long(1) })],
    ],
    ['a cast that is not defined', 'cast of i64 to f32', [letting('a', { kind: 'cast', type: 'f32', value: long(1) })]],
    ['bits of an i64', 'cast of i64 to f32', [letting('a', { kind: 'cast', type: 'f32', value: long(1), bits: true })]],
    [
      'an i32 constant out of range',
      'constant 2147483648 of type i32',
      [storing({ kind: 'const', type: 'i32', value: 2 ** 31 })],
    ],
    ['an i32 constant of -0', 'constant 0 of type i32', [storing({ kind: 'const', type: 'i32', value: -0 })]],
    [
      'an i64 constant that is a number',
      'constant 1 of type i64',
      [letting('a', { kind: 'const', type: 'i64', value: 1 })],
    ],
    [
      'an i32 constant that is a BigInt',
      'constant 1 of type i32',
      [storing({ kind: 'const', type: 'i32', value: 1n })],
    ],
    [
      'an f32 constant that is no float32',
      'constant 0.1 of type f32',
      [letting('a', { kind: 'const', type: 'f32', value: 0.1 })],
    ],
    ['a call with too few arguments', 'call of square', [storing(calling(square, []))]],
    ['a call with an argument of another type', 'call of square', [storing(calling(square, [long(1)]))]],
    ['a call as another type', 'call of square', [letting('a', calling(square, [int(1)], 'i64'))]],
    [
      'a function that returns another type',
      'square returns i32',
      [letting('a', calling({ ...square, type: 'i64' }, [int(1)]))],
    ],
    [
      'a function that sees the kernel',
      'variable a2 of type i32 does not exist',
      [letting('a2'), storing(calling({ ...square, result: v('a2') }, [int(1)]))],
    ],
    [
      'a function with memory',
      'alloc of s',
      [storing(calling({ ...square, body: [alloc({ name: 's', type: 'i8', length: 1, space: 'stack' })] }, [int(1)]))],
    ],
    [
      'two functions of one name',
      'two functions called square',
      [storing(add(calling(square, [int(1)]), calling({ ...square }, [int(1)])))],
    ],
    [
      'a name that is a function',
      'square is both a function and a name',
      [letting('square', calling(square, [int(1)]))],
    ],
    ['an instruction with too few arguments', 'copy: 2 arguments', [instr(copy, int(1), 'x')]],
    ['a region for a scalar', 'copy: argument scale', [instr(copy, 'x', 'x', 'y')]],
    ['a scalar of another type', 'copy: argument scale', [instr(copy, long(1), 'x', 'y')]],
    ['an instruction that writes what is only read', 'region x may not be written', [instr(copy, int(1), 'y', 'x')]],
    [
      'an instruction on another type of elements',
      'copy: argument from is not region bytes',
      [instr(copy, int(1), 'bytes', 'y')],
    ],
    [
      'a register where memory is due',
      'copy: argument from is not region register',
      [alloc(register), instr(copy, int(1), 'register', 'y')],
    ],
    ['memory where a register is due', 'copy: argument to is not region y', [instr(ofRegister, int(1), 'x', 'y')]],
    ['an instruction on a region that does not exist', 'region z does not exist', [instr(copy, int(1), 'z', 'y')]],
    [
      'an instruction whose meaning writes what it only reads',
      'region from may not be written',
      [instr({ ...copy, meaning: [storing(int(1), 'from')] }, int(1), 'x', 'y')],
    ],
  ])('%s', (_, message, body) => {
    expect(() => checkKernel(kernelOf(body))).toThrow(message);
  });

  it('constants that are not their data', () => {
    const constant: Region = { name: 'c', type: 'i8', length: 2, space: 'constant' };
    const checking = (region: Region) => () => checkKernel(kernelOf([], { constants: [region] }));
    expect(checking({ ...constant, data: Int8Array.of(1, 2) })).not.toThrow();
    expect(checking(constant)).toThrow('constant c without its data');
    expect(checking({ ...constant, data: Int8Array.of(1) })).toThrow('constant c without its data');
    expect(checking({ ...constant, data: Uint8Array.of(1, 2) })).toThrow('constant c without its data');
  });

  it('a constant that is stored to', () => {
    const constant: Region = { name: 'c', type: 'i32', length: 1, space: 'constant', data: Int32Array.of(1) };
    expect(() => checkKernel(kernelOf([storing(int(1), 'c')], { constants: [constant] }))).toThrow(
      'may not be written',
    );
  });
});

it('what the writer writes passes', () => {
  expect(() =>
    checkKernel(buildKernel('k', '', [read, written], (k) => k.store(written, 0, k.load(read, 0)))),
  ).not.toThrow();
});
