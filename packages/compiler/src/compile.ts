// The compiler from graph to artifact, as one list of stages: check → passes → plan → lower → rewrite → check → assemble → render.
import { checkPieces, doesNotFit, type Memories, memoryOf } from './budgets.ts';
import { assert, CompileError, type Issue, throwIssues } from './errors.ts';
import { fitMemory, rowsIdea, scratchOf, scratchSize } from './fit-memory.ts';
import { valueAt } from './graph/graph.ts';
import { checkKernel } from './kernel/check.ts';
import type { Kernel } from './kernel/ir.ts';
import { checkGraph } from './ops/check-graph.ts';
import type { Graph, OpNode } from './ops/index.ts';
import type { LoweredNode } from './ops/lower-node.ts';
import { macsOf } from './ops/macs-of.ts';
import { optimiseGraph, passes } from './passes/index.ts';
import { orderIdea, orderNodes } from './plan/order-nodes.ts';
import type { Plan } from './plan/plan-memory.ts';
import { bytesOfValue } from './plan/share-blocks.ts';
import { renderMain, renderMakefile } from './render/c/example.ts';
import { renderHeader } from './render/c/header.ts';
import { checkPrefix, prefixOf } from './render/c/names.ts';
import { renderSource } from './render/c/source.ts';
import type { Port, Program, StateSlot, Step } from './render/program.ts';
import { renderWasm } from './render/wasm/module.ts';
import { layerName, type Report, reportOf } from './report.ts';
import type { Choice, Optimize } from './tactics/choose-lowerings.ts';
import { plain, tactics } from './tactics/index.ts';
import { vectoriseDotProducts } from './tactics/vector-dot.ts';
import { targets } from './targets/index.ts';
import type { CTarget, Target, WasmTarget } from './targets/target.ts';

export interface CompileOptions {
  /** A target of the list by its name, or a description of one. */
  readonly target: string | Target;
  /** Prefix of everything generated; a C identifier. Default: from the graph's name. */
  readonly prefix?: string;
  /**
   * `balanced` (the default) takes fast loops where the flash they need is well spent, `speed` the fastest, `size` the
   * smallest. Results are the same to the last bit.
   */
  readonly optimize?: Optimize;
  /** Memory the result must fit, in bytes, where it differs from the target's. */
  readonly memory?: Memories;
  /** Names of passes and tactics to leave out, of `ideas`, so that what each gains can be measured alone. */
  readonly without?: readonly string[];
  /** WebAssembly only: import `anymote.on_layer(layer)` and call it after every layer. */
  readonly trace?: boolean;
}

export type { Optimize };

export type Artifact = {
  readonly prefix: string;
  readonly target: Target;
  /** What was compiled: the model after the passes, its layers in the order of the program's steps. */
  readonly graph: Graph;
  readonly program: Program;
  readonly plan: Plan;
  readonly report: Report;
} & (
  | { readonly kind: 'c'; readonly files: ReadonlyMap<string, string> }
  | { readonly kind: 'wasm'; readonly bytes: Uint8Array; readonly arenaAddress: number }
);

export type CArtifact = Extract<Artifact, { kind: 'c' }>;
export type WasmArtifact = Extract<Artifact, { kind: 'wasm' }>;

/** Compiles a graph. Throws a CompileError with every issue of the graph, or with what does not fit. */
export function compile(graph: Graph, options: CompileOptions & { readonly target: CTarget }): CArtifact;
export function compile(graph: Graph, options: CompileOptions & { readonly target: WasmTarget }): WasmArtifact;
export function compile(graph: Graph, options: CompileOptions): Artifact;
export function compile(model: Graph, options: CompileOptions): Artifact {
  const target = resolveTarget(options.target);
  const prefix = options.prefix ?? prefixOf(model.name);
  checkPrefix(prefix);
  const without = options.without ?? [];
  checkIdeas(without);
  checkPieces(target, options.memory?.pieces);
  throwIssues(checkGraph(model));
  throwIssues(outputsWithoutMemory(model));
  const optimised = optimiseGraph(model, { without, channelMultiple: target.channelMultiple ?? 1 });
  const ordered = without.includes(orderIdea) ? optimised.graph : orderNodes(optimised.graph, target.alignment);
  const fitted = fitMemory(ordered, target, {
    optimize: options.optimize ?? 'balanced',
    without,
    rewrite: (kernel) => rewrite(kernel, target),
    ramBytes: memoryOf('ramBytes', target, options.memory),
    ...(options.memory?.pieces === undefined ? {} : { memories: options.memory.pieces }),
  });
  const { graph, choices, plan } = fitted;
  const lowered = named(graph, choices);
  const steps = graph.nodes.map((node, layer) => stepOf(graph, node, lowered[layer], layer, plan));
  const program = assemble(graph, prefix, plan, steps);
  const report = reportOf(model, { ...optimised, graph }, fitted, program, target);
  throwIssues(doesNotFit(report, target, options.memory));
  const common = { prefix, target, graph, program, plan, report };
  if (target.output === 'c') {
    const files = new Map([
      [`${prefix}.h`, renderHeader(program)],
      [`${prefix}.c`, renderSource(program, { ...target, small: options.optimize === 'size' })],
      ['main.c', renderMain(program)],
      ['Makefile', renderMakefile(program)],
    ]);
    return { ...common, kind: 'c', files };
  }
  const { bytes, arenaAddress } = renderWasm(program, { spellings: target.spellings, trace: options.trace ?? false });
  return { ...common, kind: 'wasm', bytes, arenaAddress };
}

