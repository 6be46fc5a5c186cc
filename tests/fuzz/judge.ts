// What must hold for any file at all: it is refused with reasons, or it becomes modules and C text, the modules run within
// their memory, and every layer gives what its definition gives. Everything else is a failure.
import { type CArtifact, compile, graphIdeas, type WasmArtifact } from '../../packages/compiler/src/compile.ts';
import { CompileError, explain } from '../../packages/compiler/src/errors.ts';
import { readModel } from '../../packages/compiler/src/formats/index.ts';
import { valueAt } from '../../packages/compiler/src/graph/graph.ts';
import { memoryBytes } from '../../packages/compiler/src/kernel/ir.ts';
import type { Graph, OpNode } from '../../packages/compiler/src/ops/index.ts';
import { macsOf } from '../../packages/compiler/src/ops/macs-of.ts';
import { windowAxes } from '../../packages/compiler/src/ops/window.ts';
import { candidatesOf } from '../../packages/compiler/src/tactics/index.ts';
import { cortexM4 } from '../../packages/compiler/src/targets/cortex-m4.ts';
import { host } from '../../packages/compiler/src/targets/host.ts';
import type { WasmTarget } from '../../packages/compiler/src/targets/target.ts';
import { wasm } from '../../packages/compiler/src/targets/wasm.ts';
import { wasmScalar } from '../../packages/compiler/src/targets/wasm-scalar.ts';
import { bytesOf, type Data, dataFromBytes } from '../../packages/compiler/src/tensor/dtype.ts';
import { elementsOf } from '../../packages/compiler/src/tensor/tensor.ts';
import { constantDifference, expectedOutputs } from '../../packages/verify/src/compiled-layers.ts';
import { explainDifference, firstDifference } from '../../packages/verify/src/difference.ts';
import { type Reference, referenceOf } from '../../packages/verify/src/reference.ts';
import { lcgSamples, type Sample } from '../../packages/verify/src/sample-inputs.ts';

export type Outcome =
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'accepted';
      readonly graph: Graph;
      readonly artifact: CArtifact;
      /** 'equal': every layer was compared; else why not. */
      readonly run: 'equal' | 'too long to run' | 'too long to compare';
      /** A float32 layer left its definition by more than the tolerance: rounding, where huge numbers cancel. */
      readonly roundedFar: boolean;
    }
  | { readonly kind: 'failed'; readonly problem: string; readonly detail: string };

export interface Verdict {
  readonly outcome: Outcome;
  /** Processor time of reading, compiling and running; the comparison is the harness's own. */
  readonly cpuMs: number;
}

/** Loop turns of one run, about: what takes a module well under a second. */
const longestRun = 5e7;
/** The same for the definitions, which take some tens of nanoseconds a turn. */
const longestComparison = 2e6;

/** Judges one file. `thorough` grants the definitions more time. */
export async function judge(bytes: Uint8Array, thorough: boolean): Promise<Verdict> {
  const clock = new Clock();
  try {
    const outcome = await outcomeOf(bytes, thorough, clock);
    return { outcome, cpuMs: clock.ms };
  } catch (error) {
    clock.stop();
    return { outcome: thrown(error), cpuMs: clock.ms };
  }
}

/** Adds up this process's processor time by what it is spent on. */
class Clock {
  readonly #spent = new Map<string, number>();
  #running: { readonly on: string; readonly since: NodeJS.CpuUsage } | undefined;

