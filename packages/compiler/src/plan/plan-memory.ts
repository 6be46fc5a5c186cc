// Where every value lives in the arena, and how near that is to the least possible. Views share bytes with their source,
// elementwise results take over a dying operand's; other results may overlap an input as far as their loops state.
import { assert } from '../errors.ts';
import { valueAt } from '../graph/graph.ts';
import { outputTypes } from '../ops/evaluate-graph.ts';
import { type Graph, type OpNode, opOf } from '../ops/index.ts';
import { nameInputs, type Overlap } from '../ops/op.ts';
import { dtypeBytes } from '../tensor/dtype.ts';
import { elementsOf } from '../tensor/tensor.ts';
import { place } from './place.ts';
import type { Relation } from './placement.ts';

/** A block of the arena, and the node positions between which it is in use (inclusive). */
export interface Block {
  readonly values: readonly number[];
  readonly offset: number;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

export interface Plan {
  readonly arenaBytes: number;
  /** No placement of these blocks can need less: the most bytes in use at one time, or more where a search proved it. */
  readonly lowerBoundBytes: number;
  /** No placement of these blocks needs less than `arenaBytes`: it is the lower bound. */
  readonly proven: boolean;
  /** Offset in bytes of each value that lives in the arena. */
  readonly offsets: ReadonlyMap<number, number>;
  /** Offset in bytes of the scratch memory of each node that has some, by its position. */
  readonly scratchOffsets: ReadonlyMap<number, number>;
  /** A block without values is scratch. */
  readonly blocks: readonly Block[];
  /** Bytes in use at each node, in order. */
  readonly liveBytes: readonly number[];
}

interface OpenBlock {
  readonly values: number[];
  bytes: number;
  from: number;
  to: number;
}

/** What the loops of each node, by position, need and allow beside its values. */
export interface PlanOptions {
  readonly scratchBytes?: readonly number[];
  readonly overlaps?: readonly (Overlap | undefined)[];
}

const bytesOfValue = (graph: Graph, id: number): number => {
  const { type } = valueAt(graph, id);
  return elementsOf(type) * dtypeBytes[type.dtype];
};

const alignUp = (bytes: number, alignment: number): number => Math.ceil(bytes / alignment) * alignment;

/** Plans the arena of a graph whose nodes run in order. Sizes are rounded up to `alignment` bytes. */
export function planMemory(graph: Graph, alignment: number, options: PlanOptions = {}): Plan {
  const { scratchBytes = [], overlaps = [] } = options;
  const scratch = scratchBytes.flatMap((bytes, at): OpenBlock[] =>
    bytes === 0 ? [] : [{ values: [], bytes, from: at, to: at }],
  );
  const blocks = [...lifetimes(graph), ...scratch].map((block) => ({
    ...block,
    bytes: alignUp(block.bytes, alignment),
  }));
  const relations = relationsOf(graph, blocks, overlaps, alignment);
  const savedBytes = graph.nodes.map((_, at) => saving(blocks, relations, at));
  const liveBytes = graph.nodes.map(
    (_, at) =>
      blocks.reduce((total, block) => total + (block.from <= at && at <= block.to ? block.bytes : 0), 0) -
      (savedBytes[at] ?? 0),
  );
  const mostLiveBytes = Math.max(
    0,
    ...liveBytes,
    ...(graph.nodes.length === 0 ? blocks.map((block) => block.bytes) : []),
  );
  const placement = place({ blocks, relations: byBlock(relations) }, mostLiveBytes);
  const placed = blocks.map(
    ({ values, bytes, from, to }, n): Block => ({ values, offset: placement.offsets.get(n) ?? 0, bytes, from, to }),
  );
  const offsets = new Map<number, number>();
  for (const block of placed) for (const id of block.values) offsets.set(id, block.offset);
  const scratchOffsets = new Map(
    placed.flatMap((block) => (block.values.length === 0 ? [[block.from, block.offset]] : [])),
  );
  return {
    arenaBytes: placement.bytes,
    lowerBoundBytes: placement.lowerBound,
    proven: placement.bytes === placement.lowerBound,
    offsets,
    scratchOffsets,
    blocks: [...placed].sort((a, b) => a.from - b.from || a.offset - b.offset),
    liveBytes,
  };
}

/** Bytes in use at a node if its loops need so much scratch memory and allow such an overlap. */
export function liveBytesOf(
  graph: Graph,
  alignment: number,
): (at: number, scratch: number, overlap: Overlap | undefined) => number {
  const blocks = lifetimes(graph).map((block) => ({ ...block, bytes: alignUp(block.bytes, alignment) }));
  const alive = graph.nodes.map((_, at) =>
    blocks.reduce((total, { from, to, bytes }) => total + (from <= at && at <= to ? bytes : 0), 0),
  );
  return (at, scratch, overlap) => {
    const overlaps = graph.nodes.map((_, node) => (node === at ? overlap : undefined));
    const saved = saving(blocks, relationsOf(graph, blocks, overlaps, alignment), at);
    return (alive[at] ?? 0) + alignUp(scratch, alignment) - saved;
  };
}

/** Which blocks may overlap, from what the loops state: where the input's block ends with the node and the output's begins. */
function relationsOf(
  graph: Graph,
  blocks: readonly OpenBlock[],
  overlaps: PlanOptions['overlaps'],
  alignment: number,
): readonly Relation[] {
  const numberOf = (id: number | undefined): number =>
    blocks.findIndex(({ values }) => id !== undefined && values.includes(id));
  return graph.nodes.flatMap((node, at): Relation[] => {
    const overlap = overlaps?.[at];
    if (overlap === undefined) return [];
    const [x, y] = [numberOf(node.inputs[overlap.input]), numberOf(node.outputs[0])];
    if (x < 0 || y < 0 || x === y || blocks[x]?.to !== at || blocks[y]?.from !== at) return [];
    const lead = Math.min(alignUp(overlap.leadBytes, alignment), blocks[y]?.bytes ?? 0);
    return [{ x, y, lead, sameStart: overlap.sameStart }];
  });
}

function byBlock(relations: readonly Relation[]): ReadonlyMap<number, readonly Relation[]> {
  const found = new Map<number, Relation[]>();
  for (const relation of relations) {
    for (const block of [relation.x, relation.y]) found.set(block, [...(found.get(block) ?? []), relation]);
  }
  return found;
}

/** Bytes that overlapping can save while a node runs. */
function saving(blocks: readonly OpenBlock[], relations: readonly Relation[], at: number): number {
  const own = relations.find(({ y }) => blocks[y]?.from === at);
  if (own === undefined) return 0;
  const [x, y] = [blocks[own.x]?.bytes ?? 0, blocks[own.y]?.bytes ?? 0];
  const together = Math.min(Math.max(y, own.lead + x), own.sameStart ? Math.max(x, y) : x + y);
  return Math.max(0, x + y - together);
}

/** Values joined into blocks of shared bytes, each with its life. */
function lifetimes(graph: Graph): readonly OpenBlock[] {
  const last = graph.nodes.length;
  const lastUse = new Map<number, number>();
  graph.nodes.forEach((node, at) => {
    for (const id of node.inputs) if (id !== undefined) lastUse.set(id, at);
  });
  for (const id of graph.outputs) lastUse.set(id, last);
  const blockOf = new Map<number, OpenBlock>();
  const blocks: OpenBlock[] = [];
  const open = (id: number, from: number, to: number): void => {
    const block = { values: [id], bytes: bytesOfValue(graph, id), from, to };
    blocks.push(block);
    blockOf.set(id, block);
  };
  for (const id of graph.inputs) open(id, 0, lastUse.get(id) ?? 0);
  graph.values.forEach((value, id) => {
    if (value.role === 'state') open(id, 0, last);
  });
  graph.nodes.forEach((node, at) => {
    const [first, ...rest] = node.outputs;
    assert(first !== undefined, `${node.op} without outputs`);
    const donor = donorOf(graph, node, at, (id) => blockOf.get(id));
    if (donor !== undefined) {
      donor.values.push(first);
      donor.bytes = Math.max(donor.bytes, bytesOfValue(graph, first));
      donor.to = Math.max(donor.to, lastUse.get(first) ?? at);
      blockOf.set(first, donor);
    } else open(first, at, lastUse.get(first) ?? at);
    for (const id of rest) open(id, at, lastUse.get(id) ?? at);
  });
  return blocks;
}

/** The block a node's first output may share: a view's source, or an operand that dies here. Constants have none, states keep theirs. */
function donorOf(
  graph: Graph,
  node: OpNode,
  at: number,
  blockOf: (id: number) => OpenBlock | undefined,
): OpenBlock | undefined {
  const op = opOf(node);
  const [output] = node.outputs;
  if (output === undefined) return undefined;
  const outputBytes = bytesOfValue(graph, output);
  const free = (id: number | undefined): OpenBlock | undefined => {
    if (id === undefined || valueAt(graph, id).role === 'state' || bytesOfValue(graph, id) < outputBytes)
      return undefined;
    const block = blockOf(id);
    return block !== undefined && block.to === at ? block : undefined;
  };
  if (op.view) {
    const [source] = node.inputs;
    const block = source === undefined ? undefined : blockOf(source);
    // Nothing overwrites a shared block before its last reader, so a view may share a living source as well.
    return source !== undefined && valueAt(graph, source).role !== 'state' ? block : undefined;
  }
  const types = nameInputs(
    op.inputs,
    node.inputs.map((id) => (id === undefined ? undefined : valueAt(graph, id).type)),
  );
  const names = op.inPlace?.(types, node.attrs, outputTypes(graph, node)) ?? [];
  for (const name of names) {
    const position = op.inputs.findIndex((input) => input.replace(/[?*]$/, '') === name);
    const block = free(node.inputs[position]);
    if (block !== undefined) return block;
  }
  return undefined;
}
