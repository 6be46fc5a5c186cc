// Windows that slide along a packed strip on Armv6-M; see triples.ts.
import type { Spellings } from '../../kernel/spelling.ts';
import { entryLines, executed, finishMacro, framed, outputLines, tapLines, wordRegisters } from './armv6m-finish.ts';
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
import { countInWords, placeNames, slideName, type TripleVariant } from './triples.ts';

function slideLines(variant: TripleVariant): { readonly lines: readonly string[]; readonly perPlace: number } {
  const fixed = { words: 0, y: 4, left: 8, step: 12, apart: 16, entry: 20, weights: 24, bias: 28, factor: 32 };
  const { end, ...rest } = framed(variant, 48);
  const frame = { ...fixed, ...rest };
  const frameBytes = Math.ceil(end / 8) * 8;
  const words = wordRegisters(variant);
  const start = [
    `ldr r0, [sp, #${frame.words}]`,
    `ldr r1, [sp, #${frame.step}]`,
    'adds r1, r1, r0',
    `str r1, [sp, #${frame.words}]`,
    `ldr r1, [sp, #${frame.weights}]`,
    'movs r2, #0',
    ...words.map((_, n) => `mov r${8 + n}, r2`),
    `ldr r6, [sp, #${frame.entry}]`,
    'mov pc, r6',
  ];
  const outputs = [
    `add r0, sp, #${frame.factor}`,
    'ldmia r0!, {r3, r5-r7}',
    `ldr r4, [sp, #${frame.y}]`,
    ...outputLines(variant, frame),
    `ldr r0, [sp, #${frame.apart}]`,
    'adds r4, r4, r0',
    `str r4, [sp, #${frame.y}]`,
    `ldr r0, [sp, #${frame.left}]`,
    'subs r0, r0, #1',
    `str r0, [sp, #${frame.left}]`,
    'beq 9f',
    'b 2b',
  ];
  const lines = [
    ...saveAll,
    `sub sp, sp, #${frameBytes}`,
    `str r0, [sp, #${frame.words}]`,
    `str r1, [sp, #${frame.weights}]`,
    'ldmia r3!, {r4-r7} @ y, taps, count, step',
    `str r4, [sp, #${frame.y}]`,
    `str r6, [sp, #${frame.left}]`,
    'lsls r7, r7, #2',
    `str r7, [sp, #${frame.step}]`,
    'lsls r7, r5, #2',
    'adds r7, r7, r1',
    'mov r12, r7 @ end of the weights',
    'ldmia r3!, {r6}',
    `str r6, [sp, #${frame.apart}]`,
    '@ places and bounds',
    ...copyLines((end - frame.places) / 4, frame.places, ['r0', 'r1', 'r6', 'r7']),
    ...entryAddressLines(unrolled, 2 + 2 * words.length),
    `str r6, [sp, #${frame.entry}]`,
    'ldmia r2!, {r1, r3} @ the entry',
    'mov r2, r3',
    ...entryLines(frame),
    `add r0, sp, #${frame.factor}`,
    'stmia r0!, {r3, r5-r7}',
    ...finishMacro(variant, frame),
    '2: @ a place of the window',
    ...start,
    '.balign 4',
    '1: @ r0 words, r1 weights, r8 and on the accumulators',
    ...forEachTap(tapLines(variant, 'ldmia r1!, {r6}')),
    'cmp r1, r12',
    'bne 1b',
    ...outputs,
    '9:',
    '.purgem finish',
    `add sp, sp, #${frameBytes}`,
    ...restoreAll,
  ];
  return { lines, perPlace: executed(variant, [...start, ...outputs]) };
}

export function slideSpelling(variant: TripleVariant): Spellings {
  const { lines, perPlace } = slideLines(variant);
  const tap = 2 + 4 * variant.triples;
  return spelled({
    name: slideName(variant),
    note: [
      `Dot products of a channel's weights with windows that slide along a strip, for ${countInWords(variant)} outputs at once, requantised.`,
    ],
    parameters: [
      pointer('const int32_t', 'words'),
      pointer('const int32_t', 'weights'),
      pointer('const int32_t', 'entry'),
      pointer('int8_t', 'y'),
      ...numbers('taps', 'count', 'step', 'apart', ...placeNames(variant), ...boundNames(variant)),
    ],
    lines,
    instructions: (taps = 9, count = 8) => 80 + count * (perPlace + taps * tap + 2 * Math.ceil(taps / unrolled)),
    repeated: (unrolled - 1) * tap + executed(variant, lines) - instructionsIn(lines),
  });
}
