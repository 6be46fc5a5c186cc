// Assembly routines in C for GCC and Clang: a function of pointers and numbers around one statement of inline assembly, so
// that registers are allotted and instructions ordered as written, at every optimisation level.

/** A parameter in the order of the call. */
export interface RoutineParameter {
  readonly type: string;
  readonly name: string;
}

export interface Routine {
  readonly name: string;
  /** What the routine does, for the comment above it. */
  readonly note: readonly string[];
  readonly parameters: readonly RoutineParameter[];
  /**
   * Lines of assembly; an `@` starts a comment, which is for the reader of the generator and the generated file alike. What
   * stands between `.rept n` and `.endr` is written out n times.
   */
  readonly lines: readonly string[];
  /** The assembly changes vector registers. */
  readonly vectors?: boolean;
}

const vectorRegisters = ['q0', 'q1', 'q2', 'q3', 'q4', 'q5', 'q6', 'q7'];

const inRegisters = 3;

/**
 * The C text. The first three parameters arrive in r0 to r2, r3 points to the others, if there are any, as words in memory. The assembly may
 * change r0 to r3, r12, lr and the flags, and saves whatever else it uses.
 */
export function armRoutine({ name, note, parameters, lines, vectors = false }: Routine): string {
  const first = parameters.slice(0, inRegisters);
  const others = parameters.slice(inRegisters);
  const word = ({ type, name: own }: RoutineParameter): string => (type.endsWith('*') ? `(intptr_t)${own}` : own);
  const pinned = first.map(
    ({ type, name: own }, i) => `  register ${type}${spaced(type)}r_${own} __asm__("r${i}") = ${own};`,
  );
  const pointer = others.length === 0 ? [] : ['r_others'];
  return [
    `/* ${note.join('\n * ')} */`,
    `static __attribute__((noinline)) void ${name}(`,
    `  ${parameters.map(({ type, name: own }) => `${type}${spaced(type)}${own}`).join(', ')})`,
    '{',
    ...pointer.map(() => `  const intptr_t others[${others.length}] = {${others.map(word).join(', ')}};`),
    ...pinned,
    ...pointer.map((own) => `  register const intptr_t *${own} __asm__("r3") = others;`),
    '  __asm__ volatile(',
    ...writeOut(lines).map((line) => `    "${line}\\n"`),
    `    : ${[...first.map(({ name: own }) => `r_${own}`), ...pointer].map((own) => `"+r"(${own})`).join(', ')}`,
    '    :',
    `    : ${['r12', 'lr', ...(vectors ? vectorRegisters : []), 'cc', 'memory'].map((register) => `"${register}"`).join(', ')});`,
    '}',
  ].join('\n');
}

const longestLine = 96;

/**
 * Repetitions written out: a compiler takes the size of an assembly from its lines and semicolons, and would place constants out of
 * reach behind directives that make it longer.
 */
function writeOut(lines: readonly string[]): readonly string[] {
  const written: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const count = /^\.rept (\d+)$/.exec(line)?.[1];
    if (count === undefined) {
      written.push(line);
      continue;
    }
    const end = lines.indexOf('.endr', at);
    const once = joined(lines.slice(at + 1, end));
    for (let n = 0; n < Number(count); n += 1) written.push(...once);
    at = end;
  }
  return written;
}

/** Several instructions to a line. */
function joined(lines: readonly string[]): readonly string[] {
  const packed: string[] = [];
  for (const line of lines) {
    const last = packed.at(-1);
    if (last === undefined || last.length + line.length > longestLine || last.includes('@')) packed.push(line);
    else packed[packed.length - 1] = `${last}; ${line}`;
  }
  return packed;
}

const spaced = (type: string): string => (type.endsWith('*') ? '' : ' ');

/** Instructions among lines of assembly: no labels, directives or comments. */
export const instructionsIn = (lines: readonly string[]): number =>
  lines.filter((line) => !/^\s*(@|\.|[0-9]+:|$)/.test(line)).length;
