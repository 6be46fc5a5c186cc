// Nodes that only read constants are computed when compiling.
import { valueAt } from '../graph/graph.ts';
import { evaluateNode } from '../ops/evaluate-graph.ts';
import type { Graph, OpNode } from '../ops/index.ts';
import { interpretGraph } from '../ops/interpret-graph.ts';
import { macsOf } from '../ops/macs-of.ts';
import type { Data } from '../tensor/dtype.ts';
import { elementsOf } from '../tensor/tensor.ts';
import type { Pass } from './pass.ts';

/** What takes longer than a moment stays in the model, and so does what would fill its flash. */
const mostWork = 2 ** 22;
const mostElements = 2 ** 20;

export const foldConstants: Pass = {
  name: 'fold-constants',
  note: 'computes what depends on constants only',

  apply(graph) {
    let folded = graph;
    for (const node of graph.nodes) {
      const results = isConstant(folded, node) ? resultsOf(folded, node) : undefined;
      if (results === undefined) continue;
      const values = folded.values.map((value, id) => {
        const data = results[node.outputs.indexOf(id)];
        return data === undefined ? value : { ...value, role: 'constant' as const, data };
      });
      folded = { ...folded, values, nodes: folded.nodes.filter((one) => one !== node) };
    }
    return folded;
  },
};

function isConstant(graph: Graph, node: OpNode): boolean {
  const inputs = node.inputs.flatMap((id) => (id === undefined ? [] : [valueAt(graph, id)]));
  if (!inputs.every(({ role }) => role === 'constant') || node.outputs.some((id) => graph.outputs.includes(id)))
    return false;
  const elements = node.outputs.reduce((total, id) => total + elementsOf(valueAt(graph, id).type), 0);
  const read = inputs.reduce((total, { type }) => total + elementsOf(type), 0);
  return elements <= mostElements && elements + read + macsOf(graph, node) <= mostWork;
}

/** As the compiled node would give them: where floats are touched the kernel's roundings count. */
function resultsOf(graph: Graph, node: OpNode): readonly Data[] {
  const dataOf = (id: number): Data => {
    const { data, name } = valueAt(graph, id);
    if (data === undefined) throw new Error(`internal error: constant ${name} without contents`);
    return data;
  };
  const touched = [...node.inputs, ...node.outputs];
  if (!touched.some((id) => id !== undefined && valueAt(graph, id).type.dtype === 'f32'))
    return evaluateNode(graph, node, dataOf);
  const known = interpretGraph({ ...graph, nodes: [node], inputs: [], outputs: node.outputs }, []);
  return node.outputs.flatMap((id) => known.get(id) ?? []);
}
