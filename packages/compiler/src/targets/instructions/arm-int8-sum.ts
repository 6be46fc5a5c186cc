// The sum of two int8 tensors, and functions by table, on Arm cores: Armv6-M, Armv7-M, its DSP extension, and Helium.
import type { Spelling, Spellings } from '../../kernel/spelling.ts';
import { armRoutine, instructionsIn } from './assembly.ts';
import { mapName, type SumVariant, sumName, sumVariants } from './int8-routines.ts';

/** The syntax of Armv6-M, where GCC takes an older one for granted. */
const unified = '.syntax unified';

/** A core family: how it sums and maps. */
interface Family {
  readonly vectors?: boolean;
  readonly sum: (variant: SumVariant) => Lines;
  readonly map: Lines;
}

/** Lines of assembly, and what an element takes. */
interface Lines {
  readonly lines: readonly string[];
  readonly perElement: number;
}

const clampLines = (result: string, low: string, high: string): readonly string[] => [
  `cmp ${result}, ${low}`,
  'it lt',
  `movlt ${result}, ${low}`,
  `cmp ${result}, ${high}`,
  'it gt',
  `movgt ${result}, ${high}`,
];

/** One element after the other; r0 a, r1 b, r2 y, r3 count, factors, offset (low, high). */
function sumOfBytes({ shift, clamped }: SumVariant): Lines {
  const one = [
    'ldrsb r9, [r0], #1',
    'ldrsb r10, [r1], #1',
    'mla r9, r9, r4, r6',
    'mla r9, r10, r5, r9',
    `ssat r9, #8, r9, asr #${shift}`,
    ...(clamped ? clampLines('r9', 'r7', 'r8') : []),
    'strb r9, [r2], #1',
  ];
  const unrolled = 4;
  return {
    perElement: one.length + 2 / unrolled,
    lines: [
      'push {r4-r10}',
      `ldmia r3, {r3-${clamped ? 'r8' : 'r6'}}`,
      `subs r3, r3, #${unrolled}`,
      'blt 2f',
      '1:',
      ...Array.from({ length: unrolled }, () => one).flat(),
      `subs r3, r3, #${unrolled}`,
      'bge 1b',
      `2: adds r3, r3, #${unrolled}`,
      'beq 4f',
      '3:',
      ...one,
      'subs r3, r3, #1',
      'bne 3b',
      '4: pop {r4-r10}',
    ],
  };
}

/** Words of four elements: bytes moved to the upper half of half words, so that smlaw takes them with 8 more bits of factor. */
function sumOfWords({ shift, clamped }: SumVariant): Lines {
  const results = ['r12', 'lr', 'r10', 'r8'];
  const storing = clamped
    ? [
        'bfi r12, lr, #8, #8',
        'bfi r12, r10, #16, #8',
        'bfi r12, r8, #24, #8',
        'ldrd r9, r11, [sp] @ low, high',
        'ssub8 lr, r12, r9',
        'sel r12, r12, r9',
        'ssub8 lr, r11, r12',
        'sel r12, r12, r11',
        'str r12, [r2], #4',
      ]
    : results.map((result) => `strb ${result}, [r2], #1`);
  const four = [
    'ldr r8, [r0], #4',
    'ldr r9, [r1], #4',
    'and r10, r7, r8, lsl #8 @ elements 0 and 2',
    'and r11, r7, r9, lsl #8',
    'and r8, r7, r8 @ elements 1 and 3',
    'and r9, r7, r9',
    'smlawb r12, r4, r10, r6',
    'smlawb r12, r5, r11, r12',
    'smlawb lr, r4, r8, r6',
    'smlawb lr, r5, r9, lr',
    'smlawt r10, r4, r10, r6',
    'smlawt r10, r5, r11, r10',
    'smlawt r8, r4, r8, r6',
    'smlawt r8, r5, r9, r8',
    ...results.map((result) => `ssat ${result}, #8, ${result}, asr #${shift}`),
    ...storing,
  ];
  const one = [
    'ldrsb r8, [r0], #1',
    'ldrsb r9, [r1], #1',
    'lsl r8, r8, #8',
    'lsl r9, r9, #8',
    'smlawb r8, r4, r8, r6',
    'smlawb r8, r5, r9, r8',
    `ssat r8, #8, r8, asr #${shift}`,
    ...(clamped ? ['ldrd r9, r11, [sp, #8]', ...clampLines('r8', 'r9', 'r11')] : []),
    'strb r8, [r2], #1',
  ];
  const bounds = clamped
    ? [
        'ldrd r8, r9, [r3, #16]',
        'mov r12, #0x01010101',
        'uxtb r10, r8',
        'mul r10, r10, r12',
        'uxtb r11, r9',
        'mul r11, r11, r12',
        'push {r8, r9}',
        'push {r10, r11}',
      ]
    : [];
  return {
    perElement: (four.length + 2) / 4,
    lines: [
      'push {r4-r11}',
      ...bounds,
      'ldmia r3, {r3-r6}',
      'lsl r4, r4, #8',
      'lsl r5, r5, #8',
      'mov r7, #0xff00ff00',
      'subs r3, r3, #4',
      'blt 2f',
      '1:',
      ...four,
      'subs r3, r3, #4',
      'bge 1b',
      '2: adds r3, r3, #4',
      'beq 4f',
      '3:',
      ...one,
      'subs r3, r3, #1',
      'bne 3b',
      `4:${clamped ? ' add sp, sp, #16' : ''}`,
      'pop {r4-r11}',
    ],
  };
}

