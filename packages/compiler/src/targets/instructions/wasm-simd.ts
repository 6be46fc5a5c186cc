// The 128-bit vector instructions of WebAssembly that kernels use: each with its meaning lane by lane, and its opcode.
// Parameters stand in the order in which WebAssembly takes operands from the stack. Source: WebAssembly Core Specification 2.0.
import {
  add,
  and,
  cast,
  clampTo,
  int,
  long,
  lt,
  max,
  min,
  mul,
  select,
  shl,
  shr,
  sub,
} from '../../kernel/expressions.ts';
import type { Expr, Instr, InstrParam, MemoryType, Region } from '../../kernel/ir.ts';
import type { Spelling, Spellings } from '../../kernel/spelling.ts';
import { defineInstr, type Writer } from '../../kernel/writer.ts';

/** The register family of WebAssembly's vectors. */
export const v128 = { registers: 'v128' } as const;

const spellings: Record<string, Spelling> = {};

/** Opcode bytes of the vector instructions: their prefix, then the number, as LEB128. */
const vectorOpcode = (code: number): readonly number[] => [
  0xfd,
  ...(code < 0x80 ? [code] : [(code & 0x7f) | 0x80, code >> 7]),
];

function define(
  name: string,
  spelling: NonNullable<Spelling['wasm']>,
  params: readonly InstrParam[],
  write: (k: Writer, region: (name: string) => Region, scalar: (name: string) => Expr) => void,
): Instr {
  spellings[name] = { wasm: spelling };
  return defineInstr(name, params, (k, regions, scalars) => {
    const known = <T>(table: Readonly<Record<string, T>>, param: string): T => {
      const found = table[param];
      if (found === undefined) throw new Error(`internal error: ${name} has no parameter ${param}`);
      return found;
    };
    write(
      k,
      (param) => known(regions, param),
      (param) => known(scalars, param),
    );
  });
}

const register = (name: string, type: MemoryType, lanes: number, access: 'read' | 'write' | 'update'): InstrParam => ({
  name,
  kind: 'region',
  type,
  lanes,
  access,
  in: v128,
});

const memory = (name: string, type: MemoryType, lanes: number, access: 'read' | 'write'): InstrParam => ({
  name,
  kind: 'region',
  type,
  lanes,
  access,
  in: 'memory',
});

/** Lanes of a vector of such elements. */
const lanesOf = { i8: 16, i16: 8, i32: 4, i64: 2 } as const;
type Lanes = keyof typeof lanesOf;

function lanewise(name: string, code: number, type: Lanes, combine: (a: Expr, b: Expr) => Expr): Instr {
  const lanes = lanesOf[type];
  return define(
    name,
    { opcode: vectorOpcode(code) },
    [register('a', type, lanes, 'read'), register('b', type, lanes, 'read'), register('to', type, lanes, 'write')],
    (k, region) =>
      k.for('lane', 0, lanes, (lane) =>
        k.store(region('to'), lane, combine(k.load(region('a'), lane), k.load(region('b'), lane))),
      ),
  );
}

/** All lanes 0. */
const zero = (name: string, type: 'i32' | 'i64', value: Expr): Instr =>
  define(
    name,
    { opcode: [...vectorOpcode(0x0c), ...new Array<number>(16).fill(0)] },
    [register('to', type, lanesOf[type], 'write')],
    (k, region) => k.for('lane', 0, lanesOf[type], (lane) => k.store(region('to'), lane, value)),
  );
export const zero32x4: Instr = zero('i32x4_zero', 'i32', int(0));
export const zero64x2: Instr = zero('i64x2_zero', 'i64', long(0));

/** Elements from memory to the lanes of a register, in order; `opcode` may widen them. */
const loadLanes = (name: string, code: number, from: MemoryType, to: Lanes): Instr =>
  define(
    name,
    { opcode: vectorOpcode(code), memarg: { align: 0 } },
    [memory('from', from, lanesOf[to], 'read'), register('to', to, lanesOf[to], 'write')],
    (k, region) => k.for('lane', 0, lanesOf[to], (lane) => k.store(region('to'), lane, k.load(region('from'), lane))),
  );

/** Eight int8 from memory, each widened to 16 bits. */
export const load8x8: Instr = loadLanes('i16x8_load8x8_s', 0x01, 'i8', 'i16');
export const load8x16: Instr = loadLanes('i8x16_load', 0x00, 'i8', 'i8');
export const load16x8: Instr = loadLanes('i16x8_load', 0x00, 'i16', 'i16');
export const load32x4: Instr = loadLanes('i32x4_load', 0x00, 'i32', 'i32');
export const load64x2: Instr = loadLanes('i64x2_load', 0x00, 'i64', 'i64');

