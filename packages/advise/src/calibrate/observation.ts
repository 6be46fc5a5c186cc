// A measurement of somebody's engine on a board, beside what the model of this package computes for the same work.

/** One network on one board with one engine. */
export interface Observation {
  /** Boards that differ only in their regulator are one. */
  readonly board: string;
  /** The id of its chip in the catalogue, and of its core. */
  readonly chip: string;
  readonly core: string;
  readonly network: string;
  /** Who ran what: software with version; and the round of the benchmark. */
  readonly engine: string;
  /** Software without version. */
  readonly family: string;
  readonly round: string;
  readonly megahertz: number;
  readonly latencyMs: number;
  /** Base cycles of the code of this project on the chip; where `counted`, of the engine's own instructions. */
  readonly baseCycles: number;
  /** The engine's instructions were counted on emulated cores: its cycles say what hardware makes of instructions. */
  readonly counted: boolean;
  /** Mean power of an inference and supply, where measured. */
  readonly milliwatts?: number;
  readonly volts?: number;
}

export const measuredCycles = ({ latencyMs, megahertz }: Observation): number => latencyMs * megahertz * 1000;
