// The depthwise routines of Armv8.1-M: 16 lanes, a channel each, for the outputs of a row. Products of int8 are 16 bits wide, two
// of them fit into 16 bits together (|w| <= 127), then they are widened; the sums are finished where they are.
import { add, and, int, mul, or, shl, shr } from '../../kernel/expressions.ts';
import type { Expr, Instr } from '../../kernel/ir.ts';
import type { FamilySpelling, Spelling } from '../../kernel/spelling.ts';
import { defineInstr } from '../../kernel/writer.ts';
import {
  type FinishVariant,
  finishFrom,
  finishLane,
  finishNumbers,
  finishScalars,
  finishSuffix,
  groupWords,
  lanes,
  memory,
  readTable,
  scalar,
  scaleLines,
  type TableRegisters,
} from './arm-mve-requantise.ts';
import { armRoutine, instructionsIn } from './assembly.ts';

export interface MveDepthwiseVariant extends FinishVariant {
  readonly kernelRows: number;
  readonly kernelColumns: number;
  /** Bytes from one column of the rows to the next. */
  readonly pitch: number;
}

/** Lanes that are taken at a time. */
export const depthwiseLanes = 16;

/** The name of the family in a target's spellings. */
export const mveDepthwiseFamily = 'mve_depthwise';

/** Rows whose addresses registers hold, and what an access reaches beyond one. */
export const fitsDepthwise = ({
  kernelRows,
  kernelColumns,
  pitch,
}: Omit<MveDepthwiseVariant, keyof FinishVariant>): boolean =>
  kernelRows <= 5 && kernelRows * kernelColumns <= 32 && (kernelColumns - 1) * pitch <= 127;

const nameOf = (variant: MveDepthwiseVariant): string =>
  `${mveDepthwiseFamily}${variant.kernelRows}x${variant.kernelColumns}_${variant.pitch}${finishSuffix(variant)}`;

/**
 * The order in which lanes' constants stand in the table: products of even bytes and of odd ones come apart, and so do even and
 * odd halves when they are widened.
 */
export const depthwiseOrder: readonly number[] = [0, 2, 1, 3].flatMap((first) =>
  Array.from({ length: lanes }, (_, lane) => first + 4 * lane),
);

const slots = ({ kernelRows }: MveDepthwiseVariant): readonly string[] =>
  Array.from({ length: kernelRows }, (_, ky) => `slot${ky}`);

const scalarNames = (variant: MveDepthwiseVariant): readonly string[] => [
  'count',
  'bytes',
  'x_step',
  'y_step',
  ...finishScalars(variant),
  ...slots(variant),
];

/**
 * y[n * y_step + lane] for `count` outputs n and `bytes` lanes: the finished sum over the taps of a window, whose row ky stands
 * at its slot of `rows`, x_step further for each output. Weights by taps, 16 lanes each; the table in `depthwiseOrder`.
 */
export const mveDepthwiseInstr = (variant: MveDepthwiseVariant): Instr => ({
  ...defineInstr(
    nameOf(variant),
    [
      memory('rows', 'i8', 'read'),
      memory('weights', 'i8', 'read'),
      memory('table', 'i32', 'read'),
      memory('y', 'i8', 'write'),
      ...scalarNames(variant).map(scalar),
    ],
    (k, { rows, weights, table, y }, scalars) => {
      const { count, bytes, x_step, y_step } = scalars;
      if (!rows || !weights || !table || !y || !count || !bytes || !x_step || !y_step) return;
      k.for('output', 0, count, (output) =>
        k.for('lane', 0, bytes, (lane) => {
          const from = k.let('from', add(mul(output, x_step), lane));
          const sum = k.variable('sum', int(0));
          slots(variant).forEach((name, ky) => {
            const slot = scalars[name];
            if (slot === undefined) return;
            for (let kx = 0; kx < variant.kernelColumns; kx += 1) {
              const at = add(lane, (ky * variant.kernelColumns + kx) * depthwiseLanes);
              const product = mul(k.load(rows, add(add(slot, from), kx * variant.pitch)), k.load(weights, at));
              k.set(sum, add(sum, product));
            }
          });
          const one: Expr = and(lane, 1);
          const group = k.let('group', mul(or(shl(one, 1), and(shr(lane, 1), 1)), groupWords(variant)));
          const finishing = { table, group, lane: k.let('own', shr(lane, 2)), scalars };
          k.store(y, add(mul(output, y_step), lane), finishLane(k, variant, sum, finishing));
        }),
      );
    },
  ),
  family: {
    name: mveDepthwiseFamily,
    numbers: {
      ...finishNumbers(variant),
      kernelRows: variant.kernelRows,
      kernelColumns: variant.kernelColumns,
      pitch: variant.pitch,
    },
  },
});