/** Two int16 from memory, in all pairs of lanes. */
export const loadPair16x8: Instr = define(
  'i16x8_load32_splat',
  { opcode: vectorOpcode(0x09), memarg: { align: 0 } },
  [memory('from', 'i16', 2, 'read'), register('to', 'i16', 8, 'write')],
  (k, region) =>
    k.for('lane', 0, 4, (pair) => {
      k.store(region('to'), mul(pair, 2), k.load(region('from'), 0));
      k.store(region('to'), add(mul(pair, 2), 1), k.load(region('from'), 1));
    }),
);

/** Eight int16 to memory. */
export const store16x8: Instr = define(
  'i16x8_store',
  { opcode: vectorOpcode(0x0b), memarg: { align: 0 } },
  [memory('to', 'i16', 8, 'write'), register('from', 'i16', 8, 'read')],
  (k, region) => k.for('lane', 0, 8, (lane) => k.store(region('to'), lane, k.load(region('from'), lane))),
);

/** Sixteen int8 to memory. */
export const store8x16: Instr = define(
  'i8x16_store',
  { opcode: vectorOpcode(0x0b), memarg: { align: 0 } },
  [memory('to', 'i8', 16, 'write'), register('from', 'i8', 16, 'read')],
  (k, region) => k.for('lane', 0, 16, (lane) => k.store(region('to'), lane, k.load(region('from'), lane))),
);

/** `count` int8 to memory, from lane `part * count` of a register on. */
const storePart = (count: number, code: number, part: number): Instr =>
  define(
    `i8x16_store${count}_${part}`,
    { opcode: vectorOpcode(code), memarg: { align: 0, lane: part } },
    [memory('to', 'i8', count, 'write'), register('from', 'i8', 16, 'read')],
    (k, region) =>
      k.for('lane', 0, count, (lane) => k.store(region('to'), lane, k.load(region('from'), add(lane, part * count)))),
  );

/** Four int8 to memory: lanes 0..3, 4..7, 8..11 or 12..15. */
export const store8x4: readonly Instr[] = [0, 1, 2, 3].map((part) => storePart(4, 0x5a, part));
/** Eight int8 to memory: the lower or the upper half. */
export const store8x8: readonly Instr[] = [0, 1].map((part) => storePart(8, 0x5b, part));

const splat = (name: string, code: number, type: 'i8' | 'i16' | 'i32'): Instr =>
  define(
    name,
    { opcode: vectorOpcode(code) },
    [{ name: 'value', kind: 'scalar', type: 'i32' }, register('to', type, lanesOf[type], 'write')],
    (k, region, scalar) => k.for('lane', 0, lanesOf[type], (lane) => k.store(region('to'), lane, scalar('value'))),
  );

/** One number in all lanes. */
export const splat8x16: Instr = splat('i8x16_splat', 0x0f, 'i8');
export const splat16x8: Instr = splat('i16x8_splat', 0x10, 'i16');
export const splat32x4: Instr = splat('i32x4_splat', 0x11, 'i32');

export const max8x16: Instr = lanewise('i8x16_max_s', 0x78, 'i8', max);
export const min8x16: Instr = lanewise('i8x16_min_s', 0x76, 'i8', min);
export const add16x8: Instr = lanewise('i16x8_add', 0x8e, 'i16', add);
export const sub16x8: Instr = lanewise('i16x8_sub', 0x91, 'i16', sub);
export const add32x4: Instr = lanewise('i32x4_add', 0xae, 'i32', add);
export const mul32x4: Instr = lanewise('i32x4_mul', 0xb5, 'i32', mul);
export const and32x4: Instr = lanewise('i32x4_and', 0x4e, 'i32', and);
export const and64x2: Instr = lanewise('i64x2_and', 0x4e, 'i64', and);
export const add64x2: Instr = lanewise('i64x2_add', 0xce, 'i64', add);

const shiftRight = (name: string, code: number, type: 'i32', shift: typeof shl): Instr =>
  define(
    name,
    { opcode: vectorOpcode(code) },
    [
      register('a', type, lanesOf[type], 'read'),
      { name: 'amount', kind: 'scalar', type: 'i32' },
      register('to', type, lanesOf[type], 'write'),
    ],
    (k, region, scalar) =>
      k.for('lane', 0, lanesOf[type], (lane) =>
        k.store(region('to'), lane, shift(k.load(region('a'), lane), scalar('amount'))),
      ),
  );

/** Shifts of all lanes by one amount, 0..31. */
export const shl32x4: Instr = shiftRight('i32x4_shl', 0xab, 'i32', shl);
export const shr32x4: Instr = shiftRight('i32x4_shr_s', 0xac, 'i32', shr);

