// Which values share bytes of the arena, before anything has a place: a run of another's elements lies in its block, parts of a
// concatenation are written where they belong, elementwise results take over a dying operand's bytes.
import { assert } from '../errors.ts';
import { valueAt } from '../graph/graph.ts';
import { outputTypes } from '../ops/evaluate-graph.ts';
import { type Graph, type OpNode, opOf } from '../ops/index.ts';
import { nameInputs } from '../ops/op.ts';
import { dtypeBytes } from '../tensor/dtype.ts';
import { elementsOf, type TensorType } from '../tensor/tensor.ts';

/** Bytes that values share, in use between two node positions (inclusive). */
export interface SharedBlock {
  readonly values: number[];
  bytes: number;
  from: number;
  to: number;
}

/** Where a value lies: a block by its number, and the bytes before it there. */
export interface Place {
  readonly block: number;
  readonly at: number;
}

export interface Sharing {
  readonly blocks: readonly SharedBlock[];
  readonly places: ReadonlyMap<number, Place>;
  /** Positions of nodes whose outputs are there without any code. */
  readonly free: ReadonlySet<number>;
}

export const bytesOfValue = (graph: Graph, id: number): number => {
  const { type } = valueAt(graph, id);
  return elementsOf(type) * dtypeBytes[type.dtype];
};

const typesOf = (graph: Graph, node: OpNode) =>
  nameInputs(
    opOf(node).inputs,
    node.inputs.map((id): TensorType | undefined => (id === undefined ? undefined : valueAt(graph, id).type)),
  );

const temporary = (graph: Graph, id: number): boolean => valueAt(graph, id).role === 'temporary';

/** Where the outputs of a node lie in its first input, in bytes, if they are runs of its elements at whole words. */
function outputsWithin(graph: Graph, node: OpNode, alignment: number): readonly number[] | undefined {
  const starts = opOf(node).outputsWithin?.(typesOf(graph, node), node.attrs, outputTypes(graph, node));
  return aligned(graph, node.outputs[0] ?? -1, starts, alignment);
}

/** Where the inputs of a node lie in its first output. */
function inputsWithin(graph: Graph, node: OpNode, alignment: number): readonly number[] | undefined {
  const starts = opOf(node).inputsWithin?.(typesOf(graph, node), node.attrs, outputTypes(graph, node));
  return aligned(graph, node.outputs[0] ?? -1, starts, alignment);
}

function aligned(
  graph: Graph,
  id: number,
  starts: readonly number[] | undefined,
  alignment: number,
): readonly number[] | undefined {
  const bytes = starts?.map((start) => start * dtypeBytes[valueAt(graph, id).type.dtype]);
  return bytes?.every((at) => at % alignment === 0) ? bytes : undefined;
}

/** A value that is written where it lies in another: the value, and the bytes before it there. */
interface Home {
  readonly whole: number;
  readonly at: number;
}

/** Parts that are written into the whole at once, by value: all parts of a concatenation, or none. */
function findHomes(graph: Graph, alignment: number): ReadonlyMap<number, Home> {
  const homes = new Map<number, Home>();
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((id) => [id, node] as const)));
  const readers = new Map<number, number>();
  for (const node of graph.nodes)
    for (const id of node.inputs) if (id !== undefined) readers.set(id, (readers.get(id) ?? 0) + 1);
  for (const id of graph.outputs) readers.set(id, (readers.get(id) ?? 0) + 1);
  for (const node of graph.nodes) {
    const starts = inputsWithin(graph, node, alignment);
    const [whole] = node.outputs;
    if (starts === undefined || whole === undefined) continue;
    const parts = node.inputs.flatMap((id) => id ?? []);
    const free = parts.every((id) => temporary(graph, id) && !homes.has(id));
    if (!free || new Set(parts).size !== node.inputs.length) continue;
    parts.forEach((part, i) => {
      const home = { whole, at: starts[i] ?? 0 };
      homes.set(part, home);
      // What a part is another shape of is written there as well.
      for (let node = producers.get(part); node?.op === 'reshape'; ) {
        const [source = -1] = node.inputs;
        if (!temporary(graph, source) || readers.get(source) !== 1 || homes.has(source)) break;
        homes.set(source, home);
        node = producers.get(source);
      }
    });
  }
  return homes;
}

