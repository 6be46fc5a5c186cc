// The cost of one inference of a model on a target.
import { bytesOf, type CTarget, compile, type Graph, resolveTarget, type WasmTarget } from '@anymote/compiler';
import { cProgram } from '../executor.ts';
import { defaultOptimise, modelFlags } from '../glue.ts';
import { RunError } from '../run-error.ts';
import { lcgSamples } from '../sample-inputs.ts';
import { findTools } from '../tools.ts';
import type { Workspace } from '../workspace.ts';
import { benchBoard } from './bench-board.ts';
import { type BenchJob, type BenchOptions, choiceOf, commonOf, layerOf, withoutWarnings } from './bench-job.ts';
import type { BenchReport } from './bench-report.ts';
import { timeHost, timeWasm } from './time-inference.ts';

/**
 * Measures one inference on the input `lcg`.
 * @throws {CompileError} when the model cannot be compiled, {RunError} when a tool is missing, the board is too small, or
 * the program fails
 */
export async function benchModel(graph: Graph, workspace: Workspace, options: BenchOptions): Promise<BenchReport> {
  const target = resolveTarget(options.target);
  const [sample] = lcgSamples(graph, 1);
  if (sample === undefined) throw new Error('internal error: no sample');
  const inference = sample.inputs.map(bytesOf);
  const job: BenchJob = { graph, workspace, options, inference, progress: options.onProgress ?? (() => {}) };
  if (target.output === 'wasm') return benchWasm(job, target);
  return target.name === 'host' ? benchHost(job, target) : benchBoard(job, target);
}

async function benchWasm(job: BenchJob, target: WasmTarget): Promise<BenchReport> {
  const { graph, inference, options, progress } = job;
  progress('compiling');
  const { bytes, report } = compile(graph, { target, ...choiceOf(options) });
  progress('timing');
  const microseconds = await timeWasm(bytes, inference);
  return {
    ...commonOf(job, target, report),
    tools: `Node ${process.versions.node}, V8 ${process.versions.v8}`,
    compilerOptions: [],
    microseconds,
    codeBytes: bytes.length - report.weightBytes,
    layers: report.layers.map(layerOf),
    notes: ['instructions cannot be counted in WebAssembly; the time is that of this machine'],
  };
}

async function benchHost(job: BenchJob, target: CTarget): Promise<BenchReport> {
  const { graph, workspace, inference, options, progress } = job;
  const found = await findTools(workspace, ['gcc']);
  if (!found.ok) throw new RunError({ code: 'missing-tool', tool: found.missing, install: found.install });
  progress('compiling');
  const artifact = compile(graph, { target, ...choiceOf(options) });
  const program = cProgram(artifact);
  const optimise = options.optimise ?? defaultOptimise;
  progress('timing');
  const microseconds = await timeHost(workspace, program, inference, optimise);
  return {
    ...commonOf(job, target, artifact.report),
    tools: found.version,
    compilerOptions: withoutWarnings(modelFlags(program, { optimise })),
    microseconds,
    layers: artifact.report.layers.map(layerOf),
    notes: ['instructions are not counted natively; the time is that of this machine'],
  };
}
