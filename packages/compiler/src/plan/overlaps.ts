// Which blocks may overlap although both are in use: where writing one never catches up with reading the other. Loops state how
// far a node's output may trail its input; parts of values are read and written at known places.
import type { Graph } from '../ops/index.ts';
import type { Overlap } from '../ops/op.ts';
import type { Relation } from './placement.ts';
import { bytesOfValue, type Sharing } from './share-blocks.ts';

/** Bytes of a block that a node writes end here, or bytes that it reads begin here. */
interface Access {
  readonly node: number;
  readonly at: number;
}

interface Accesses {
  readonly writes: readonly Access[];
  readonly reads: readonly Access[];
  /** Written before the first node: inputs and states. */
  readonly isGiven: boolean;
}

/** What is stated of one node's loops. */
type Stated = (node: number) => Overlap | undefined;

/** Every access of every block, in the order of the nodes. */
function accessesOf(graph: Graph, { blocks, places, free }: Sharing): readonly Accesses[] {
  const found = blocks.map(() => ({ writes: [] as Access[], reads: [] as Access[], isGiven: false }));
  const of = (id: number) => {
    const place = places.get(id);
    const accesses = place && found[place.block];
    return place && accesses ? { accesses, at: place.at } : undefined;
  };
  const read = (id: number, node: number): void => {
    const { accesses, at } = of(id) ?? {};
    accesses?.reads.push({ node, at: at ?? 0 });
  };
  graph.nodes.forEach((node, position) => {
    if (free.has(position)) {
      // Whoever looks at the node's outputs finds them there, and no more of what they are part of.
      for (const id of node.outputs) read(id, position);
      return;
    }
    for (const id of node.inputs) if (id !== undefined) read(id, position);
    for (const id of node.outputs) {
      const { accesses, at } = of(id) ?? {};
      accesses?.writes.push({ node: position, at: (at ?? 0) + bytesOfValue(graph, id) });
    }
  });
  for (const id of graph.outputs) read(id, graph.nodes.length);
  graph.values.forEach(({ role }, id) => {
    const { accesses } = of(id) ?? {};
    if (accesses === undefined || (role !== 'input' && role !== 'state')) return;
    accesses.isGiven = true;
    if (role === 'state') read(id, graph.nodes.length);
  });
  return found;
}

const alignUp = (bytes: number, alignment: number): number => Math.ceil(bytes / alignment) * alignment;

/** Answers which blocks may overlap, for different statements about the loops of the same graph. */
export class Overlaps {
  readonly #graph: Graph;
  readonly #sharing: Sharing;
  readonly #alignment: number;
  readonly #accesses: readonly Accesses[];

  constructor(graph: Graph, sharing: Sharing, alignment: number) {
    this.#graph = graph;
    this.#sharing = sharing;
    this.#alignment = alignment;
    this.#accesses = accessesOf(graph, sharing);
  }

  /** All pairs of blocks that may overlap. */
  relations(stated: Stated): readonly Relation[] {
    const { blocks } = this.#sharing;
    return blocks.flatMap(({ from }, y) =>
      blocks.flatMap((x, n) => (x.from <= from && from <= x.to ? (this.relation(n, y, stated) ?? []) : [])),
    );
  }

  /** The pair of a node's input and output whose overlap is stated, by the numbers of their blocks. */
  pairOf(node: number, overlap: Overlap): readonly [x: number, y: number] | undefined {
    const { inputs, outputs } = this.#graph.nodes[node] ?? { inputs: [], outputs: [] };
    const x = this.#sharing.places.get(inputs[overlap.input] ?? -1)?.block;
    const y = this.#sharing.places.get(outputs[0] ?? -1)?.block;
    return x === undefined || y === undefined ? undefined : [x, y];
  }

  /** How block y may overlap block x, which is there when y begins; undefined where it may not. */
  relation(x: number, y: number, stated: Stated): Relation | undefined {
    const [read, written] = [this.#accesses[x], this.#accesses[y]];
    const [xBlock, yBlock] = [this.#sharing.blocks[x], this.#sharing.blocks[y]];
    if (x === y || !read || !written || !xBlock || !yBlock || written.isGiven) return undefined;
    // What is still to be written would land in y.
    if (read.writes.some(({ node }) => node >= yBlock.from)) return undefined;
    let lead = 0;
    let sameStart = false;
    for (const { node, at: end } of written.writes) {
      if (node > xBlock.to) break;
      for (const later of read.reads) {
        if (later.node > node) lead = Math.max(lead, end - later.at);
        else if (later.node === node) {
          const own = this.#withinNode(x, y, node, stated(node));
          lead = Math.max(lead, own?.lead ?? end - later.at);
          sameStart ||= own?.sameStart ?? false;
        }
      }
      if (lead >= yBlock.bytes && !sameStart) return undefined;
    }
    const leadBytes = Math.min(alignUp(lead, this.#alignment), yBlock.bytes);
    return leadBytes < yBlock.bytes || sameStart ? { x, y, lead: leadBytes, sameStart } : undefined;
  }

  /** What a node's statement means for its two blocks, if it is about them and nothing else of x is read. */
  #withinNode(
    x: number,
    y: number,
    node: number,
    overlap: Overlap | undefined,
  ): { readonly lead: number; readonly sameStart: boolean } | undefined {
    if (overlap === undefined) return undefined;
    const { places, blocks } = this.#sharing;
    const { inputs, outputs } = this.#graph.nodes[node] ?? { inputs: [], outputs: [] };
    const input = inputs[overlap.input];
    const [from, to] = [places.get(input ?? -1), places.get(outputs[0] ?? -1)];
    if (from?.block !== x || to?.block !== y || outputs.length > 1) return undefined;
    if (inputs.some((id) => id !== input && places.get(id ?? -1)?.block === x)) return undefined;
    const atStart = from.at === 0 && to.at === 0 && blocks[x]?.to === node && blocks[y]?.from === node;
    return { lead: overlap.leadBytes + to.at - from.at, sameStart: overlap.sameStart && atStart };
  }
}

interface Sized {
  readonly bytes: number;
}

/** Bytes that one pair of blocks can share. */
export function savedBy(blocks: readonly Sized[], { x: xNumber, y: yNumber, lead, sameStart }: Relation): number {
  const [x, y] = [blocks[xNumber]?.bytes ?? 0, blocks[yNumber]?.bytes ?? 0];
  const together = Math.min(Math.max(y, lead + x), sameStart ? Math.max(x, y) : x + y);
  return Math.max(0, x + y - together);
}
