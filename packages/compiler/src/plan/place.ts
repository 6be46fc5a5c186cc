// Offsets for blocks of known size and life: as low together as can be found, two that live at the same time apart except as
// stated. Knows nothing of graphs.
import { assert } from '../errors.ts';

/** Bytes to place, and the positions between which they are in use (inclusive). */
export interface Extent {
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

/** Two blocks that may overlap: `y`, born where `x` dies, may begin `lead` bytes before it or more, or with it. */
export interface Relation {
  readonly x: number;
  readonly y: number;
  readonly lead: number;
  readonly sameStart: boolean;
}

/** An extent and its place. */
export interface Placed extends Extent {
  readonly number: number;
  readonly offset: number;
}

/** Blocks by their numbers, and what each may overlap. */
export interface Problem {
  readonly blocks: readonly Extent[];
  readonly relations: ReadonlyMap<number, readonly Relation[]>;
}

/** Attempts at a better order once the plain ones miss the bound; fewer where there are so many blocks that each takes long. */
const climbsFor = (blocks: number): number => Math.min(300, Math.floor(2e7 / blocks ** 2));

/** Every block with its offset: the best placement found, of a few natural orders and then of a climb that moves what stands at the peak to the front. */
export function place(problem: Problem, lowerBound: number): readonly Placed[] {
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

export const heightOf = (placed: readonly { readonly offset: number; readonly bytes: number }[]): number =>
  placed.reduce((most, block) => Math.max(most, block.offset + block.bytes), 0);

/** Where a block may not begin because of one that is placed: strictly between these offsets, except at one. */
interface Forbidden {
  readonly above: number;
  readonly below: number;
  readonly except?: number;
}

/** Each block in turn at the lowest offset that every rival alive at the same time allows; in the order given. */
function placeInOrder({ blocks, relations }: Problem, order: readonly number[]): readonly Placed[] {
  const offsets = new Map<number, number>();
  const placed: Placed[] = [];
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
    placed.push({ ...block, number: n, offset });
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
