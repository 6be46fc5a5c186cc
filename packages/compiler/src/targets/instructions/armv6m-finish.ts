// How sums become outputs in the routines of Armv6-M: accumulators unpacked, scaled without a long multiplication, rounded, clamped.
import { instructionsIn } from './assembly.ts';
import { boundNames, type Finish } from './packed-sums.ts';
import { placeNames, type TripleVariant } from './triples.ts';

/** Where finishing finds what is not in registers, in bytes from the stack pointer. */
export interface FinishFrame {
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
function finishLines({ relu }: Finish, frame: FinishFrame): readonly string[] {
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
export const finishMacro = (variant: Finish, frame: FinishFrame): readonly string[] => [
  '.macro finish',
  ...finishLines(variant, frame),
  '.endm',
];

/** Instructions of a routine's part, finishing in full wherever it is mentioned. */
export const executed = (variant: Finish, lines: readonly string[]): number => {
  const finishing = instructionsIn(finishLines(variant, { bias: 0, zero: 0, low: 0, high: 0 }));
  return instructionsIn(lines) + (finishing - 1) * lines.filter((line) => line === 'finish').length;
};

/** From the entry's words in r1 and r2: the bias to the frame, r3 the shift, lr what is added before it, r5 to r7 the multiplier. */
export const entryLines = ({ bias }: Pick<FinishFrame, 'bias'>): readonly string[] => [
  'asrs r0, r1, #8',
  `str r0, [sp, #${bias}]`,
  'uxtb r3, r1',
  ...factorLines,
];

/** From the multiplier in r2 and the shift in r3; see `finishLines`. */
export const factorLines: readonly string[] = [
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
export const unpackLines = (first: string, second: string): readonly string[] => [
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

export const accumulators = [
  ['r8', 'r9'],
  ['r10', 'r11'],
] as const;

export const wordRegisters = ({ triples }: TripleVariant): readonly string[] =>
  ['r2', 'r3', 'r4', 'r5'].slice(0, 2 * triples);

/** One tap, once its weight is in r6. */
export function tapLines(variant: TripleVariant, weight: string): readonly string[] {
  const words = wordRegisters(variant);
  const products = words.flatMap((word, n) => [`muls ${word}, r6, ${word}`, `add r${8 + n}, ${word}`]);
  return [`ldmia r0!, {${words.join(', ')}}`, weight, ...products];
}

/** Stores r0 as output n; r4 is where the first is. */
export const storeLines = (n: number, places: number): readonly string[] =>
  n === 0 ? ['strb r0, [r4]'] : [`ldr r1, [sp, #${places + 4 * (n - 1)}]`, 'strb r0, [r4, r1]'];

/** All outputs of accumulators that start without the bias. */
export const outputLines = (
  variant: TripleVariant,
  frame: FinishFrame & { readonly places: number },
): readonly string[] =>
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

export const framed = (variant: TripleVariant, places: number) => {
  const zero = places + 4 * placeNames(variant).length;
  const bounds = boundNames(variant).length;
  return { places, zero, low: zero + 4, high: zero + 8, end: zero + 4 * bounds };
};
