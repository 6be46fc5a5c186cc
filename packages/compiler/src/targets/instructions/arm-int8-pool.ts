// Pools over int8 windows on Arm cores: sums of bytes as pairs of 16 bits, largest bytes four at a time, on Armv6-M, Armv7-M, its
// DSP extension, and Helium.
import type { Spelling, Spellings } from '../../kernel/spelling.ts';
import { armRoutine, instructionsIn } from './assembly.ts';
import { type PoolKind, poolKinds, poolName } from './int8-routines.ts';

/** The syntax of Armv6-M, where GCC takes an older one for granted. */
const unified = '.syntax unified';

/** How a core family pools a block of channels. */
interface Family {
  readonly vectors?: boolean;
  /** Undefined where the operator's own loops are no slower. */
  readonly pool: (kind: PoolKind) => Lines | undefined;
}

/** Lines of assembly, and what they take: for each block of 8 channels, once, a row, and a pixel. */
interface Lines {
  readonly lines: readonly string[];
  readonly perBlock: number;
  readonly perRow: number;
  readonly perPixel: number;
}

/** Words of the other parameters, from the fourth on. */
const other = { rows: 0, columns: 4, rowGap: 8, outputs: 12, outputStep: 16, factor: 20 } as const;

/** What a block does on a Thumb-2 core; r3 the pixel, r2 the channels, r4 and r5 a pixel's 8 bytes, r6 to r9 what is kept. */
interface Block {
  /** Before the first block. */
  readonly setUp: readonly string[];
  readonly start: readonly string[];
  readonly pixel: readonly string[];
  /** r1 is y, and is moved on. */
  readonly end: readonly string[];
}

/** The loops around a block on Thumb-2 cores: r0 x, r1 y, r2 channels, r12 the other parameters, lr channels left. */
function thumb2Loops({ setUp, start, pixel, end }: Block): Lines {
  const perRow = [`ldr r10, [r12, #${other.columns}]`, 'lsrs r10, r10, #1', 'bcc 4f'];
  const nextRow = [`5: ldr r4, [r12, #${other.rowGap}]`, 'add r3, r3, r4', 'subs r11, r11, #1', 'bne 3b'];
  const nextBlock = ['add r0, r0, #8', 'subs lr, lr, #8', 'bne 2b'];
  const lines = [
    'push {r4-r11}',
    'mov r12, r3',
    `ldr r3, [r12, #${other.outputs}]`,
    'push {r0, r3}',
    ...setUp,
    '1: mov lr, r2',
    '2: mov r3, r0',
    `ldr r11, [r12, #${other.rows}]`,
    ...start,
    '3:',
    ...perRow,
    ...pixel,
    'cmp r10, #0',
    'beq 5f',
    '4:',
    ...pixel,
    ...pixel,
    'subs r10, r10, #1',
    'bne 4b',
    ...nextRow,
    ...end,
    ...nextBlock,
    `ldr r4, [r12, #${other.outputStep}]`,
    'pop {r0, r3}',
    'add r0, r0, r4',
    'subs r3, r3, #1',
    'push {r0, r3}',
    'bne 1b',
    'pop {r0, r3}',
    'pop {r4-r11}',
  ];
  return {
    lines,
    perBlock: 2 + start.length + end.length + nextBlock.length,
    perRow: perRow.length + nextRow.length + 2,
    perPixel: pixel.length + 1,
  };
}

/** The channels of a block in the registers that keep their sums, halves low and high, in order. */
const sums = [
  ['r6', 'b'],
  ['r7', 'b'],
  ['r6', 't'],
  ['r7', 't'],
  ['r8', 'b'],
  ['r9', 'b'],
  ['r8', 't'],
  ['r9', 't'],
] as const;

const zeros = ['r6', 'r7', 'r8', 'r9'].map((register) => `mov ${register}, #0`);

function dspPool(kind: PoolKind): Lines {
  const load = ['ldrd r4, r5, [r3]', 'add r3, r3, r2'];
  if (kind === 'max') {
    return thumb2Loops({
      setUp: [],
      start: ['mov r6, #0x80808080', 'mov r7, r6'],
      pixel: [...load, 'ssub8 r8, r6, r4', 'sel r6, r6, r4', 'ssub8 r8, r7, r5', 'sel r7, r7, r5'],
      end: ['strd r6, r7, [r1], #8'],
    });
  }
  const factor = [`ldr r4, [r12, #${other.factor}]`, 'lsl r4, r4, #7', 'mov r5, #0x4000'];
  return thumb2Loops({
    setUp: [],
    start: zeros,
    pixel: [
      ...load,
      'sxtab16 r6, r6, r4',
      'sxtab16 r7, r7, r4, ror #8',
      'sxtab16 r8, r8, r5',
      'sxtab16 r9, r9, r5, ror #8',
    ],
    end:
      kind === 'average'
        ? [
            ...factor,
            ...sums.flatMap(([sum, half]) => [
              `smlaw${half} r3, r4, ${sum}, r5`,
              'asr r3, r3, #15',
              'strb r3, [r1], #1',
            ]),
          ]
        : [
            'pkhbt r3, r6, r7, lsl #16',
            'pkhtb r4, r7, r6, asr #16',
            'pkhbt r5, r8, r9, lsl #16',
            'pkhtb r9, r9, r8, asr #16',
            'strd r3, r4, [r1], #8',
            'strd r5, r9, [r1], #8',
          ],
  });
}

