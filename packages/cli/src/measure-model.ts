// A model measured on the emulated core, with progress; what the machine lacks or the run gets wrong is a failure of the command.
import type { Graph, Target } from '@anymote/compiler';
import type { BenchOptions, BenchReport } from '@anymote/verify';
import { Failure } from './failure.ts';
import { createProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';

/** Costs of one inference. @throws {Failure} */
export async function measureModel(
  terminal: Terminal,
  path: string,
  graph: Graph,
  options: Omit<BenchOptions, 'onProgress' | 'target'> & { readonly target: Target },
): Promise<BenchReport> {
  const { benchModel, openWorkspace, RunError } = await import('@anymote/verify');
  const progress = createProgress(terminal);
  const workspace = openWorkspace();
  const where = `${path} on ${options.target.name}`;
  try {
    return await benchModel(graph, workspace, {
      ...options,
      onProgress: (step) => progress.show(`${where}: ${step} …`),
    });
  } catch (error) {
    if (error instanceof RunError) throw new Failure(`${where}: ${error.message}`);
    throw error;
  } finally {
    progress.clear();
    workspace.close();
  }
}
