// A model on a target, ready to run: what the compiler made of the graph, and the machine that runs it.
import {
  type Artifact,
  type CArtifact,
  type CompileOptions,
  type CTarget,
  compile,
  type Graph,
  type Target,
  type WasmArtifact,
  type WasmTarget,
} from '@anymote/compiler';
import { type Board, boards } from './boards.ts';
import { createHostRunner } from './host-runner.ts';
import { createQemuRunner } from './qemu-runner.ts';
import { createRp2040Runner } from './rp2040-runner.ts';
import type { Available, CProgram, Inference, ProgramShape, Runner, RunOptions, RunResult, Skipped } from './runner.ts';
import { createWasmRunner, type WasmProgram } from './wasm-runner.ts';
import type { Workspace } from './workspace.ts';

export interface Executor {
  readonly target: Target;
  readonly artifact: Artifact;
  available(): Promise<Available>;
  /** As Runner.run, on the compiled model. */
  run(inferences: readonly Inference[], options?: RunOptions): Promise<RunResult | Skipped>;
}

/** Compiles a graph for a target and pairs it with the target's machine. @throws {CompileError} */
export type CreateExecutor = (graph: Graph, target: Target) => Executor;

const shapeOf = ({ program }: Artifact): ProgramShape => ({
  inputBytes: program.inputs.map(({ bytes }) => bytes),
  outputBytes: program.outputs.map(({ bytes }) => bytes),
  layerCount: program.steps.length,
  layerOutputs: program.steps.map(({ outputs }) => outputs.length),
});

/** Generated C as runners take it: without the example that comes with it. */
export function cProgram(artifact: CArtifact): CProgram {
  const { prefix, files, program } = artifact;
  const own = [...files].filter(([name]) => name === `${prefix}.h` || name === `${prefix}.c`);
  const pieces = program.memories?.map(({ name }) => name);
  return { ...shapeOf(artifact), prefix, files: new Map(own), ...(pieces === undefined ? {} : { pieces }) };
}

/** A WebAssembly module as its runner takes it; `trace` compiles it again with reports of its layers. */
export function wasmProgram(artifact: WasmArtifact, trace: () => WasmArtifact): WasmProgram {
  return {
    ...shapeOf(artifact),
    module: artifact.bytes,
    traced: () => {
      const { bytes: module, arenaAddress, program } = trace();
      const layers = program.steps.map(({ outputs }) =>
        outputs.map(({ offset, bytes }) => ({ address: arenaAddress + offset, bytes })),
      );
      return { module, layers };
    },
  };
}

/** How models are compiled before they run. */
export type CompileChoice = Pick<CompileOptions, 'optimize' | 'without' | 'memory'>;

/** An executor of generated C on a machine. */
export function createCExecutor(graph: Graph, target: CTarget, runner: Runner, choice: CompileChoice = {}): Executor {
  const artifact = compile(graph, { target, ...choice });
  const program = cProgram(artifact);
  return {
    target,
    artifact,
    available: () => runner.available(),
    run: (inferences, options) => runner.run(program, inferences, options),
  };
}

/** An executor of WebAssembly. */
export function createWasmExecutor(
  graph: Graph,
  target: WasmTarget,
  runner: Runner<WasmProgram> = createWasmRunner(target.name),
  choice: CompileChoice = {},
): Executor {
  const artifact = compile(graph, { target, ...choice });
  let traced: WasmArtifact | undefined;
  const program = wasmProgram(artifact, () => (traced ??= compile(graph, { target, trace: true, ...choice })));
  return {
    target,
    artifact,
    available: () => runner.available(),
    run: (inferences, options) => runner.run(program, inferences, options),
  };
}

/** The machine that runs C for a target: this one, or an emulated board. Undefined where there is none. */
export function createCRunner(target: CTarget, workspace: Workspace): Runner | undefined {
  if (target.name === 'host') return createHostRunner(workspace);
  const board = Object.values<Board>(boards).find(({ name }) => name === target.name);
  if (board === undefined) return undefined;
  return board.qemu === undefined ? createRp2040Runner(workspace) : createQemuRunner(board, workspace);
}

/** Executors on the machines of a workspace; each machine is set up once and serves every model. */
export function createExecutors(workspace: Workspace, choice: CompileChoice = {}): CreateExecutor {
  const runners = new Map<string, Runner>();
  return (graph, target) => {
    if (target.output === 'wasm') return createWasmExecutor(graph, target, createWasmRunner(target.name), choice);
    const runner = runners.get(target.name) ?? createCRunner(target, workspace);
    if (runner === undefined) throw new Error(`internal error: no machine runs target ${target.name}`);
    runners.set(target.name, runner);
    return createCExecutor(graph, target, runner, choice);
  };
}
