import { expect, it } from 'vitest';
import { add, call, int, lt, select } from './expressions.ts';
import { doublingHighMultiply, requantise, requantiseDown, roundingShiftRight } from './fixed-point.ts';
import type { KernelArgument } from './ir.ts';
import { forEachExpr, forEachOperand, forEachStmt, functionsUsed, operands, regionsUsed } from './visit.ts';
import { buildKernel, defineInstr, type Writer } from './writer.ts';

const x: KernelArgument = { name: 'x', type: 'i32', length: 4, space: 'argument', access: 'read' };
const y: KernelArgument = { ...x, name: 'y', access: 'write' };
const z: KernelArgument = { ...x, name: 'z', access: 'update' };

const bodyOf = (write: (k: Writer) => void) => buildKernel('k', '', [x, y, z], write).body;

const scale = defineInstr(
  'scale',
  [
    { name: 'from', kind: 'region', type: 'i32', lanes: 1, access: 'read', in: 'memory' },
    { name: 'to', kind: 'region', type: 'i32', lanes: 1, access: 'write', in: 'memory' },
  ],
  (k, { from, to }) => {
    if (from && to) k.store(to, 0, call(requantiseDown, k.load(from, 0), int(5), int(3)));
  },
);

it('statements come outer before inner, in order', () => {
  const kinds: string[] = [];
  const body = bodyOf((k) => {
    k.for('i', 0, 4, (i) =>
      k.if(
        lt(k.load(x, i), 1),
        () => k.store(y, i, int(1)),
        () => {
          k.let('v', k.load(x, i));
        },
      ),
    );
    k.alloc('s', 'i8', 1);
  });
  forEachStmt(body, (stmt) => kinds.push(stmt.kind));
  expect(kinds).toEqual(['for', 'if', 'store', 'let', 'alloc']);
});

it('expressions come with all they consist of, in every place a statement has', () => {
  const body = bodyOf((k) => {
    const v = k.variable('v', int(11));
    k.set(v, add(v, 12));
    k.for('i', 14, 16, (i) => k.store(y, i, int(17)));
    k.if(lt(v, 18), () => k.instr(scale, { region: x, at: 19 }, { region: y, at: 20 }));
    k.store(z, 21, select(lt(v, 22), int(23), call(requantiseDown, v, int(24), int(25))));
  });
  const constants: number[] = [];
  forEachExpr(body, (expr) => {
    if (expr.kind === 'const') constants.push(Number(expr.value));
  });
  expect(constants).toEqual([11, 12, 14, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
});

it('operands are direct ones', () => {
  const expr = select(lt(int(1), { kind: 'var', type: 'i32', name: 'a' }), int(2), int(3));
  expect(operands(expr)).toHaveLength(3);
  let count = 0;
  forEachOperand(expr, () => {
    count += 1;
  });
  expect(count).toBe(6);
});

it('regions are used by loads, stores and instructions', () => {
  expect(regionsUsed(bodyOf((k) => k.store(y, 0, int(1))))).toEqual(new Set(['y']));
  expect(regionsUsed(bodyOf((k) => k.instr(scale, { region: x }, { region: z })))).toEqual(new Set(['x', 'z']));
  const nested = bodyOf((k) => k.for('i', 0, 4, (i) => k.store(y, i, k.load(z, i))));
  expect(regionsUsed(nested)).toEqual(new Set(['y', 'z']));
});

it('functions come callees first, each once, and those of meanings too', () => {
  const body = bodyOf((k) => {
    k.instr(scale, { region: x }, { region: y });
    k.store(y, 0, call(requantise, int(1), int(2), call(requantise, int(1), int(2), int(3))));
  });
  const found = functionsUsed(body);
  expect(found).toEqual([roundingShiftRight, doublingHighMultiply, requantise, requantiseDown]);
});

it('what is spelled is not looked into', () => {
  const body = bodyOf((k) => {
    k.instr(scale, { region: x }, { region: y });
    k.store(y, 0, call(requantise, int(1), int(2), int(3)));
  });
  const names = (spelled: readonly string[]): string[] =>
    functionsUsed(body, ({ name }) => spelled.includes(name)).map((fn) => fn.name);
  expect(names(['scale'])).toEqual(['rounding_shift_right', 'doubling_high_multiply', 'requantise']);
  expect(names(['scale', 'requantise'])).toEqual([]);
  expect(names(['scale', 'rounding_shift_right'])).toEqual(['doubling_high_multiply', 'requantise']);
});
