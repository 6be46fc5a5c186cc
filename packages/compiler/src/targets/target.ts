// What a target is: facts about a core, the language it is reached in, its instructions, and how it is usually built for.
import type { Spellings } from '../kernel/spelling.ts';

/** Instructions of an operation where it takes more than one. */
export interface OperationCosts {
  readonly divide: number;
  /** Product of 64 bits. */
  readonly wideMultiply: number;
  readonly wideAdd: number;
  readonly wideShift: number;
  /** Each turn of a loop: counting, comparing, branching. */
  readonly turn: number;
  /** Addition of a product, beyond the multiplication. */
  readonly accumulate: number;
  /** Each load, where an address is not part of it. */
  readonly address: number;
  readonly floatOperation: number;
  /** An addition or multiplication of doubles. */
  readonly doubleOperation: number;
  readonly bytesPerInstruction: number;
}

export interface TargetFacts {
  readonly name: string;
  /** A line for listings: core, instruction set, where it is found. */
  readonly description: string;
  /** Alignment the planner gives to values, in bytes. */
  readonly alignment: number;
  /** The instructions kernels may use, and how they are written there. */
  readonly spellings: Spellings;
  /** Kernels are fastest where channels are a multiple of this; passes that take channels out leave so many. 1 unless given. */
  readonly channelMultiple?: number;
  /**
   * Multiplications are of 32 bits and cheap, and none are narrower and side by side: sums of int8 products are packed, so that three share two
   * products.
   */
  readonly packsSums?: true;
  /** What operations take, where it differs from a 32-bit core with a long multiply-accumulate; for predictions. */
  readonly costs?: Partial<OperationCosts>;
  /** Bytes that one per cent of a model's instructions may cost where speed and size are balanced, if flash is not the limit. */
  readonly bytesPerPercent?: number;
  /** Memory of the device the target stands for, where it stands for one. */
  readonly memory?: { readonly flashBytes: number; readonly ramBytes: number };
}

export interface CTarget extends TargetFacts {
  readonly output: 'c';
  /** Headers the spellings need. */
  readonly headers: readonly string[];
  /** C text that stands before all functions of a file whose kernels use the spellings. */
  readonly preamble?: string;
  /** A compiler for the target and the options that select it; everything else is the user's choice. */
  readonly compiler: { readonly command: string; readonly options: readonly string[] };
}

export interface WasmTarget extends TargetFacts {
  readonly output: 'wasm';
  /** Kernels are rewritten to 128-bit vector instructions. */
  readonly simd: boolean;
}

export type Target = CTarget | WasmTarget;