/** Without extensions that add: bytes are taken from 0 on (r ^ 0x80), the odd ones without a mask, which the even ones undo. */
function armv7Pool(kind: PoolKind): Lines | undefined {
  if (kind === 'max') return undefined;
  // 128 a pixel, which the sums have too much.
  const excess = [
    `ldr r3, [r12, #${other.rows}]`,
    `ldr r4, [r12, #${other.columns}]`,
    'mul r3, r3, r4',
    'lsl r3, r3, #7',
  ];
  const separate = ['lsr r4, r6, #16', 'sub r7, r7, r4, lsl #8', 'lsr r4, r8, #16', 'sub r9, r9, r4, lsl #8'];
  const half = (sum: string, place: 'b' | 't'): string => (place === 'b' ? `uxth r5, ${sum}` : `lsr r5, ${sum}, #16`);
  return thumb2Loops({
    setUp: [],
    start: zeros,
    pixel: [
      'ldrd r4, r5, [r3]',
      'add r3, r3, r2',
      'eor r4, r4, #0x80808080',
      'eor r5, r5, #0x80808080',
      'add r7, r7, r4, lsr #8',
      'add r9, r9, r5, lsr #8',
      'and r4, r4, #0x00ff00ff',
      'and r5, r5, #0x00ff00ff',
      'add r6, r6, r4',
      'add r8, r8, r5',
    ],
    end:
      kind === 'average'
        ? [
            ...separate,
            ...excess,
            `ldr r4, [r12, #${other.factor}]`,
            'mov r5, #0x800000',
            'mls r3, r3, r4, r5',
            ...sums.flatMap(([sum, place]) => [
              half(sum, place),
              'mla r5, r5, r4, r3',
              'asr r5, r5, #24',
              'strb r5, [r1], #1',
            ]),
          ]
        : [
            ...separate,
            ...excess,
            ...sums.flatMap(([sum, place]) => [half(sum, place), 'sub r5, r5, r3', 'strh r5, [r1], #2']),
          ],
  });
}

