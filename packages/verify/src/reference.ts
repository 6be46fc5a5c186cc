// What every layer of a graph must give on a sample, from the operators' definitions. Integers are the definition's
// own; where f32 is touched the kernels' own roundings count, so there the interpreter sets the bytes and the definition
// bounds them: integers made from floats exactly, floats to a stated distance.
import { bytesOf, type Data, evaluateGraph, type Graph, interpretGraph, type OpNode } from '@anymote/compiler';
import { crc32 } from './crc32.ts';
import { type Difference, differenceAt, firstDifference } from './difference.ts';
import { beyondTolerance, deviationOf, type PlacedDeviation } from './float-bound.ts';
import type { Sample } from './sample-inputs.ts';

export interface Reference {
  readonly sample: Sample;
  /** Per node, per output. */
  readonly layers: readonly (readonly Data[])[];
  /** Per node, over its outputs one after the other. */
  readonly layerCrcs: readonly number[];
  readonly outputs: readonly Data[];
  /** The first integer where the interpreter leaves the definition, if there is one. */
  readonly difference?: Difference;
  /** Of every f32 result. */
  readonly deviations: readonly PlacedDeviation[];
}

export interface ReferenceOptions {
  /** Which nodes are interpreted as well: those that touch f32, or all. */
  readonly interpret?: 'float' | 'all';
}

const isFloat = (graph: Graph, id: number | undefined): boolean =>
  id !== undefined && graph.values[id]?.type.dtype === 'f32';

/** A graph of one node whose inputs are given, so that it can be run on chosen data. */
function alone(graph: Graph, node: OpNode): Graph {
  const inputs = [...new Set(node.inputs)].flatMap((id) =>
    id === undefined || graph.values[id]?.data !== undefined ? [] : [id],
  );
  return { ...graph, nodes: [node], inputs, outputs: node.outputs };
}

function dataOf(values: ReadonlyMap<number, Data>, id: number): Data {
  const data = values.get(id);
  if (data === undefined) throw new Error(`internal error: value ${id} is not known`);
  return data;
}

type Run = (graph: Graph, inputs: readonly Data[]) => ReadonlyMap<number, Data>;

function runNode(run: Run, one: Graph, known: ReadonlyMap<number, Data>): readonly Data[] {
  const inputs = one.inputs.map((id) => dataOf(known, id));
  const results = run(one, inputs);
  return one.outputs.map((id) => dataOf(results, id));
}

/** Computes what each layer must give on a sample. */
export function referenceOf(graph: Graph, sample: Sample, { interpret = 'float' }: ReferenceOptions = {}): Reference {
  // `exact` holds what executors must give; `defined` the definition's own results, which differ from it in f32 only.
  const exact = new Map<number, Data>();
  const defined = new Map<number, Data>();
  graph.inputs.forEach((id, i) => {
    const data = sample.inputs[i];
    if (data === undefined) throw new Error(`internal error: sample ${sample.name} has no input ${i}`);
    exact.set(id, data);
    defined.set(id, data);
  });
  const deviations: PlacedDeviation[] = [];
  let difference: Difference | undefined;
  const layers = graph.nodes.map((node, layer): readonly Data[] => {
    const one = alone(graph, node);
    const makesIntegers = node.outputs.some((id) => !isFloat(graph, id));
    const inFloat = [...node.inputs, ...node.outputs].some((id) => isFloat(graph, id));
    const evaluated = runNode(evaluateGraph, one, defined);
    // Integers made from floats: the definition is asked again about the very bytes the kernels see.
    const integers = inFloat && makesIntegers ? runNode(evaluateGraph, one, exact) : evaluated;
    const results = inFloat || interpret === 'all' ? runNode(interpretGraph, one, exact) : evaluated;
    node.outputs.forEach((id, output) => {
      const result = results[output];
      const definition = (isFloat(graph, id) ? evaluated : integers)[output];
      if (result === undefined || definition === undefined)
        throw new Error(`internal error: ${node.op} without result`);
      exact.set(id, result);
      defined.set(id, definition);
      const at = (element: number): Difference =>
        differenceAt(graph, sample, { layer, output, element }, definition, result);
      if (result instanceof Float32Array) {
        const deviation = deviationOf(definition, result);
        deviations.push({ ...deviation, difference: at(deviation.element) });
      } else {
        const element = firstDifference(definition, result);
        if (element !== undefined) difference ??= at(element);
      }
    });
    return results;
  });
  return {
    sample,
    layers,
    layerCrcs: layers.map((outputs) => crc32(Buffer.concat(outputs.map(bytesOf)))),
    outputs: graph.outputs.map((id) => dataOf(exact, id)),
    ...(difference === undefined ? {} : { difference }),
    deviations,
  };
}

/** The first place where the interpreter leaves the definition, over all samples. */
export function interpreterDifference(references: readonly Reference[]): Difference | undefined {
  return (
    references.find(({ difference }) => difference !== undefined)?.difference ??
    beyondTolerance(references.map(({ deviations }) => deviations))
  );
}