/** Values joined into blocks of shared bytes, each with its life. Offsets of values that share are multiples of `alignment`. */
export function shareBlocks(graph: Graph, alignment: number): Sharing {
  const last = graph.nodes.length;
  const lastUse = new Map<number, number>();
  graph.nodes.forEach((node, at) => {
    for (const id of node.outputs) if (!lastUse.has(id)) lastUse.set(id, at);
    for (const id of node.inputs) if (id !== undefined) lastUse.set(id, at);
  });
  for (const id of graph.outputs) lastUse.set(id, last);
  const homes = findHomes(graph, alignment);
  const rootOf = (id: number): Home => {
    let [whole, at] = [id, 0];
    for (let home = homes.get(whole); home !== undefined; home = homes.get(whole))
      [whole, at] = [home.whole, at + home.at];
    return { whole, at };
  };
  // The last use of a whole is that of all its parts.
  for (const id of homes.keys()) {
    const { whole } = rootOf(id);
    lastUse.set(whole, Math.max(lastUse.get(whole) ?? 0, lastUse.get(id) ?? 0));
  }
  const blocks: SharedBlock[] = [];
  const places = new Map<number, Place>();
  const free = new Set<number>();
  const put = (id: number, place: Place): void => {
    const block = blocks[place.block];
    assert(block !== undefined, 'a place without a block');
    const { whole, at } = rootOf(id);
    block.values.push(id);
    block.bytes = Math.max(block.bytes, place.at - at + bytesOfValue(graph, whole));
    block.to = Math.max(block.to, lastUse.get(id) ?? 0, lastUse.get(whole) ?? 0);
    places.set(id, place);
    // The first part to come decides where the whole lies.
    if (!places.has(whole)) places.set(whole, { block: place.block, at: place.at - at });
  };
  const open = (id: number, from: number, to: number): void => {
    blocks.push({ values: [], bytes: 0, from, to });
    put(id, { block: blocks.length - 1, at: rootOf(id).at });
  };
  const dies = (id: number, at: number): boolean =>
    valueAt(graph, id).role !== 'state' && blocks[places.get(id)?.block ?? -1]?.to === at;

  for (const id of graph.inputs) open(id, 0, lastUse.get(id) ?? 0);
  graph.values.forEach((value, id) => {
    if (value.role === 'state') open(id, 0, last);
  });
  graph.nodes.forEach((node, at) => {
    const [first] = node.outputs;
    assert(first !== undefined, `${node.op} without outputs`);
    const [source] = node.inputs;
    const starts = outputsWithin(graph, node, alignment);
    const sourcePlace = source === undefined ? undefined : places.get(source);
    const asViews =
      starts !== undefined &&
      sourcePlace !== undefined &&
      // Nothing overwrites a shared block before its last reader, so a view may share a living source as well.
      valueAt(graph, source ?? -1).role !== 'state' &&
      node.outputs.every((id, i) => {
        if (!homes.has(id) && !places.has(id)) return true;
        const home = places.get(rootOf(id).whole);
        return (
          home !== undefined &&
          home.block === sourcePlace.block &&
          home.at + rootOf(id).at === sourcePlace.at + (starts[i] ?? 0)
        );
      });
    if (asViews) {
      free.add(at);
      node.outputs.forEach((id, i) => {
        put(id, { block: sourcePlace.block, at: sourcePlace.at + (starts[i] ?? 0) });
      });
      return;
    }
    if (
      inputsWithin(graph, node, alignment) !== undefined &&
      node.inputs.every((id) => homes.get(id ?? -1)?.whole === first)
    )
      free.add(at);
    node.outputs.forEach((id, i) => {
      const root = rootOf(id);
      const known = places.get(root.whole);
      if (known !== undefined) {
        put(id, { block: known.block, at: known.at + root.at });
        return;
      }
      const donor = i === 0 ? donorOf(graph, node, places, (value) => dies(value, at)) : undefined;
      if (donor === undefined) open(id, at, lastUse.get(id) ?? at);
      else if (!homes.has(id)) put(id, donor);
      // What is kept of a block that dies moves to its front, and the rest of the whole is written behind it.
      else if (starts !== undefined && root.at <= donor.at + (starts[0] ?? 0)) put(id, { ...donor, at: root.at });
      else open(id, at, lastUse.get(id) ?? at);
    });
  });
  return { blocks, places, free };
}

/** The place of an operand that dies with the node and whose bytes its first output may take over. */
function donorOf(
  graph: Graph,
  node: OpNode,
  places: ReadonlyMap<number, Place>,
  dies: (id: number) => boolean,
): Place | undefined {
  const op = opOf(node);
  const bytes = bytesOfValue(graph, node.outputs[0] ?? -1);
  const names = op.inPlace?.(typesOf(graph, node), node.attrs, outputTypes(graph, node)) ?? [];
  for (const name of names) {
    const position = op.inputs.findIndex((input) => input.replace(/[?*]$/, '') === name);
    const id = node.inputs[position];
    if (id !== undefined && places.has(id) && bytesOfValue(graph, id) >= bytes && dies(id)) return places.get(id);
  }
  return undefined;
}