/** What changes the graph, and can be left out: passes, another order of the nodes, and layers by rows. */
export const graphIdeas: readonly string[] = [...passes.map(({ name }) => name), orderIdea, rowsIdea];

/** What `without` can name: what changes the graph, tactics, and `plain`, the operators' own loops. */
export const ideas: readonly string[] = [...graphIdeas, ...tactics.map(({ name }) => name), plain];

/** Throws a CompileError with an issue for each name that is none of `ideas`. */
export function checkIdeas(names: readonly string[]): void {
  const unknown = names.filter((name) => !ideas.includes(name));
  const want = `one of ${ideas.join(', ')}`;
  throwIssues(unknown.map((found) => ({ code: 'bad-value', where: {}, what: 'idea to do without', want, found })));
}

/** The target of a name. */
export function resolveTarget(target: string | Target): Target {
  if (typeof target !== 'string') return target;
  const found = targets.find(({ name }) => name === target);
  if (found !== undefined) return found;
  throw new CompileError([
    {
      code: 'bad-value',
      where: {},
      what: 'target',
      want: `one of ${targets.map(({ name }) => name).join(', ')}`,
      found: target,
    },
  ]);
}

/** Outputs that no node computes have no place in the arena that would survive a run. */
function outputsWithoutMemory(graph: Graph): readonly Issue[] {
  return graph.outputs.flatMap((id): Issue[] => {
    const { role, name } = valueAt(graph, id);
    return role === 'constant'
      ? [
          {
            code: 'unsupported',
            where: { tensor: name },
            what: 'model output',
            found: 'that is a constant',
            help: 'remove it from the outputs',
          },
        ]
      : [];
  });
}

/** Kernel → kernel, by what the target's instructions allow; each checked. */
function rewrite(kernel: Kernel, target: Target): Kernel {
  checkKernel(kernel);
  if (target.output !== 'wasm' || !target.simd) return kernel;
  const vectorised = vectoriseDotProducts(kernel);
  checkKernel(vectorised);
  return vectorised;
}

/** Each kernel under the name of the first layer that calls it. */
function named(graph: Graph, choices: readonly Choice[]): readonly LoweredNode[] {
  const kernels = new Map<Kernel, Kernel>();
  return choices.map(({ lowered }, layer) => {
    const name = layerName(layer, graph.nodes[layer]?.op ?? '');
    const kernel = kernels.get(lowered.kernel) ?? { ...lowered.kernel, name };
    kernels.set(lowered.kernel, kernel);
    return { ...lowered, kernel };
  });
}

function stepOf(graph: Graph, node: OpNode, lowered: LoweredNode | undefined, layer: number, plan: Plan): Step {
  assert(lowered !== undefined, `layer ${layer} was not lowered`);
  const { kernel, values } = lowered;
  const offsetOf = (id: number): number => plan.offsets.get(id) ?? 0;
  const outputs = node.outputs.map((id) => ({ offset: offsetOf(id), bytes: bytesOfValue(graph, id) }));
  if (plan.free.has(layer)) return { note: kernel.note, kernel: undefined, offsets: [], outputs };
  let next = plan.scratchOffsets.get(layer) ?? 0;
  const scratch = scratchOf(kernel).map((region) => {
    const offset = next;
    next += scratchSize(region);
    return offset;
  });
  return { note: kernel.note, kernel, offsets: [...values.map(offsetOf), ...scratch], outputs };
}

function assemble(graph: Graph, prefix: string, plan: Plan, steps: readonly Step[]): Program {
  const port = (id: number): Port => ({
    name: valueAt(graph, id).name,
    type: valueAt(graph, id).type,
    offset: plan.offsets.get(id) ?? 0,
    bytes: bytesOfValue(graph, id),
  });
  const states = graph.values.flatMap((value, id): StateSlot[] => {
    if (value.role !== 'state') return [];
    const { name, offset, bytes } = port(id);
    return [{ name, offset, bytes, data: value.data }];
  });
  return {
    prefix,
    title: graph.name,
    steps,
    arenaBytes: plan.arenaBytes,
    ...(plan.memories === undefined ? {} : { memories: plan.memories }),
    alignment: 8,
    inputs: graph.inputs.map(port),
    outputs: graph.outputs.map(port),
    states,
    macs: graph.nodes.reduce((total, node) => total + macsOf(graph, node), 0),
  };
}
