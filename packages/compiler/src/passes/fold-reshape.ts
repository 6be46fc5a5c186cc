// Reshapes that need not be: one after the other, to the shape that is there, before layers that see rows anyway.
import { valueAt } from '../graph/graph.ts';
import type { Graph, OpNode } from '../ops/index.ts';
import {
  isSound,
  producerOf,
  reading,
  replaceNodes,
  sameElements,
  sameType,
  withoutIdentity,
  withoutUnread,
} from './edit-graph.ts';
import type { Pass } from './pass.ts';

export const foldReshape: Pass = {
  name: 'fold-reshape',
  note: 'joins reshapes, and drops those that change nothing',

  apply(graph) {
    let folded = graph;
    for (let at = 0; at < folded.nodes.length; ) {
      const less = withOneLess(folded, folded.nodes[at]);
      // What is left of the nodes before may now do without each other.
      at = less === undefined ? at + 1 : Math.max(0, at - 1);
      folded = less ?? folded;
    }
    return folded;
  },
};

/** The graph with a node that does without the reshape before it, or without the node; undefined where both are needed. */
function withOneLess(graph: Graph, node: OpNode | undefined): Graph | undefined {
  const [x] = node?.inputs ?? [];
  const [y] = node?.outputs ?? [];
  if (node === undefined || x === undefined || y === undefined) return undefined;
  if (node.op === 'reshape' && sameType(valueAt(graph, x).type, valueAt(graph, y).type)) {
    const without = withoutIdentity(graph, node, x, y);
    if (without !== undefined) return without;
  }
  if (node.op !== 'reshape' && node.op !== 'fullyConnected') return undefined;
  const before = producerOf(graph, x);
  const around = before && readingAround(graph, node, x, before);
  return around && withoutUnread(replaceNodes(graph, new Map([[node, around]])), before);
}

/** The node reading what the reshape before it reads; undefined where it needs the shape, or nothing is reshaped. */
function readingAround(graph: Graph, node: OpNode, shaped: number, before: OpNode): OpNode | undefined {
  const seesRows = node.op === 'fullyConnected' && !node.attrs.keepDims;
  const [x] = before.inputs;
  if (before.op !== 'reshape' || x === undefined || !(node.op === 'reshape' || seesRows)) return undefined;
  const around = reading(node, shaped, x);
  // A reshape copies stored elements, whatever they mean; others take them by their scale.
  const alike = node.op === 'reshape' || sameElements(valueAt(graph, x).type, valueAt(graph, shaped).type);
  return alike && isSound(graph, around) ? around : undefined;
}
