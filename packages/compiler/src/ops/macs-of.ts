// What a node costs in multiply-accumulates.
import { valueAt } from '../graph/graph.ts';
import { outputTypes } from './evaluate-graph.ts';
import { type Graph, type OpNode, opOf } from './index.ts';
import { nameInputs } from './op.ts';

/** Multiply-accumulates of one node. */
export function macsOf(graph: Graph, node: OpNode): number {
  const op = opOf(node);
  const types = node.inputs.map((id) => (id === undefined ? undefined : valueAt(graph, id).type));
  return op.macs?.(nameInputs(op.inputs, types), node.attrs, outputTypes(graph, node)) ?? 0;
}
