// The 128-bit vector instructions of WebAssembly that kernels use: each with its meaning lane by lane, and its opcode.
// Parameters stand in the order in which WebAssembly takes operands from the stack. Source: WebAssembly Core Specification 2.0.
import { add, int, mul, sub } from '../../kernel/expressions.ts';
import type { Expr, Instr, InstrParam, MemoryType } from '../../kernel/ir.ts';
import type { Spellings } from '../../kernel/spelling.ts';
import { defineInstr } from '../../kernel/writer.ts';

/** The register family of WebAssembly's vectors. */
export const v128 = { registers: 'v128' } as const;

const register = (name: string, type: MemoryType, lanes: number, access: 'read' | 'write' | 'update'): InstrParam => ({
  name,
  kind: 'region',
  type,
  lanes,
  access,
  in: v128,
});

const lanewise = (name: string, type: MemoryType, lanes: number, combine: (a: Expr, b: Expr) => Expr): Instr =>
  defineInstr(
    name,
    [register('a', type, lanes, 'read'), register('b', type, lanes, 'read'), register('to', type, lanes, 'write')],
    (k, { a, b, to }) => {
      if (a === undefined || b === undefined || to === undefined) return;
      k.for('lane', 0, lanes, (lane) => k.store(to, lane, combine(k.load(a, lane), k.load(b, lane))));
    },
  );

/** All lanes 0. */
export const zero32x4: Instr = defineInstr('v128_zero', [register('to', 'i32', 4, 'write')], (k, { to }) => {
  if (to !== undefined) k.for('lane', 0, 4, (lane) => k.store(to, lane, int(0)));
});

/** Eight int8 from memory, each widened to 16 bits. */
export const load8x8: Instr = defineInstr(
  'i16x8_load8x8_s',
  [
    { name: 'from', kind: 'region', type: 'i8', lanes: 8, access: 'read', in: 'memory' },
    register('to', 'i16', 8, 'write'),
  ],
  (k, { from, to }) => {
    if (from !== undefined && to !== undefined) k.for('lane', 0, 8, (lane) => k.store(to, lane, k.load(from, lane)));
  },
);

/** One number in all lanes. */
export const splat16x8: Instr = defineInstr(
  'i16x8_splat',
  [{ name: 'value', kind: 'scalar', type: 'i32' }, register('to', 'i16', 8, 'write')],
  (k, { to }, { value }) => {
    if (to !== undefined && value !== undefined) k.for('lane', 0, 8, (lane) => k.store(to, lane, value));
  },
);

export const sub16x8: Instr = lanewise('i16x8_sub', 'i16', 8, sub);
export const add32x4: Instr = lanewise('i32x4_add', 'i32', 4, add);

/** Sums of adjacent products: four times a[2n] * b[2n] + a[2n + 1] * b[2n + 1]. */
export const dot16x8: Instr = defineInstr(
  'i32x4_dot_i16x8_s',
  [register('a', 'i16', 8, 'read'), register('b', 'i16', 8, 'read'), register('to', 'i32', 4, 'write')],
  (k, { a, b, to }) => {
    if (a === undefined || b === undefined || to === undefined) return;
    k.for('lane', 0, 4, (lane) => {
      const even = mul(lane, 2);
      const product = (at: Expr): Expr => mul(k.load(a, at), k.load(b, at));
      k.store(to, lane, add(product(even), product(add(even, 1))));
    });
  },
);

export const wasmSimdSpellings: Spellings = {
  v128_zero: { wasm: { opcode: [0xfd, 0x0c, ...new Array<number>(16).fill(0)] } },
  i16x8_load8x8_s: { wasm: { opcode: [0xfd, 0x01], memarg: { align: 0 } } },
  i16x8_splat: { wasm: { opcode: [0xfd, 0x10] } },
  i16x8_sub: { wasm: { opcode: [0xfd, 0x91, 0x01] } },
  i32x4_add: { wasm: { opcode: [0xfd, 0xae, 0x01] } },
  i32x4_dot_i16x8_s: { wasm: { opcode: [0xfd, 0xba, 0x01] } },
};
