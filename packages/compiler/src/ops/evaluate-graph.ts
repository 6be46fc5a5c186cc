// Runs a graph by its operators' definitions: the oracle that every executor answers to.
import { assert } from '../errors.ts';
import { valueAt } from '../graph/graph.ts';
import type { Data } from '../tensor/dtype.ts';
import type { Tensor, TensorType } from '../tensor/tensor.ts';
import { type Graph, type OpNode, opOf } from './index.ts';
import { nameInputs, type Outputs } from './op.ts';

/** The types of a node's outputs. */
export function outputTypes(graph: Graph, node: OpNode): Outputs<TensorType> {
  const [first, ...rest] = node.outputs.map((id) => valueAt(graph, id).type);
  assert(first !== undefined, `${node.op} without outputs`);
  return [first, ...rest];
}

/** Evaluates one node on given tensors, indexed by value. */
export function evaluateNode(graph: Graph, node: OpNode, dataOf: (id: number) => Data): readonly Data[] {
  const op = opOf(node);
  const tensors = node.inputs.map((id): Tensor | undefined =>
    id === undefined ? undefined : { type: valueAt(graph, id).type, data: dataOf(id) },
  );
  return op.evaluate(nameInputs(op.inputs, tensors), node.attrs, outputTypes(graph, node));
}

/** Evaluates all nodes; the result holds every value by id. `inputs` are in the order of `graph.inputs`. */
export function evaluateGraph(graph: Graph, inputs: readonly Data[]): ReadonlyMap<number, Data> {
  const known = new Map<number, Data>();
  graph.values.forEach((value, id) => {
    if (value.data !== undefined) known.set(id, value.data);
  });
  graph.inputs.forEach((id, i) => {
    const data = inputs[i];
    assert(data !== undefined, `missing input ${i}`);
    known.set(id, data);
  });
  const dataOf = (id: number): Data => {
    const data = known.get(id);
    assert(data !== undefined, `value ${id} was not computed`);
    return data;
  };
  for (const node of graph.nodes) {
    const results = evaluateNode(graph, node, dataOf);
    node.outputs.forEach((id, i) => {
      const data = results[i];
      assert(data !== undefined, `${node.op} gave no output ${i}`);
      known.set(id, data);
    });
  }
  return known;
}
