// The assembly of the dot product routines of Armv8.1-M (arm-mve-dot.ts): which registers and words of the stack hold what.
import { type FinishVariant, finishScalars, groupWords, readTable, scaleLines } from './arm-mve-requantise.ts';
import { instructionsIn } from './assembly.ts';

export interface MveDotVariant extends FinishVariant {
  /** Outputs taken at a time. */
  readonly outputs: 1 | 3;
  /** The number of channels is no multiple of four. */
  readonly ragged: boolean;
}

/** Where the routine keeps what does not fit into registers: words from the stack pointer, in the order of the registers of `ldm`. */
const frame3 = {
  x: [12, 20, 28],
  taps: 36,
  shift: 40,
  tableEnd: 44,
  pitch: 48,
  rest: 52,
  channels: 56,
  zero: 60,
  low: 64,
  high: 68,
  weights: 72,
  table: 76,
  y: 80,
  pixels: 84,
  bytes: 88,
} as const;

const frame1 = { rest: 24, low: 28, high: 32, bytes: 40 } as const;

/**
 * Results with their fraction, in lanes of 32 bits, to int8 in the lowest byte of each. Narrowing rounds, because GNU as 2.40 takes
 * the instruction that does not for the one that does.
 */
const narrowLines = (
  { clamped }: FinishVariant,
  results: readonly string[],
  [low, high]: readonly [string, string],
): readonly string[] =>
  clamped
    ? [
        ...results.map((result) => `vrshr.s32 ${result}, ${result}, #16`),
        ...results.map((result) => `vmax.s32 ${result}, ${result}, ${low}`),
        ...results.map((result) => `vmin.s32 ${result}, ${result}, ${high}`),
      ]
    : [
        ...results.map((result) => `vqrshrnb.s32 ${result}, ${result}, #16`),
        ...results.map((result) => `vqmovnb.s16 ${result}, ${result}`),
      ];

/** Stores of the channels that remain of a group: `rest` counts down by four. */
const storeLines = (
  { ragged }: MveDotVariant,
  stores: readonly (readonly [register: string, address: string])[],
  rest: { readonly register: string; readonly place: number },
): readonly string[] =>
  ragged
    ? [
        `vctp.32 ${rest.register}`,
        `sub ${rest.register}, ${rest.register}, #4`,
        `str ${rest.register}, [sp, #${rest.place}]`,
        `vpst${'t'.repeat(stores.length - 1)}`,
        ...stores.map(([register, address]) => `vstrbt.32 ${register}, ${address}`),
      ]
    : stores.map(([register, address]) => `vstrb.32 ${register}, ${address}`);

const tableRegisters = { offsets: 'q0', multipliers: 'q1', less: 'q2', shifts: 'q3' } as const;

/** The table is read in order. */
const nextPart = (): string => '[r12], #16';

export interface DotRoutine {
  readonly lines: readonly string[];
  /** Instructions of a turn of the inner loop, of a group of four channels without it, of a group of pixels without those. */
  readonly turn: number;
  readonly perGroup: number;
  readonly perPixels: number;
}

const count = instructionsIn;

/** The scalars of the end, loaded into registers from a number on. */
function optionalScalars(
  variant: FinishVariant,
  from: number,
): { readonly loaded: string; readonly register: Readonly<Record<string, string>> } {
  const entries = finishScalars(variant).map((name, n) => [name, `r${from + n}`] as const);
  return { loaded: entries.map(([, register]) => `, ${register}`).join(''), register: Object.fromEntries(entries) };
}

