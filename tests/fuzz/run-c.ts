// The C text of an accepted mutant: compiled with every warning an error and with the address and undefined-behaviour
// sanitizers, run once, and compared with the interpreter.
import type { CArtifact } from '../../packages/compiler/src/compile.ts';
import type { Graph } from '../../packages/compiler/src/ops/index.ts';
import { interpretGraph } from '../../packages/compiler/src/ops/interpret-graph.ts';
import { dataFromBytes } from '../../packages/compiler/src/tensor/dtype.ts';
import { firstDifference } from '../../packages/verify/src/difference.ts';
import { cProgram } from '../../packages/verify/src/executor.ts';
import { createHostRunner } from '../../packages/verify/src/host-runner.ts';
import { isSkipped } from '../../packages/verify/src/runner.ts';
import { bytesOfSample, lcgSamples } from '../../packages/verify/src/sample-inputs.ts';
import type { Workspace } from '../../packages/verify/src/workspace.ts';

export type CResult =
  | { readonly kind: 'equal' }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly detail: string };

export async function runC(graph: Graph, artifact: CArtifact, workspace: Workspace): Promise<CResult> {
  const [sample] = lcgSamples(graph, 1);
  if (sample === undefined) return { kind: 'failed', detail: 'no sample' };
  try {
    const result = await createHostRunner(workspace).run(cProgram(artifact), [bytesOfSample(sample)]);
    if (isSkipped(result)) return { kind: 'skipped', reason: 'no C compiler with sanitizers' };
    const known = interpretGraph(graph, sample.inputs);
    const wrong = graph.outputs.findIndex((id, i) => {
      const [want, got] = [known.get(id), result.outputs[0]?.[i]];
      const dtype = graph.values[id]?.type.dtype;
      if (want === undefined || got === undefined || dtype === undefined) return true;
      return firstDifference(want, dataFromBytes(dtype, got)) !== undefined;
    });
    return wrong < 0 ? { kind: 'equal' } : { kind: 'failed', detail: `output ${wrong} is not the interpreter's` };
  } catch (error) {
    return { kind: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
}
