// What kinds of instructions something takes. Kinds are those that cores time differently; what a routine in assembly takes is read
// from its text, so that a routine states no more than how many it executes.

/** Instructions by kind. Each instruction is of one kind. */
export interface InstructionMix {
  readonly loads: number;
  readonly stores: number;
  /** Multiplications of integers, with what they accumulate: of one pair or of several. */
  readonly multiplies: number;
  readonly divides: number;
  /** Jumps, calls and what closes a loop. */
  readonly branches: number;
  /** Arithmetic on floats: in hardware, or all that a library takes for it. */
  readonly floats: number;
  /** All else: addresses, sums, shifts, comparisons, moves. */
  readonly others: number;
}

export type InstructionKind = keyof InstructionMix;

export const instructionKinds: readonly InstructionKind[] = [
  'loads',
  'stores',
  'multiplies',
  'divides',
  'branches',
  'floats',
  'others',
];

/** Instructions of all kinds. */
export const instructionsOf = (mix: InstructionMix): number =>
  instructionKinds.reduce((total, kind) => total + mix[kind], 0);

/** A mix whose kinds are made one by one. */
export const mixFrom = (count: (kind: InstructionKind) => number): InstructionMix => ({
  loads: count('loads'),
  stores: count('stores'),
  multiplies: count('multiplies'),
  divides: count('divides'),
  branches: count('branches'),
  floats: count('floats'),
  others: count('others'),
});

export const noInstructions: InstructionMix = mixFrom(() => 0);

/** The kinds together. */
export const addMixes = (mixes: readonly InstructionMix[]): InstructionMix =>
  mixFrom((kind) => mixes.reduce((total, mix) => total + mix[kind], 0));

/** Mnemonics of Arm (Thumb and Helium) and RISC-V by how they begin; the first that applies decides. */
const mnemonics: readonly (readonly [RegExp, InstructionKind])[] = [
  [/^(v?ldr|v?ldm|pop|vld|l[bhw]u?$|flw)/, 'loads'],
  [/^(v?str|v?stm|push|vst|s[bhw]$|fsw)/, 'stores'],
  [/^(sdiv|udiv|div|rem)/, 'divides'],
  [/^(mul|mla|mls|sm|um|vmul|vmla|vrmul|vqrdmul|vqdmul|vrmla|vqrdmla)/, 'multiplies'],
  [
    /^(b|bl|bx|blx|b(eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|lo|hs)|cbn?z|beqz|bnez|blez|bgez|bltz|bgtz|bltu|bgeu|j|jal|jalr|jr|ret|call|w?lstp?|wls.*|dls.*|letp?|le)(\.|$)/,
    'branches',
  ],
  [/^(vadd|vsub|vfm|vdiv|vsqrt)\.f/, 'floats'],
];

const kindOf = (mnemonic: string): InstructionKind =>
  mnemonics.find(([start]) => start.test(mnemonic))?.[1] ?? 'others';

/** The share of each kind in the assembly of a C definition; undefined where it has none. */
export function sharesOfAssembly(definition: string): InstructionMix | undefined {
  const counts = new Map<InstructionKind, number>();
  let all = 0;
  for (const [, line = ''] of definition.matchAll(/"([^"\n]*)"/g))
    for (const statement of line.replace(/\\n$/, '').split(/;|\\n/)) {
      const mnemonic = /^\s*(?:\d+:\s*)?([a-z][a-z0-9_.]*)(?:\s|$)/.exec(statement.replace(/@.*$/, ''))?.[1];
      // Clobbers and constraints are words in quotes too, and stand alone.
      if (mnemonic === undefined || !/\s/.test(statement.trim()) === !isBare(mnemonic)) continue;
      const kind = kindOf(mnemonic);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      all += 1;
    }
  return all === 0 ? undefined : mixFrom((kind) => (counts.get(kind) ?? 0) / all);
}

/** Instructions without operands; other words that stand alone are none. */
const isBare = (mnemonic: string): boolean => ['ret', 'nop', 'dmb', 'vpnot'].includes(mnemonic);
