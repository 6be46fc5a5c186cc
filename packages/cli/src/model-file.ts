// A model file → graph, its messages about the file as the user named it.
import { readFile } from 'node:fs/promises';
import {
  adaptModel,
  CompileError,
  chainModels,
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
  const { bytes, graph: first } = await readGraph(path, flags);
  const second = flags.then === undefined ? undefined : (await readGraph(flags.then, flags)).graph;
  const whole = aboutFile(path, () => {
    const chain = second === undefined ? first : chainModels(first, second);
    return flags.outputs === undefined ? chain : adaptModel(chain, { outputs: flags.outputs });
  });
  const { features } = flags;
  if (flags.calibrate !== undefined)
    return { path, bytes, ...(await calibrated(path, whole, features, flags.calibrate)) };
  return {
    path,
    bytes,
    graph: features === undefined ? whole : aboutFile(path, () => adaptModel(whole, { features })),
  };
}

async function readGraph(
  path: string,
  { bestIteration }: ModelFlags,
): Promise<{ readonly bytes: Uint8Array; readonly graph: Graph }> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileFailure('read', path, error);
  });
  return { bytes, graph: readModel(bytes, { file: path, bestIteration: bestIteration === true }) };
}

/** The model with integer features, by typical rows. */
async function calibrated(
  path: string,
  model: Graph,
  dtype: ModelFlags['features'],
  table: string,
): Promise<Pick<ModelFile, 'graph' | 'features'>> {
  if (dtype === undefined) throw new Failure('--calibrate needs --features, the type that features get', 2);
  const { readTable } = await import('./train/read-table.ts');
  const { examples } = await readTable(table, undefined, 'nothing');
  const { graph, ...features } = aboutFile(path, () => quantiseFeatures(model, examples.x, dtype));
  return { graph, features: { ...features, rows: examples.count } };
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
