// A model file → graph, its messages about the file as the user named it.
import { readFile } from 'node:fs/promises';
import {
  adaptModel,
  CompileError,
  type Graph,
  type QuantisedFeatures,
  quantiseFeatures,
  readModel,
} from '@anymote/compiler';
import { Failure, fileFailure } from './failure.ts';
import type { ModelFlags } from './model-options.ts';

export interface ModelFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly graph: Graph;
  /** What became of the features, where they were made integers by typical rows. */
  readonly features?: Pick<QuantisedFeatures, 'scales' | 'changedRows' | 'movedThresholds'> & { readonly rows: number };
}

/** Reads a model, as the flags want it. @throws {Failure} when there is no such file; {CompileError} with all that is wrong with it */
export async function readModelFile(path: string, flags: ModelFlags = {}): Promise<ModelFile> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileFailure('read', path, error);
  });
  if (flags.calibrate !== undefined) return calibrated(path, bytes, flags, flags.calibrate);
  const graph = aboutFile(path, () =>
    adaptModel(readModel(bytes, { file: path, bestIteration: flags.bestIteration === true }), flags),
  );
  return { path, bytes, graph };
}

/** The model with integer features, by typical rows. */
async function calibrated(path: string, bytes: Uint8Array, flags: ModelFlags, table: string): Promise<ModelFile> {
  const { features: dtype } = flags;
  if (dtype === undefined) throw new Failure('--calibrate needs --features, the type that features get', 2);
  const { readTable } = await import('./train/read-table.ts');
  const { examples } = await readTable(table, undefined, 'nothing');
  const { graph, ...features } = aboutFile(path, () => {
    const model = readModel(bytes, { file: path, bestIteration: flags.bestIteration === true });
    const chosen = adaptModel(model, flags.outputs === undefined ? {} : { outputs: flags.outputs });
    return quantiseFeatures(chosen, examples.x, dtype);
  });
  return { path, bytes, graph, features: { ...features, rows: examples.count } };
}

/** Runs a step on a model; issues that do not say which file they are about get its path. */
export function aboutFile<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    throw new CompileError(error.issues.map((issue) => ({ ...issue, where: { file: path, ...issue.where } })));
  }
}
