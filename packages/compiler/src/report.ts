// What is known of a compiled model before anything runs: bytes, multiply-accumulates and loops, layer by layer.
import type { fitMemory } from './fit-memory.ts';
import { valueAt } from './graph/graph.ts';
import { addMixes, noInstructions } from './kernel/instruction-mix.ts';
import { type Kernel, memoryBytes } from './kernel/ir.ts';
import type { Graph, OpNode } from './ops/index.ts';
import { macsOf } from './ops/macs-of.ts';
import type { OptimisedGraph, PassReport, RemovedNode } from './passes/index.ts';
import { bytesOfValue } from './plan/share-blocks.ts';
import { firstOfEach } from './render/constants.ts';
import type { Program } from './render/program.ts';
import type { Option } from './tactics/choose-lowerings.ts';
import { type Execution, type PredictedCost, predictExecution } from './tactics/predict-cost.ts';
import type { Target } from './targets/target.ts';
import { describeType } from './tensor/tensor.ts';

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
  /** Instructions of one run by kind and what it reads of flash, as predicted. */
  readonly execution: Execution;
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
  /** What one run executes, and bytes of code without constants: as predicted, what layers share once. */
  readonly predicted: Execution & { readonly codeBytes: number };
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

/** The name of a layer: its position and its operator. */
export const layerName = (layer: number, op: string): string =>
  `${String(layer).padStart(2, '0')}_${op.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;

/** The report of a program: what each layer is, what it holds and how it was chosen. */
export function reportOf(
  model: Graph,
  { graph, passes: passReports, removed }: OptimisedGraph,
  { plan, choices, splits, instructions, whole }: ReturnType<typeof fitMemory>,
  program: Program,
  target: Target,
): Report {
  const predictions = new Map<Kernel, ReturnType<typeof predictExecution>>();
  const executionOf = (kernel: Kernel | undefined): Execution => {
    if (kernel === undefined) return nothingExecuted;
    const prediction = predictions.get(kernel) ?? predictExecution(kernel, target);
    predictions.set(kernel, prediction);
    return prediction.execution;
  };
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
      execution: executionOf(step?.kernel),
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
    predicted: {
      ...together(layers.map(({ execution }) => execution)),
      codeBytes: codeBytes(
        [...predictions].map(([kernel, { cost }]) => ({ kernel, cost })),
        target,
      ),
    },
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

const nothingExecuted: Execution = { mix: noInstructions, streamedBytes: 0, sparseReads: 0 };

const together = (executions: readonly Execution[]): Execution => ({
  mix: addMixes(executions.map(({ mix }) => mix)),
  streamedBytes: executions.reduce((total, own) => total + own.streamedBytes, 0),
  sparseReads: executions.reduce((total, own) => total + own.sparseReads, 0),
});

/** Bytes of code of kernels, and of the definitions they share. */
function codeBytes(
  predicted: readonly { readonly kernel: Kernel; readonly cost: PredictedCost }[],
  target: Target,
): number {
  const definitions = new Map(predicted.flatMap(({ cost }) => [...cost.definitions]));
  const own = predicted.map(({ kernel, cost }) =>
    Math.round(cost.codeBytes * (inPools(kernel, target) ? poolFactor : 1)),
  );
  return [...own, ...definitions.values()].reduce((total, bytes) => total + bytes, 0);
}

/** Nested comparisons with floats take their constants from pools between the code. */
const inPools = ({ compact }: Kernel, { output, costs }: Target): boolean =>
  compact === true && output === 'c' && (costs?.floatOperation ?? 1) === 1;

/** As measured: forests of 10, 20 and 100 trees and boosted trees on Cortex-M4, 1.4 to 1.8 times what is predicted without. */
const poolFactor = 1.5;

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
