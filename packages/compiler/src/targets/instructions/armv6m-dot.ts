// Dot products of three or six outputs with all channels on Armv6-M: sums are in high registers, which additions reach though
// multiplications do not; four words are loaded in one instruction, and each is used up by its product. See triples.ts.
import type { Spellings } from '../../kernel/spelling.ts';
import {
  accumulators,
  entryLines,
  executed,
  finishMacro,
  framed,
  outputLines,
  storeLines,
  tapLines,
  unpackLines,
  wordRegisters,
} from './armv6m-finish.ts';
import {
  copyLines,
  entryAddressLines,
  forEachTap,
  numbers,
  pointer,
  restoreAll,
  saveAll,
  spelled,
  unrolled,
} from './armv6m-routine.ts';
import { instructionsIn } from './assembly.ts';
import { boundNames } from './packed-sums.ts';
import { countInWords, type DotVariant, dotName, placeNames } from './triples.ts';

function dotLines(variant: DotVariant): { readonly lines: readonly string[]; readonly perChannel: number } {
  const { chunked, triples } = variant;
  const fixed = { words: 0, taps: 4, skip: 8, entry: 12, table: 16, tableEnd: 20, y: 24, bias: 28 };
  const { end, ...rest } = framed(variant, 32);
  const frame = { ...fixed, ...rest, chunks: end, left: end + 4, sums: end + 8 };
  const frameBytes = Math.ceil((chunked ? end + 8 + 12 * triples : end) / 8) * 8;
  const words = wordRegisters(variant);
  const start = [
    `ldmia r0!, {${words.join(', ')}}`,
    ...words.map((word, n) => `mov r${8 + n}, ${word}`),
    `ldr r6, [sp, #${frame.taps}]`,
    'mov r12, r1',
    'add r12, r6 @ end of the weights',
    `ldr r6, [sp, #${frame.skip}]`,
    'subs r1, r1, r6',
    `ldr r6, [sp, #${frame.entry}]`,
    'mov pc, r6',
  ];
  const entry = [
    `ldr r0, [sp, #${frame.table}]`,
    'ldmia r0!, {r1, r2}',
    `str r0, [sp, #${frame.table}]`,
    ...entryLines(frame),
    `ldr r4, [sp, #${frame.y}]`,
  ];
  const addUp = accumulators.slice(0, triples).flatMap(([first, second], triple) => [
    ...unpackLines(first, second),
    ...[2, 1, 0].flatMap((n) => {
      const at = frame.sums + 4 * (3 * triple + n);
      const sum = n === 2 ? [] : [`mov r2, ${n === 1 ? second : first}`];
      return [...sum, `ldr r3, [sp, #${at}]`, 'adds r2, r2, r3', `str r2, [sp, #${at}]`];
    }),
  ]);
  const fromSums = Array.from({ length: 3 * triples }, (_, n) => 3 * triples - 1 - n).flatMap((n) => [
    `ldr r2, [sp, #${frame.sums + 4 * n}]`,
    `ldr r0, [sp, #${frame.bias}]`,
    'adds r2, r2, r0',
    'finish',
    ...storeLines(n, frame.places),
  ]);
  const next = [
    'adds r4, r4, #1',
    `str r4, [sp, #${frame.y}]`,
    'mov r1, r12',
    `ldr r0, [sp, #${frame.table}]`,
    `ldr r2, [sp, #${frame.tableEnd}]`,
    'cmp r0, r2',
    'beq 9f',
    'b 2b',
  ];
  const clear = chunked
    ? [
        `ldr r2, [sp, #${frame.chunks}]`,
        `str r2, [sp, #${frame.left}]`,
        'movs r2, #0',
        ...Array.from({ length: 3 * triples }, (_, n) => `str r2, [sp, #${frame.sums + 4 * n}]`),
      ]
    : [];
  const between = chunked
    ? [
        'mov lr, r0',
        ...addUp,
        'mov r0, lr',
        'mov r1, r12',
        `ldr r2, [sp, #${frame.left}]`,
        'subs r2, r2, #1',
        `str r2, [sp, #${frame.left}]`,
        'beq 5f',
        'b 4b',
        '5:',
      ]
    : [];
  const outputs = chunked ? fromSums : outputLines(variant, frame);
  const names = ['y', 'taps', 'channels'];
  const lines = [
    ...saveAll,
    `sub sp, sp, #${frameBytes}`,
    `str r0, [sp, #${frame.words}]`,
    `str r2, [sp, #${frame.table}]`,
    `ldmia r3!, {r4-r6} @ ${names.join(', ')}`,
    `str r4, [sp, #${frame.y}]`,
    `str r5, [sp, #${frame.taps}]`,
    'lsls r6, r6, #3',
    'adds r6, r6, r2',
    `str r6, [sp, #${frame.tableEnd}]`,
    ...(chunked ? ['ldmia r3!, {r6}', `str r6, [sp, #${frame.chunks}]`] : []),
    '@ places and bounds',
    ...copyLines((end - frame.places) / 4, frame.places, ['r0', 'r2', 'r6', 'r7']),
    ...entryAddressLines(unrolled, 2 + 2 * words.length),
    `str r6, [sp, #${frame.entry}]`,
    `str r7, [sp, #${frame.skip}]`,
    ...finishMacro(variant, frame),
    '2: @ a channel',
    `ldr r0, [sp, #${frame.words}]`,
    ...clear,
    '4:',
    ...start,
    '.balign 4',
    '1: @ r0 words, r1 weights, r8 and on the accumulators',
    ...forEachTap(tapLines(variant, 'ldrb r6, [r1, #\\\\tap]')),
    `adds r1, r1, #${unrolled}`,
    'cmp r1, r12',
    'bne 1b',
    ...between,
    ...entry,
    ...outputs,
    ...next,
    '9:',
    '.purgem finish',
    `add sp, sp, #${frameBytes}`,
    ...restoreAll,
  ];
  const perChannel = executed(variant, [...start, ...between, ...clear, ...entry, ...outputs, ...next]);
  return { lines, perChannel };
}

export function dotSpelling(variant: DotVariant): Spellings {
  const { lines, perChannel } = dotLines(variant);
  const tap = 2 + 4 * variant.triples;
  return spelled({
    name: dotName(variant),
    note: [
      `Dot products of ${countInWords(variant)} outputs with all channels, requantised: three sums of 21 bits share two words, so that a`,
      'multiplication and an addition take one and a half products.',
    ],
    parameters: [
      pointer('const int32_t', 'words'),
      pointer('const uint8_t', 'weights'),
      pointer('const int32_t', 'table'),
      pointer('int8_t', 'y'),
      ...numbers('taps', 'channels', ...(variant.chunked ? ['chunks'] : [])),
      ...numbers(...placeNames(variant), ...boundNames(variant)),
    ],
    lines,
    instructions: (taps = 32, channels = 32, more = 1) => {
      const chunks = variant.chunked ? more : 1;
      const turns = chunks * (taps * tap + 3 * Math.ceil(taps / unrolled));
      return 60 + channels * (perChannel + (chunks - 1) * 60 * variant.triples + turns);
    },
    repeated: (unrolled - 1) * tap + executed(variant, lines) - instructionsIn(lines),
  });
}
