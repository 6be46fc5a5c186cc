// Dot products of one output with all channels on Armv6-M; see triples.ts.
import type { Spellings } from '../../kernel/spelling.ts';
import { executed, factorLines, finishMacro } from './armv6m-finish.ts';
import { entryAddressLines, numbers, pointer, restoreAll, saveAll, spelled } from './armv6m-routine.ts';
import { instructionsIn } from './assembly.ts';
import { boundNames, type Finish } from './packed-sums.ts';
import { rowChannels, rowName } from './quad-row.ts';

/** Taps of one turn of the inner loop. */
const unrolledRow = 4;

/** One tap of four channels: r0 + r2 the input, r1 the weights, r8 to r11 the sums of the word, and of it without its low bytes. */
const rowTap: readonly string[] = [
  'ldrsb r6, [r0, r2]',
  'adds r2, r2, #1',
  'ldmia r1!, {r4}',
  ...[1, 2, 3].flatMap((n) => [`lsrs r3, r4, #${8 * n}`, 'muls r3, r6, r3', `add r${8 + n}, r3`]),
  'muls r4, r6, r4',
  'add r8, r4',
];

function rowLines(variant: Finish): {
  readonly lines: readonly string[];
  readonly perFour: number;
} {
  const fixed = { end: 0, taps: 4, biases: 8, biasesEnd: 12, y: 16, entry: 20, bias: 24, factor: 28, starts: 44 };
  const frame = { ...fixed, zero: 60, low: 64, high: 68 };
  const frameBytes = variant.relu ? 64 : 72;
  const start = [
    `add r0, sp, #${frame.starts}`,
    'ldmia r0!, {r4-r7}',
    ...[4, 5, 6, 7].map((n) => `mov r${n + 4}, r${n}`),
    `ldr r0, [sp, #${frame.end}]`,
    `ldr r2, [sp, #${frame.taps}]`,
    `ldr r6, [sp, #${frame.entry}]`,
    'mov pc, r6',
  ];
  const outputs = [
    'mov r12, r1',
    '@ each sum less that of the bytes above its own',
    ...[8, 9, 10].flatMap((n) => [
      ...(n === 8 ? ['mov r0, r8'] : ['mov r0, r1']),
      `mov r1, r${n + 1}`,
      'lsls r4, r1, #8',
      'subs r0, r0, r4',
      `mov r${n}, r0`,
    ]),
    `add r0, sp, #${frame.factor}`,
    'ldmia r0!, {r3, r5-r7}',
    `ldr r4, [sp, #${frame.y}]`,
    ...[8, 9, 10, 11].flatMap((n) => [
      `ldr r0, [sp, #${frame.biases}]`,
      'ldmia r0!, {r2}',
      `str r0, [sp, #${frame.biases}]`,
      `add r2, r${n}`,
      'finish',
      'strb r0, [r4]',
      'adds r4, r4, #1',
      ...(n === 11
        ? []
        : [
            `ldr r0, [sp, #${frame.biases}]`,
            `ldr r1, [sp, #${frame.biasesEnd}]`,
            'cmp r0, r1',
            'bne 5f',
            'b 9f',
            '5:',
          ]),
    ]),
    `str r4, [sp, #${frame.y}]`,
    'mov r1, r12',
    `ldr r0, [sp, #${frame.biases}]`,
    `ldr r2, [sp, #${frame.biasesEnd}]`,
    'cmp r0, r2',
    'beq 9f',
    'b 2b',
  ];
  const lines = [
    ...saveAll,
    `sub sp, sp, #${frameBytes}`,
    `str r2, [sp, #${frame.biases}]`,
    'ldmia r3!, {r4-r7} @ y, taps, channels, multiplier',
    `str r4, [sp, #${frame.y}]`,
    'lsls r6, r6, #2',
    'adds r6, r6, r2',
    `str r6, [sp, #${frame.biasesEnd}]`,
    'mov r2, r7',
    'mov r12, r5',
    'ldmia r3!, {r4} @ shift',
    ...(variant.relu
      ? []
      : [
          'ldmia r3!, {r5-r7}',
          `str r5, [sp, #${frame.zero}]`,
          `str r6, [sp, #${frame.low}]`,
          `str r7, [sp, #${frame.high}]`,
        ]),
    '@ the sum of the inputs',
    'movs r3, #0',
    'movs r7, #0',
    'mov r5, r12',
    '3: ldrsb r6, [r0, r7]',
    'adds r3, r3, r6',
    'adds r7, r7, #1',
    'cmp r7, r5',
    'bne 3b',
    'adds r0, r0, r5',
    `str r0, [sp, #${frame.end}]`,
    '@ what the sums of each byte and those above it begin with',
    'lsls r3, r3, #7',
    'rsbs r3, r3, #0',
    'movs r6, #0',
    ...[3, 2, 1, 0].flatMap((n) => ['lsls r6, r6, #8', 'adds r6, r6, r3', `str r6, [sp, #${frame.starts + 4 * n}]`]),
    'mov r3, r4',
    ...entryAddressLines(unrolledRow, rowTap.length),
    `str r6, [sp, #${frame.entry}]`,
    'rsbs r5, r5, #0',
    `str r5, [sp, #${frame.taps}]`,
    ...factorLines,
    `add r0, sp, #${frame.factor}`,
    'stmia r0!, {r3, r5-r7}',
    ...finishMacro(variant, frame),
    '2: @ four channels',
    ...start,
    '.balign 4',
    '1:',
    `.rept ${unrolledRow}`,
    ...rowTap,
    '.endr',
    'cmp r2, #0',
    'bne 1b',
    ...outputs,
    '9:',
    '.purgem finish',
    `add sp, sp, #${frameBytes}`,
    ...restoreAll,
  ];
  return { lines, perFour: executed(variant, [...start, ...outputs]) };
}

export function rowSpelling(variant: Finish): Spellings {
  const { lines, perFour } = rowLines(variant);
  return spelled({
    name: rowName(variant),
    note: ['Dot products of one output with all channels, requantised, the weights of four channels in a word.'],
    parameters: [
      pointer('const int8_t', 'x'),
      pointer('const uint8_t', 'weights'),
      pointer('const int32_t', 'biases'),
      pointer('int8_t', 'y'),
      ...numbers('taps', 'channels', 'multiplier', 'shift', ...boundNames(variant)),
    ],
    lines,
    instructions: (taps = 32, channels = 16) =>
      80 + 5 * taps + Math.ceil(channels / rowChannels) * (perFour + taps * rowTap.length + Math.ceil(taps / 2)),
    repeated: (unrolledRow - 1) * rowTap.length + executed(variant, lines) - instructionsIn(lines),
  });
}
