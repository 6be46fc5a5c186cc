// The same inputs through the definition and every executor: one verdict per target, and the first difference by name.
import { availableParallelism } from 'node:os';
import { checkIdeas, type Graph, resolveTarget, type Target } from '@anymote/compiler';
import { type CompileChoice, type CreateExecutor, createExecutors } from './executor.ts';
import { inParallel } from './in-parallel.ts';
import { interpreterDifference, type Reference, type ReferenceOptions, referenceOf } from './reference.ts';
import type { RunOptions } from './runner.ts';
import { lcgSamples, type Sample, zeroSample } from './sample-inputs.ts';
import type { TargetReport, VerifyReport } from './verify-report.ts';
import { verifyTarget } from './verify-target.ts';
import { openWorkspace } from './workspace.ts';

export type VerifyProgress =
  | { readonly step: 'reference'; readonly sample: string; readonly done: number; readonly total: number }
  | { readonly step: 'target'; readonly target: string; readonly state: 'started' }
  | { readonly step: 'target'; readonly target: string; readonly state: 'finished'; readonly report: TargetReport };

export interface VerifyOptions extends ReferenceOptions, CompileChoice, Pick<RunOptions, 'optimise' | 'timeoutMs'> {
  readonly targets: readonly (string | Target)[];
  /** What is fed in; `defaultSamples` unless given. */
  readonly samples?: readonly Sample[];
  readonly onProgress?: (progress: VerifyProgress) => void;
  /** How a model gets onto a target; the real machines unless given. */
  readonly createExecutor?: CreateExecutor;
  /** Targets at a time; one per processor unless given. */
  readonly parallel?: number;
}

/** Zeros, and `lcgCount` pseudo-random samples. */
export const defaultSamples = (graph: Graph, lcgCount = 3): readonly Sample[] => [
  zeroSample(graph),
  ...lcgSamples(graph, lcgCount),
];

/**
 * Verifies a graph on targets. Integer results of every layer must equal the definition's to the last bit; f32 results
 * must be bit-equal on all executors, and within `floatTolerance` of the definition.
 * @throws {CompileError} for a target or an idea that does not exist
 */
export async function verifyModel(graph: Graph, options: VerifyOptions): Promise<VerifyReport> {
  const { samples = defaultSamples(graph), onProgress, parallel = availableParallelism() } = options;
  const targets = options.targets.map(resolveTarget);
  checkIdeas(options.without ?? []);
  const references: Reference[] = [];
  for (const sample of samples) {
    onProgress?.({ step: 'reference', sample: sample.name, done: references.length, total: samples.length });
    // A turn of the event loop, so that progress shows.
    await new Promise((resolve) => setImmediate(resolve));
    references.push(referenceOf(graph, sample, options));
  }
  const difference = interpreterDifference(references);
  const workspace = openWorkspace();
  try {
    const { optimize, without } = options;
    const choice = {
      ...(optimize === undefined ? {} : { optimize }),
      ...(without === undefined ? {} : { without }),
      ...(options.memory === undefined ? {} : { memory: options.memory }),
    };
    const create = options.createExecutor ?? createExecutors(workspace, choice);
    const reports = await inParallel(targets, parallel, async (target) => {
      onProgress?.({ step: 'target', target: target.name, state: 'started' });
      const report = await verifyTarget({ graph, references, create, options }, target);
      onProgress?.({ step: 'target', target: target.name, state: 'finished', report });
      return report;
    });
    const good = ({ outcome }: TargetReport): boolean => outcome.status === 'ok' || outcome.status === 'skipped';
    return {
      model: graph.name,
      samples: samples.map(({ name }) => name),
      reference: difference === undefined ? { status: 'ok' } : { status: 'different', difference },
      targets: reports,
      ok: difference === undefined && reports.every(good),
    };
  } finally {
    workspace.close();
  }
}