/** Most taps whose weights are within reach of one address. */
const withinReach = 15;

/** Sums of all taps in q0 to q3; r1 the weights, r4 and on the rows. */
function sumLines({ kernelRows, kernelColumns, pitch }: MveDepthwiseVariant): readonly string[] {
  const taps = kernelRows * kernelColumns;
  const near = taps <= withinReach;
  const x = (register: string, tap: number): string =>
    `vldrb.u8 ${register}, [r${4 + Math.floor(tap / kernelColumns)}, #${(tap % kernelColumns) * pitch}]`;
  const w = (tap: number): string =>
    near ? `vldrb.u8 q5, [r1, #${(tap - (taps >> 1)) * depthwiseLanes}]` : 'vldrb.u8 q5, [r1], #16';
  const lines: string[] = [];
  for (let tap = 0; tap < taps; tap += 2) {
    lines.push(x('q4', tap), w(tap), 'vmullb.s8 q6, q4, q5', 'vmullt.s8 q7, q4, q5');
    if (tap + 1 < taps) {
      // At first q0 is free; later the inputs are read again for want of a register.
      const again = tap === 0 ? [] : [x('q4', tap + 1)];
      const product = tap === 0 ? 'q0' : 'q4';
      lines.push(
        x('q4', tap + 1),
        w(tap + 1),
        `vmullb.s8 ${product}, q4, q5`,
        `vadd.i16 q6, q6, ${product}`,
        ...again,
        'vmullt.s8 q4, q4, q5',
        'vadd.i16 q7, q7, q4',
      );
    }
    if (tap === 0) lines.push('vmovlb.s16 q0, q6', 'vmovlt.s16 q1, q6', 'vmovlb.s16 q2, q7', 'vmovlt.s16 q3, q7');
    else
      lines.push(
        ...['vmovlb.s16 q4, q6', 'vmovlt.s16 q5, q6', 'vadd.i32 q0, q0, q4', 'vadd.i32 q1, q1, q5'],
        ...['vmovlb.s16 q4, q7', 'vmovlt.s16 q5, q7', 'vadd.i32 q2, q2, q4', 'vadd.i32 q3, q3, q5'],
      );
  }
  return near ? lines : [...lines, `sub r1, r1, #${taps * depthwiseLanes}`];
}

function finishLines(variant: MveDepthwiseVariant): readonly string[] {
  const { signed, clamped, shifts } = variant;
  const group = 4 * groupWords(variant);
  const sums = ['q0', 'q1', 'q2', 'q3'];
  return [
    ...sums.flatMap((sum, n) => {
      // Two sets in turn, where that leaves a register for each.
      const registers: TableRegisters =
        signed || shifts || n % 2 === 0
          ? { offsets: 'q4', multipliers: 'q5', less: 'q6', shifts: 'q7' }
          : { offsets: 'q6', multipliers: 'q7', less: '', shifts: '' };
      const reads = readTable(variant, registers, (part) => `[r2, #${n * group + part * 16}]`);
      return [...reads, ...scaleLines(variant, [sum], { shift: 'r12', zero: 'r0' }, registers)];
    }),
    ...['vqrshrnb.s32 q0, q0, #16', 'vqrshrnt.s32 q0, q1, #16', 'vqrshrnb.s32 q2, q2, #16', 'vqrshrnt.s32 q2, q3, #16'],
    ...['vqmovnb.s16 q0, q0', 'vqmovnt.s16 q0, q2'],
    ...(clamped ? ['vldrw.u32 q4, [sp]', 'vldrw.u32 q5, [sp, #16]', 'vmax.s8 q0, q0, q4', 'vmin.s8 q0, q0, q5'] : []),
    ...(signed ? ['vctp.8 r3'] : []),
    'vpst',
    'vstrbt.8 q0, [r9]',
  ];
}

