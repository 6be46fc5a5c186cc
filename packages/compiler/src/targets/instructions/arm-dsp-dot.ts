// The dot product routine of Armv7E-M and Armv8-M: three outputs by two channels, to the finished int8 results. One smlad takes
// two products; weights stay 8 bits wide without being unpacked twice: a half word holds the weights of two channels, a + 256 b.
// Summed as it stands it gives A + 256 B, its low byte alone gives A, so that B is what is left.
import { add, index, int, mul } from '../../kernel/expressions.ts';
import type { Instr } from '../../kernel/ir.ts';
import type { Spelling } from '../../kernel/spelling.ts';
import { defineInstr } from '../../kernel/writer.ts';
import {
  type FinishVariant,
  finishVariants,
  memory,
  pairLines,
  scalar,
  sharedNumber,
  storePair,
  suffixOf,
  tableWords,
} from './arm-dsp-finish.ts';
import { armRoutine, instructionsIn } from './assembly.ts';

/** A finish, and whether the routine's own code is to be short. */
export type DotVariant = FinishVariant & { readonly short?: boolean };

/** Units of four taps that one turn of the inner loop takes. */
const unrolledIn = ({ short }: DotVariant): number => (short ? 4 : 8);

const nameOf = (variant: DotVariant): string => `dsp_dot${variant.short ? '_short' : ''}${suffixOf(variant)}`;

/**
 * y[offset of output p + c] = the finished sum over all taps of taps[p] * weights[c], for three outputs p and all channels c.
 *
 * - taps: int16, pairs of taps, each pair for output 0, 1, 2 in turn; two pairs are a unit.
 * - weights: for each pair of channels, for each tap in the same order, the byte of a, then that of b (see above).
 * - table: for each channel, see `storePair`.
 * - second, third: where the outputs begin after the first; an output that is not wanted is given the place of the first, which
 *   is written last.
 */
export const dotInstr = (variant: DotVariant): Instr =>
  defineInstr(
    nameOf(variant),
    [
      memory('taps', 'i16', 'read'),
      memory('weights', 'i8', 'read'),
      memory('table', 'i32', 'read'),
      memory('y', 'i8', 'write'),
      ...['units', 'channels', 'second', 'third', sharedNumber(variant)].map(scalar),
      ...(variant.clamped ? ['low', 'high'].map(scalar) : []),
    ],
    (k, { taps, weights, table, y }, { units, channels, second, third, low, high, ...scalars }) => {
      const shared = scalars[sharedNumber(variant)];
      if (!taps || !weights || !table || !y || !units || !channels || !second || !third || !shared) return;
      k.for(
        'channel',
        0,
        channels,
        (channel) => {
          const row = k.let('row', mul(mul(channel, units), 4));
          const offsets = [index(0), second, third];
          for (const p of [2, 1, 0]) {
            const a = k.variable('a', int(0));
            const both = k.variable('both', int(0));
            k.for('pair', 0, mul(units, 2), (pair) => {
              for (const half of [0, 1]) {
                const tap = k.let('tap', k.load(taps, add(mul(pair, 2 * offsets.length), 2 * p + half)));
                const at = k.let('at', add(row, add(mul(pair, 4), 2 * half)));
                k.set(a, add(a, mul(tap, k.load(weights, at))));
                k.set(both, add(both, mul(tap, k.load(weights, at, 'i16'))));
              }
            });
            const finishing = { table, y, shared, channels, low, high };
            storePair(k, variant, finishing, { a, both }, { channel, offset: offsets[p] ?? index(0) });
          }
        },
        2,
      );
    },
  );

/** Where the routine keeps what does not fit into registers, in bytes from the stack pointer; the sums' zeros follow the taps. */
const frame = {
  taps: 0,
  end: 28,
  entry: 32,
  table: 36,
  y: 40,
  shared: 44,
  second: 48,
  third: 52,
  tableEnd: 56,
  last: 60,
  low: 64,
  high: 68,
} as const;
const frameBytes = 72;

/** The sums of each output: of the low bytes, and of the half words. */
const sums = [
  ['r7', 'r10'],
  ['r8', 'r11'],
  ['r9', 'r12'],
] as const;

/** Four taps: r1 the weights, r0 the taps. */
const unitLines: readonly string[] = [
  'ldrd r2, r3, [r1], #8',
  ...['r2', 'r3'].flatMap((weights) => [
    'ldmia.w r0!, {r4, r5, r6}',
    ...sums.map(([, both], p) => `smlad ${both}, ${weights}, r${4 + p}, ${both}`),
    `sxtb16 ${weights}, ${weights}`,
    ...sums.map(([a], p) => `smlad ${a}, ${weights}, r${4 + p}, ${a}`),
  ]),
];

