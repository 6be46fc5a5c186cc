// What every kind of machine needs to measure a model, and the part of the report that does not depend on the machine.
import type { Graph, LayerReport, Report, Target } from '@anymote/compiler';
import type { CompileChoice } from '../executor.ts';
import type { Inference, RunOptions } from '../runner.ts';
import type { Workspace } from '../workspace.ts';
import type { BenchLayer, BenchReport } from './bench-report.ts';

export interface BenchOptions extends CompileChoice, Pick<RunOptions, 'optimise' | 'timeoutMs'> {
  readonly target: string | Target;
  /** Layers are counted as well, in a second run; unless this is false. */
  readonly byLayer?: boolean;
  readonly onProgress?: (step: string) => void;
}

export interface BenchJob {
  readonly graph: Graph;
  readonly workspace: Workspace;
  readonly options: BenchOptions;
  readonly inference: Inference;
  readonly progress: (step: string) => void;
}

/** How the model is compiled. */
export const choiceOf = ({ optimize, without, memory }: BenchOptions): CompileChoice => ({
  ...(memory === undefined ? {} : { memory }),
  ...(optimize === undefined ? {} : { optimize }),
  ...(without === undefined ? {} : { without }),
});

/** What was measured, and what is known before it runs. */
export const commonOf = (
  { graph, options }: BenchJob,
  target: Target,
  { macs, arenaBytes, weightBytes }: Report,
): Pick<
  BenchReport,
  'model' | 'target' | 'optimize' | 'without' | 'input' | 'macs' | 'arenaBytes' | 'weightBytes'
> => ({
  model: graph.name,
  target: target.name,
  optimize: options.optimize ?? 'balanced',
  without: options.without ?? [],
  input: 'lcg',
  macs,
  arenaBytes,
  weightBytes,
});

/** What is known of a layer before it runs. */
export const layerOf = ({ name, op, tactic, macs, modelLayer }: LayerReport): BenchLayer => ({
  name,
  op,
  tactic,
  macs,
  modelLayer,
});

/** Absent where nothing is multiplied. */
export const perMac = (instructions: number, macs: number): { readonly instructionsPerMac?: number } =>
  macs === 0 ? {} : { instructionsPerMac: Math.round((instructions / macs) * 1000) / 1000 };

/** The options of a compiler that change what it makes. */
export const withoutWarnings = (compilerOptions: readonly string[]): readonly string[] =>
  compilerOptions.filter((option) => !option.startsWith('-W'));
