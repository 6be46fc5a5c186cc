// Computes chains of layers band by band instead of layer by layer: a few rows of the last output at a time, from as few rows of
// everything before. Rows that the next band needs again are kept, none is computed twice. Results are the same to the last bit.
import { assert } from '../errors.ts';
import { type Value, valueAt } from '../graph/graph.ts';
import type { Graph, OpNode } from '../ops/index.ts';
import { neededRows, type Rows } from './needed-rows.ts';

/** Nodes that are computed together: from the first position to the last, so many rows of the last one's output at a time. */
export interface RowSplit {
  readonly first: number;
  readonly last: number;
  readonly rows: number;
}

/** A graph and, by node, the position of the node it is a part of. */
export interface SplitGraph {
  readonly graph: Graph;
  readonly parts: readonly number[];
}

const heightOf = (graph: Graph, id: number): number => valueAt(graph, id).type.shape[1] ?? 0;

/** Whether nodes from the first position to the last can be computed by rows: nothing but the last output is read elsewhere. */
export function canSplit(graph: Graph, first: number, last: number): boolean {
  const region = graph.nodes.slice(first, last + 1);
  const inner = new Set(region.slice(0, -1).flatMap(({ outputs }) => outputs));
  const readOutside =
    graph.outputs.some((id) => inner.has(id)) ||
    graph.nodes.some(
      ({ inputs }, at) => (at < first || at > last) && inputs.some((id) => id !== undefined && inner.has(id)),
    );
  const read = new Set(region.flatMap(({ inputs }) => inputs));
  return (
    !readOutside &&
    [...inner].every((id) => read.has(id)) &&
    region.every((node) => {
      const needed = neededRows(graph, node, [0, heightOf(graph, node.outputs[0] ?? -1)]);
      // What is read whole must be there before the first band.
      return needed?.inputs.every((rows, i) => rows !== undefined || !inner.has(node.inputs[i] ?? -1)) ?? false;
    })
  );
}

/** The graph with chains computed by rows. The splits do not overlap, and each can be made. */
export function splitRows(graph: Graph, splits: readonly RowSplit[]): SplitGraph {
  const building: Building = { graph, values: [...graph.values], nodes: [], parts: [] };
  graph.nodes.forEach((node, position) => {
    const split = splits.find(({ first, last }) => first <= position && position <= last);
    if (split === undefined) emit(building, node, position);
    else if (split.first === position) addBands(building, split);
  });
  return { graph: { ...graph, values: building.values, nodes: building.nodes }, parts: building.parts };
}

interface Building {
  readonly graph: Graph;
  readonly values: Value[];
  readonly nodes: OpNode[];
  readonly parts: number[];
}

/** Rows of a value that are there as a value of their own. */
interface Held {
  readonly id: number;
  readonly rows: Rows;
}

function emit({ nodes, parts }: Building, node: OpNode, part: number): void {
  nodes.push(node);
  parts.push(part);
}

/** A new value for some rows of one. */
function rowsValue({ graph, values }: Building, whole: number, [first, end]: Rows): number {
  const { name, type } = valueAt(graph, whole);
  const shape = type.shape.map((size, axis) => (axis === 1 ? end - first : size));
  values.push({
    name: `${name}, rows ${first}..${end - 1}`,
    type: { ...type, shape },
    role: 'temporary',
    rowsOf: { value: whole, first },
  });
  return values.length - 1;
}

/** Some rows out of those that are held. */
function slice(building: Building, whole: number, held: Held, rows: Rows, part: number): Held {
  if (held.rows[0] === rows[0] && held.rows[1] === rows[1]) return held;
  const shape = valueAt(building.graph, whole).type.shape.map((size, axis) => (axis === 1 ? rows[1] - rows[0] : size));
  const id = rowsValue(building, whole, rows);
  const begin = shape.map((_, axis) => (axis === 1 ? rows[0] - held.rows[0] : 0));
  const attrs = { begin, strides: shape.map(() => 1), sizes: shape, shape };
  const { from } = building.graph.nodes[part] ?? { from: {} };
  emit(building, { op: 'stridedSlice', attrs, inputs: [held.id], outputs: [id], from }, part);
  return { id, rows };
}

