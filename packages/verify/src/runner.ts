// What every executor of a compiled model offers: one interface, so that verification treats WebAssembly, the host and
// emulated boards alike. A machine that cannot run a program says so in the result; everything else that goes wrong is
// thrown as a RunError.
import type { RunProblem } from './run-error.ts';

/** What every form of a compiled model says about itself. Byte counts are per input and per output. */
export interface ProgramShape {
  readonly inputBytes: readonly number[];
  readonly outputBytes: readonly number[];
  readonly layerCount: number;
  /** How many outputs each layer has; one unless given. */
  readonly layerOutputs?: readonly number[];
}

/** A model as generated C: `files` holds `<prefix>.h`, `<prefix>.c` and whatever else they need, by file name. */
export interface CProgram extends ProgramShape {
  readonly prefix: string;
  readonly files: ReadonlyMap<string, string>;
  /** Memories that an instance points to, by name, where it does not hold its own. */
  readonly pieces?: readonly string[];
}

/** One inference: the bytes of each input. */
export type Inference = readonly Uint8Array[];

export interface RunOptions {
  /** Return the CRC-32 of every layer's result, over its outputs one after the other. */
  readonly trace?: boolean;
  /** Count executed instructions; on unless tracing, where counts would mean nothing. Ignored where none can be had. */
  readonly measure?: boolean;
  /** Count executed instructions layer by layer, in a program that is otherwise as shipped. Not with tracing. */
  readonly profile?: boolean;
  /** Return the raw bytes of this layer's result in the first inference, its outputs one after the other. Implies
   * tracing. */
  readonly dumpLayer?: number;
  /** C compiler optimisation flags; `['-O2']` unless given. */
  readonly optimise?: readonly string[];
  /** How long the program may run before it counts as hung; 120,000 unless given. */
  readonly timeoutMs?: number;
}

/** Sizes of the model's object file by kind of section, and of its code once linked alone with the library code it
 * calls (soft float, memcpy). */
export interface CodeSizes {
  readonly textBytes: number;
  readonly rodataBytes: number;
  readonly dataBytes: number;
  readonly bssBytes: number;
  readonly modelCodeBytes: number;
  /** Everything the model takes of flash, linked so: code, constants, initial values. */
  readonly flashBytes: number;
}

export interface RunResult {
  /** Per inference, per output. */
  readonly outputs: readonly (readonly Uint8Array[])[];
  /** Per inference, per layer, when tracing. */
  readonly layerCrcs?: readonly (readonly number[])[];
  /** The layer asked for with `dumpLayer`. */
  readonly layerDump?: Uint8Array;
  /** Executed instructions of the model's run function per inference, from its first to its return, when measuring. */
  readonly instructions?: readonly number[];
  /** Executed instructions of the model's init function, when measuring. */
  readonly initInstructions?: number;
  /** What each inference spent in each layer, when profiling. */
  readonly profiles?: readonly Profile[];
  /** The emulator's own count of cycles, per inference, where it keeps one, when measuring. */
  readonly cycles?: readonly number[];
  /** The most stack an inference used below its caller, when measuring. */
  readonly stackBytes?: number;
  readonly sizes?: CodeSizes;
}

/** Costs by layer. */
export interface Profile {
  /** Executed instructions of each layer. The first holds the entry of the run function as well. */
  readonly layerInstructions: readonly number[];
  /** Instructions after the last layer. */
  readonly restInstructions: number;
  /** The emulator's own count of cycles, where it keeps one. */
  readonly layerCycles?: readonly number[];
}

/** The machine is not here, or too small for the program: no verdict about the program. */
export interface Skipped {
  readonly skipped: Extract<RunProblem, { code: 'missing-tool' | 'does-not-fit' }>;
}

/** Whether a runner can work here; `missing` names the first tool that is absent, `install` how to get it. */
export type Available =
  | { readonly ok: true; readonly version: string }
  | { readonly ok: false; readonly missing: string; readonly install: string };

export interface Runner<P extends ProgramShape = CProgram> {
  readonly name: string;
  readonly kind: 'wasm' | 'host' | 'emulator';
  available(): Promise<Available>;
  /**
   * Initialises the model once, then runs the inferences in order on that state.
   * @throws {RunError} when the program does not compile, faults, hangs or breaks the contract
   */
  run(program: P, inferences: readonly Inference[], options?: RunOptions): Promise<RunResult | Skipped>;
}

/** Narrows a run's result. */
export function isSkipped(result: RunResult | Skipped): result is Skipped {
  return 'skipped' in result;
}
