// What the layers of a compiled model must give, from what the model's own layers give. Passes may have taken layers out
// and left channels of others out; every value that is left has the model's elements, under the model's id. What was left
// out as a constant is compared as well, so that kept and constant channels together are the model's tensor.
import { bytesOf, type Data, type Graph, takeAlong } from '@anymote/compiler';
import { crc32 } from './crc32.ts';
import { type Difference, differenceAt, firstDifference } from './difference.ts';
import type { Reference } from './reference.ts';
import type { LayerCoverage } from './verify-report.ts';

/** A model, and the graph that was compiled instead of it. */
export interface Compiled {
  readonly model: Graph;
  readonly graph: Graph;
}

/** All elements of a value, and where the model computes it; of an input, where it is read first. */
function modelOutput(model: Graph, reference: Reference, id: number) {
  const layer = model.nodes.findIndex(({ outputs }) => outputs.includes(id));
  const output = model.nodes[layer]?.outputs.indexOf(id) ?? -1;
  const input = reference.sample.inputs[model.inputs.indexOf(id)];
  if (layer < 0 && input !== undefined) {
    return { layer: model.nodes.findIndex(({ inputs }) => inputs.includes(id)), output: 0, whole: input };
  }
  const whole = reference.layers[layer]?.[output];
  if (whole === undefined) throw new Error(`internal error: the model does not compute value ${id}`);
  return { layer, output, whole };
}

/** A value as the compiled graph has it, with the channels that are left. */
function keptOf({ model, graph }: Compiled, reference: Reference, id: number): Data {
  const { whole } = modelOutput(model, reference, id);
  const original = graph.values[id]?.original;
  return original === undefined ? whole : takeAlong(whole, original.shape, original.shape.length - 1, original.kept);
}

/** What a compiled layer must give on the reference's sample, by output. */
export function expectedOutputs({ model, graph }: Compiled, reference: Reference, layer: number): readonly Data[] {
  return (graph.nodes[layer]?.outputs ?? []).map((id) => {
    const { value, first, length } = placeOf(graph, id);
    const all = keptOf({ model, graph }, reference, value);
    return length === undefined ? all : all.slice(first, first + length);
  });
}

/** The value that a value is rows of, and which of its elements they are: rows of one image lie side by side. */
function placeOf(
  graph: Graph,
  id: number,
): { readonly value: number; readonly first: number; readonly length?: number } {
  const { rowsOf, type } = graph.values[id] ?? {};
  if (rowsOf === undefined || type === undefined) return { value: id, first: 0 };
  const row = type.shape.slice(2).reduce((size, extent) => size * extent, 1);
  return { value: rowsOf.value, first: rowsOf.first * row, length: (type.shape[1] ?? 1) * row };
}

/** The checksum of a compiled layer that gives what it must. */
export const expectedCrc = (compiled: Compiled, reference: Reference, layer: number): number =>
  crc32(Buffer.concat(expectedOutputs(compiled, reference, layer).map(bytesOf)));

/** A difference in an element of a compiled layer, as one of the model's own layer. */
export function modelDifference(
  { model, graph }: Compiled,
  reference: Reference,
  id: number,
  element: number,
  got: Data,
): Difference {
  const { value, first } = placeOf(graph, id);
  const { whole, ...place } = modelOutput(model, reference, value);
  const { kept, shape } = graph.values[value]?.original ?? {};
  const among = first + element;
  const position =
    kept === undefined
      ? among
      : Math.floor(among / kept.length) * (shape?.at(-1) ?? 1) + (kept[among % kept.length] ?? 0);
  const found = { expected: whole[position] ?? Number.NaN, got: got[element] ?? Number.NaN };
  return { ...differenceAt(model, reference.sample, { ...place, element: position }, whole, whole), ...found };
}

/** The first element that is not what was taken for a constant when compiling. */
export function constantDifference(compiled: Compiled, reference: Reference): Difference | undefined {
  const { model, graph } = compiled;
  for (const [layer, node] of model.nodes.entries()) {
    for (const [output, id] of node.outputs.entries()) {
      const { whole } = modelOutput(model, reference, id);
      const assumed = assumedOf(graph, id, whole);
      const element = assumed && firstDifference(whole, assumed);
      if (assumed !== undefined && element !== undefined)
        return differenceAt(model, reference.sample, { layer, output, element }, whole, assumed);
    }
  }
  return undefined;
}

/** The elements with those in their place that were taken for constants; undefined where there are none. */
function assumedOf(graph: Graph, id: number, whole: Data): Data | undefined {
  const { role, data, original } = graph.values[id] ?? {};
  if (role === 'constant') return data;
  if (original === undefined || whole instanceof BigInt64Array) return undefined;
  const assumed = whole.slice();
  const channels = original.shape.at(-1) ?? 1;
  for (let i = 0; i < assumed.length; i += 1) {
    const constant = original.constants[i % channels];
    if (constant !== undefined) assumed[i] = constant;
  }
  return assumed;
}

/** Which of the model's layers the compiled graph has. */
export function coverageOf(graph: Graph, removed: LayerCoverage['removed']): LayerCoverage {
  const inPart = graph.nodes.filter(({ outputs }) => outputs.some((id) => graph.values[id]?.original !== undefined));
  return { compared: graph.nodes.length, inPart: inPart.length, removed };
}