function join(building: Building, parts: readonly number[], into: number, part: number): void {
  const { from } = building.graph.nodes[part] ?? { from: {} };
  emit(building, { op: 'concatenation', attrs: { axis: 1 }, inputs: parts, outputs: [into], from }, part);
}

function addBands(building: Building, { first, last, rows }: RowSplit): void {
  const { graph } = building;
  const y = graph.nodes[last]?.outputs[0] ?? -1;
  const height = heightOf(graph, y);
  const held = new Map<number, Held>();
  const bands: number[] = [];
  for (let from = 0; from < height; from += rows) {
    const wanted = rowsOfBand(graph, first, last, [from, Math.min(height, from + rows)], held);
    for (let part = first; part <= last; part += 1) {
      const node = graph.nodes[part];
      const [output = -1] = node?.outputs ?? [];
      const own = wanted.get(output);
      const fresh = own && freshRows(own, held.get(output));
      if (node === undefined || own === undefined || fresh === undefined) continue;
      const before = held.get(output);
      const kept =
        before !== undefined && own[0] < fresh[0]
          ? slice(building, output, before, [own[0], fresh[0]], part)
          : undefined;
      const computed = computeRows(building, node, part, fresh, held);
      if (output === y) bands.push(computed);
      else if (kept === undefined) held.set(output, { id: computed, rows: fresh });
      else {
        const id = rowsValue(building, output, own);
        join(building, [kept.id, computed], id, part);
        held.set(output, { id, rows: own });
      }
    }
  }
  join(building, bands, y, last);
}

/** Rows that are wanted and not there yet: all from some row on. */
function freshRows([first, end]: Rows, held: Held | undefined): Rows | undefined {
  const from = Math.max(first, held?.rows[1] ?? 0);
  return from < end ? [from, end] : undefined;
}

/** The rows of each output that a band of the last one needs, those that are held included. */
function rowsOfBand(
  graph: Graph,
  first: number,
  last: number,
  band: Rows,
  held: ReadonlyMap<number, Held>,
): ReadonlyMap<number, Rows> {
  const wanted = new Map<number, Rows>([[graph.nodes[last]?.outputs[0] ?? -1, band]]);
  for (let part = last; part >= first; part -= 1) {
    const node = graph.nodes[part];
    const [output = -1] = node?.outputs ?? [];
    const own = wanted.get(output);
    const fresh = own && freshRows(own, held.get(output));
    if (node === undefined || fresh === undefined) continue;
    neededRows(graph, node, fresh)?.inputs.forEach((rows, i) => {
      const id = node.inputs[i] ?? -1;
      const known = wanted.get(id);
      if (rows !== undefined) wanted.set(id, known ? [Math.min(known[0], rows[0]), Math.max(known[1], rows[1])] : rows);
    });
  }
  return wanted;
}

/** The node on some rows of its output alone. */
function computeRows(
  building: Building,
  node: OpNode,
  part: number,
  rows: Rows,
  held: ReadonlyMap<number, Held>,
): number {
  const { graph } = building;
  const needed = neededRows(graph, node, rows);
  assert(needed !== undefined, `${node.op} by rows`);
  const inputs = node.inputs.map((id, i) => {
    const own = needed.inputs[i];
    if (id === undefined || own === undefined) return id;
    return slice(building, id, held.get(id) ?? { id, rows: [0, heightOf(graph, id)] }, own, part).id;
  });
  const id = rowsValue(building, node.outputs[0] ?? -1, rows);
  // Attributes are those of the same operator; the union of nodes cannot see that through the spread.
  emit(building, { ...node, attrs: needed.attrs, inputs, outputs: [id] } as OpNode, part);
  return id;
}