/** Armv6-M, the same with what does not fit into low registers in high ones and in memory. */
function armv6Pool(kind: PoolKind): Lines | undefined {
  if (kind === 'max') return undefined;
  // From the stack pointer: what changes, then what stays. r6 and r7 keep the masks, r12 the step from pixel to pixel.
  const at = { x: 0, outputs: 4, left: 8, rows: 12, others: 16, channels: 20, excess: 24 } as const;
  const pixel = [
    'ldmia r3!, {r4, r5}',
    'add r3, r3, r12',
    'eors r4, r4, r6',
    'eors r5, r5, r6',
    'lsrs r0, r4, #8',
    'add r9, r9, r0',
    'lsrs r0, r5, #8',
    'add r11, r11, r0',
    'ands r4, r4, r7',
    'add r8, r8, r4',
    'ands r5, r5, r7',
    'add r10, r10, r5',
    'subs r2, r2, #1',
    'bne 4b',
  ];
  const start = [
    `ldr r4, [sp, #${at.others}]`,
    `ldr r2, [r4, #${other.rows}]`,
    `str r2, [sp, #${at.rows}]`,
    'movs r2, #0',
    'mov r8, r2',
    'mov r9, r2',
    'mov r10, r2',
    'mov r11, r2',
    `ldr r3, [sp, #${at.x}]`,
  ];
  const row = [`3: ldr r2, [sp, #${at.others}]`, `ldr r2, [r2, #${other.columns}]`];
  const nextRow = [
    `ldr r2, [sp, #${at.others}]`,
    `ldr r2, [r2, #${other.rowGap}]`,
    'adds r3, r3, r2',
    `ldr r2, [sp, #${at.rows}]`,
    'subs r2, r2, #1',
    `str r2, [sp, #${at.rows}]`,
    'bne 3b',
  ];
  // What is added to a product, or taken off a sum.
  const excess = [
    `ldr r0, [r3, #${other.rows}]`,
    `ldr r4, [r3, #${other.columns}]`,
    'muls r0, r4, r0',
    'lsls r0, r0, #7',
    ...(kind === 'average'
      ? [`ldr r4, [r3, #${other.factor}]`, 'muls r0, r4, r0', 'movs r4, #128', 'lsls r4, r4, #16', 'subs r0, r4, r0']
      : []),
    `str r0, [sp, #${at.excess}]`,
  ];
  const store = (offset: number, half: string): readonly string[] =>
    kind === 'average'
      ? [half, 'muls r0, r2, r0', 'adds r0, r0, r3', 'asrs r0, r0, #24', `strb r0, [r1, #${offset}]`]
      : [half, 'subs r0, r0, r3', `strh r0, [r1, #${2 * offset}]`];
  const four = (even: string, odd: string, offset: number): readonly string[] => [
    `mov r4, ${even}`,
    `mov r5, ${odd}`,
    'lsrs r0, r4, #16',
    'lsls r0, r0, #8',
    'subs r5, r5, r0',
    ...store(offset, 'uxth r0, r4'),
    ...store(offset + 1, 'uxth r0, r5'),
    ...store(offset + 2, 'lsrs r0, r4, #16'),
    ...store(offset + 3, 'lsrs r0, r5, #16'),
  ];
  const end = [
    `ldr r3, [sp, #${at.excess}]`,
    ...(kind === 'average' ? [`ldr r2, [sp, #${at.others}]`, `ldr r2, [r2, #${other.factor}]`] : []),
    ...four('r8', 'r9', 0),
    ...four('r10', 'r11', 4),
    `adds r1, #${kind === 'average' ? 8 : 16}`,
  ];
  const nextBlock = [
    `ldr r0, [sp, #${at.x}]`,
    'adds r0, #8',
    `str r0, [sp, #${at.x}]`,
    `ldr r0, [sp, #${at.left}]`,
    'subs r0, #8',
    `str r0, [sp, #${at.left}]`,
    'bne 2b',
  ];
  return {
    perBlock: start.length + end.length + nextBlock.length,
    perRow: row.length + nextRow.length,
    perPixel: pixel.length,
    lines: [
      unified,
      'push {r4-r7}',
      'mov r4, r8',
      'mov r5, r9',
      'mov r6, r10',
      'mov r7, r11',
      'push {r4-r7}',
      'sub sp, sp, #28',
      `str r0, [sp, #${at.x}]`,
      `ldr r4, [r3, #${other.outputs}]`,
      `str r4, [sp, #${at.outputs}]`,
      `str r3, [sp, #${at.others}]`,
      `str r2, [sp, #${at.channels}]`,
      ...excess,
      'movs r6, #128',
      'lsls r7, r6, #8',
      'orrs r6, r6, r7',
      'lsls r7, r6, #16',
      'orrs r6, r6, r7',
      'movs r7, #255',
      'lsls r4, r7, #16',
      'orrs r7, r7, r4',
      'movs r4, r2',
      'subs r4, #8',
      'mov r12, r4',
      `1: ldr r0, [sp, #${at.channels}]`,
      `str r0, [sp, #${at.left}]`,
      '2:',
      ...start,
      ...row,
      '4:',
      ...pixel,
      ...nextRow,
      ...end,
      ...nextBlock,
      `ldr r0, [sp, #${at.x}] @ now after the last channel`,
      `ldr r2, [sp, #${at.others}]`,
      `ldr r2, [r2, #${other.outputStep}]`,
      'adds r0, r0, r2',
      `ldr r2, [sp, #${at.channels}]`,
      'subs r0, r0, r2',
      `str r0, [sp, #${at.x}]`,
      `ldr r0, [sp, #${at.outputs}]`,
      'subs r0, #1',
      `str r0, [sp, #${at.outputs}]`,
      'beq 5f',
      'b 1b',
      '5: add sp, sp, #28',
      'pop {r4-r7}',
      'mov r8, r4',
      'mov r9, r5',
      'mov r10, r6',
      'mov r11, r7',
      'pop {r4-r7}',
    ],
  };
}