/** Armv6-M: the index runs from -count to 0; r0, r1 and r2 are the ends of a, b and y. */
function sumOnArmv6({ shift, clamped }: SumVariant): Lines {
  const one = [
    'ldrsb r3, [r0, r4]',
    'ldrsb r7, [r1, r4]',
    'muls r3, r5, r3',
    'muls r7, r6, r7',
    'adds r3, r3, r7',
    'add r3, r3, r12',
    `asrs r3, r3, #${shift}`,
    'sxtb r7, r3',
    'cmp r7, r3',
    'bne 3f',
    ...(clamped ? ['2: cmp r7, r8', 'blt 4f', 'cmp r7, r9', 'bgt 5f'] : ['2:']),
    '6: strb r7, [r2, r4]',
    'adds r4, r4, #1',
    'bne 1b',
  ];
  return {
    perElement: instructionsIn(one) + 1,
    lines: [
      unified,
      'push {r4-r7}',
      ...(clamped
        ? [
            'mov r4, r8',
            'mov r5, r9',
            'push {r4, r5}',
            'ldr r4, [r3, #16]',
            'ldr r5, [r3, #20]',
            'mov r8, r4',
            'mov r9, r5',
          ]
        : []),
      'ldmia r3!, {r4-r7}',
      'mov r12, r7',
      'adds r0, r0, r4',
      'adds r1, r1, r4',
      'adds r2, r2, r4',
      'rsbs r4, r4, #0',
      '1:',
      ...one,
      'b 7f',
      '3: asrs r7, r3, #31 @ beyond int8: its end on this side',
      'movs r3, #127',
      'eors r7, r7, r3',
      'b 2b',
      ...(clamped ? ['4: mov r7, r8', 'b 6b', '5: mov r7, r9', 'b 6b'] : []),
      '7:',
      ...(clamped ? ['pop {r4, r5}', 'mov r8, r4', 'mov r9, r5'] : []),
      'pop {r4-r7}',
    ],
  };
}

/** Helium: four elements a vector, those of the last turn predicated. */
function sumOfVectors({ shift, clamped }: SumVariant): Lines {
  // Two narrowing shifts take 17 to 24 bits off. They round, which the offset makes up for: the GNU assembler (2.40) knows no
  // others, and encodes vqshrnb as vqrshrnb.
  const narrows = shift >= 17 && shift <= 24;
  const narrowing = narrows
    ? ['vqrshrnb.s32 q0, q0, #16', `vqrshrnb.s16 q0, q0, #${shift - 16}`]
    : [`vshr.s32 q0, q0, #${shift}`, 'vqmovnb.s32 q0, q0', 'vqmovnb.s16 q0, q0'];
  const four = [
    'vldrb.s32 q0, [r0], #4',
    'vldrb.s32 q1, [r1], #4',
    'vmlas.s32 q0, q3, r6',
    'vmla.s32 q0, q1, r5',
    ...narrowing,
    ...(clamped ? ['vmax.s8 q0, q0, q2', 'vmin.s8 q0, q0, q4'] : []),
    'vstrb.32 q0, [r2], #4',
  ];
  return {
    perElement: (four.length + 1) / 4,
    lines: [
      'push {r4-r8}',
      ...(clamped ? ['ldrd r7, r8, [r3, #16]', 'vdup.8 q2, r7', 'vdup.8 q4, r8'] : []),
      'ldmia r3, {r3-r6}',
      ...(narrows ? [`sub r6, r6, #${2 ** 15}`, `sub r6, r6, #${2 ** (shift - 1)}`] : []),
      'vdup.32 q3, r4',
      'wlstp.32 lr, r3, 2f',
      '1:',
      ...four,
      'letp lr, 1b',
      '2: pop {r4-r8}',
    ],
  };
}

