// The dot products of one output with all channels on Armv7E-M and Armv8-M: a row of int8 as it is stored, against four channels
// at a time, or two. Weights of two channels share a half word, as in arm-dsp-dot.ts.
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
  singleVariants,
  storePair,
  suffixOf,
  tableWords,
} from './arm-dsp-finish.ts';
import { armRoutine, instructionsIn } from './assembly.ts';

/** Units of four taps that one turn of the inner loop takes. */
const unrolled = 8;

export interface RowVariant extends FinishVariant {
  /** Pairs of channels taken at a time; with two, channels are a multiple of four. */
  readonly pairs: 1 | 2;
}

const nameOf = (variant: RowVariant): string => `dsp_row${2 * variant.pairs}${suffixOf(variant)}`;

/** Numbers of `single` beside those of other forms. */
const ownNumbers = ({ form }: RowVariant): readonly string[] => (form === 'single' ? ['multiplier'] : []);

/**
 * y[c] = the finished sum over all taps of x * weights[c].
 *
 * - x: units of four taps; an aligned address.
 * - weights: for each block of channels, for each unit, for each pair of the block two words: taps 0 and 2, then 1 and 3; of each
 *   tap the byte of a, then that of b.
 */
export const rowInstr = (variant: RowVariant): Instr =>
  defineInstr(
    nameOf(variant),
    [
      memory('x', 'i8', 'read'),
      memory('weights', 'i8', 'read'),
      memory('table', 'i32', 'read'),
      memory('y', 'i8', 'write'),
      ...['units', 'channels', sharedNumber(variant), ...ownNumbers(variant)].map(scalar),
      ...(variant.clamped ? ['low', 'high'].map(scalar) : []),
    ],
    (k, { x, weights, table, y }, { units, channels, multiplier, low, high, ...scalars }) => {
      const shared = scalars[sharedNumber(variant)];
      if (!x || !weights || !table || !y || !units || !channels || !shared) return;
      const { pairs } = variant;
      k.for(
        'block',
        0,
        channels,
        (block) => {
          for (let pair = 0; pair < pairs; pair += 1) {
            const a = k.variable('a', int(0));
            const both = k.variable('both', int(0));
            k.for('unit', 0, units, (unit) => {
              const word = k.let('word', add(mul(add(mul(block, units), mul(unit, 2 * pairs)), 4), pair * 8));
              for (const [place, tap] of [0, 2, 1, 3].entries()) {
                const value = k.let('value', k.load(x, add(mul(unit, 4), tap)));
                const at = k.let('at', add(word, 2 * place));
                k.set(a, add(a, mul(value, k.load(weights, at))));
                k.set(both, add(both, mul(value, k.load(weights, at, 'i16'))));
              }
            });
            const finishing = { table, y, shared, multiplier, channels, low, high };
            storePair(
              k,
              variant,
              finishing,
              { a, both },
              { channel: k.let('channel', add(block, 2 * pair)), offset: index(0) },
            );
          }
        },
        2 * pairs,
      );
    },
  );

/** Where the routine keeps what does not fit into registers; the sums' zeros follow x. */
const frame = {
  x: 0,
  end: 20,
  entry: 24,
  table: 28,
  y: 32,
  shared: 36,
  tableEnd: 40,
  last: 44,
  low: 48,
  high: 52,
  multiplier: 56,
} as const;
const frameBytesOf = ({ form }: RowVariant): number => (form === 'single' ? 64 : 56);

/** The sums of each pair: of the low bytes, and of the half words. */
const sums = [
  ['r7', 'r8'],
  ['r9', 'r10'],
] as const;

/** Four taps: r0 the input, r1 the weights; its halves go to r2 and lr. */
function unitLines({ pairs }: RowVariant): readonly string[] {
  const words = ['r3', 'r4', 'r5', 'r6'].slice(0, 2 * pairs);
  return [
    'ldr.w r2, [r0], #4',
    pairs === 2 ? 'ldmia.w r1!, {r3-r6}' : 'ldrd r3, r4, [r1], #8',
    'sxtb16 lr, r2, ror #8',
    'sxtb16 r2, r2',
    ...words.flatMap((word, n) => {
      const [a, both] = sums[n >> 1] ?? sums[0];
      const taps = n % 2 === 0 ? 'r2' : 'lr';
      return [
        `smlad ${both}, ${word}, ${taps}, ${both}`,
        `sxtb16 ${word}, ${word}`,
        `smlad ${a}, ${word}, ${taps}, ${a}`,
      ];
    }),
  ];
}

