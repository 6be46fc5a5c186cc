// The list of passes, and running them: graph → graph, the same results to the last bit.
import { assert, explain } from '../errors.ts';
import { type Value, valueAt } from '../graph/graph.ts';
import { checkGraph } from '../ops/check-graph.ts';
import type { Graph, OpName, OpNode } from '../ops/index.ts';
import { macsOf } from '../ops/macs-of.ts';
import { elementsOf } from '../tensor/tensor.ts';
import { channelCount } from './channels.ts';
import { eliminateChannels } from './eliminate-channels.ts';
import { foldActivation } from './fold-activation.ts';
import { foldConstants } from './fold-constants.ts';
import { foldPadding } from './fold-padding.ts';
import { foldQuantisation } from './fold-quantisation.ts';
import { foldReshape } from './fold-reshape.ts';
import type { Pass, PassOptions } from './pass.ts';
import { removeDeadNodes } from './remove-dead-nodes.ts';

/** In the order in which they run. */
export const passes: readonly Pass[] = [
  foldConstants,
  foldQuantisation,
  foldActivation,
  foldPadding,
  foldReshape,
  removeDeadNodes,
  eliminateChannels,
];

/** The names of all passes. */
export const passNames: readonly string[] = passes.map(({ name }) => name);

/** What a pass took out of a graph; less than nothing where it added. */
export interface PassReport {
  readonly name: string;
  readonly note: string;
  readonly nodes: number;
  /** Positions along the last axes of tensors that are still there. */
  readonly channels: number;
  /** Elements of weights, without biases. */
  readonly weights: number;
  /** Multiply-accumulates of one run. */
  readonly macs: number;
}

/** A node of the model that is not in the graph any more. */
export interface RemovedNode {
  /** Position in the model. */
  readonly layer: number;
  readonly op: OpName;
  /** What it came from in the model's file: `3 (RESHAPE)`. */
  readonly from: string;
  readonly macs: number;
  /** Name of the pass. */
  readonly by: string;
}

export interface OptimisedGraph {
  readonly graph: Graph;
  /** Those that ran, in their order, over all rounds. */
  readonly passes: readonly PassReport[];
  /** In the order of the model. */
  readonly removed: readonly RemovedNode[];
}

/** What one pass leaves may be work for another; two rounds settle all but made-up graphs. */
const mostRounds = 8;

/** Runs the passes on a graph that has been checked, all but those named, until nothing changes. */
export function optimiseGraph(
  given: Graph,
  { without = [], channelMultiple = 1 }: { readonly without?: readonly string[] } & Partial<PassOptions> = {},
): OptimisedGraph {
  const chosen = passes.filter(({ name }) => !without.includes(name));
  const reports = new Map(
    chosen.map(({ name, note }) => [name, { name, note, nodes: 0, channels: 0, weights: 0, macs: 0 }]),
  );
  const removedBy = new Map<number, string>();
  let graph = given;
  for (let round = 0; round < mostRounds; round += 1) {
    const before = graph;
    for (const pass of chosen) {
      const next = pass.apply(graph, { channelMultiple });
      if (next === graph) continue;
      const report = reports.get(pass.name);
      if (report !== undefined) reports.set(pass.name, taken(report, graph, next));
      const left = new Set(next.nodes.flatMap(({ outputs }) => outputs));
      for (const id of graph.nodes.flatMap(({ outputs }) => outputs)) if (!left.has(id)) removedBy.set(id, pass.name);
      graph = next;
    }
    if (graph === before) break;
  }
  if (graph !== given) {
    const issues = checkGraph(graph);
    assert(issues.length === 0, `passes broke the graph: ${issues.map(explain).join('; ')}`);
  }
  return { graph, passes: [...reports.values()], removed: removedNodes(given, removedBy) };
}

type Size = Pick<PassReport, 'nodes' | 'weights' | 'macs'>;

function sizeOf(graph: Graph): Size {
  const total = (count: (node: OpNode) => number): number => graph.nodes.reduce((sum, node) => sum + count(node), 0);
  return {
    nodes: graph.nodes.length,
    weights: total((node) => weightsOf(graph, node)),
    macs: total((node) => macsOf(graph, node)),
  };
}

/** Elements of a node's constant weights. */
function weightsOf(graph: Graph, node: OpNode): number {
  const isWeighted = node.op === 'conv2d' || node.op === 'depthwiseConv2d' || node.op === 'fullyConnected';
  const weights: Value | undefined = isWeighted ? valueAt(graph, node.inputs[1] ?? -1) : undefined;
  return weights?.role === 'constant' ? elementsOf(weights.type) : 0;
}

/** Channels that values which are still computed have lost. */
function lostChannels(before: Graph, after: Graph): number {
  const ids = after.nodes.flatMap(({ outputs }) => outputs);
  return ids.reduce((sum, id) => sum + channelCount(before, id) - channelCount(after, id), 0);
}

/** The report with what a pass took out in one more round. */
function taken(report: PassReport, before: Graph, after: Graph): PassReport {
  const [was, is] = [sizeOf(before), sizeOf(after)];
  return {
    ...report,
    nodes: report.nodes + was.nodes - is.nodes,
    channels: report.channels + lostChannels(before, after),
    weights: report.weights + was.weights - is.weights,
    macs: report.macs + was.macs - is.macs,
  };
}

function removedNodes(given: Graph, removedBy: ReadonlyMap<number, string>): readonly RemovedNode[] {
  return given.nodes.flatMap((node, layer): RemovedNode[] => {
    const by = node.outputs.every((id) => removedBy.has(id)) ? removedBy.get(node.outputs[0] ?? -1) : undefined;
    if (by === undefined) return [];
    return [{ layer, op: node.op, from: node.from.node ?? '', macs: macsOf(given, node), by }];
  });
}
