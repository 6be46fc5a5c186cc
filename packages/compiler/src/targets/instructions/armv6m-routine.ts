// What the routines of Armv6-M share: registers saved, loops entered at their last turns, and how a routine becomes a spelling.
import type { Spellings } from '../../kernel/spelling.ts';
import { armRoutine, instructionsIn, type RoutineParameter } from './assembly.ts';

const bytesPerInstruction = 2;

/** Taps of one turn of an inner loop; the first turn is entered where as many are left as there are beyond whole turns. */
export const unrolled = 8;

/** Lines that the assembler repeats for each tap of a turn; `\\tap` in them is its number. */
export const forEachTap = (lines: readonly string[]): readonly string[] => [
  `.irp tap, ${Array.from({ length: unrolled }, (_, n) => n).join(', ')}`,
  ...lines,
  '.endr',
];

export const saveAll = ['push {r4-r7}', 'mov r4, r8', 'mov r5, r9', 'mov r6, r10', 'mov r7, r11', 'push {r4-r7}'];
export const restoreAll = ['pop {r4-r7}', 'mov r8, r4', 'mov r9, r5', 'mov r10, r6', 'mov r11, r7', 'pop {r4-r7}'];

/** Where the first turn is entered, from the number of taps in r5: the address, in r6; r7 is how many taps are left out. */
export const entryAddressLines = (turn: number, tapInstructions: number): readonly string[] => [
  `movs r6, #${turn - 1}`,
  'rsbs r7, r5, #0',
  'ands r7, r7, r6',
  `movs r6, #${tapInstructions * bytesPerInstruction}`,
  'muls r6, r7, r6',
  'adr r4, 1f',
  'adds r6, r6, r4',
];

/** Copies words from where r3 points to the frame, through registers that are free. */
export function copyLines(count: number, to: number, free: readonly string[]): readonly string[] {
  const lines = [`add r4, sp, #${to}`];
  for (let left = count; left > 0; left -= free.length) {
    const list = free.slice(0, left).join(', ');
    lines.push(`ldmia r3!, {${list}}`, `stmia r4!, {${list}}`);
  }
  return lines;
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
}

export const pointer = (type: string, name: string): RoutineParameter => ({ type: `${type} *`, name });
export const numbers = (...names: readonly string[]): readonly RoutineParameter[] =>
  names.map((name) => ({ type: 'int32_t', name }));

export function spelled({ name, note, parameters, lines, instructions, repeated = 0 }: Priced): Spellings {
  // Compilers take a line for four bytes, and may place constants out of reach behind what is longer than it looks.
  const missing = Math.ceil((repeated - lines.length) / 2);
  const length = missing > 0 ? [';'.repeat(missing)] : [];
  const definition = armRoutine({ name, note, parameters, lines: ['.syntax unified', ...lines, ...length] });
  // The C function around it hands over what is not in registers.
  const around = 4 + 2 * parameters.length;
  const codeBytes = bytesPerInstruction * (instructionsIn(lines) + repeated + around);
  return {
    [name]: { definition, cost: (...scalars) => ({ instructions: around + instructions(...scalars), codeBytes }) },
  };
}
