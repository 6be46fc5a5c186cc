// Where every value lives in the arena, and how near that is to the least possible: values that share bytes become blocks, pairs
// of blocks may overlap as far as reading is ahead of writing, and all are placed as low as can be.
import type { Graph } from '../ops/index.ts';
import type { Overlap } from '../ops/op.ts';
import { Overlaps, savedBy } from './overlaps.ts';
import { type Placement, place } from './place.ts';
import type { Problem, Relation } from './placement.ts';
import { type SharedBlock, shareBlocks } from './share-blocks.ts';
import { type Memory, splitMemories } from './split-memories.ts';

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
  /** The parts of the arena, one behind the other, that lie in memories of their own; absent where it lies in one piece. */
  readonly memories?: readonly MemorySpan[];
  /** No placement of these blocks can need less: the most bytes that are in use at one time. */
  readonly lowerBoundBytes: number;
  /** Whether no placement of these blocks can need less. */
  readonly proven: boolean;
  /** Offset in bytes of each value that lives in the arena. */
  readonly offsets: ReadonlyMap<number, number>;
  /** Offset in bytes of the scratch memory of each node that has some, by its position. */
  readonly scratchOffsets: ReadonlyMap<number, number>;
  /** Positions of nodes whose outputs need no code: they are bytes that are there already. */
  readonly free: ReadonlySet<number>;
  /** A block without values is scratch. */
  readonly blocks: readonly Block[];
  /** Bytes in use at each node, in order. */
  readonly liveBytes: readonly number[];
}

/** A stretch of the arena's offsets that lies in one memory. */
export interface MemorySpan {
  readonly name: string;
  readonly base: number;
  readonly bytes: number;
}

/** What the loops of each node, by position, need and allow beside its values. */
export interface PlanOptions {
  /** Memories to lie in, the fastest first. */
  readonly memories?: readonly Memory[];
  /** Instructions of each node: what is used by many for each of its bytes belongs into the fastest memory. */
  readonly instructions?: readonly number[];
  readonly scratchBytes?: readonly number[];
  readonly overlaps?: readonly (Overlap | undefined)[];
}

const alignUp = (bytes: number, alignment: number): number => Math.ceil(bytes / alignment) * alignment;

/** Plans the arena of a graph whose nodes run in order. Sizes are rounded up to `alignment` bytes. */
export function planMemory(graph: Graph, alignment: number, options: PlanOptions = {}): Plan {
  const { scratchBytes = [], overlaps = [] } = options;
  const sharing = shareBlocks(graph, alignment);
  const relations = new Overlaps(graph, sharing, alignment).relations((node) => overlaps[node]);
  const scratch = scratchBytes.flatMap((bytes, at): SharedBlock[] =>
    bytes === 0 ? [] : [{ values: [], bytes, from: at, to: at }],
  );
  const blocks = [...sharing.blocks, ...scratch].map((block) => ({ ...block, bytes: alignUp(block.bytes, alignment) }));
  const liveBytes = liveAt(graph, blocks, relations);
  const mostLiveBytes = Math.max(
    0,
    ...liveBytes,
    ...(graph.nodes.length === 0 ? blocks.map((block) => block.bytes) : []),
  );
  const problem = { blocks, relations: byBlock(relations) };
  const { memories, ...placement } =
    options.memories === undefined
      ? { ...place(problem, mostLiveBytes), memories: undefined }
      : inMemories(
          problem,
          heatOf(graph, blocks, options.instructions ?? []),
          options.memories,
          alignment,
          mostLiveBytes,
        );
  const startOf = (block: number): number => placement.offsets.get(block) ?? 0;
  const scratchOffsets = new Map(scratch.map(({ from }, i) => [from, startOf(sharing.blocks.length + i)] as const));
  return {
    arenaBytes: placement.bytes,
    ...(memories === undefined ? {} : { memories }),
    lowerBoundBytes: placement.lowerBound,
    proven: placement.bytes === placement.lowerBound,
    offsets: new Map([...sharing.places].map(([id, { block, at }]) => [id, startOf(block) + at])),
    scratchOffsets,
    free: sharing.free,
    blocks: blocks
      .map(({ values, bytes, from, to }, n): Block => ({ values, offset: startOf(n), bytes, from, to }))
      .sort((a, b) => a.from - b.from || a.offset - b.offset),
    liveBytes,
  };
}

