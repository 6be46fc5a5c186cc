// How a target writes the functions and machine instructions that kernels mention: data beside their meaning.
import type { Fn, Instr } from './ir.ts';

/** A price as predicted: instructions executed, and bytes of code (of a definition: once a program). */
export interface Cost {
  readonly instructions: number;
  readonly codeBytes: number;
}

export interface Spelling {
  /** C: the expression or statement for given operands. */
  readonly c?: (...operands: readonly string[]) => string;
  /**
   * C: a definition to stand in place of the one rendered from the meaning. An instruction with one is called by its name,
   * regions as pointers, scalars as int32_t.
   */
  readonly definition?: string;
  /** What one execution takes, for predictions; scalars as far as they are known. Without it: what the meaning takes. */
  readonly cost?: (...scalars: readonly (number | undefined)[]) => Cost;
  /**
   * WebAssembly: opcode bytes that follow the operands on the stack; `memarg` when the instruction addresses memory, and
   * the `lane` that follows it where the instruction names one.
   */
  readonly wasm?: {
    readonly opcode: readonly number[];
    readonly memarg?: { readonly align: number; readonly lane?: number };
  };
}

/** How the members of a family are written, from a member's name and numbers. */
export interface FamilySpelling {
  readonly family: (name: string, numbers: Readonly<Record<string, number>>) => Spelling;
}

/** By the name of the function, the instruction or its family; what is missing is rendered from its meaning. */
export type Spellings = Readonly<Record<string, Spelling | FamilySpelling>>;

/** The spelling of a function or an instruction, if the target has one. */
export function spellingOf(spellings: Spellings, used: Fn | Instr): Spelling | undefined {
  const family = 'meaning' in used ? used.family : undefined;
  const found = spellings[family?.name ?? used.name];
  if (found === undefined) return undefined;
  if (!('family' in found)) return family === undefined ? found : undefined;
  return family === undefined ? undefined : found.family(used.name, family.numbers);
}