function routine(variant: MveDepthwiseVariant): { readonly lines: readonly string[]; readonly turn: number } {
  const { signed, clamped, shifts, kernelRows, kernelColumns } = variant;
  const rows = Array.from({ length: kernelRows }, (_, ky) => `r${4 + ky}`);
  const turn = [
    ...sumLines(variant),
    ...finishLines(variant),
    'add r9, r9, r10',
    ...rows.map((row) => `add ${row}, ${row}, r11`),
    'le lr, 1b',
  ];
  const taps = kernelRows * kernelColumns;
  const lines = [
    'push {r4-r11}',
    ...(clamped ? ['sub sp, sp, #32'] : []),
    '@ y, count, bytes, x_step, y_step, shift, then what the variant has, and the slots',
    'ldmia r3!, {r9, lr}',
    'ldmia r3!, {r4, r11}',
    ...(shifts ? ['ldr r10, [r3], #4'] : ['ldmia r3!, {r10, r12}']),
    ...(signed ? ['ldr r5, [r3], #4'] : []),
    ...(clamped
      ? ['ldmia r3!, {r6, r7}', 'vdup.8 q0, r6', 'vdup.8 q1, r7', 'vstrw.32 q0, [sp]', 'vstrw.32 q1, [sp, #16]']
      : []),
    'vctp.8 r4',
    'push {r4, r5}',
    `ldmia r3, {${rows.join(', ')}}`,
    ...rows.map((row) => `add ${row}, ${row}, r0`),
    'pop {r3}',
    'pop {r0}',
    ...(taps <= withinReach && taps > 1 ? [`add r1, r1, #${(taps >> 1) * depthwiseLanes}`] : []),
    'dls lr, lr',
    '1: @ an output: r1 weights, r2 table, r3 lanes, r4 and on rows, r9 results, r10 and r11 steps',
    ...turn,
    ...(clamped ? ['add sp, sp, #32'] : []),
    'pop {r4-r11}',
  ];
  return { lines, turn: instructionsIn(turn) };
}

/** The routine in C, and what it takes. */
function spellingFor(name: string, variant: MveDepthwiseVariant): Spelling {
  const { lines, turn } = routine(variant);
  const all = instructionsIn(lines);
  return {
    definition: armRoutine({
      name,
      note: [
        `Depthwise windows of ${variant.kernelRows} x ${variant.kernelColumns}, 16 lanes at a time, requantised: products of two taps are`,
        'summed in 16 bits, then in 32: q0 to q3 have lanes 0, 4, 8, 12, then those from 2, 1 and 3 on.',
      ],
      parameters: [
        { type: 'const int8_t *', name: 'rows' },
        { type: 'const int8_t *', name: 'weights' },
        { type: 'const int32_t *', name: 'table' },
        { type: 'int8_t *', name: 'y' },
        ...scalarNames(variant).map((scalarName) => ({ type: 'int32_t', name: scalarName })),
      ],
      lines,
      vectors: true,
    }),
    cost: (count = 8) => ({ instructions: all - turn + 20 + turn * count, codeBytes: 4 * all + 40 }),
  };
}

export const mveDepthwiseSpellings: Readonly<Record<string, FamilySpelling>> = {
  [mveDepthwiseFamily]: {
    family: (name, numbers) => {
      const { kernelRows = 0, kernelColumns = 0, pitch = 0 } = numbers;
      return spellingFor(name, { ...finishFrom(numbers), kernelRows, kernelColumns, pitch });
    },
  },
};