function three(variant: MveDotVariant): DotRoutine {
  const { signed, clamped, ragged } = variant;
  const { x, taps, shift, tableEnd, pitch, rest, channels, zero, low, weights, y, pixels, bytes } = frame3;
  const inner = [
    'vldrb.u8 q0, [r1], #16',
    'vldrb.u8 q1, [r1], #16',
    'vldrb.u8 q2, [r5], #16',
    'vmladava.s8 r0, q0, q2',
    'vldrb.u8 q3, [r7], #16',
    'vmladava.s8 r2, q1, q2',
    'vldrb.u8 q4, [r9], #16',
    'vmladava.s8 r4, q0, q3',
    'vmladava.s8 r6, q1, q3',
    'vmladava.s8 r8, q0, q4',
    'vmladava.s8 r10, q1, q4',
    'letp lr, 3b',
  ];
  const half = (label: string, upper: number, lower: number): readonly string[] => [
    'ldm sp, {r0, r2, r4-r10, lr} @ sums of 0, inputs, taps',
    'dlstp.8 lr, lr',
    `${label}: @ 16 taps of two channels and three outputs`,
    ...inner.map((line) => line.replace('3b', `${label}b`)),
    ...[
      ['q5', 'r2', 'r0'],
      ['q6', 'r6', 'r4'],
      ['q7', 'r10', 'r8'],
    ].map(([q, second, first]) => `vmov ${q}[${upper}], ${q}[${lower}], ${first}, ${second}`),
  ];
  const sums = ['q5', 'q6', 'q7'];
  const group = [
    ...half('3', 2, 0),
    ...half('4', 3, 1),
    '@ offsets, multipliers; shift, end of the table, channels',
    ...readTable(variant, tableRegisters, nextPart),
    `ldrd r0, r2, [sp, #${shift}]`,
    ...(ragged ? [`ldrd r6, r4, [sp, #${rest}]`] : [`ldr r4, [sp, #${channels}]`]),
    ...(signed ? [`ldr r8, [sp, #${zero}]`] : []),
    ...scaleLines(variant, sums, { shift: 'r0', zero: 'r8' }, tableRegisters),
    ...(clamped ? [`ldrd r8, r10, [sp, #${low}]`, 'vdup.32 q0, r8', 'vdup.32 q1, r10'] : []),
    ...narrowLines(variant, sums, ['q0', 'q1']),
    'add r5, r3, r4',
    'add r7, r5, r4',
    ...storeLines(
      variant,
      [
        ['q5', '[r3], #4'],
        ['q6', '[r5]'],
        ['q7', '[r7]'],
      ],
      { register: 'r6', place: rest },
    ),
    'cmp r12, r2',
    'bne 2b',
  ];
  const begin = [
    `ldrd r1, r12, [sp, #${weights}]`,
    `ldr r3, [sp, #${y}]`,
    ...(ragged ? [`ldr r0, [sp, #${channels}]`, `str r0, [sp, #${rest}]`] : []),
  ];
  const next = [
    '@ three outputs on; where fewer are left, back so that there are three',
    `ldr r0, [sp, #${pixels}]`,
    'subs r0, r0, #3',
    'beq 5f',
    'rsbs r2, r0, #3',
    'ite gt',
    'movgt r0, #3',
    'movle r2, #0',
    `str r0, [sp, #${pixels}]`,
    'rsb r2, r2, #3',
    `ldr r4, [sp, #${pitch}]`,
    ...x.flatMap((place) => [`ldr r6, [sp, #${place}]`, 'mla r6, r2, r4, r6', `str r6, [sp, #${place}]`]),
    `ldr r4, [sp, #${channels}]`,
    `ldr r6, [sp, #${y}]`,
    'mla r6, r2, r4, r6',
    `str r6, [sp, #${y}]`,
    'b 1b',
  ];
  // y, taps, channels, pixels, pitch, shift, then what the variant has.
  const { loaded, register } = optionalScalars(variant, 9);
  const lines = [
    'push {r4-r11}',
    `sub sp, sp, #${bytes}`,
    `ldmia r3, {r4-r8${loaded}} @ y, taps, channels, pixels, pitch, ${finishScalars(variant).join(', ')}`,
    `strd r1, r2, [sp, #${weights}]`,
    `strd r4, r7, [sp, #${y}]`,
    `strd r5, ${register.shift ?? 'r9'}, [sp, #${taps}]`,
    `strd r8, r6, [sp, #${pitch}]`,
    `str r6, [sp, #${channels}]`,
    ...(signed ? [`str ${register.zero}, [sp, #${zero}]`] : []),
    ...(clamped ? [`strd ${register.low}, ${register.high}, [sp, #${low}]`] : []),
    'add r4, r6, #3',
    'lsr r4, r4, #2',
    `movs r5, #${groupWords(variant) * 4}`,
    'mla r4, r4, r5, r2',
    `str r4, [sp, #${tableEnd}]`,
    'movs r4, #0',
    'strd r4, r4, [sp, #0]',
    'str r4, [sp, #8]',
    `str r0, [sp, #${x[0]}]`,
    'str r4, [sp, #16]',
    'add r0, r0, r8',
    `str r0, [sp, #${x[1]}]`,
    'str r4, [sp, #24]',
    'add r0, r0, r8',
    `str r0, [sp, #${x[2]}]`,
    'str r4, [sp, #32]',
    '1: @ three outputs: r1 weights, r12 table, r3 results',
    ...begin,
    '2: @ four channels',
    ...group,
    ...next,
    '5:',
    `add sp, sp, #${bytes}`,
    'pop {r4-r11}',
  ];
  return {
    lines,
    turn: 2 * inner.length,
    perGroup: count(group) - 2 * inner.length,
    perPixels: count(begin) + count(next),
  };
}

