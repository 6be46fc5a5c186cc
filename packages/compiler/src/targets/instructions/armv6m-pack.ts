// Packing of inputs on Armv6-M; see triples.ts.
import type { Spellings } from '../../kernel/spelling.ts';
import { numbers, pointer, restoreAll, saveAll, spelled } from './armv6m-routine.ts';
import { packLine, packTaps } from './triples.ts';

/** Packs x1 in r6 with x0 in one register and x2 in r7: the words are then in these. */
const packed = (x0: string): readonly string[] => [
  'lsls r6, r6, #11',
  'adds r7, r7, r6 @ x2 + 2^11 x1',
  'lsls r6, r6, #10',
  `adds ${x0}, ${x0}, r6 @ x0 + 2^21 x1`,
];

/** r0 to r2 are the inputs, r4 the words, r3 the tap, r12 their number; r8 and r9 the sums of words. */
const packTapsLines: readonly string[] = [
  'push {r4-r7}',
  'mov r4, r8',
  'mov r5, r9',
  'mov r6, r10',
  'push {r4-r6}',
  'ldmia r3!, {r4-r7} @ to, sums, step, count',
  'push {r5}',
  'lsls r6, r6, #2',
  'subs r6, r6, #8',
  'mov r10, r6 @ bytes from one place to the next, behind the two words',
  'mov r12, r7',
  'movs r3, #0',
  'mov r8, r3',
  'mov r9, r3',
  '1:',
  'ldrsb r5, [r0, r3]',
  'ldrsb r6, [r1, r3]',
  'ldrsb r7, [r2, r3]',
  'adds r3, r3, #1',
  ...packed('r5'),
  'add r8, r5',
  'add r9, r7',
  'stmia r4!, {r5, r7}',
  'add r4, r10',
  'cmp r3, r12',
  'bne 1b',
  'pop {r5}',
  'ldmia r5!, {r6, r7}',
  'mov r0, r8',
  'lsls r0, r0, #7',
  'subs r6, r6, r0',
  'mov r0, r9',
  'lsls r0, r0, #7',
  'subs r7, r7, r0',
  'subs r5, r5, #8',
  'stmia r5!, {r6, r7}',
  'pop {r4-r6}',
  'mov r8, r4',
  'mov r9, r5',
  'mov r10, r6',
  'pop {r4-r7}',
];

/** A place of an input, in a register, becomes an address, and what is added to it from place to place is put into another. */
const lineStart = (place: string, apart: string): readonly string[] => [
  `cmp ${place}, #0`,
  'blt 2f',
  `adds ${place}, ${place}, r0`,
  `mov ${apart}, r6`,
  'b 3f',
  `2: mov ${place}, sp`,
  `mov ${apart}, r7`,
  '3:',
];

/** r2, r4 and r5 are the inputs, r1 the words, r12 their end, r3 is 0; r8 to r10 are added to the inputs, r11 to the words. */
const packLineLines: readonly string[] = [
  ...saveAll,
  'sub sp, sp, #8',
  'ldmia r3!, {r4-r7} @ at1, at2, apart, zero',
  'str r7, [sp] @ its low byte is read where a line is outside',
  'movs r7, #0',
  ...lineStart('r2', 'r8'),
  ...lineStart('r4', 'r9'),
  ...lineStart('r5', 'r10'),
  'ldmia r3!, {r6, r7} @ step, count',
  'lsls r6, r6, #2',
  'muls r7, r6, r7',
  'adds r7, r7, r1',
  'mov r12, r7',
  'subs r6, r6, #8',
  'mov r11, r6',
  'movs r3, #0',
  '1:',
  'ldrsb r0, [r2, r3]',
  'add r2, r8',
  'ldrsb r6, [r4, r3]',
  'add r4, r9',
  'ldrsb r7, [r5, r3]',
  'add r5, r10',
  ...packed('r0'),
  'stmia r1!, {r0, r7}',
  'add r1, r11',
  'cmp r1, r12',
  'bne 1b',
  'add sp, sp, #8',
  ...restoreAll,
];

export const packSpellings: Spellings = {
  ...spelled({
    name: packTaps.name,
    note: [
      'Packs the taps of three outputs, x0 + 2^21 x1 and x2 + 2^11 x1, and takes 128 times their sums off the others.',
    ],
    parameters: [
      ...['x0', 'x1', 'x2'].map((name) => pointer('const int8_t', name)),
      pointer('int32_t', 'to'),
      pointer('int32_t', 'sums'),
      ...numbers('step', 'count'),
    ],
    lines: packTapsLines,
    instructions: (_step, count = 16) => 34 + 14 * count,
  }),
  ...spelled({
    name: packLine.name,
    note: ['Packs lines of three inputs, x0 + 2^21 x1 and x2 + 2^11 x1; one whose place is -1 is all zero.'],
    parameters: [
      pointer('const int8_t', 'x'),
      pointer('int32_t', 'to'),
      ...numbers('at0', 'at1', 'at2', 'apart', 'zero', 'step', 'count'),
    ],
    lines: packLineLines,
    instructions: (...[, , , , , , count = 8]) => 48 + 14 * count,
  }),
};