function routine(variant: RowVariant): { readonly lines: readonly string[]; readonly perBlock: number } {
  const { form, pairs, clamped, odd } = variant;
  const single = form === 'single';
  const [low, high] = single ? ['r9', 'r10'] : ['r8', 'r9'];
  const entry = 4 * tableWords(variant);
  const unit = unitLines(variant);
  const start = ['ldmia sp, {r0, r7-r11}', `ldr pc, [sp, #${frame.entry}]`];
  const ending = [
    `ldr r0, [sp, #${frame.table}]`,
    `ldr r2, [sp, #${frame.y}]`,
    ...sums.slice(0, pairs).flatMap(([a, both], pair) => pairLines(variant, frame, [{ a, both }], pair)),
    '@ the next channels',
    `add r0, r0, #${2 * pairs * entry}`,
    `add r2, r2, #${2 * pairs}`,
    `strd r0, r2, [sp, #${frame.table}]`,
    `ldr r4, [sp, #${frame.tableEnd}]`,
    'cmp r0, r4',
    'beq 3f',
  ];
  const lines = [
    'push {r4-r11}',
    `sub sp, sp, #${frameBytesOf(variant)}`,
    `ldmia r3, {r4-r7${single ? ', r8' : ''}${clamped ? `, ${low}, ${high}` : ''}} @ y, units, channels, ${[sharedNumber(variant), ...ownNumbers(variant)].join(', ')}${clamped ? ', low, high' : ''}`,
    ...(single ? [`str r8, [sp, #${frame.multiplier}]`] : []),
    ...(clamped ? [`strd ${low}, ${high}, [sp, #${frame.low}]`] : []),
    `strd r4, r7, [sp, #${frame.y}]`,
    ...(odd ? ['add r3, r4, r6', 'sub r3, r3, #1', `str r3, [sp, #${frame.last}]`, 'add r6, r6, #1'] : []),
    'mov r12, #0',
    'strd r12, r12, [sp, #4]',
    'strd r12, r12, [sp, #12]',
    `mov r7, #${entry}`,
    'mla r7, r6, r7, r2',
    `str r2, [sp, #${frame.table}]`,
    `str r7, [sp, #${frame.tableEnd}]`,
    `str r0, [sp, #${frame.x}]`,
    'add r7, r0, r5, lsl #2',
    `str r7, [sp, #${frame.end}]`,
    '@ the first turn may be shorter: it is entered at its last units',
    'rsb r4, r5, #0',
    `and r4, r4, #${unrolled - 1}`,
    `mov r7, #${4 * unit.length}`,
    'mul r4, r4, r7',
    'adr r7, 1f',
    'add r7, r7, r4',
    'orr r7, r7, #1',
    `str r7, [sp, #${frame.entry}]`,
    'b 2f',
    '.balign 4',
    '1: @ four taps',
    `.rept ${unrolled}`,
    ...unit,
    '.endr',
    'cmp r0, r11',
    'bne 1b',
    ...ending,
    '2: @ input, sums and end',
    ...start,
    '3:',
    `add sp, sp, #${frameBytesOf(variant)}`,
    'pop {r4-r11}',
  ];
  return { lines, perBlock: instructionsIn([...start, ...ending]) };
}

function spellingOfVariant(variant: RowVariant): Spelling {
  const { lines, perBlock } = routine(variant);
  const unit = unitLines(variant).length;
  const scalars = [
    ...['units', 'channels', sharedNumber(variant), ...ownNumbers(variant)],
    ...(variant.clamped ? ['low', 'high'] : []),
  ];
  return {
    definition: armRoutine({
      name: nameOf(variant),
      note: [
        `Dot products of one row with ${2 * variant.pairs} channels at a time, requantised. A half word holds the weights of two channels,`,
        'a + 256 b: r8 and r10 sum it as it stands, r7 and r9 its low byte.',
      ],
      parameters: [
        { type: 'const int8_t *', name: 'x' },
        { type: 'const int8_t *', name: 'weights' },
        { type: 'const int32_t *', name: 'table' },
        { type: 'int8_t *', name: 'y' },
        ...scalars.map((name) => ({ type: 'int32_t', name })),
      ],
      lines,
    }),
    cost: (units = 16, channels = 32) => ({
      instructions:
        50 + Math.ceil(channels / (2 * variant.pairs)) * (perBlock + units * unit + 2 * Math.ceil(units / unrolled)),
      codeBytes: 4 * (instructionsIn(lines) + (unrolled - 1) * unit) + 40,
    }),
  };
}

export const rowSpellings: Readonly<Record<string, Spelling>> = Object.fromEntries(
  [...finishVariants, ...singleVariants].flatMap((finish) =>
    ([1, 2] as const).map((pairs) => {
      const variant = { ...finish, pairs };
      return [nameOf(variant), spellingOfVariant(variant)];
    }),
  ),
);
