// One model on one target against what its layers must give: run as shipped, run again with reports of its layers, and
// where something differs, once more for the bytes of the first layer that does.
import { CompileError, type Data, dataFromBytes, explain, type Graph, type Target } from '@anymote/compiler';
import {
  type Compiled,
  constantDifference,
  coverageOf,
  expectedCrc,
  expectedOutputs,
  modelDifference,
} from './compiled-layers.ts';
import { type Difference, differenceAt, firstDifference } from './difference.ts';
import type { CreateExecutor, Executor } from './executor.ts';
import type { Reference } from './reference.ts';
import { explainRun } from './run-error.ts';
import { isSkipped, type RunOptions, type RunResult } from './runner.ts';
import { bytesOfSample, type Sample } from './sample-inputs.ts';
import type { Outcome, TargetReport } from './verify-report.ts';

export interface Verification {
  readonly graph: Graph;
  readonly references: readonly Reference[];
  readonly create: CreateExecutor;
  readonly options: Pick<RunOptions, 'optimise' | 'timeoutMs'>;
}

/** Ends a target's verification without a verdict. */
class Skip extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super('skipped');
    this.outcome = outcome;
  }
}

/** What stops a target, as its outcome; mistakes of ours are reported as well, so that other targets go on. */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof Skip) return error.outcome;
  if (error instanceof CompileError) {
    const message = error.issues.map(explain).join('; ');
    const small = error.issues.every(({ code }) => code === 'does-not-fit');
    return small ? { status: 'skipped', reason: message } : { status: 'failed', message };
  }
  return { status: 'failed', message: error instanceof Error ? error.message : String(error) };
}

/** A run that happened. @throws what outcomeOf understands */
export async function runOrThrow(
  executor: Executor,
  samples: readonly Sample[],
  options: RunOptions,
): Promise<RunResult> {
  const result = await executor.run(samples.map(bytesOfSample), options);
  if (!isSkipped(result)) return result;
  const { skipped } = result;
  if (skipped.code === 'missing-tool') {
    const reason = `${skipped.tool} is not installed`;
    throw new Skip({ status: 'skipped', reason, install: skipped.install });
  }
  throw new Skip({ status: 'skipped', reason: explainRun(skipped) });
}

/** Verifies a graph on a target; every problem becomes an outcome. */
export async function verifyTarget(verification: Verification, target: Target): Promise<TargetReport> {
  const { graph, references, create, options } = verification;
  let known: Partial<TargetReport> = {};
  try {
    const executor = create(graph, target);
    known = factsOf(executor);
    const shipped = await runOrThrow(
      executor,
      references.map(({ sample }) => sample),
      options,
    );
    known = { ...known, ...costsOf(shipped) };
    const wrong = references.filter((reference, i) => !sameOutputs(graph, reference, shipped.outputs[i] ?? []));
    const compiled = { model: graph, graph: executor.artifact.graph };
    const traced = tracedReferences(executor.artifact.report.macs, references, wrong);
    const difference =
      (await firstLayerDifference(compiled, executor, traced, options)) ??
      wrong.slice(0, 1).map((reference) => {
        const outputs = shipped.outputs[references.indexOf(reference)] ?? [];
        return outputDifference(graph, reference, outputs);
      })[0];
    return {
      target: target.name,
      ...known,
      outcome: difference === undefined ? { status: 'ok' } : { status: 'different', difference },
    };
  } catch (error) {
    return { target: target.name, ...known, outcome: outcomeOf(error) };
  }
}

/** The samples whose layers are looked at: one that gave a wrong output; else all of a small model, one of a large. */
function tracedReferences(
  macs: number,
  references: readonly Reference[],
  wrong: readonly Reference[],
): readonly Reference[] {
  const largeMacs = 1e6;
  if (wrong.length > 0) return wrong.slice(0, 1);
  return macs < largeMacs ? references : references.slice(-1);
}

/** What the compiler knows of a model on a target. */
export function factsOf({ artifact }: Executor): Partial<TargetReport> {
  const { arenaBytes, constantBytes, removed } = artifact.report;
  const layers = coverageOf(artifact.graph, removed);
  return {
    arenaBytes,
    constantBytes,
    layers,
    ...(artifact.kind === 'wasm' ? { moduleBytes: artifact.bytes.length } : {}),
  };
}

/** What a run tells of its cost. */
export function costsOf({ instructions, stackBytes, sizes }: RunResult): Partial<TargetReport> {
  return {
    ...(instructions === undefined ? {} : { instructions }),
    ...(stackBytes === undefined ? {} : { stackBytes }),
    ...(sizes === undefined ? {} : { sizes }),
  };
}

/** Runs some samples again with reports of the layers; names the first element that is not as it should be. */
async function firstLayerDifference(
  compiled: Compiled,
  executor: Executor,
  references: readonly Reference[],
  options: Verification['options'],
): Promise<Difference | undefined> {
  const samples = references.map(({ sample }) => sample);
  const { layerCrcs = [] } = await runOrThrow(executor, samples, { ...options, trace: true });
  for (const [i, reference] of references.entries()) {
    const constant = constantDifference(compiled, reference);
    for (const layer of compiled.graph.nodes.keys()) {
      if (layerCrcs[i]?.[layer] === expectedCrc(compiled, reference, layer)) continue;
      const difference = await layerDifference(compiled, executor, reference, layer, options);
      if (difference === undefined) continue;
      return constant !== undefined && constant.layer <= difference.layer ? constant : difference;
    }
    if (constant !== undefined) return constant;
  }
  return undefined;
}

/** The first element in which a compiled layer differs; none where only the payloads of NaNs do. */
export async function layerDifference(
  compiled: Compiled,
  executor: Executor,
  reference: Reference,
  layer: number,
  options: Verification['options'],
): Promise<Difference | undefined> {
  const { layerDump } = await runOrThrow(executor, [reference.sample], { ...options, dumpLayer: layer });
  const ids = compiled.graph.nodes[layer]?.outputs ?? [];
  let at = 0;
  for (const [output, expected] of expectedOutputs(compiled, reference, layer).entries()) {
    const id = ids[output] ?? -1;
    const bytes = layerDump?.subarray(at, at + expected.byteLength) ?? new Uint8Array(0);
    at += expected.byteLength;
    const got = asData(compiled.graph, id, bytes);
    const element = firstDifference(expected, got);
    if (element !== undefined) return modelDifference(compiled, reference, id, element, got);
  }
  return undefined;
}

const asData = (graph: Graph, id: number | undefined, bytes: Uint8Array): Data =>
  dataFromBytes(graph.values[id ?? -1]?.type.dtype ?? 'u8', bytes);

const sameOutputs = (graph: Graph, { outputs }: Reference, found: readonly Uint8Array[]): boolean =>
  outputs.every((expected, i) => {
    const got = asData(graph, graph.outputs[i], found[i] ?? new Uint8Array(0));
    return firstDifference(expected, got) === undefined;
  });

/** Every layer is right and yet an output is not: it is named at the node that makes it. */
function outputDifference(graph: Graph, reference: Reference, found: readonly Uint8Array[]): Difference | undefined {
  for (const [i, expected] of reference.outputs.entries()) {
    const id = graph.outputs[i] ?? -1;
    const got = asData(graph, id, found[i] ?? new Uint8Array(0));
    const element = firstDifference(expected, got);
    if (element === undefined) continue;
    const layer = graph.nodes.findIndex((node) => node.outputs.includes(id));
    const output = graph.nodes[layer]?.outputs.indexOf(id) ?? 0;
    return differenceAt(graph, reference.sample, { layer, output, element }, expected, got);
  }
  return undefined;
}
