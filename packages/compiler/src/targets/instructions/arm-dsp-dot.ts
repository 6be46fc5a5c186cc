// The dot product routines of Armv7E-M and Armv8-M: three outputs, or one, by two channels, to the finished int8 results. One smlad takes
// two products; weights stay 8 bits wide without being unpacked twice: a half word holds the weights of two channels, a + 256 b.
// Summed as it stands it gives A + 256 B, its low byte alone gives A, so that B is what is left.
import { add, cast, index, int, long, lt, max, min, mul, shr, sub, ushr } from '../../kernel/expressions.ts';
import type { Expr, Instr, Region } from '../../kernel/ir.ts';
import type { Spelling } from '../../kernel/spelling.ts';
import { defineInstr, type Writer } from '../../kernel/writer.ts';
import { armRoutine, instructionsIn } from './assembly.ts';

/** Units of four taps that one turn of the inner loop takes. */
const unrolled = 8;

/** How the accumulators end. */
export interface DotVariant {
  /** Outputs taken at a time. */
  readonly outputs: 1 | 3;
  /** The offset differs where the accumulator, bias included, is negative. */
  readonly signed: boolean;
  /** Results are clamped to less than int8. */
  readonly clamped: boolean;
  /** The number of channels is odd: the last pair has no second. */
  readonly odd: boolean;
}

export const dotName = ({ outputs, signed, clamped, odd }: DotVariant): string =>
  `dsp_dot${outputs}${signed ? '_signed' : ''}${clamped ? '_clamped' : ''}${odd ? '_odd' : ''}`;

/** Words of the table of requantisation that a channel has: see `finish`. */
export const tableWords = ({ signed }: DotVariant): number => (signed ? 6 : 3);

const memory = (name: string, type: 'i8' | 'i16' | 'i32', access: 'read' | 'write') =>
  ({ name, kind: 'region', type, access, in: 'memory' }) as const;
const scalar = (name: string) => ({ name, kind: 'scalar', type: 'index' }) as const;

/**
 * y[offset of output p + c] = the finished sum over all taps of taps[p] * weights[c], for all outputs p and channels c.
 *
 * - taps: int16, pairs of taps, each pair for all outputs in turn; two pairs are a unit.
 * - weights: for each pair of channels, for each tap in the same order, the byte of a, then that of b (see above).
 * - table: for each channel, see `finish`.
 * - second, third (with three outputs): where the outputs begin after the first; an output that is not wanted is given the place of the first, which
 *   is written last.
 */
export const dotInstr = (variant: DotVariant): Instr =>
  defineInstr(
    dotName(variant),
    [
      memory('taps', 'i16', 'read'),
      memory('weights', 'i8', 'read'),
      memory('table', 'i32', 'read'),
      memory('y', 'i8', 'write'),
      scalar('units'),
      scalar('channels'),
      ...(variant.outputs === 3 ? [scalar('second'), scalar('third')] : []),
      scalar('shift'),
      ...(variant.clamped ? [scalar('low'), scalar('high')] : []),
    ],
    (k, { taps, weights, table, y }, scalars) => {
      const { units, channels, second, third, shift, low, high } = scalars;
      if (!taps || !weights || !table || !y || !units || !channels || !shift) return;
      const offsets = variant.outputs === 3 ? [index(0), second, third] : [index(0)];
      k.for(
        'channel',
        0,
        channels,
        (channel) => {
          const row = k.let('row', mul(mul(channel, units), 4));
          for (let p = offsets.length - 1; p >= 0; p -= 1) {
            const offset = offsets[p] ?? index(0);
            const a = k.variable('a', int(0));
            const both = k.variable('both', int(0));
            k.for('pair', 0, mul(units, 2), (pair) => {
              for (const half of [0, 1]) {
                const tap = k.let('tap', k.load(taps, add(mul(pair, 2 * variant.outputs), 2 * p + half)));
                const at = k.let('at', add(row, add(mul(pair, 4), 2 * half)));
                k.set(a, add(a, mul(tap, k.load(weights, at))));
                k.set(both, add(both, mul(tap, k.load(weights, at, 'i16'))));
              }
            });
            const sums = [a, shr(sub(both, a), 8)];
            sums.forEach((sum, n) => {
              const own = k.let('own', add(channel, n));
              const store = (): void => {
                const value = finish(k, variant, sum, { own, table, shift, low, high });
                k.store(y, add(offset, own), value);
              };
              if (n === 1 && variant.odd) k.if(lt(own, channels), store);
              else store();
            });
          }
        },
        2,
      );
    },
  );

interface Finishing {
  readonly own: Expr;
  readonly table: Region;
  readonly shift: Expr;
  readonly low: Expr | undefined;
  readonly high: Expr | undefined;
}

/**
 * The int8 result of a channel's sum: (sum * m + k) >> (32 + shift), saturated. The channel's part of the table is m, k (64
 * bits); where `signed`, bias, m, k from 0 on, k below 0.
 */