/** Sums of adjacent products: four times a[2n] * b[2n] + a[2n + 1] * b[2n + 1]. */
export const dot16x8: Instr = define(
  'i32x4_dot_i16x8_s',
  { opcode: vectorOpcode(0xba) },
  [register('a', 'i16', 8, 'read'), register('b', 'i16', 8, 'read'), register('to', 'i32', 4, 'write')],
  (k, region) =>
    k.for('lane', 0, 4, (lane) => {
      const even = mul(lane, 2);
      const product = (at: Expr): Expr => mul(k.load(region('a'), at), k.load(region('b'), at));
      k.store(region('to'), lane, add(product(even), product(add(even, 1))));
    }),
);

/** Products in full of the lower two lanes, or the upper two. */
const productsOf = (name: string, code: number, first: number): Instr =>
  define(
    name,
    { opcode: vectorOpcode(code) },
    [register('a', 'i32', 4, 'read'), register('b', 'i32', 4, 'read'), register('to', 'i64', 2, 'write')],
    (k, region) =>
      k.for('lane', 0, 2, (lane) => {
        const wide = (name: string): Expr => cast('i64', k.load(region(name), add(lane, first)));
        k.store(region('to'), lane, mul(wide('a'), wide('b')));
      }),
  );
export const productsLow: Instr = productsOf('i64x2_extmul_low_i32x4_s', 0xdc, 0);
export const productsHigh: Instr = productsOf('i64x2_extmul_high_i32x4_s', 0xdd, 2);

/** -1 in the lanes where a is less than b, 0 in the others. */
export const less64x2: Instr = lanewise('i64x2_lt_s', 0xd8, 'i64', (a, b) => select(lt(a, b), long(-1), long(0)));

/** Lanes of two vectors side by side, by the bytes they consist of. */
const shuffleOf = (lanes: readonly number[], bytes: number): readonly number[] => [
  ...vectorOpcode(0x0d),
  ...lanes.flatMap((lane) => Array.from({ length: bytes }, (_, byte) => lane * bytes + byte)),
];

/** The upper 32 bits of four 64-bit numbers. */
export const highHalves: Instr = define(
  'i32x4_high_halves',
  { opcode: shuffleOf([1, 3, 5, 7], 4) },
  [register('a', 'i64', 2, 'read'), register('b', 'i64', 2, 'read'), register('to', 'i32', 4, 'write')],
  (k, region) =>
    k.for('lane', 0, 2, (lane) => {
      const high = (name: string): Expr => cast('i32', shr(k.load(region(name), lane), long(32)));
      k.store(region('to'), lane, high('a'));
      k.store(region('to'), add(lane, 2), high('b'));
    }),
);

/** a[first], b[first], a[first + 1], b[first + 1] … */
const interleaving = (name: string, first: number): Instr =>
  define(
    name,
    {
      opcode: shuffleOf(
        [0, 8, 1, 9, 2, 10, 3, 11].map((lane) => lane + first),
        2,
      ),
    },
    [register('a', 'i16', 8, 'read'), register('b', 'i16', 8, 'read'), register('to', 'i16', 8, 'write')],
    (k, region) =>
      k.for('lane', 0, 4, (lane) => {
        k.store(region('to'), mul(lane, 2), k.load(region('a'), add(lane, first)));
        k.store(region('to'), add(mul(lane, 2), 1), k.load(region('b'), add(lane, first)));
      }),
  );
export const interleaveLow16x8: Instr = interleaving('i16x8_interleave_low', 0);
export const interleaveHigh16x8: Instr = interleaving('i16x8_interleave_high', 4);

/** Both vectors' lanes one after the other in half the width, saturated. */
const narrowing = (
  name: string,
  code: number,
  from: 'i16' | 'i32',
  to: 'i8' | 'i16',
  low: number,
  high: number,
): Instr =>
  define(
    name,
    { opcode: vectorOpcode(code) },
    [
      register('a', from, lanesOf[from], 'read'),
      register('b', from, lanesOf[from], 'read'),
      register('to', to, lanesOf[to], 'write'),
    ],
    (k, region) =>
      k.for('lane', 0, lanesOf[from], (lane) => {
        k.store(region('to'), lane, clampTo(k.load(region('a'), lane), low, high));
        k.store(region('to'), add(lane, lanesOf[from]), clampTo(k.load(region('b'), lane), low, high));
      }),
  );
export const narrow32x4: Instr = narrowing('i16x8_narrow_i32x4_s', 0x85, 'i32', 'i16', -32768, 32767);
export const narrow16x8: Instr = narrowing('i8x16_narrow_i16x8_s', 0x65, 'i16', 'i8', -128, 127);

export const wasmSimdSpellings: Spellings = spellings;

/** True for a target that has these instructions. */
export const hasVectors = ({ spellings: own }: { readonly spellings: Spellings }): boolean =>
  own.i32x4_dot_i16x8_s !== undefined;
