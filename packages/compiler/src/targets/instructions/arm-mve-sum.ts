// Sums of two int8 tensors on Armv8.1-M: four elements at a time, (a * of_a + b * of_b + start) >> shift in 32 bits, clamped.
import { add, cast, lt, max, min, mul, select, shr } from '../../kernel/expressions.ts';
import type { Instr } from '../../kernel/ir.ts';
import type { FamilySpelling, Spelling } from '../../kernel/spelling.ts';
import { defineInstr } from '../../kernel/writer.ts';
import { memory, scalar } from './arm-mve-requantise.ts';
import { armRoutine, instructionsIn } from './assembly.ts';

/** The name of the family in a target's spellings. */
export const mveSumFamily = 'mve_sum';

export interface MveSumVariant {
  /** Totals below a limit are moved, as the reference rounds halves away from zero. */
  readonly signed: boolean;
}

const nameOf = ({ signed }: MveSumVariant): string => `${mveSumFamily}${signed ? '_signed' : ''}`;

const scalarNames = ({ signed }: MveSumVariant): readonly string[] => [
  'count',
  'of_a',
  'of_b',
  'start',
  'shift',
  'low',
  'high',
  ...(signed ? ['limit', 'below_limit'] : []),
];

/** y[i] for `count` elements; y may be a or b. */
export const mveSumInstr = (variant: MveSumVariant): Instr => ({
  ...defineInstr(
    nameOf(variant),
    [
      memory('a', 'i8', 'read'),
      memory('b', 'i8', 'read'),
      memory('y', 'i8', 'write'),
      ...scalarNames(variant).map(scalar),
    ],
    (k, { a, b, y }, scalars) => {
      const { count, of_a, of_b, start, shift, low, high, limit, below_limit } = scalars;
      if (!a || !b || !y || !count || !of_a || !of_b || !start || !shift || !low || !high) return;
      k.for('i', 0, count, (i) => {
        const products = add(mul(k.load(a, i), cast('i32', of_a)), mul(k.load(b, i), cast('i32', of_b)));
        const total = k.let('total', add(products, cast('i32', start)));
        const moved =
          limit === undefined || below_limit === undefined
            ? total
            : select(lt(total, cast('i32', limit)), add(total, cast('i32', below_limit)), total);
        const result = shr(moved, cast('i32', shift));
        k.store(y, i, min(max(result, cast('i32', low)), cast('i32', high)));
      });
    },
  ),
  family: { name: mveSumFamily, numbers: { signed: Number(variant.signed) } },
});

function spellingFor(name: string, variant: MveSumVariant): Spelling {
  const turn = [
    'vldrb.s32 q0, [r0], #4',
    'vldrb.s32 q1, [r1], #4',
    'vmlas.s32 q0, q4, r6',
    'vmla.s32 q0, q1, r5',
    ...(variant.signed ? ['vpt.s32 lt, q0, r10', 'vaddt.i32 q0, q0, r11'] : []),
    'vshl.s32 q0, r7',
    'vmax.s32 q0, q0, q2',
    'vmin.s32 q0, q0, q3',
    'vstrb.32 q0, [r2], #4',
    'letp lr, 1b',
  ];
  const lines = [
    'push {r4-r11}',
    `ldmia r3, {r3-r9${variant.signed ? ', r10, r11' : ''}} @ ${scalarNames(variant).join(', ')}`,
    'vdup.32 q4, r4',
    'vdup.32 q2, r8',
    'vdup.32 q3, r9',
    'rsb r7, r7, #0',
    'wlstp.32 lr, r3, 2f',
    '1: @ four elements',
    ...turn,
    '2:',
    'pop {r4-r11}',
  ];
  return {
    definition: armRoutine({
      name,
      note: ['Sums of two tensors, four elements at a time, by one multiply-accumulate and a shift.'],
      parameters: [
        { type: 'const int8_t *', name: 'a' },
        { type: 'const int8_t *', name: 'b' },
        { type: 'int8_t *', name: 'y' },
        ...scalarNames(variant).map((own) => ({ type: 'int32_t', name: own })),
      ],
      lines,
      vectors: true,
    }),
    cost: (count = 1024) => ({
      instructions: 40 + turn.length * Math.ceil(count / 4),
      codeBytes: 4 * instructionsIn(lines) + 40,
    }),
  };
}

export const mveSumSpellings: Readonly<Record<string, FamilySpelling>> = {
  [mveSumFamily]: { family: (name, numbers) => spellingFor(name, { signed: numbers.signed === 1 }) },
};