function finish(k: Writer, { signed }: DotVariant, sum: Expr, { own, table, shift, low, high }: Finishing): Expr {
  const at = k.let('entry', mul(own, signed ? 6 : 3));
  const full = signed ? k.let('full', add(sum, k.load(table, at))) : sum;
  const [m, offset] = signed
    ? [add(at, 1), add(add(at, 2), mul(cast('index', ushr(full, int(31))), 2))]
    : [at, add(at, 1)];
  const scaled = add(mul(cast('i64', full), cast('i64', k.load(table, m))), k.load(table, offset, 'i64'));
  const shifted = shr(cast('i32', shr(scaled, long(32))), cast('i32', shift));
  const saturated = min(max(shifted, int(-128)), int(127));
  if (low === undefined || high === undefined) return saturated;
  return min(max(saturated, cast('i32', low)), cast('i32', high));
}

/** Where the routine keeps what does not fit into registers, in bytes from the stack pointer. */
const frame = {
  taps: 0,
  end: 28,
  entry: 32,
  table: 36,
  y: 40,
  shift: 44,
  second: 48,
  third: 52,
  tableEnd: 56,
} as const;
const frameOdd = 60;
const frameLow = 64;
const frameHigh = 68;
const frameBytes = 72;

/** The sums of each output: of the low bytes, and of the half words. */
const sums = [
  ['r7', 'r10'],
  ['r8', 'r11'],
  ['r9', 'r12'],
] as const;

/** Four taps: r1 the weights, r0 the taps. */
function unitLines({ outputs }: DotVariant): readonly string[] {
  const own = sums.slice(0, outputs);
  const products = (weights: string, taps: readonly string[]): readonly string[] => [
    ...own.map(([, both], p) => `smlad ${both}, ${weights}, ${taps[p]}, ${both}`),
    `sxtb16 ${weights}, ${weights}`,
    ...own.map(([a], p) => `smlad ${a}, ${weights}, ${taps[p]}, ${a}`),
  ];
  if (outputs === 1)
    return ['ldrd r2, r3, [r1], #8', 'ldrd r4, r5, [r0], #8', ...products('r2', ['r4']), ...products('r3', ['r5'])];
  const three = 'ldmia.w r0!, {r4, r5, r6}';
  const taps = ['r4', 'r5', 'r6'];
  return ['ldrd r2, r3, [r1], #8', three, ...products('r2', taps), three, ...products('r3', taps)];
}

/** One result from the sum in a register: r0 the table, r3 the shift, r6 and lr are used up; the result is in lr. */
function finishLines({ signed, clamped }: DotVariant, sum: string, m: string, entry: number): readonly string[] {
  return [
    ...(signed
      ? [`lsr r6, ${sum}, #31`, 'add r6, r0, r6, lsl #3', `ldrd r6, lr, [r6, #${entry + 8}]`]
      : [`ldrd r6, lr, [r0, #${entry + 4}]`]),
    `smlal r6, lr, ${sum}, ${m}`,
    'asr lr, lr, r3',
    'ssat lr, #8, lr',
    ...(clamped
      ? [
          `ldr r6, [sp, #${frameLow}]`,
          'cmp lr, r6',
          'it lt',
          'movlt lr, r6',
          `ldr r6, [sp, #${frameHigh}]`,
          'cmp lr, r6',
          'it gt',
          'movgt lr, r6',
        ]
      : []),
  ];
}

