// Nodes whose results nobody reads.
import type { OpNode } from '../ops/index.ts';
import type { Pass } from './pass.ts';

export const removeDeadNodes: Pass = {
  name: 'remove-dead-nodes',
  note: 'removes nodes whose results nobody reads',

  apply(graph) {
    const read = new Set(graph.outputs);
    const live: OpNode[] = [];
    for (const node of [...graph.nodes].reverse()) {
      if (!node.outputs.some((id) => read.has(id))) continue;
      live.push(node);
      for (const id of node.inputs) if (id !== undefined) read.add(id);
    }
    return live.length === graph.nodes.length ? graph : { ...graph, nodes: live.reverse() };
  },
};