function one(variant: MveDotVariant): DotRoutine {
  const { signed, clamped, ragged, shifts } = variant;
  const { rest, low, bytes } = frame1;
  const inner = [
    'vldrb.u8 q4, [r5], #16',
    'vldrb.u8 q0, [r1], #16',
    'vmladava.s8 r0, q0, q4',
    'vldrb.u8 q1, [r1], #16',
    'vmladava.s8 r2, q1, q4',
    'vldrb.u8 q2, [r3], #16',
    'vmladava.s8 r4, q2, q4',
    'vldrb.u8 q3, [r3], #16',
    'vmladava.s8 r6, q3, q4',
    'letp lr, 3b',
  ];
  const group = [
    'ldm sp, {r0, r2, r4, r5, r6, lr} @ sums of 0, inputs, taps',
    'add r3, r1, r11',
    'dlstp.8 lr, lr',
    '3: @ 16 taps of four channels',
    ...inner,
    'mov r1, r3',
    'vmov q5[2], q5[0], r0, r2',
    'vmov q5[3], q5[1], r4, r6',
    ...readTable(variant, tableRegisters, nextPart),
    ...scaleLines(variant, ['q5'], { shift: 'r8', zero: 'r10' }, tableRegisters),
    ...(clamped ? [`ldrd r0, r2, [sp, #${low}]`, 'vdup.32 q0, r0', 'vdup.32 q1, r2'] : []),
    ...narrowLines(variant, ['q5'], ['q0', 'q1']),
    ...(ragged ? [`ldr r6, [sp, #${rest}]`] : []),
    ...storeLines(variant, [['q5', '[r7], #4']], { register: 'r6', place: rest }),
    'cmp r12, r9',
    'bne 2b',
  ];
  // y, taps, channels, shift, then what the variant has.
  const { loaded, register } = optionalScalars(variant, 7);
  const lines = [
    'push {r4-r11}',
    `sub sp, sp, #${bytes}`,
    `ldmia r3, {r4-r6${loaded}} @ y, taps, channels, ${finishScalars(variant).join(', ')}`,
    ...(clamped ? [`strd ${register.low}, ${register.high}, [sp, #${low}]`] : []),
    'mov r12, r2',
    ...(signed ? [`mov r10, ${register.zero}`] : []),
    ...(shifts ? [] : [`mov r8, ${register.shift}`]),
    'mov r7, r4',
    'movs r4, #0',
    'strd r4, r4, [sp, #0]',
    'strd r4, r0, [sp, #8]',
    'strd r4, r5, [sp, #16]',
    ...(ragged ? [`str r6, [sp, #${rest}]`] : []),
    'add r6, r6, #3',
    'lsr r6, r6, #2',
    `movs r4, #${groupWords(variant) * 4}`,
    'mla r9, r6, r4, r2',
    '@ r11: two rows of weights',
    'add r11, r5, #15',
    'lsr r11, r11, #4',
    'lsl r11, r11, #5',
    '2: @ four channels: r1, r3 weights, r12 table until r9, r7 results',
    ...group,
    `add sp, sp, #${bytes}`,
    'pop {r4-r11}',
  ];
  return { lines, turn: inner.length, perGroup: count(group) - inner.length, perPixels: 0 };
}

/** The routine for three outputs at a time, or for one. */
export const dotRoutine = (variant: MveDotVariant): DotRoutine =>
  variant.outputs === 3 ? three(variant) : one(variant);
