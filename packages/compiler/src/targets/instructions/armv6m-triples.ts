// The routines of triples.ts in the instructions of Armv6-M, the 16-bit ones of Thumb. Sums are in high registers, which additions reach
// though multiplications do not; four words are loaded in one instruction, and each is used up by its product.
import type { Spellings } from '../../kernel/spelling.ts';
import { armRoutine, instructionsIn, type RoutineParameter } from './assembly.ts';
import {
  boundNames,
  type DotVariant,
  dotName,
  packLine,
  packTaps,
  placeNames,
  rowChannels,
  rowName,
  slideName,
  type TripleVariant,
} from './triples.ts';

/** Taps of one turn of an inner loop; the first turn is entered where as many are left as there are beyond whole turns. */
const unrolled = 8;
const unrolledRow = 4;

const bytesPerInstruction = 2;

const saveAll = ['push {r4-r7}', 'mov r4, r8', 'mov r5, r9', 'mov r6, r10', 'mov r7, r11', 'push {r4-r7}'];
const restoreAll = ['pop {r4-r7}', 'mov r8, r4', 'mov r9, r5', 'mov r10, r6', 'mov r11, r7', 'pop {r4-r7}'];

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

/** Where finishing finds what is not in registers, in bytes from the stack pointer. */
interface FinishFrame {
  readonly bias: number;
  readonly zero: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The finished output of the sum in r2, in r0. r3 is the shift, r5 to r7 the multiplier in pieces of 12, 12 and 7 bits, lr what is added
 * before the shift; r1 is used up. The product is taken from its low piece up, twelve bits dropped each time, which is exact;
 * sums too large for it are saturated anyway.
 */
function finishLines({ relu }: Pick<TripleVariant, 'relu'>, frame: FinishFrame): readonly string[] {
  const shift = relu ? 'lsrs' : 'asrs';
  const scaled = [
    'mov r0, r2',
    'muls r0, r5, r0',
    `${shift} r0, r0, #12`,
    'mov r1, r2',
    'muls r1, r6, r1',
    'adds r0, r0, r1',
    `${shift} r0, r0, #12`,
  ];
  const last = ['muls r2, r7, r2', 'adds r0, r0, r2', 'add r0, lr', `${shift} r0, r0, r3`];
  if (relu)
    return [
      'lsrs r0, r2, #20',
      'bne 6f',
      ...scaled,
      ...last,
      'cmp r0, #255',
      'bls 7f',
      '6: mvns r0, r2 @ below zero: 0, too large: all bits',
      'asrs r0, r0, #31',
      '7: subs r0, r0, #128',
    ];
  return [
    'asrs r0, r2, #19',
    'adds r0, r0, #1',
    'lsrs r0, r0, #1',
    'bne 6f',
    ...scaled,
    'asrs r1, r2, #31',
    'lsls r1, r1, #7',
    'adds r0, r0, r1 @ halves away from zero',
    ...last,
    `ldr r1, [sp, #${frame.zero}]`,
    'adds r0, r0, r1',
    `ldr r1, [sp, #${frame.low}]`,
    'cmp r0, r1',
    'blt 7f',
    `ldr r1, [sp, #${frame.high}]`,
    'cmp r0, r1',
    'ble 8f',
    'b 7f',
    `6: ldr r1, [sp, #${frame.high}]`,
    'cmp r2, #0',
    'bge 7f',
    `ldr r1, [sp, #${frame.low}]`,
    '7: mov r0, r1',
    '8:',
  ];
}

/** Finishing stands in a routine once, as a macro, and is mentioned wherever an output is finished. */
const finishMacro = (variant: Pick<TripleVariant, 'relu'>, frame: FinishFrame): readonly string[] => [
  '.macro finish',
  ...finishLines(variant, frame),
  '.endm',
];

/** Instructions of a routine's part, finishing in full wherever it is mentioned. */
const executed = (variant: Pick<TripleVariant, 'relu'>, lines: readonly string[]): number => {
  const finishing = instructionsIn(finishLines(variant, { bias: 0, zero: 0, low: 0, high: 0 }));
  return instructionsIn(lines) + (finishing - 1) * lines.filter((line) => line === 'finish').length;
};

/** From the entry's words in r1 and r2: the bias to the frame, r3 the shift, lr what is added before it, r5 to r7 the multiplier. */
const entryLines = ({ bias }: Pick<FinishFrame, 'bias'>): readonly string[] => [
  'asrs r0, r1, #8',
  `str r0, [sp, #${bias}]`,
  'uxtb r3, r1',
  ...factorLines,
];

/** From the multiplier in r2 and the shift in r3; see `finishLines`. */
const factorLines: readonly string[] = [
  'movs r0, #1',
  'lsls r0, r0, r3',
  'lsrs r0, r0, #1',
  'adds r0, r0, #64',
  'mov lr, r0 @ halves of both roundings',
  'lsls r5, r2, #20',
  'lsrs r5, r5, #20',
  'lsls r6, r2, #8',
  'lsrs r6, r6, #20',
  'lsrs r7, r2, #24',
];

/** The three sums of two accumulators: the first in the register of the first, the second in that of the other, the third in r2. */
const unpackLines = (first: string, second: string): readonly string[] => [
  `mov r0, ${first}`,
  'lsls r2, r0, #11',
  'asrs r2, r2, #11',
  `mov ${first}, r2`,
  'subs r0, r0, r2',
  'asrs r0, r0, #21 @ low bits of the second sum',
  `mov r1, ${second}`,
  'lsls r2, r0, #11',
  'subs r1, r1, r2',
  'lsls r2, r1, #10',
  'asrs r2, r2, #10',
  'subs r1, r1, r2',
  'asrs r1, r1, #22',
  'lsls r1, r1, #11',
  'adds r1, r1, r0',
  `mov ${second}, r1`,
];

const accumulators = [
  ['r8', 'r9'],
  ['r10', 'r11'],
] as const;

const wordRegisters = ({ triples }: TripleVariant): readonly string[] => ['r2', 'r3', 'r4', 'r5'].slice(0, 2 * triples);

/** One tap, once its weight is in r6. */
function tapLines(variant: TripleVariant, weight: string): readonly string[] {
  const words = wordRegisters(variant);
  const products = words.flatMap((word, n) => [`muls ${word}, r6, ${word}`, `add r${8 + n}, ${word}`]);
  return [`ldmia r0!, {${words.join(', ')}}`, weight, ...products];
}

/** Where the first turn is entered, from the number of taps in r5: the address, in r6; r7 is how many taps are left out. */
const entryAddressLines = (turn: number, tapInstructions: number): readonly string[] => [
  `movs r6, #${turn - 1}`,
  'rsbs r7, r5, #0',
  'ands r7, r7, r6',
  `movs r6, #${tapInstructions * bytesPerInstruction}`,
  'muls r6, r7, r6',
  'adr r4, 1f',
  'adds r6, r6, r4',
];

/** Copies words from where r3 points to the frame, through registers that are free. */
function copyLines(count: number, to: number, free: readonly string[]): readonly string[] {
  const lines = [`add r4, sp, #${to}`];
  for (let left = count; left > 0; left -= free.length) {
    const list = free.slice(0, left).join(', ');
    lines.push(`ldmia r3!, {${list}}`, `stmia r4!, {${list}}`);
  }
  return lines;
}

/** Stores r0 as output n; r4 is where the first is. */
const storeLines = (n: number, places: number): readonly string[] =>
  n === 0 ? ['strb r0, [r4]'] : [`ldr r1, [sp, #${places + 4 * (n - 1)}]`, 'strb r0, [r4, r1]'];

/** All outputs of accumulators that start without the bias. */
const outputLines = (variant: TripleVariant, frame: FinishFrame & { readonly places: number }): readonly string[] =>
  accumulators
    .slice(0, variant.triples)
    .flatMap(([first, second], triple) => [
      ...unpackLines(first, second),
      ...[2, 1, 0].flatMap((n) => [
        ...(n === 2 ? [] : [`mov r2, ${n === 1 ? second : first}`]),
        `ldr r0, [sp, #${frame.bias}]`,
        'adds r2, r2, r0',
        'finish',
        ...storeLines(3 * triple + n, frame.places),
      ]),
    ]);

const framed = (variant: TripleVariant, places: number) => {
  const zero = places + 4 * placeNames(variant).length;
  const bounds = boundNames(variant).length;
  return { places, zero, low: zero + 4, high: zero + 8, end: zero + 4 * bounds };
};

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
    `.irp tap, ${Array.from({ length: unrolled }, (_, n) => n).join(', ')}`,
    ...tapLines(variant, 'ldrb r6, [r1, #\\\\tap]'),
    '.endr',
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
    `.rept ${unrolled}`,
    ...tapLines(variant, 'ldmia r1!, {r6}'),
    '.endr',
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

/** One tap of four channels: r0 + r2 the input, r1 the weights, r8 to r11 the sums of the word, and of it without its low bytes. */
const rowTap: readonly string[] = [
  'ldrsb r6, [r0, r2]',
  'adds r2, r2, #1',
  'ldmia r1!, {r4}',
  ...[1, 2, 3].flatMap((n) => [`lsrs r3, r4, #${8 * n}`, 'muls r3, r6, r3', `add r${8 + n}, r3`]),
  'muls r4, r6, r4',
  'add r8, r4',
];

function rowLines(variant: Pick<TripleVariant, 'relu'>): {
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

interface Priced {
  readonly name: string;
  readonly note: readonly string[];
  readonly parameters: readonly RoutineParameter[];
  readonly lines: readonly string[];
  /** Instructions of one call, by the scalars that say how much there is to do. */
  readonly instructions: (...scalars: readonly (number | undefined)[]) => number;
  /** Instructions that the assembler repeats. */
  readonly repeated?: number;
  readonly variant?: Pick<TripleVariant, 'relu'>;
}

const pointer = (type: string, name: string): RoutineParameter => ({ type: `${type} *`, name });
const numbers = (...names: readonly string[]): readonly RoutineParameter[] =>
  names.map((name) => ({ type: 'int32_t', name }));

function spelled({
  name,
  note,
  parameters,
  lines,
  instructions,
  repeated = 0,
  variant = { relu: true },
}: Priced): Spellings {
  const definition = armRoutine({ name, note, parameters, lines: ['.syntax unified', ...lines] });
  // The C function around it hands over what is not in registers.
  const around = 4 + 2 * parameters.length;
  const codeBytes = bytesPerInstruction * (executed(variant, lines) + repeated + around);
  return {
    [name]: { definition, cost: (...scalars) => ({ instructions: around + instructions(...scalars), codeBytes }) },
  };
}

const words = pointer('const int32_t', 'words');
const table = pointer('const int32_t', 'table');
const y = pointer('int8_t', 'y');

const packing: Spellings = {
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

const threes = ({ triples }: TripleVariant): string => (triples === 2 ? 'six' : 'three');

function dotSpelling(variant: DotVariant): Spellings {
  const { lines, perChannel } = dotLines(variant);
  const tap = 2 + 4 * variant.triples;
  return spelled({
    variant,
    name: dotName(variant),
    note: [
      `Dot products of ${threes(variant)} outputs with all channels, requantised: three sums of 21 bits share two words, so that a`,
      'multiplication and an addition take one and a half products.',
    ],
    parameters: [
      words,
      pointer('const uint8_t', 'weights'),
      table,
      y,
      ...numbers('taps', 'channels', ...(variant.chunked ? ['chunks'] : [])),
      ...numbers(...placeNames(variant), ...boundNames(variant)),
    ],
    lines,
    instructions: (taps = 32, channels = 32, more = 1) => {
      const chunks = variant.chunked ? more : 1;
      const turns = chunks * (taps * tap + 3 * Math.ceil(taps / unrolled));
      return 60 + channels * (perChannel + (chunks - 1) * 60 * variant.triples + turns);
    },
    repeated: (unrolled - 1) * tap,
  });
}

function slideSpelling(variant: TripleVariant): Spellings {
  const { lines, perPlace } = slideLines(variant);
  const tap = 2 + 4 * variant.triples;
  return spelled({
    variant,
    name: slideName(variant),
    note: [
      `Dot products of a channel's weights with windows that slide along a strip, for ${threes(variant)} outputs at once, requantised.`,
    ],
    parameters: [
      words,
      pointer('const int32_t', 'weights'),
      pointer('const int32_t', 'entry'),
      y,
      ...numbers('taps', 'count', 'step', 'apart', ...placeNames(variant), ...boundNames(variant)),
    ],
    lines,
    instructions: (taps = 9, count = 8) => 80 + count * (perPlace + taps * tap + 2 * Math.ceil(taps / unrolled)),
    repeated: (unrolled - 1) * tap,
  });
}

function rowSpelling(variant: Pick<TripleVariant, 'relu'>): Spellings {
  const { lines, perFour } = rowLines(variant);
  return spelled({
    variant,
    name: rowName(variant),
    note: ['Dot products of one output with all channels, requantised, the weights of four channels in a word.'],
    parameters: [
      pointer('const int8_t', 'x'),
      pointer('const uint8_t', 'weights'),
      pointer('const int32_t', 'biases'),
      y,
      ...numbers('taps', 'channels', 'multiplier', 'shift', ...boundNames(variant)),
    ],
    lines,
    instructions: (taps = 32, channels = 16) =>
      80 + 5 * taps + Math.ceil(channels / rowChannels) * (perFour + taps * rowTap.length + Math.ceil(taps / 2)),
    repeated: (unrolledRow - 1) * rowTap.length,
  });
}

const variants: readonly TripleVariant[] = ([1, 2] as const).flatMap((triples) =>
  [true, false].map((relu) => ({ triples, relu })),
);

/** All routines of triples.ts. */
export const armv6mTriples: Spellings = Object.assign(
  {},
  packing,
  ...variants.flatMap((variant) => [
    ...[false, true].map((chunked) => dotSpelling({ ...variant, chunked })),
    slideSpelling(variant),
  ]),
  ...[true, false].map((relu) => rowSpelling({ relu })),
);
