// The compiler from graph to artifact, as one list of stages: check → passes → plan → lower → rewrite → check → assemble → render.
import { assert, CompileError, type Issue, throwIssues } from './errors.ts';
import { fitMemory, rowsIdea, scratchOf, scratchSize } from './fit-memory.ts';
import { valueAt } from './graph/graph.ts';
import { checkKernel } from './kernel/check.ts';
import { type Kernel, memoryBytes } from './kernel/ir.ts';
import { checkGraph } from './ops/check-graph.ts';
import type { Graph, OpNode } from './ops/index.ts';
import type { LoweredNode } from './ops/lower-node.ts';
import { macsOf } from './ops/macs-of.ts';
import { type OptimisedGraph, optimiseGraph, type PassReport, passes, type RemovedNode } from './passes/index.ts';
import { orderIdea, orderNodes } from './plan/order-nodes.ts';
import type { Plan } from './plan/plan-memory.ts';
import type { Memory } from './plan/split-memories.ts';
import { renderMain, renderMakefile } from './render/c/example.ts';
import { renderHeader } from './render/c/header.ts';
import { renderSource } from './render/c/source.ts';
import { firstOfEach } from './render/constants.ts';
import type { Port, Program, StateSlot, Step } from './render/program.ts';
import { renderWasm } from './render/wasm/module.ts';
import type { Choice, Optimize, Option } from './tactics/choose-lowerings.ts';
import { plain, tactics } from './tactics/index.ts';
import { vectoriseDotProducts } from './tactics/vector-dot.ts';
import { targets } from './targets/index.ts';
import type { CTarget, Target, WasmTarget } from './targets/target.ts';
import { dtypeBytes } from './tensor/dtype.ts';
import { describeType, elementsOf } from './tensor/tensor.ts';

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
  readonly memory?: {
    readonly flashBytes?: number;
    readonly ramBytes?: number;
    /** RAM in several pieces, the fastest first: what is used most often lies in the first. C only. */
    readonly pieces?: readonly Memory[];
  };
  /** Names of passes and tactics to leave out, of `ideas`, so that what each gains can be measured alone. */
  readonly without?: readonly string[];
  /** WebAssembly only: import `anymote.on_layer(layer)` and call it after every layer. */
  readonly trace?: boolean;
}

export type { Optimize };

/** One layer as reports show it. */
export interface LayerReport {
  readonly name: string;
  readonly op: string;
  readonly from: string;
  readonly output: string;
  readonly macs: number;
  /** Position and multiply-accumulates of the model's node that computes the same; passes may have made it smaller. */
  readonly modelLayer: number;
  readonly modelMacs: number;
  /** The loops chosen: a tactic's name, or `plain` for the operator's own. */
  readonly tactic: string;
  /** All that applied to the layer, with what they were predicted to take. */
  readonly options: readonly Option[];
  /** Bytes of constants: weights, biases, tables. */
  readonly constantBytes: number;
  /** Bytes of the model's own constants that the layer reads, weights and biases, as the model has them. */
  readonly weightBytes: number;
  /** Bytes of the arena in use while it runs. */
  readonly liveBytes: number;
}

/** What is known before anything runs. */
export interface Report {
  /** Of one run. */
  readonly macs: number;
  /** The model's own: more than `macs` where passes found some to be needless. */
  readonly modelMacs: number;
  readonly constantBytes: number;
  /** Of the layers', each constant once. */
  readonly weightBytes: number;
  readonly arenaBytes: number;
  /** No placement of the same tensors can need less. */
  readonly arenaLowerBoundBytes: number;
  /** Nor can any need less than `arenaBytes`: it is the lower bound. */
  readonly arenaProven: boolean;
  /** Bytes in each memory; absent where the arena lies in one piece. */
  readonly memories?: readonly { readonly name: string; readonly bytes: number }[];
  /** Where layers are computed by rows: what it would be without, and how many times the instructions that are predicted then. */
  readonly byRows?: { readonly wholeArenaBytes: number; readonly instructions: number };
  readonly layers: readonly LayerReport[];
  /** What each pass took out. */
  readonly passes: readonly PassReport[];
  /** Nodes of the model that are none of the layers. */
  readonly removed: readonly RemovedNode[];
}

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
    ramBytes: memoryOf('ramBytes', target, options),
    ...(options.memory?.pieces === undefined ? {} : { memories: options.memory.pieces }),
  });
  const { graph, choices, plan } = fitted;
  const lowered = named(graph, choices);
  const steps = graph.nodes.map((node, layer) => stepOf(graph, node, lowered[layer], layer, plan));
  const program = assemble(graph, prefix, plan, steps);
  const report = reportOf(model, { ...optimised, graph }, fitted, program);
  throwIssues(doesNotFit(report, target, options));
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