function routineLines(variant: DotVariant): { readonly lines: readonly string[]; readonly perPair: number } {
  const { outputs: count, signed, clamped, odd } = variant;
  const entry = 4 * tableWords(variant);
  const unit = unitLines(variant);
  const places = [undefined, frame.second, frame.third];
  // Clamping changes the flags, so that the test for the last channel is then made at each place.
  const isLast = [`ldr r6, [sp, #${frameOdd}]`, 'cmp r2, r6'];
  const outputs = Array.from({ length: count }, (_, p) => count - 1 - p).flatMap((p) => {
    const [a = '', both = ''] = sums[p] ?? [];
    const place = places[p];
    const at = place === undefined ? 'r2' : a;
    return [
      `@ output ${p}`,
      `sub ${both}, ${both}, ${a}`,
      `asr ${both}, ${both}, #8`,
      ...(signed ? [`ldr r6, [r0]`, `add ${a}, ${a}, r6`, `ldr r6, [r0, #${entry}]`, `add ${both}, ${both}, r6`] : []),
      ...finishLines(variant, a, 'r4', 0),
      ...(place === undefined ? [] : [`ldr ${a}, [sp, #${place}]`, `add ${a}, ${a}, r2`]),
      `strb lr, [${at}]`,
      ...finishLines(variant, both, 'r5', entry),
      ...(odd ? [...isLast, 'it ne', `strbne lr, [${at}, #1]`] : [`strb lr, [${at}, #1]`]),
    ];
  });
  const perPair = [`ldmia sp, {r0, r7-r12, lr}`, `ldr pc, [sp, #${frame.entry}]`];
  const ending = [
    `ldr r0, [sp, #${frame.table}]`,
    `ldrd r2, r3, [sp, #${frame.y}]`,
    `ldr r4, [r0, #${signed ? 4 : 0}]`,
    `ldr r5, [r0, #${entry + (signed ? 4 : 0)}]`,
    ...outputs,
    '@ the next pair of channels',
    `add r0, r0, #${2 * entry}`,
    'add r2, r2, #2',
    `strd r0, r2, [sp, #${frame.table}]`,
    `ldr r4, [sp, #${frame.tableEnd}]`,
    'cmp r0, r4',
    'beq 3f',
  ];
  const lines = [
    'push {r4-r11}',
    `sub sp, sp, #${frameBytes}`,
    ...(count === 3
      ? ['ldmia r3!, {r4-r8} @ y, units, channels, second, third', `strd r7, r8, [sp, #${frame.second}]`]
      : ['ldmia r3!, {r4-r6} @ y, units, channels']),
    `ldmia r3, {r7${clamped ? '-r9' : ''}} @ shift${clamped ? ', low, high' : ''}`,
    ...(clamped ? [`strd r8, r9, [sp, #${frameLow}]`] : []),
    `strd r4, r7, [sp, #${frame.y}]`,
    ...(odd ? ['add r3, r4, r6', 'sub r3, r3, #1', `str r3, [sp, #${frameOdd}]`, 'add r6, r6, #1'] : []),
    'movs r12, #0',
    'strd r12, r12, [sp, #4]',
    'strd r12, r12, [sp, #12]',
    'strd r12, r12, [sp, #20]',
    `movs r7, #${entry}`,
    'mla r7, r6, r7, r2',
    `str r2, [sp, #${frame.table}]`,
    `str r7, [sp, #${frame.tableEnd}]`,
    'str r0, [sp, #0]',
    `movs r7, #${8 * count}`,
    'mla r7, r5, r7, r0',
    `str r7, [sp, #${frame.end}]`,
    '@ the first turn may be shorter: it is entered at its last units',
    'rsb r4, r5, #0',
    `and r4, r4, #${unrolled - 1}`,
    `movs r7, #${4 * unit.length}`,
    'mul r4, r4, r7',
    'adr r7, 1f',
    'add r7, r7, r4',
    'orr r7, r7, #1',
    `str r7, [sp, #${frame.entry}]`,
    'b 2f',
    '.balign 4',
    '1: @ four taps of two channels',
    `.rept ${unrolled}`,
    ...unit,
    '.endr',
    'cmp r0, lr',
    'bne 1b',
    ...ending,
    '2: @ taps, sums and end',
    ...perPair,
    '3:',
    `add sp, sp, #${frameBytes}`,
    'pop {r4-r11}',
  ];
  return { lines, perPair: perPair.length + instructionsIn(ending) };
}

/** The routine in C, and what it takes. */
export function dotSpelling(variant: DotVariant): Spelling {
  const { lines, perPair } = routineLines(variant);
  const unit = unitLines(variant).length;
  const pointers = [
    { type: 'const int16_t *', name: 'taps' },
    { type: 'const int8_t *', name: 'weights' },
    { type: 'const int32_t *', name: 'table' },
    { type: 'int8_t *', name: 'y' },
  ];
  const scalars = [
    'units',
    'channels',
    ...(variant.outputs === 3 ? ['second', 'third'] : []),
    'shift',
    ...(variant.clamped ? ['low', 'high'] : []),
  ];
  const definition = armRoutine({
    name: dotName(variant),
    note: [
      `Dot products of ${variant.outputs === 3 ? 'three outputs' : 'one output'} with pairs of channels, requantised. A half word holds the weights of two channels,`,
      variant.outputs === 3
        ? 'a + 256 b: r10 to r12 sum it as it stands, r7 to r9 its low byte, for outputs 0 to 2.'
        : 'a + 256 b: r10 sums it as it stands, r7 its low byte.',
    ],
    parameters: [...pointers, ...scalars.map((name) => ({ type: 'int32_t', name }))],
    lines,
  });
  const codeBytes = 4 * (instructionsIn(lines) + (unrolled - 1) * unit) + 40;
  return {
    definition,
    cost: (units = 16, channels = 32) => ({
      instructions: 50 + Math.ceil(channels / 2) * (perPair + units * unit + 2 * Math.ceil(units / unrolled)),
      codeBytes,
    }),
  };
}

/** All variants. */
export const dotVariants: readonly DotVariant[] = ([1, 3] as const).flatMap((outputs) =>
  [false, true].flatMap((signed) =>
    [false, true].flatMap((clamped) => [false, true].map((odd) => ({ outputs, signed, clamped, odd }))),
  ),
);
