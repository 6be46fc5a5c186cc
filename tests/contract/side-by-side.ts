// Many small graphs as one, so that one build and one run serve all of them, and what each of its layers must give.
import type { Value } from '../../packages/compiler/src/graph/graph.ts';
import { graphOfCases } from '../../packages/compiler/src/ops/cases/case.ts';
import { cases } from '../../packages/compiler/src/ops/cases/index.ts';
import type { Graph, OpName, OpNode } from '../../packages/compiler/src/ops/index.ts';
import { interpretGraph } from '../../packages/compiler/src/ops/interpret-graph.ts';
import type { Data } from '../../packages/compiler/src/tensor/dtype.ts';

/** A graph and what it is run on. */
export interface Fed {
  readonly graph: Graph;
  readonly inputs: readonly Data[];
}

/** What an executor must give: the elements of each node's outputs. */
export interface Contract extends Fed {
  readonly layers: readonly (readonly Data[])[];
}

/**
 * One graph of all the parts, in their order. Its layers are what it is for: only the last part keeps its outputs, as an
 * output's memory is not used again.
 */
export function sideBySide(name: string, parts: readonly Fed[]): Fed {
  const values: Value[] = [];
  const nodes: OpNode[] = [];
  const inputs: number[] = [];
  let outputs: readonly number[] = [];
  for (const { graph } of parts) {
    const first = values.length;
    const moved = (id: number): number => first + id;
    values.push(...graph.values);
    for (const node of graph.nodes) {
      const nodeInputs = node.inputs.map((id) => (id === undefined ? undefined : moved(id)));
      nodes.push({ ...node, inputs: nodeInputs, outputs: node.outputs.map(moved) });
    }
    inputs.push(...graph.inputs.map(moved));
    outputs = graph.outputs.map(moved);
  }
  return { graph: { name, values, nodes, inputs, outputs }, inputs: parts.flatMap((part) => part.inputs) };
}

/** What the interpreter gives for each node. */
export function interpretLayers({ graph, inputs }: Fed): readonly (readonly Data[])[] {
  const known = interpretGraph(graph, inputs);
  return graph.nodes.map(({ outputs }) =>
    outputs.map((id) => {
      const data = known.get(id);
      if (data === undefined) throw new Error(`value ${id} was not computed`);
      return data;
    }),
  );
}

/** Whether a node's results are not numbers somewhere. */
const hasNaN = (layer: readonly Data[]): boolean =>
  layer.some((data) => data instanceof Float32Array && data.some(Number.isNaN));

/**
 * What each layer must give. Layers with a NaN are made outputs, to be compared as numbers: IEEE 754 leaves the sign and
 * payload of a NaN open, and machines differ in them.
 */
export function contractOf({ graph, inputs }: Fed, layers: readonly (readonly Data[])[]): Contract {
  const outputs = graph.nodes.flatMap((node, layer) => (hasNaN(layers[layer] ?? []) ? node.outputs : []));
  return { graph: outputs.length === 0 ? graph : { ...graph, outputs }, inputs, layers };
}

/** Every case of every operator, and the interpreter's results for them. */
export function contractOfAllCases(): Contract {
  const parts = (Object.entries(cases) as [OpName, (typeof cases)[OpName]][]).map(([op, list]) =>
    graphOfCases(op, list),
  );
  const all = sideBySide('cases', parts);
  return contractOf(all, interpretLayers(all));
}