/** Throws a CompileError where pieces of memory are none that code could name. */
function checkPieces(target: Target, pieces: readonly Memory[] | undefined): void {
  if (pieces === undefined) return;
  const bad = (what: string, want: string, found: string): Issue => ({
    code: 'bad-value',
    where: {},
    what,
    want,
    found,
  });
  const names = pieces.map(({ name }) => name);
  const issues = [
    ...(target.output === 'c' ? [] : [bad('pieces of memory', 'a target for C', target.name)]),
    ...(pieces.length > 0 ? [] : [bad('pieces of memory', 'at least one', 'none')]),
    ...names.flatMap((name, i) => [
      ...(isIdentifier(name) && name !== 'model' ? [] : [bad('name of a memory', identifierWanted, name)]),
      ...(names.indexOf(name) === i ? [] : [bad('name of a memory', 'another for each', name)]),
    ]),
    ...pieces
      .filter(({ bytes }) => !(bytes > 0))
      .map(({ name, bytes }) => bad(`bytes of ${name}`, 'more than 0', String(bytes))),
  ];
  throwIssues(issues);
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

const cKeywords =
  'auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while';

/** With `.h` behind them these are headers of the C library, `main.c` is the example. */
const cFiles =
  'assert complex ctype errno fenv inttypes iso646 limits locale main math setjmp signal stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar unistd wchar wctype';

const taken = new Set([...cKeywords.split(' '), ...cFiles.split(' ')]);

/** With `_t` behind them these are types of the C library, and so no prefixes. */
const cTypes =
  /^(u?int(_least|_fast)?(8|16|32|64)|u?int(ptr|max)|s?size|ptrdiff|wchar|wint|max_align|sig_atomic|off|fpos|pid|clock|l*div)$/;

const isTaken = (identifier: string): boolean => taken.has(identifier) || cTypes.test(identifier);

/** A C identifier from any text: whole words, as many as fit into 32 characters. */
export function prefixOf(name: string): string {
  const base = (name.split(/[\\/]/).at(-1) ?? '').replace(/\.[a-z]+$/i, '');
  const words = base
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  let identifier = words[0]?.slice(0, 32) ?? '';
  for (const word of words.slice(1)) {
    if (identifier.length + 1 + word.length > 32) break;
    identifier += `_${word}`;
  }
  if (!/^[a-z]/.test(identifier)) identifier = identifier === '' ? 'model' : `model_${identifier}`;
  return isTaken(identifier) ? `${identifier}_model` : identifier;
}

const isIdentifier = (name: string): boolean => /^[a-z][a-z0-9_]{0,62}$/.test(name) && !isTaken(name);
const identifierWanted = 'a lower-case C identifier that C does not use itself, such as my_model';

function checkPrefix(prefix: string): void {
  if (isIdentifier(prefix)) return;
  throw new CompileError([{ code: 'bad-value', where: {}, what: 'prefix', want: identifierWanted, found: prefix }]);
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

const layerName = (layer: number, op: string): string =>
  `${String(layer).padStart(2, '0')}_${op.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;

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

const bytesOfValue = (graph: Graph, id: number): number => {
  const { type } = valueAt(graph, id);
  return elementsOf(type) * dtypeBytes[type.dtype];
};

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

function reportOf(
  model: Graph,
  { graph, passes: passReports, removed }: OptimisedGraph,
  { plan, choices, splits, instructions, whole }: ReturnType<typeof fitMemory>,
  program: Program,
): Report {
  const modelLayers = new Map(model.nodes.flatMap(({ outputs }, layer) => outputs.map((id) => [id, layer] as const)));
  const modelMacs = model.nodes.map((node) => macsOf(model, node));
  const layers = graph.nodes.map((node, layer): LayerReport => {
    const step = program.steps[layer];
    const constants = step?.kernel?.constants ?? [];
    const [output = -1] = node.outputs;
    const modelLayer = modelLayers.get(graph.values[output]?.rowsOf?.value ?? output) ?? -1;
    return {
      name: layerName(layer, node.op),
      op: node.op,
      from: node.from.node ?? '',
      output: node.outputs.map((id) => describeType(valueAt(graph, id).type)).join(', '),
      macs: macsOf(graph, node),
      modelLayer,
      modelMacs: modelMacs[modelLayer] ?? 0,
      tactic: choices[layer]?.tactic ?? '',
      options: choices[layer]?.options ?? [],
      constantBytes: constants.reduce((total, region) => total + region.length * memoryBytes[region.type], 0),
      weightBytes: weightBytes(graph, [node]),
      liveBytes: plan.liveBytes[layer] ?? 0,
    };
  });
  return {
    macs: program.macs,
    modelMacs: modelMacs.reduce((total, macs) => total + macs, 0),
    constantBytes: constantBytes(program),
    weightBytes: weightBytes(graph, graph.nodes),
    arenaBytes: plan.arenaBytes,
    arenaLowerBoundBytes: plan.lowerBoundBytes,
    arenaProven: plan.proven,
    ...(plan.memories === undefined ? {} : { memories: plan.memories.map(({ name, bytes }) => ({ name, bytes })) }),
    ...(splits.length === 0
      ? {}
      : { byRows: { wholeArenaBytes: whole.plan.arenaBytes, instructions: instructions / whole.instructions } }),
    layers,
    passes: passReports,
    removed,
  };
}

/** Bytes of all constants of a program, equal ones once. */
function constantBytes({ steps }: Program): number {
  const regions = firstOfEach(new Set(steps.flatMap(({ kernel }) => kernel?.constants ?? [])));
  return [...new Set(regions.values())].reduce((total, { length, type }) => total + length * memoryBytes[type], 0);
}

/** Bytes of all constants that nodes read, each once. */
function weightBytes(graph: Graph, nodes: readonly OpNode[]): number {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  return [...read].reduce<number>(
    (total, id) => total + (id !== undefined && valueAt(graph, id).role === 'constant' ? bytesOfValue(graph, id) : 0),
    0,
  );
}

/** What no target exceeds, whatever it says of itself: addresses stay far inside an index, the C text inside a string. */
const largestMemory = { flashBytes: 2 ** 26, ramBytes: 2 ** 28 } as const;

function memoryOf(kind: keyof typeof largestMemory, target: Target, { memory }: CompileOptions): number {
  const pieces = memory?.pieces?.reduce((total, { bytes }) => total + bytes, 0);
  const given = memory?.[kind] ?? (kind === 'ramBytes' ? pieces : undefined);
  return Math.min(given ?? target.memory?.[kind] ?? Infinity, largestMemory[kind]);
}

/** Constants and arena against the memories; code comes on top, and is known once a compiler has seen it. */
function doesNotFit(report: Report, target: Target, options: CompileOptions): readonly Issue[] {
  const [flashBytes, ramBytes] = [memoryOf('flashBytes', target, options), memoryOf('ramBytes', target, options)];
  const most = (bytes: (layer: LayerReport) => number): { readonly layer?: string } => {
    const [first, ...rest] = report.layers;
    return first === undefined ? {} : { layer: rest.reduce((a, b) => (bytes(b) > bytes(a) ? b : a), first).name };
  };
  const common = { code: 'does-not-fit', where: {}, target: target.name } as const;
  const issues: Issue[] = [];
  if (report.constantBytes > flashBytes)
    issues.push({
      ...common,
      memory: 'flash',
      needBytes: report.constantBytes,
      haveBytes: flashBytes,
      ...most(({ constantBytes }) => constantBytes),
    });
  for (const { name, bytes } of report.memories ?? []) {
    const piece = options.memory?.pieces?.find((own) => own.name === name);
    if (piece !== undefined && bytes > piece.bytes && report.arenaBytes <= ramBytes)
      issues.push({
        ...common,
        memory: name,
        needBytes: bytes,
        haveBytes: piece.bytes,
        ...most(({ liveBytes }) => liveBytes),
      });
  }
  if (report.arenaBytes > ramBytes)
    issues.push({
      ...common,
      memory: 'ram',
      needBytes: report.arenaBytes,
      haveBytes: ramBytes,
      leastBytes: report.arenaLowerBoundBytes,
      ...most(({ liveBytes }) => liveBytes),
    });
  return issues;
}