/** Helium: sixteen channels at a time, the last eight of an odd number of blocks predicated. */
function mvePool(kind: PoolKind): Lines {
  const largest = kind === 'max';
  const start = largest ? ['vmov.i8 q2, #0x80'] : ['vmov.i16 q2, #0', 'vmov.i16 q3, #0'];
  // The second half of the last block may lie behind the tensor: it is read only where it is wanted.
  const pixel = largest
    ? ['vpst', 'vldrbt.8 q0, [r3]', 'add r3, r3, r2', 'vmax.s8 q2, q2, q0']
    : [
        'vldrb.s16 q0, [r3]',
        'vpst',
        'vldrbt.s16 q1, [r3, #8]',
        'add r3, r3, r2',
        'vadd.i16 q2, q2, q0',
        'vadd.i16 q3, q3, q1',
      ];
  const averaged = (sum: string): readonly string[] => [
    `vmovlb.s16 q0, ${sum}`,
    `vmovlt.s16 q1, ${sum}`,
    'vmlas.s32 q0, q4, r9',
    'vmlas.s32 q1, q4, r9',
    `vshrnb.i32 ${sum}, q0, #16`,
    `vshrnt.i32 ${sum}, q1, #16`,
    `vshr.s16 ${sum}, ${sum}, #8`,
  ];
  const end = largest
    ? ['vpst', 'vstrbt.8 q2, [r1]']
    : kind === 'average'
      ? [...averaged('q2'), ...averaged('q3'), 'vstrb.16 q2, [r1]', 'vpst', 'vstrbt.16 q3, [r1, #8]']
      : ['vstrh.16 q2, [r1]', 'vpst', 'vstrht.16 q3, [r1, #16]'];
  const predicate = largest ? ['vctp.8 r7'] : ['subs r6, r7, #8', 'vctp.16 r6'];
  const row = ['3: dls lr, r4'];
  const nextRow = ['add r3, r3, r5', 'subs r10, r10, #1', 'bne 3b'];
  const advance = kind === 'sum' ? 'add r1, r1, #32' : 'add r1, r1, #16';
  const nextBlock = ['add r0, r0, #16', advance, 'subs r7, r7, #16', 'bgt 2b'];
  return {
    perBlock: (predicate.length + 2 + start.length + end.length + nextBlock.length) / 2,
    perRow: (row.length + nextRow.length) / 2,
    perPixel: (pixel.length + 1) / 2,
    lines: [
      'push {r4-r11}',
      'mov r12, r3',
      `ldr r11, [r12, #${other.outputs}]`,
      ...(kind === 'average' ? [`ldr r6, [r12, #${other.factor}]`, 'vdup.32 q4, r6', 'mov r9, #0x800000'] : []),
      `ldrd r4, r5, [r12, #${other.columns}] @ and the gap between rows`,
      '1: mov r8, r0',
      'mov r7, r2',
      '2:',
      ...predicate,
      'mov r3, r0',
      `ldr r10, [r12, #${other.rows}]`,
      ...start,
      ...row,
      '4:',
      ...pixel,
      'le lr, 4b',
      ...nextRow,
      ...end,
      ...nextBlock,
      '@ behind the last channels, where their number is no multiple of 16',
      kind === 'sum' ? 'add r1, r1, r7, lsl #1' : 'add r1, r1, r7',
      `ldr r3, [r12, #${other.outputStep}]`,
      'add r0, r8, r3',
      'subs r11, r11, #1',
      'bne 1b',
      'pop {r4-r11}',
    ],
  };
}

const families = {
  armv6m: { pool: armv6Pool },
  armv7m: { pool: armv7Pool },
  dsp: { pool: dspPool },
  mve: { pool: mvePool, vectors: true },
} as const satisfies Readonly<Record<string, Family>>;

const notes: Readonly<Record<PoolKind, string>> = {
  average: 'Averages of windows, each channel by itself: (sum * factor + 2^23) / 2^24, rounded down.',
  max: 'Largest elements of windows, each channel by itself.',
  sum: 'Sums of windows, each channel by itself.',
};

function poolSpelling(kind: PoolKind, { lines, perBlock, perRow, perPixel }: Lines, vectors: boolean): Spelling {
  const scalars = ['channels', 'rows', 'columns', 'row_gap', 'outputs', 'output_step'];
  return {
    definition: armRoutine({
      name: poolName(kind),
      note: [notes[kind]],
      parameters: [
        { type: 'const int8_t *', name: 'x' },
        { type: kind === 'sum' ? 'int16_t *' : 'int8_t *', name: 'y' },
        ...[...scalars, ...(kind === 'average' ? ['factor'] : [])].map((name) => ({ type: 'int32_t', name })),
      ],
      lines,
      vectors,
    }),
    cost: (channels = 32, rows = 2, columns = 2, _gap = 0, outputs = 1) => ({
      instructions: 35 + outputs * (10 + (channels / 8) * (perBlock + rows * (perRow + columns * perPixel))),
      // Armv6-M has half words only; the others mostly whole ones.
      codeBytes: Math.round((lines[0] === unified ? 2 : 3.7) * instructionsIn(lines)) + 30,
    }),
  };
}

/** The routines of a family of cores. */
export const int8PoolSpellings = (name: keyof typeof families): Spellings => {
  const { pool, vectors = false }: Family = families[name];
  return Object.fromEntries(
    poolKinds.flatMap((kind) => {
      const lines = pool(kind);
      return lines === undefined ? [] : [[poolName(kind), poolSpelling(kind, lines, vectors)]];
    }),
  );
};
