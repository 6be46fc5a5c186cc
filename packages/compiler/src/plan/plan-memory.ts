// Where every value lives in the arena, and how near that is to the least possible. Views share bytes with their source,
// elementwise results take over a dying operand's; other results may overlap an input as far as their loops state. All is placed
// one by one at the lowest place that is free for its life.
import { assert } from '../errors.ts';
import { valueAt } from '../graph/graph.ts';
import { outputTypes } from '../ops/evaluate-graph.ts';
import { type Graph, type OpNode, opOf } from '../ops/index.ts';
import { nameInputs, type Overlap } from '../ops/op.ts';
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

/** What the loops of each node, by position, need and allow beside its values. */
export interface PlanOptions {
  readonly scratchBytes?: readonly number[];
  readonly overlaps?: readonly (Overlap | undefined)[];
}

/** Two blocks that may overlap: `y`, born where `x` dies, may begin `lead` bytes before it or more, or with it. */
interface Relation {
  readonly x: number;
  readonly y: number;
  readonly lead: number;
  readonly sameStart: boolean;
}

/** Blocks by their numbers, and what each may overlap. */
interface Problem {
  readonly blocks: readonly OpenBlock[];
  readonly relations: ReadonlyMap<number, readonly Relation[]>;
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
  const lowerBoundBytes = Math.max(
    0,
    ...liveBytes,
    ...(graph.nodes.length === 0 ? blocks.map((block) => block.bytes) : []),
  );
  const placed = place({ blocks, relations: byBlock(relations) }, lowerBoundBytes);
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

/** Attempts at a better order once the plain ones miss the bound; fewer where there are so many blocks that each takes long. */
const climbsFor = (blocks: number): number => Math.min(300, Math.floor(2e7 / blocks ** 2));

/** The best placement found: a few natural orders, then a climb that moves what stands at the peak to the front. */
function place(problem: Problem, lowerBound: number): readonly Block[] {
  const { blocks } = problem;
  const life = (n: number): number => (blocks[n]?.to ?? 0) - (blocks[n]?.from ?? 0) + 1;
  const bytes = (n: number): number => blocks[n]?.bytes ?? 0;
  const from = (n: number): number => blocks[n]?.from ?? 0;
  const orders: readonly ((a: number, b: number) => number)[] = [
    (a, b) => bytes(b) - bytes(a) || from(a) - from(b),
    // A later block below an earlier one of its size.
    (a, b) => bytes(b) - bytes(a) || from(b) - from(a),
    (a, b) => bytes(b) * life(b) - bytes(a) * life(a) || from(a) - from(b),
    (a, b) => life(b) - life(a) || bytes(b) - bytes(a),
    (a, b) => from(a) - from(b) || bytes(b) - bytes(a),
    (a, b) => from(b) - from(a) || bytes(b) - bytes(a),
  ];
  const numbers = blocks.map((_, n) => n);
  let order: readonly number[] = numbers;
  let best = placeInOrder(problem, order);
  for (const compare of orders) {
    if (heightOf(best) === lowerBound) break;
    const sorted = [...numbers].sort(compare);
    const placed = placeInOrder(problem, sorted);
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
    placed = placeInOrder(problem, current);
    if (heightOf(placed) < heightOf(best)) best = placed;
  }
  return best;
}

const heightOf = (placed: readonly Block[]): number =>
  placed.reduce((most, block) => Math.max(most, block.offset + block.bytes), 0);

/** Where a block may not begin because of one that is placed: strictly between these offsets, except at one. */
interface Forbidden {
  readonly above: number;
  readonly below: number;
  readonly except?: number;
}

/** Each block in turn at the lowest offset that every rival alive at the same time allows; in the order given. */
function placeInOrder({ blocks, relations }: Problem, order: readonly number[]): readonly Block[] {
  const offsets = new Map<number, number>();
  const placed: Block[] = [];
  for (const n of order) {
    const block = blocks[n];
    if (block === undefined) continue;
    const own = relations.get(n) ?? [];
    const forbidden: Forbidden[] = [];
    for (const [rivalNumber, offset] of offsets) {
      const rival = blocks[rivalNumber];
      if (rival === undefined || rival.from > block.to || block.from > rival.to) continue;
      const relation = own.find(({ x, y }) => x === rivalNumber || y === rivalNumber);
      const except = relation?.sameStart ? { except: offset } : {};
      const reach = relation?.y === n ? relation.lead : block.bytes;
      const beyond = relation?.x === n ? relation.lead : rival.bytes;
      forbidden.push({ above: offset - reach, below: offset + beyond, ...except });
    }
    const offset = lowest(forbidden);
    offsets.set(n, offset);
    placed.push({ ...block, offset });
  }
  return placed;
}

/** The lowest offset that nothing forbids. */
function lowest(forbidden: readonly Forbidden[]): number {
  const candidates = [0];
  for (const { below, except } of forbidden) {
    if (below > 0) candidates.push(below);
    if (except !== undefined) candidates.push(except);
  }
  candidates.sort((a, b) => a - b);
  const allowed = (offset: number): boolean =>
    forbidden.every(({ above, below, except }) => offset <= above || offset >= below || offset === except);
  const found = candidates.find(allowed);
  assert(found !== undefined, 'no place for a block');
  return found;
}
