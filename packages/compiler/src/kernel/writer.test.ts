import { describe, expect, it } from 'vitest';
import { checkKernel } from './check.ts';
import { add, index, int, lt, mul } from './expressions.ts';
import type { Expr, KernelArgument, MemoryType, Stmt } from './ir.ts';
import { forEachStmt } from './visit.ts';
import { buildKernel, defineFn, defineInstr, memoryTypeOf, type Writer } from './writer.ts';

const x: KernelArgument = { name: 'x', type: 'i32', length: 8, space: 'argument', access: 'read' };
const y: KernelArgument = { ...x, name: 'y', access: 'write' };

const build = (write: (k: Writer) => void) => {
  const kernel = buildKernel('kernel', 'note', [x, y], write);
  checkKernel(kernel);
  return kernel;
};

const namesOf = (body: readonly Stmt[]): string[] => {
  const names: string[] = [];
  forEachStmt(body, (stmt) => {
    if (stmt.kind === 'let') names.push(stmt.name);
    if (stmt.kind === 'for') names.push(stmt.index);
    if (stmt.kind === 'alloc') names.push(stmt.region.name);
  });
  return names;
};

describe('names', () => {
  it('are made unique, among arguments, loops, values, scratch and constants', () => {
    const kernel = build((k) => {
      const table = k.constant('x', Int32Array.of(1));
      k.let('x', k.load(table, 0));
      k.for('i', 0, 2, () => k.for('i', 0, 2, (i) => k.store(y, 0, k.load(table, i))));
      k.variable('i', k.load(x, 0));
      k.alloc('y', 'i8', 3);
    });
    expect(kernel.constants.map(({ name }) => name)).toEqual(['x2']);
    expect(namesOf(kernel.body)).toEqual(['x3', 'i', 'i2', 'i3', 'y2']);
  });

  it('do not meet numbered ones, nor reserved ones', () => {
    const kernel = build((k) => {
      k.reserve('value');
      k.let('value2', k.load(x, 0));
      k.let('value', k.load(x, 0));
      k.let('value', k.load(x, 0));
    });
    expect(namesOf(kernel.body)).toEqual(['value2', 'value3', 'value4']);
  });
});

describe('loops', () => {
  const turns = (from: Expr | number, to: Expr | number, step?: number): readonly Stmt[] =>
    build((k) => k.for('i', from, to, (i) => k.store(y, 0, k.load(x, i)), step)).body;

  it('of one turn are their body', () => {
    expect(turns(3, 4)).toMatchObject([{ kind: 'store', value: { at: index(3) } }]);
    expect(turns(0, 4, 4)).toMatchObject([{ kind: 'store', value: { at: index(0) } }]);
    expect(turns(2, 4, 7)).toMatchObject([{ kind: 'store', value: { at: index(2) } }]);
  });

  it('of no turn are nothing', () => {
    expect(turns(4, 4)).toEqual([]);
    expect(turns(4, 1)).toEqual([]);
  });

  it('of more turns, or turns that are not known, are loops', () => {
    expect(turns(0, 5, 4)).toMatchObject([{ kind: 'for', from: index(0), to: index(5), step: 4 }]);
    const kernel = build((k) => {
      const end = k.variable('end', index(1));
      k.for('i', 0, end, () => k.store(y, 0, int(1)));
    });
    expect(kernel.body[1]).toMatchObject({ kind: 'for', to: { kind: 'var', name: 'end' } });
  });
});

describe('statements', () => {
  it('stand where they are written', () => {
    const { body } = build((k) => {
      const sum = k.variable('sum', int(0));
      k.if(
        lt(k.load(x, 0), 3),
        () => k.set(sum, int(1)),
        () => k.for('i', 0, 8, (i) => k.set(sum, add(sum, k.load(x, i)))),
      );
      k.if(lt(sum, 3), () => k.store(y, 0, sum));
    });
    expect(body).toMatchObject([
      { kind: 'let', name: 'sum', mutable: true },
      { kind: 'if', then: [{ kind: 'set' }], else: [{ kind: 'for', body: [{ kind: 'set' }] }] },
      { kind: 'if', then: [{ kind: 'store' }], else: [] },
    ]);
  });

  it('a constant needs no name', () => {
    const { body } = build((k) => k.store(y, 0, k.let('seven', int(7))));
    expect(body).toMatchObject([{ kind: 'store', value: int(7) }]);
  });

  it('constants nothing reads are left out', () => {
    const kernel = build((k) => {
      k.constant('unread', Int8Array.of(1));
      k.store(y, 0, k.load(k.constant('read', Int8Array.of(1)), 0));
    });
    expect(kernel.constants.map(({ name, type, length }) => [name, type, length])).toEqual([['read', 'i8', 1]]);
  });

  it('values of another type than due are refused', () => {
    expect(() => build((k) => k.store(y, 0, index(1)))).toThrow('store index into i32 region y');
    expect(() => build((k) => k.set(k.variable('v', int(1)), index(1)))).toThrow('set v: i32 to index');
    expect(() => build((k) => k.store(y, 0, int(1), 'i64'))).toThrow('store i32 into i64 region y');
  });
});

it('a function sees its parameters and has names of its own', () => {
  const fn = defineFn('square', 'a * a', { a: 'i32' }, (k, a) => k.let('a', mul(a, a)));
  expect(fn).toMatchObject({
    params: [{ name: 'a', type: 'i32' }],
    type: 'i32',
    body: [{ kind: 'let', name: 'a2' }],
    result: { kind: 'var', name: 'a2' },
  });
  expect(() => defineFn('table', '', { a: 'i32' }, (k) => k.load(k.constant('t', Int8Array.of(1)), 0))).toThrow(
    'must not have constants',
  );
});

it('an instruction is written on its parameters, and called with regions and scalars', () => {
  const fill = defineInstr(
    'fill',
    [
      { name: 'value', kind: 'scalar', type: 'i32' },
      { name: 'to', kind: 'region', type: 'i32', lanes: 4, access: 'write', in: 'memory' },
    ],
    (k, { to }, { value }) => {
      if (to !== undefined && value !== undefined) k.for('lane', 0, 4, (lane) => k.store(to, lane, value));
    },
  );
  const { body } = build((k) => k.instr(fill, int(3), { region: y, at: 2 }));
  expect(body).toMatchObject([
    {
      kind: 'instr',
      args: [
        { kind: 'scalar', value: int(3) },
        { kind: 'region', region: 'y', at: index(2) },
      ],
    },
  ]);
});

it('typed arrays have memory types', () => {
  const arrays = [Int8Array, Uint8Array, Int16Array, Int32Array, BigInt64Array, Float32Array].map(
    (type) => new type(1),
  );
  expect(arrays.map(memoryTypeOf)).toEqual<MemoryType[]>(['i8', 'u8', 'i16', 'i32', 'i64', 'f32']);
});
