// Another order of the nodes, where that lowers the most memory in use at one time: of branches, the one that leaves least behind comes
// first. A beam of orders is followed node by node, by sizes alone; then single nodes are moved, by what the planner says. What is found
// counts only if it needs less than the order that was there.
import { valueAt } from '../graph/graph.ts';
import type { Graph } from '../ops/index.ts';
import { memoryNeeds } from './plan-memory.ts';
import { bytesOfValue } from './share-blocks.ts';

/** What lists of ideas call it. */
export const orderIdea = 'order-nodes';

/** Orders that are followed at a time: fewer of large graphs, which take longer. */
const beamWidth = (nodes: number): number => Math.max(2, Math.min(32, Math.floor(3200 / nodes)));

/** An order of some of the nodes, as far as it has come. */
interface Partial {
  readonly done: readonly number[];
  /** By node, how many of those it waits for are not done. */
  readonly waiting: readonly number[];
  /** By value, how many of its readers are not done. */
  readonly unread: ReadonlyMap<number, number>;
  readonly live: number;
  readonly peak: number;
}

/** The graph with its nodes in an order of less memory, or the graph itself. */
export function orderNodes(graph: Graph, alignment: number): Graph {
  const waitsFor = dependenciesOf(graph);
  if (!hasChoice(waitsFor)) return graph;
  const withOrder = (order: readonly number[]): Graph => ({
    ...graph,
    nodes: order.flatMap((n) => graph.nodes[n] ?? []),
  });
  const peak = (order: readonly number[]): number => peakOf(withOrder(order), alignment);
  const given = graph.nodes.map((_, n) => n);
  const starts = [given, search(graph, waitsFor)].map((order) => ({ order, peak: peak(order) }));
  const [first, second] = starts;
  if (first === undefined || second === undefined) return graph;
  const best = improve(second.peak < first.peak ? second : first, waitsFor, peak);
  return best.peak < first.peak ? withOrder(best.order) : graph;
}

interface Rated {
  readonly order: readonly number[];
  readonly peak: number;
}

/** Nodes of all orders that are rated by the planner. */
const mostRated = 20_000;

/** Single nodes moved within what they wait for and what waits for them, as long as that helps. */
function improve(
  start: Rated,
  waitsFor: readonly ReadonlySet<number>[],
  peak: (order: readonly number[]) => number,
): Rated {
  let best = start;
  let left = mostRated / start.order.length;
  for (let moved = true; moved && left > 0; ) {
    moved = false;
    for (let at = 0; at < best.order.length && left > 0 && !moved; at += 1) {
      for (const order of movesOf(best.order, at, waitsFor)) {
        left -= 1;
        const rated = { order, peak: peak(order) };
        if (rated.peak < best.peak) {
          best = rated;
          moved = true;
          break;
        }
        if (left <= 0) break;
      }
    }
  }
  return best;
}

/** Every other place that the node at a position may take. */
function* movesOf(order: readonly number[], at: number, waitsFor: readonly ReadonlySet<number>[]): Iterable<number[]> {
  const node = order[at] ?? -1;
  const without = order.filter((_, position) => position !== at);
  const insert = (to: number): number[] => [...without.slice(0, to), node, ...without.slice(to)];
  for (let to = at - 1; to >= 0 && !waitsFor[node]?.has(without[to] ?? -1); to -= 1) yield insert(to);
  for (let to = at + 1; to < order.length && !waitsFor[without[to - 1] ?? -1]?.has(node); to += 1) yield insert(to);
}

function peakOf(graph: Graph, alignment: number): number {
  const { liveBytes } = memoryNeeds(graph, alignment);
  return graph.nodes.reduce((most, _, at) => Math.max(most, liveBytes(at, 0, undefined)), 0);
}

/** By node, those that come before it: what computes its inputs, and whoever has to do with the same state before it. */
function dependenciesOf(graph: Graph): readonly ReadonlySet<number>[] {
  const source = new Map<number, number>();
  const users = new Map<number, number[]>();
  return graph.nodes.map((node, n) => {
    const before = new Set<number>();
    const touched = [...node.inputs, ...node.outputs].flatMap((id) => (id === undefined ? [] : [id]));
    for (const id of touched) {
      const computed = source.get(id);
      if (computed !== undefined) before.add(computed);
      if (valueAt(graph, id).role !== 'state') continue;
      const others = users.get(id) ?? [];
      for (const other of others) before.add(other);
      users.set(id, [...others, n]);
    }
    for (const id of node.outputs) source.set(id, n);
    return before;
  });
}

/** Whether more than one node could come next at some time. */
function hasChoice(waitsFor: readonly ReadonlySet<number>[]): boolean {
  return waitsFor.some((before, n) => n > 0 && !before.has(n - 1));
}

function search(graph: Graph, waitsFor: readonly ReadonlySet<number>[]): readonly number[] {
  const followers = graph.nodes.map((): number[] => []);
  waitsFor.forEach((before, n) => {
    for (const other of before) followers[other]?.push(n);
  });
  const unread = new Map<number, number>();
  for (const { inputs } of graph.nodes) {
    for (const id of new Set(inputs)) if (id !== undefined) unread.set(id, (unread.get(id) ?? 0) + 1);
  }
  // What is there after the last node is read once more.
  for (const id of graph.outputs) unread.set(id, (unread.get(id) ?? 0) + 1);
  const bytes = graph.values.map(({ role }, id) => (role === 'constant' ? 0 : bytesOfValue(graph, id)));
  const start = graph.inputs.reduce((total, id) => total + (bytes[id] ?? 0), 0);
  let beam: readonly Partial[] = [
    { done: [], waiting: waitsFor.map((before) => before.size), unread, live: start, peak: start },
  ];
  const after = (partial: Partial, n: number): Partial => {
    const node = graph.nodes[n];
    const waiting = partial.waiting.slice();
    waiting[n] = -1;
    for (const other of followers[n] ?? []) waiting[other] = (waiting[other] ?? 0) - 1;
    const left = new Map(partial.unread);
    const total = (ids: Iterable<number>): number => [...ids].reduce((sum, id) => sum + (bytes[id] ?? 0), 0);
    const during = partial.live + total(node?.outputs ?? []);
    const dead = [...new Set(node?.inputs)].filter((id): id is number => {
      if (id === undefined) return false;
      left.set(id, (left.get(id) ?? 0) - 1);
      return left.get(id) === 0 && valueAt(graph, id).role !== 'state';
    });
    const unused = (node?.outputs ?? []).filter((id) => (left.get(id) ?? 0) === 0);
    return {
      done: [...partial.done, n],
      waiting,
      unread: left,
      live: during - total(dead) - total(unused),
      peak: Math.max(partial.peak, during),
    };
  };
  for (let step = 0; step < graph.nodes.length; step += 1) {
    const next = new Map<string, Partial>();
    for (const partial of beam) {
      partial.waiting.forEach((count, n) => {
        if (count !== 0) return;
        const one = after(partial, n);
        // Orders of the same nodes leave the same behind: the lower peak is enough.
        const key = one.waiting.map((left) => (left < 0 ? 1 : 0)).join('');
        const known = next.get(key);
        if (known === undefined || one.peak < known.peak) next.set(key, one);
      });
    }
    beam = [...next.values()]
      .sort((a, b) => a.peak - b.peak || a.live - b.live)
      .slice(0, beamWidth(graph.nodes.length));
  }
  return beam[0]?.done ?? [];
}