/** Blocks in several memories, whose offsets follow each other. */
function inMemories(
  problem: Problem,
  heat: readonly number[],
  memories: readonly Memory[],
  alignment: number,
  lowerBound: number,
): Placement & { readonly memories: readonly MemorySpan[] } {
  const offsets = new Map<number, number>();
  const spans: MemorySpan[] = [];
  let base = 0;
  splitMemories(problem, heat, memories).forEach((placement, n) => {
    for (const [block, offset] of placement.offsets) offsets.set(block, base + offset);
    spans.push({ name: memories[n]?.name ?? '', base, bytes: placement.bytes });
    base = alignUp(base + placement.bytes, Math.max(8, alignment));
  });
  const { base: last = 0, bytes = 0 } = spans.at(-1) ?? {};
  return { offsets, bytes: last + bytes, lowerBound, memories: spans };
}

/** By block: instructions of the nodes that have to do with it, shared evenly among all that they have to do with, for each byte. */
function heatOf(graph: Graph, blocks: readonly SharedBlock[], instructions: readonly number[]): readonly number[] {
  const users = graph.nodes.map((node, at) => {
    const values = new Set([...node.inputs, ...node.outputs]);
    return blocks.flatMap((block, n) =>
      block.values.some((id) => values.has(id)) || (block.values.length === 0 && block.from === at) ? [n] : [],
    );
  });
  const heat = blocks.map(() => 0);
  users.forEach((used, at) => {
    for (const n of used) {
      heat[n] = (heat[n] ?? 0) + (instructions[at] ?? 1) / used.length / Math.max(1, blocks[n]?.bytes ?? 1);
    }
  });
  return heat;
}

/** What is known of a graph's memory before its loops are. */
export interface MemoryNeeds {
  /** Positions of nodes whose outputs need no code. */
  readonly free: ReadonlySet<number>;
  /** Bytes in use at a node if its loops need so much scratch memory and allow such an overlap. */
  liveBytes(at: number, scratch: number, overlap: Overlap | undefined): number;
}

export function memoryNeeds(graph: Graph, alignment: number): MemoryNeeds {
  const sharing = shareBlocks(graph, alignment);
  const overlaps = new Overlaps(graph, sharing, alignment);
  const blocks = sharing.blocks.map((block) => ({ ...block, bytes: alignUp(block.bytes, alignment) }));
  const alive = liveAt(
    graph,
    blocks,
    overlaps.relations(() => undefined),
  );
  const liveBytes: MemoryNeeds['liveBytes'] = (at, scratch, overlap) => {
    const pair = overlap && overlaps.pairOf(at, overlap);
    const saved = (stated: Overlap | undefined): number => {
      const relation = pair && overlaps.relation(...pair, (node) => (node === at ? stated : undefined));
      return relation === undefined ? 0 : savedBy(blocks, relation);
    };
    return (alive[at] ?? 0) + alignUp(scratch, alignment) - saved(overlap) + saved(undefined);
  };
  return { free: sharing.free, liveBytes };
}

/** The least bytes that hold what is in use at each node. */
function liveAt(graph: Graph, blocks: readonly SharedBlock[], relations: readonly Relation[]): readonly number[] {
  // Differences from node to node, summed up: each block is looked at once.
  const changes = new Array<number>(graph.nodes.length + 2).fill(0);
  const add = (from: number, to: number, bytes: number): void => {
    changes[from] = (changes[from] ?? 0) + bytes;
    changes[to + 1] = (changes[to + 1] ?? 0) - bytes;
  };
  for (const { from, to, bytes } of blocks) add(from, to, bytes);
  for (const relation of relations) {
    const [x, y] = [blocks[relation.x], blocks[relation.y]];
    if (x && y) add(y.from, Math.min(x.to, y.to), -savedBy(blocks, relation));
  }
  let live = 0;
  return graph.nodes.map((_, at) => {
    live += changes[at] ?? 0;
    return live;
  });
}

function byBlock(relations: readonly Relation[]): ReadonlyMap<number, readonly Relation[]> {
  const found = new Map<number, Relation[]>();
  for (const relation of relations) {
    for (const block of [relation.x, relation.y]) found.set(block, [...(found.get(block) ?? []), relation]);
  }
  return found;
}