/** r0 x, r1 the table, r2 y, r3 the count; elements by immediate offsets. */
function mapOfBytes(): Lines {
  const unrolled = 8;
  const one = (offset: number): readonly string[] => [
    `ldrb r5, [r0, #${offset}]`,
    'ldrb r5, [r1, r5]',
    `strb r5, [r2, #${offset}]`,
  ];
  const forward = (elements: number): readonly string[] => [`adds r0, #${elements}`, `adds r2, #${elements}`];
  return {
    perElement: 3 + 4 / unrolled,
    lines: [
      unified,
      'push {r4, r5}',
      'ldr r3, [r3]',
      `subs r3, #${unrolled}`,
      'blt 2f',
      '1:',
      ...Array.from({ length: unrolled }, (_, i) => one(i)).flat(),
      ...forward(unrolled),
      `subs r3, #${unrolled}`,
      'bge 1b',
      `2: adds r3, #${unrolled}`,
      'beq 4f',
      '3:',
      ...one(0),
      ...forward(1),
      'subs r3, #1',
      'bne 3b',
      '4: pop {r4, r5}',
    ],
  };
}

/** The same, x and y counted on by their accesses. */
function mapCounting(): Lines {
  const unrolled = 8;
  const one = ['ldrb r12, [r0], #1', 'ldrb r12, [r1, r12]', 'strb r12, [r2], #1'];
  return {
    perElement: one.length + 2 / unrolled,
    lines: [
      'ldr r3, [r3]',
      `subs r3, r3, #${unrolled}`,
      'blt 2f',
      '1:',
      ...Array.from({ length: unrolled }, () => one).flat(),
      `subs r3, r3, #${unrolled}`,
      'bge 1b',
      `2: adds r3, r3, #${unrolled}`,
      'beq 4f',
      '3:',
      ...one,
      'subs r3, r3, #1',
      'bne 3b',
      '4:',
    ],
  };
}

/** Sixteen elements gathered from the table at once. */
const mapOfVectors: Lines = {
  perElement: 4 / 16,
  lines: [
    'ldr r3, [r3]',
    'wlstp.8 lr, r3, 2f',
    '1:',
    'vldrb.8 q0, [r0], #16',
    'vldrb.u8 q1, [r1, q0]',
    'vstrb.8 q1, [r2], #16',
    'letp lr, 1b',
    '2:',
  ],
};

const families = {
  armv6m: { sum: sumOnArmv6, map: mapOfBytes() },
  armv7m: { sum: sumOfBytes, map: mapCounting() },
  dsp: { sum: sumOfWords, map: mapCounting() },
  mve: { sum: sumOfVectors, map: mapOfVectors, vectors: true },
} as const satisfies Readonly<Record<string, Family>>;

const pointers = (...names: readonly string[]) =>
  names.map((name) => ({ type: name === 'y' ? 'int8_t *' : 'const int8_t *', name }));
const scalars = (...names: readonly string[]) => names.map((name) => ({ type: 'int32_t', name }));

/** Armv6-M has half words only; the others mostly whole ones. */
const codeBytes = (lines: readonly string[]): number => (lines[0] === unified ? 2 : 4) * instructionsIn(lines) + 30;

/** Instructions of a call, beside those of the elements. */
const around = 30;

function sumSpelling(family: Family, variant: SumVariant): Spelling {
  const { lines, perElement } = family.sum(variant);
  const bounds = variant.clamped ? ['low', 'high'] : [];
  return {
    definition: armRoutine({
      name: sumName(variant),
      note: [`y = (a * factor_a + b * factor_b + offset) / 2^${variant.shift}, rounded down and saturated.`],
      parameters: [...pointers('a', 'b', 'y'), ...scalars('count', 'factor_a', 'factor_b', 'offset', ...bounds)],
      lines,
      vectors: family.vectors ?? false,
    }),
    cost: (count = 1000) => ({ instructions: around + count * perElement, codeBytes: codeBytes(lines) }),
  };
}

function mapSpelling({ map: { lines, perElement }, vectors = false }: Family): Spelling {
  return {
    definition: armRoutine({
      name: mapName,
      note: ['y = table[x], the table in the order of the bytes as they stand.'],
      parameters: [...pointers('x', 'table', 'y'), ...scalars('count')],
      lines,
      vectors,
    }),
    cost: (count = 1000) => ({ instructions: around + count * perElement, codeBytes: codeBytes(lines) }),
  };
}

/** The routines of a family of cores. */
export const int8SumSpellings = (name: keyof typeof families): Spellings => {
  const family: Family = families[name];
  return {
    ...Object.fromEntries(sumVariants.map((variant) => [sumName(variant), sumSpelling(family, variant)])),
    [mapName]: mapSpelling(family),
  };
};
