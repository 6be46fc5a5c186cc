// The taps of one of three outputs from int8 rows to 16 bits, in the order that arm-dsp-dot.ts reads them, on Armv7E-M and Armv8-M.
import { add, index, mul } from '../../kernel/expressions.ts';
import type { Instr } from '../../kernel/ir.ts';
import type { Spelling } from '../../kernel/spelling.ts';
import { defineInstr } from '../../kernel/writer.ts';
import { memory, scalar } from './arm-dsp-finish.ts';
import { armRoutine, instructionsIn } from './assembly.ts';

const nameOf = (aligned: boolean): string => (aligned ? 'dsp_widen_aligned' : 'dsp_widen');

/**
 * `rows` rows of `words` words from x, which skips so many elements after each, as taps skips. `aligned`: every row begins at a
 * multiple of four bytes.
 */
export const widenInstr = (aligned: boolean): Instr =>
  defineInstr(
    nameOf(aligned),
    [
      memory('x', 'i8', 'read'),
      memory('taps', 'i16', 'write'),
      ...['words', 'rows', 'x_skip', 'taps_skip'].map(scalar),
    ],
    (k, { x, taps }, { words, rows, x_skip, taps_skip }) => {
      if (!x || !taps || !words || !rows || !x_skip || !taps_skip) return;
      k.for('row', 0, rows, (row) => {
        const from = k.let('from', mul(row, add(mul(words, 4), x_skip)));
        const to = k.let('to', mul(row, add(mul(words, 12), taps_skip)));
        k.for('word', 0, words, (word) => {
          for (const [place, tap] of [0, 2, 1, 3].entries()) {
            const at = add(add(to, mul(word, 12)), 6 * (place >> 1) + (place & 1));
            k.store(taps, at, k.load(x, add(add(from, mul(word, 4)), index(tap))));
          }
        });
      });
    },
  );

function linesOf(aligned: boolean): readonly string[] {
  const words = ['r4', 'r5', 'r6', 'r7'];
  return [
    'push {r4-r9}',
    'ldmia r3, {r8, r9, r12} @ rows, bytes to skip of x, elements to skip of taps',
    '1:',
    'mov r3, r2',
    'b 3f',
    '2: @ four words',
    ...(aligned ? ['ldmia.w r0!, {r4-r7}'] : words.map((word) => `ldr ${word}, [r0], #4`)),
    ...words.flatMap((word, n) => [
      `sxtb16 lr, ${word}`,
      `sxtb16 ${word}, ${word}, ror #8`,
      `str lr, [r1, #${24 * n}]`,
      `str ${word}, [r1, #${24 * n + 12}]`,
    ]),
    'adds r1, r1, #96',
    '3:',
    'subs r3, r3, #4',
    'bhs 2b',
    'adds r3, r3, #4',
    'beq 5f',
    '4: @ what remains',
    'ldr r4, [r0], #4',
    'sxtb16 lr, r4',
    'sxtb16 r4, r4, ror #8',
    'str lr, [r1]',
    'str r4, [r1, #12]',
    'adds r1, r1, #24',
    'subs r3, r3, #1',
    'bne 4b',
    '5:',
    'add r0, r0, r9',
    'add r1, r1, r12, lsl #1',
    'subs r8, r8, #1',
    'bne 1b',
    'pop {r4-r9}',
  ];
}

function spellingOf(aligned: boolean): Spelling {
  const lines = linesOf(aligned);
  return {
    definition: armRoutine({
      name: nameOf(aligned),
      note: ['Rows of int8 to 16 bits: each word gives bytes 0 and 2, then 1 and 3, as one of three neighbours.'],
      parameters: [
        { type: 'const int8_t *', name: 'x' },
        { type: 'int16_t *', name: 'taps' },
        ...['words', 'rows', 'x_skip', 'taps_skip'].map((name) => ({ type: 'int32_t', name })),
      ],
      lines,
    }),
    cost: (words = 8, rows = 3) => ({
      instructions: 20 + rows * (9 + Math.floor(words / 4) * (aligned ? 20 : 23) + (words % 4) * 8),
      codeBytes: 4 * instructionsIn(lines) + 40,
    }),
  };
}

export const widenSpellings: Readonly<Record<string, Spelling>> = Object.fromEntries(
  [false, true].map((aligned) => [nameOf(aligned), spellingOf(aligned)]),
);