function routine(variant: DotVariant): { readonly lines: readonly string[]; readonly perPair: number } {
  const { clamped, odd } = variant;
  const unrolled = unrolledIn(variant);
  const entry = 4 * tableWords(variant);
  const start = ['ldmia sp, {r0, r7-r12, lr}', `ldr pc, [sp, #${frame.entry}]`];
  const ending = [
    `ldr r0, [sp, #${frame.table}]`,
    `ldr r2, [sp, #${frame.y}]`,
    ...pairLines(variant, frame, [
      { a: 'r7', both: 'r10' },
      { a: 'r8', both: 'r11', offset: frame.second },
      { a: 'r9', both: 'r12', offset: frame.third },
    ]),
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
    'ldmia r3!, {r4-r8} @ y, units, channels, second, third',
    `strd r7, r8, [sp, #${frame.second}]`,
    ...(clamped
      ? [`ldmia r3, {r7-r9} @ ${sharedNumber(variant)}, low, high`, `strd r8, r9, [sp, #${frame.low}]`]
      : [`ldr r7, [r3] @ ${sharedNumber(variant)}`]),
    `strd r4, r7, [sp, #${frame.y}]`,
    ...(odd ? ['add r3, r4, r6', 'sub r3, r3, #1', `str r3, [sp, #${frame.last}]`, 'add r6, r6, #1'] : []),
    'mov r12, #0',
    'strd r12, r12, [sp, #4]',
    'strd r12, r12, [sp, #12]',
    'strd r12, r12, [sp, #20]',
    `mov r7, #${entry}`,
    'mla r7, r6, r7, r2',
    `str r2, [sp, #${frame.table}]`,
    `str r7, [sp, #${frame.tableEnd}]`,
    `str r0, [sp, #${frame.taps}]`,
    `mov r7, #${8 * sums.length}`,
    'mla r7, r5, r7, r0',
    `str r7, [sp, #${frame.end}]`,
    '@ the first turn may be shorter: it is entered at its last units',
    'rsb r4, r5, #0',
    `and r4, r4, #${unrolled - 1}`,
    `mov r7, #${4 * unitLines.length}`,
    'mul r4, r4, r7',
    'adr r7, 1f',
    'add r7, r7, r4',
    'orr r7, r7, #1',
    `str r7, [sp, #${frame.entry}]`,
    'b 2f',
    '.balign 4',
    '1: @ four taps of two channels',
    `.rept ${unrolled}`,
    ...unitLines,
    '.endr',
    'cmp r0, lr',
    'bne 1b',
    ...ending,
    '2: @ taps, sums and end',
    ...start,
    '3:',
    `add sp, sp, #${frameBytes}`,
    'pop {r4-r11}',
  ];
  return { lines, perPair: instructionsIn([...start, ...ending]) };
}

/** The routine in C, and what it takes. */
function spellingOfVariant(variant: DotVariant): Spelling {
  const unrolled = unrolledIn(variant);
  const { lines, perPair } = routine(variant);
  const unit = unitLines.length;
  const scalars = [
    'units',
    'channels',
    'second',
    'third',
    sharedNumber(variant),
    ...(variant.clamped ? ['low', 'high'] : []),
  ];
  return {
    definition: armRoutine({
      name: nameOf(variant),
      note: [
        'Dot products of three outputs with pairs of channels, requantised. A half word holds the weights of two channels,',
        'a + 256 b: r10 to r12 sum it as it stands, r7 to r9 its low byte, for outputs 0 to 2.',
      ],
      parameters: [
        { type: 'const int16_t *', name: 'taps' },
        { type: 'const int8_t *', name: 'weights' },
        { type: 'const int32_t *', name: 'table' },
        { type: 'int8_t *', name: 'y' },
        ...scalars.map((name) => ({ type: 'int32_t', name })),
      ],
      lines,
    }),
    cost: (units = 16, channels = 32) => ({
      instructions: 50 + Math.ceil(channels / 2) * (perPair + units * unit + 2 * Math.ceil(units / unrolled)),
      codeBytes: 4 * (instructionsIn(lines) + (unrolled - 1) * unit) + 40,
    }),
  };
}

/** Short ones are for tables that are kept small. */
const shortVariants: readonly DotVariant[] = finishVariants
  .filter(({ form }) => form === 'compact')
  .map((variant) => ({ ...variant, short: true }));

export const dotSpellings: Readonly<Record<string, Spelling>> = Object.fromEntries(
  [...finishVariants, ...shortVariants].map((variant) => [nameOf(variant), spellingOfVariant(variant)]),
);