  /** What the way of a model to one target took: reading, and the longest of all ways on. */
  get ms(): number {
    const { read = 0, ...targets } = Object.fromEntries(this.#spent);
    return read + Math.max(0, ...Object.values(targets));
  }

  start(on: string): void {
    this.#running = { on, since: process.cpuUsage() };
  }

  stop(): void {
    if (this.#running === undefined) return;
    const { on, since } = this.#running;
    const { user, system } = process.cpuUsage(since);
    this.#spent.set(on, (this.#spent.get(on) ?? 0) + (user + system) / 1000);
    this.#running = undefined;
  }

  /** Does something on the clock. */
  time<T>(on: string, act: () => T): T {
    this.start(on);
    const result = act();
    this.stop();
    return result;
  }
}

class Broken extends Error {}

/** The loops made for Arm's DSP instructions, in terms of what these mean: exact wherever they run. */
const wasmWithDsp: WasmTarget = { ...wasmScalar, name: 'wasm-scalar with DSP loops', spellings: cortexM4.spellings };

const hasTactics = (graph: Graph): boolean =>
  graph.nodes.some((node) => candidatesOf(graph, node, wasmWithDsp).length > 1);

async function outcomeOf(bytes: Uint8Array, thorough: boolean, clock: Clock): Promise<Outcome> {
  const graph = clock.time('read', () => readModel(bytes));
  const traced = clock.time(wasm.name, () => compile(graph, { target: wasm, trace: true }));
  // The model as it stands, so that what passes do shows in the outputs.
  const scalar = clock.time(wasmScalar.name, () => compile(graph, { target: wasmScalar, without: graphIdeas }));
  const artifact = clock.time(host.name, () => compile(graph, { target: host }));
  const tuned = hasTactics(graph)
    ? [clock.time(wasmWithDsp.name, () => compile(graph, { target: wasmWithDsp, optimize: 'speed' }))]
    : [];
  const turns = turnsOf(graph);
  const accepted = { kind: 'accepted', graph, artifact, roundedFar: false } as const;
  if (turns.run > longestRun) {
    for (const { bytes: module } of [traced, scalar, ...tuned]) await WebAssembly.compile(module);
    return { ...accepted, run: 'too long to run' };
  }
  const [sample] = lcgSamples(graph, 1);
  if (sample === undefined) throw new Broken('no sample');
  const comparable = turns.define <= (thorough ? 10 : 1) * longestComparison;
  const reference = comparable ? referenceOf(graph, sample) : undefined;
  const outputs = await runWasm(graph, traced, sample, clock, reference);
  for (const plain of [scalar, ...tuned]) {
    const others = await runWasm(graph, plain, sample, clock, undefined);
    graph.outputs.forEach((id, i) => {
      const [one, other] = [outputs[i], others[i]];
      if (one !== undefined && other !== undefined && firstDifference(one, other) === undefined) return;
      throw new Broken(`${wasm.name} and ${plain.target.name} differ: output ${valueAt(graph, id).name}`);
    });
  }
  if (reference === undefined) return { ...accepted, run: 'too long to compare' };
  const { difference } = reference;
  const node = difference && graph.nodes[difference.layer];
  const isFloat = valueAt(graph, node?.outputs[difference?.output ?? 0] ?? 0).type.dtype === 'f32';
  if (difference !== undefined && !isFloat)
    throw new Broken(`interpreter and definition: ${JSON.stringify({ ...difference, attrs: node?.attrs })}`);
  return { ...accepted, run: 'equal', roundedFar: difference !== undefined };
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  init(): void;
  run(): void;
  input(index: number): number;
  output(index: number): number;
}

/** Runs a module once; with a reference, compares each layer as it is done. Returns the outputs. */
async function runWasm(
  graph: Graph,
  artifact: WasmArtifact,
  sample: Sample,
  clock: Clock,
  reference: Reference | undefined,
): Promise<readonly Data[]> {
  const { program, arenaAddress, graph: compiled } = artifact;
  let memory = new Uint8Array(0);
  let wrong: string | undefined;
  const onLayer = (layer: number): void => {
    if (wrong !== undefined || reference === undefined) return;
    clock.stop();
    const expected = expectedOutputs({ model: graph, graph: compiled }, reference, layer);
    program.steps[layer]?.outputs.forEach(({ offset, bytes }, i) => {
      const want = expected[i];
      const id = compiled.nodes[layer]?.outputs[i];
      if (want === undefined || id === undefined) throw new Broken(`no layer ${layer}`);
      const at = arenaAddress + offset;
      const got = dataFromBytes(valueAt(graph, id).type.dtype, memory.subarray(at, at + bytes));
      const element = firstDifference(want, got);
      if (element !== undefined) wrong ??= wording(compiled, layer, element, want, got);
    });
    clock.start(artifact.target.name);
  };
  clock.start(artifact.target.name);
  const module = await WebAssembly.compile(artifact.bytes);
  // The exports are those that the compiler's renderer writes.
  const { exports } = new WebAssembly.Instance(module, {
    anymote: { on_layer: onLayer },
  }) as unknown as { readonly exports: Exports };
  memory = new Uint8Array(exports.memory.buffer);
  exports.init();
  clock.stop();
  const below = memory.slice(0, arenaAddress);
  sample.inputs.forEach((data, i) => {
    memory.set(bytesOf(data), exports.input(i));
  });
  clock.start(artifact.target.name);
  exports.run();
  clock.stop();
  if (wrong !== undefined) throw new Broken(wrong);
  const constant = reference && constantDifference({ model: graph, graph: compiled }, reference);
  if (constant !== undefined) throw new Broken(`no constant: ${explainDifference(constant)}`);
  checkOutside(memory, below, artifact);
  return program.outputs.map(({ type, bytes }, i) => {
    const at = exports.output(i);
    return dataFromBytes(type.dtype, memory.subarray(at, at + bytes));
  });
}

/** A run leaves the constants, which come first, and what lies behind the arena as they were. */
function checkOutside(memory: Uint8Array, below: Uint8Array, { arenaAddress, program }: WasmArtifact): void {
  const regions = program.steps.flatMap(({ kernel }) => kernel?.constants ?? []);
  const constantBytes = regions.reduce((total, { length, type }) => total + length * memoryBytes[type], 0);
  const at = below.findIndex((byte, i) => i < 16 + constantBytes && memory[i] !== byte);
  if (at >= 0) throw new Broken(`byte ${at} below the arena at ${arenaAddress} was overwritten`);
  if (memory.subarray(arenaAddress + program.arenaBytes).some((byte) => byte !== 0))
    throw new Broken('wrote behind the arena');
}

function wording(graph: Graph, layer: number, element: number, want: Data, got: Data): string {
  const node = graph.nodes[layer];
  const types = [...(node?.inputs ?? []), ...(node?.outputs ?? [])].map((id) =>
    id === undefined ? 'none' : JSON.stringify(valueAt(graph, id).type),
  );
  const what = `layer ${layer} ${node?.op}: element ${element} is ${got[element]}, expected ${want[element]}`;
  return `${what}; ${JSON.stringify(node?.attrs)}; ${types.join(', ')}`;
}

/** What a file may be refused with; anything else that is thrown is a failure. */
function thrown(error: unknown): Outcome {
  if (!(error instanceof CompileError)) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    const problem = error instanceof Broken ? message.replace(/;.*$/s, '') : `${name}: ${message}`;
    return { kind: 'failed', problem, detail: error instanceof Broken ? message : (stack ?? '') };
  }
  const texts = error.issues.map(explain);
  const poor = texts.find((text) => text.trim().length < 10 || /undefined|\[object|internal error/.test(text));
  if (texts.length === 0) return { kind: 'failed', problem: 'refused without a reason', detail: '' };
  if (poor !== undefined) return { kind: 'failed', problem: 'refused with a poor reason', detail: poor };
  if (error.message.length > 200_000)
    return { kind: 'failed', problem: 'refused at great length', detail: `${error.message.length} characters` };
  return { kind: 'refused', reason: reasonOf(error) };
}

/** The first issue without names and numbers, so that refusals can be counted by kind. */
function reasonOf({ issues: [issue] }: CompileError): string {
  switch (issue?.code) {
    case 'bad-file':
      return `bad-file: ${issue.reason
        .replace(/^\S*: /, '')
        .replace(/\(.*|: .*/s, '')
        .replace(/-?\d[\d.e+-]*/g, 'N')}`.slice(0, 70);
    case 'unsupported-op':
      return 'unsupported-op';
    case 'unsupported':
    case 'bad-value':
      return `${issue.code}: ${issue.what.replace(/\d+/g, 'N')}`;
    case 'does-not-fit':
      return `does-not-fit: ${issue.memory}`;
    default:
      return issue?.code ?? 'none';
  }
}

/** About how often the innermost loops turn, in the module and in the definitions. */
function turnsOf(graph: Graph): { readonly run: number; readonly define: number } {
  return graph.nodes.reduce(
    (total, node) => {
      const { run, define } = turnsOfNode(graph, node);
      return { run: total.run + run, define: total.define + define };
    },
    { run: 0, define: 0 },
  );
}

function turnsOfNode(graph: Graph, node: OpNode): { readonly run: number; readonly define: number } {
  const types = [...node.inputs, ...node.outputs].flatMap((id) => (id === undefined ? [] : [valueAt(graph, id).type]));
  const moved = types.reduce((total, type) => total + elementsOf(type), 0);
  // Layers in float32 are interpreted as well.
  const slowness = types.some(({ dtype }) => dtype === 'f32') ? 20 : 1;
  if (node.op === 'averagePool2d' || node.op === 'maxPool2d') {
    const { kernelH, kernelW } = node.attrs;
    const [x] = types;
    const [batches = 1, , , channels = 1] = x?.shape ?? [];
    const axes = windowAxes(x?.shape ?? [], kernelH, kernelW, node.attrs);
    const outputs = axes.reduce((product, { outputs: own }) => product * own, batches * channels);
    const inside = axes.reduce((product, { kernel, size }) => product * Math.min(kernel, size), outputs);
    return { run: moved + inside, define: slowness * (moved + outputs * kernelH * kernelW) };
  }
  const work = moved + macsOf(graph, node);
  return { run: work, define: slowness * work };
}
