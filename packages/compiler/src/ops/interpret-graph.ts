// Runs a graph by interpreting its kernels, layer by layer: what renderers must reproduce to the last bit.
import { valueAt } from '../graph/graph.ts';
import { interpret } from '../kernel/interpret.ts';
import { allocate, type Data } from '../tensor/dtype.ts';
import { elementsOf } from '../tensor/tensor.ts';
import type { Graph } from './index.ts';
import { lowerNode } from './lower-node.ts';

/** Every value by id, each in memory of its own. */
export function interpretGraph(graph: Graph, inputs: readonly Data[]): ReadonlyMap<number, Data> {
  const known = new Map<number, Data>();
  graph.values.forEach((value, id) => {
    if (value.data !== undefined) known.set(id, value.data);
  });
  graph.inputs.forEach((id, i) => {
    const data = inputs[i];
    if (data !== undefined) known.set(id, data);
  });
  graph.nodes.forEach((node, layer) => {
    const { kernel, values } = lowerNode(graph, node, `layer_${layer}`);
    for (const id of node.outputs) {
      const { type } = valueAt(graph, id);
      known.set(id, allocate(type.dtype, elementsOf(type)));
    }
    interpret(
      kernel,
      values.map((id) => {
        const data = known.get(id);
        if (data === undefined) throw new Error(`value ${id} is not known at node ${layer}`);
        return data;
      }),
    );
  });
  return known;
}
