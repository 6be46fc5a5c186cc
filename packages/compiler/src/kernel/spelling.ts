// How a target writes the functions and machine instructions that kernels mention: data beside their meaning.

export interface Spelling {
  /** C: the expression or statement for given operands. */
  readonly c?: (...operands: readonly string[]) => string;
  /** C: a definition to stand in place of the one rendered from a function's meaning. */
  readonly definition?: string;
  /** WebAssembly: opcode bytes that follow the operands on the stack; `memarg` when the instruction addresses memory. */
  readonly wasm?: { readonly opcode: readonly number[]; readonly memarg?: { readonly align: number } };
}

/** By the name of the function or instruction; what is missing is rendered from its meaning. */
export type Spellings = Readonly<Record<string, Spelling>>;
