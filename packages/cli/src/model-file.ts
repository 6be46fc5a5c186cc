// A model file → graph, its messages about the file as the user named it.
import { readFile } from 'node:fs/promises';
import { adaptModel, CompileError, type Graph, readModel } from '@anymote/compiler';
import { fileFailure } from './failure.ts';
import type { ModelFlags } from './model-options.ts';

export interface ModelFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly graph: Graph;
}

/** Reads a model, as the flags want it. @throws {Failure} when there is no such file; {CompileError} with all that is wrong with it */
export async function readModelFile(path: string, flags: ModelFlags = {}): Promise<ModelFile> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileFailure('read', path, error);
  });
  const graph = aboutFile(path, () =>
    adaptModel(readModel(bytes, { file: path, bestIteration: flags.bestIteration === true }), flags),
  );
  return { path, bytes, graph };
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
