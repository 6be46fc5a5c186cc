// What a benchmark finds out, as data.

/** Executed instructions by what they do. */
export interface InstructionMix {
  readonly loads: number;
  readonly stores: number;
  readonly multiplies: number;
  readonly branches: number;
  /** Helium and floating point. */
  readonly vectors: number;
  readonly others: number;
}

/** Costs of one layer; counts are absent where the machine cannot count. */
export interface BenchLayer {
  readonly name: string;
  readonly op: string;
  /** The loops that were chosen; `plain` for the operator's own. */
  readonly tactic: string;
  readonly macs: number;
  /** Position of the model's node that computes the same: several layers are parts of one that is computed by rows. */
  readonly modelLayer: number;
  readonly instructions?: number;
  readonly instructionsPerMac?: number;
  readonly estimatedCycles?: number;
  readonly mix?: InstructionMix;
}

/** Costs of one inference of a model on a target. */
export interface BenchReport {
  readonly model: string;
  readonly target: string;
  readonly optimize: string;
  /** Tactics that were left out. */
  readonly without: readonly string[];
  /** The pseudo-random input that was run. */
  readonly input: string;
  /** What built and ran it, with versions. */
  readonly tools: string;
  /** Options of the C compiler for the model's own file. */
  readonly compilerOptions: readonly string[];
  readonly macs: number;
  /** From the first instruction of the run function to its return. */
  readonly instructions?: number;
  readonly instructionsPerMac?: number;
  /** What is left of `instructions` beside the layers: the end of the run function, and what the compiler may do in another
   * way where it is made to stop after each layer. A few instructions, and possibly less than none. */
  readonly restInstructions?: number;
  readonly initInstructions?: number;
  /** By a model of the core, named in `cycleModel`. */
  readonly estimatedCycles?: number;
  readonly cycleModel?: string;
  /** Median time on this machine, for targets that are this machine. */
  readonly microseconds?: number;
  readonly arenaBytes: number;
  /** The most stack an inference used below its caller. */
  readonly stackBytes?: number;
  /** Bytes of the model's weights and biases, as the model has them. */
  readonly weightBytes: number;
  /** All other flash that the model takes, linked alone with the functions of the C library and of libgcc that it calls:
   * instructions, tables, requantisation constants, padding, and what packing adds to weights. */
  readonly codeBytes?: number;
  readonly mix?: InstructionMix;
  readonly layers: readonly BenchLayer[];
  /** Why something is absent. */
  readonly notes: readonly string[];
}
