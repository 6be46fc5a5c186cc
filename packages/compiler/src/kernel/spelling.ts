// How a target writes the functions and machine instructions that kernels mention: data beside their meaning.

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
  /** WebAssembly: opcode bytes that follow the operands on the stack; `memarg` when the instruction addresses memory. */
  readonly wasm?: { readonly opcode: readonly number[]; readonly memarg?: { readonly align: number } };
}

/** By the name of the function or instruction; what is missing is rendered from its meaning. */
export type Spellings = Readonly<Record<string, Spelling>>;
