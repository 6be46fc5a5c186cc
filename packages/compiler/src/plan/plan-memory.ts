// Where every value lives in the arena, and how near that is to the least possible. Views share bytes with their source,
// elementwise results take over a dying operand's; the rest is placed one by one at the lowest gap that is free for its life.
import { assert } from '../errors.ts';
import { valueAt } from '../graph/graph.ts';
import { outputTypes } from '../ops/evaluate-graph.ts';
import { type Graph, type OpNode, opOf } from '../ops/index.ts';
import { nameInputs } from '../ops/op.ts';
import { dtypeBytes } from '../tensor/dtype.ts';
import { elementsOf } from '../tensor/tensor.ts';

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
  /** No placement of these blocks can need less: the most bytes that are in use at one time. */
  readonly lowerBoundBytes: number;
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

const bytesOfValue = (graph: Graph, id: number): number => {
  const { type } = valueAt(graph, id);
  return elementsOf(type) * dtypeBytes[type.dtype];
};

const alignUp = (bytes: number, alignment: number): number => Math.ceil(bytes / alignment) * alignment;

/**
 * Plans the arena of a graph whose nodes run in order; `scratchBytes` is what each of them needs while it runs. Sizes are
 * rounded up to `alignment` bytes.
 */
export function planMemory(graph: Graph, alignment: number, scratchBytes: readonly number[] = []): Plan {
  const scratch = scratchBytes.flatMap((bytes, at): OpenBlock[] =>
    bytes === 0 ? [] : [{ values: [], bytes, from: at, to: at }],
  );
  const blocks = [...lifetimes(graph), ...scratch].map((block) => ({
    ...block,
    bytes: alignUp(block.bytes, alignment),
  }));
  const liveBytes = graph.nodes.map((_, at) =>
    blocks.reduce((total, block) => total + (block.from <= at && at <= block.to ? block.bytes : 0), 0),
  );
  const lowerBoundBytes = Math.max(
    0,
    ...liveBytes,
    ...(graph.nodes.length === 0 ? blocks.map((block) => block.bytes) : []),
  );
  const placed = place(blocks, lowerBoundBytes);
  const offsets = new Map<number, number>();
  for (const block of placed) for (const id of block.values) offsets.set(id, block.offset);
  const scratchOffsets = new Map(
    placed.flatMap((block) => (block.values.length === 0 ? [[block.from, block.offset]] : [])),
  );
  return {
    arenaBytes: heightOf(placed),
    lowerBoundBytes,
    offsets,
    scratchOffsets,
    blocks: [...placed].sort((a, b) => a.from - b.from || a.offset - b.offset),
    liveBytes,
  };
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

/** Attempts at a better order once the plain ones miss the bound; fewer where there are so many blocks that each takes long. */
const climbsFor = (blocks: number): number => Math.min(300, Math.floor(2e7 / blocks ** 2));

/** The best placement found: a few natural orders, then a climb that moves what stands at the peak to the front. */
function place(blocks: readonly OpenBlock[], lowerBound: number): readonly Block[] {
  const life = (block: OpenBlock): number => block.to - block.from + 1;
  const orders: readonly ((a: OpenBlock, b: OpenBlock) => number)[] = [
    (a, b) => b.bytes - a.bytes || a.from - b.from,
    (a, b) => b.bytes * life(b) - a.bytes * life(a) || a.from - b.from,
    (a, b) => life(b) - life(a) || b.bytes - a.bytes,
    (a, b) => a.from - b.from || b.bytes - a.bytes,
  ];
  let order: readonly OpenBlock[] = blocks;
  let best = placeInOrder(order);
  for (const compare of orders) {
    if (heightOf(best) === lowerBound) break;
    const sorted = [...blocks].sort(compare);
    const placed = placeInOrder(sorted);
    if (heightOf(placed) < heightOf(best)) [best, order] = [placed, sorted];
  }
  let current = order;
  let placed = best;
  const climbs = climbsFor(blocks.length);
  for (let attempt = 0; attempt < climbs && heightOf(best) > lowerBound; attempt += 1) {
    const height = heightOf(placed);
    const atPeak = placed.findIndex((block) => block.offset + block.bytes === height);
    if (atPeak <= 0) break;
    // Half-way to the front: all the way often only trades one peak for another.
    const to = attempt % 2 === 0 ? Math.floor(atPeak / 2) : atPeak - 1;
    const moved = current.filter((_, i) => i !== atPeak);
    const block = current[atPeak];
    if (block === undefined) break;
    current = [...moved.slice(0, to), block, ...moved.slice(to)];
    placed = placeInOrder(current);
    if (heightOf(placed) < heightOf(best)) best = placed;
  }
  return best;
}

const heightOf = (placed: readonly Block[]): number =>
  placed.reduce((most, block) => Math.max(most, block.offset + block.bytes), 0);

/** Each block in turn at the lowest offset where it meets no block that lives at the same time; in the order given. */
function placeInOrder(order: readonly OpenBlock[]): readonly Block[] {
  const placed: Block[] = [];
  const byOffset: Block[] = [];
  for (const block of order) {
    let offset = 0;
    // Ends at the first rival that begins behind a gap.
    for (const rival of byOffset) {
      if (rival.from > block.to || block.from > rival.to) continue;
      if (rival.offset - offset >= block.bytes) break;
      offset = Math.max(offset, rival.offset + rival.bytes);
    }
    const own = { ...block, offset };
    placed.push(own);
    byOffset.splice(positionFor(offset, byOffset), 0, own);
  }
  return placed;
}

/** Where a block at this offset stands in a list in order of offsets. */
function positionFor(offset: number, byOffset: readonly Block[]): number {
  let [low, high] = [0, byOffset.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((byOffset[middle]?.offset ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
