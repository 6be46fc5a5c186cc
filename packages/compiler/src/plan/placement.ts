// What placing means: blocks of known size and life, what two that live at the same time allow each other, and the simplest way
// to meet it, one by one at the lowest free offset. Knows nothing of graphs.
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
  /** At most the bytes of `y`. */
  readonly lead: number;
  readonly sameStart: boolean;
}

/** Blocks by their numbers, and what each may overlap. */
export interface Problem {
  readonly blocks: readonly Extent[];
  readonly relations: ReadonlyMap<number, readonly Relation[]>;
}

/** An offset by the number of the block. */
export type Offsets = ReadonlyMap<number, number>;

/** What a block meets in another that lives at the same time. */
export interface Conflict {
  readonly rival: number;
  /** Bytes from this block's begin to the rival's at least, where this one is below. */
  readonly reach: number;
  /** Bytes from the rival's begin to this block's at least, where the rival is below. */
  readonly beyond: number;
  /** Both may begin at the same offset as well. */
  readonly sameStart: boolean;
}

/** By block, its conflicts. */
export function conflictsOf({ blocks, relations }: Problem): readonly (readonly Conflict[])[] {
  const conflicts = blocks.map((): Conflict[] => []);
  const byBirth = blocks.map((_, n) => n).sort((a, b) => blocks[a]!.from - blocks[b]!.from);
  let alive: number[] = [];
  for (const n of byBirth) {
    const block = blocks[n]!;
    alive = alive.filter((rival) => blocks[rival]!.to >= block.from);
    for (const rival of alive) {
      const relation = relations.get(n)?.find(({ x, y }) => x === rival || y === rival);
      const reach = relation?.y === n ? relation.lead : block.bytes;
      const beyond = relation?.x === n ? relation.lead : blocks[rival]!.bytes;
      const sameStart = relation?.sameStart ?? false;
      conflicts[n]!.push({ rival, reach, beyond, sameStart });
      conflicts[rival]!.push({ rival: n, reach: beyond, beyond: reach, sameStart });
    }
    alive.push(n);
  }
  return conflicts;
}

/** Offsets for blocks in the order given, each the lowest that its rivals with an offset allow. */
export function placeInOrder(
  conflicts: readonly (readonly Conflict[])[],
  order: readonly number[],
  given: Offsets = new Map(),
): Offsets {
  const offsets = new Map(given);
  for (const n of order) {
    const forbidden = conflicts[n]!.flatMap(({ rival, reach, beyond, sameStart }): Forbidden[] => {
      const offset = offsets.get(rival);
      if (offset === undefined) return [];
      return [{ above: offset - reach, below: offset + beyond, except: sameStart ? offset : undefined }];
    });
    offsets.set(n, lowest(forbidden));
  }
  return offsets;
}

/** Where a block may not begin because of one that is placed: strictly between these offsets, except at one. */
interface Forbidden {
  readonly above: number;
  readonly below: number;
  readonly except: number | undefined;
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

/** Bytes that blocks take up with these offsets. */
export const heightOf = ({ blocks }: Problem, offsets: Offsets): number =>
  blocks.reduce((most, { bytes }, n) => Math.max(most, (offsets.get(n) ?? 0) + bytes), 0);
