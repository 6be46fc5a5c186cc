// Blocks in several memories: the hottest ones in the first, as long as they lie in it together, the others in those that follow.
import { place } from './place.ts';
import { conflictsOf, heightOf, type Offsets, type Problem, placeInOrder, type Relation } from './placement.ts';

/** A memory of the device; of several the fastest comes first. */
export interface Memory {
  /** A C identifier. */
  readonly name: string;
  readonly bytes: number;
}

/** Blocks at their offsets in a memory, and how far they reach. */
export interface MemoryPlacement {
  readonly offsets: Offsets;
  readonly bytes: number;
}

/**
 * A placement for each memory, blocks by their numbers. `heat`: accesses to a byte of a block, as far as known. The last memory takes
 * what is left, whether it has room for it or not.
 */
export function splitMemories(
  problem: Problem,
  heat: readonly number[],
  memories: readonly Memory[],
): readonly MemoryPlacement[] {
  const { blocks } = problem;
  const byHeat = [...blocks.keys()].sort(
    (a, b) => (heat[b] ?? 0) - (heat[a] ?? 0) || (blocks[a]?.bytes ?? 0) - (blocks[b]?.bytes ?? 0) || a - b,
  );
  let left: readonly number[] = byHeat;
  return memories.map(({ bytes }, n) => {
    const taken = n === memories.length - 1 ? left : takenBy(problem, left, bytes);
    left = left.filter((block) => !taken.includes(block));
    return placementOf(problem, taken);
  });
}

/** Blocks that are tried one after the other, and lie below the limit together. */
function takenBy(problem: Problem, candidates: readonly number[], limit: number): readonly number[] {
  let taken: readonly number[] = [];
  for (const block of candidates) {
    if ((problem.blocks[block]?.bytes ?? 0) > limit) continue;
    const more = [...taken, block];
    if (quickHeight(among(problem, more)) <= limit) taken = more;
  }
  return taken;
}

/** What blocks need in the better of two natural orders: enough to tell whether one more fits. */
function quickHeight(problem: Problem): number {
  const { blocks } = problem;
  const conflicts = conflictsOf(problem);
  const numbers = [...blocks.keys()];
  const orders = [
    [...numbers].sort((a, b) => (blocks[b]?.bytes ?? 0) - (blocks[a]?.bytes ?? 0)),
    [...numbers].sort((a, b) => (blocks[a]?.from ?? 0) - (blocks[b]?.from ?? 0)),
  ];
  return Math.min(...orders.map((order) => heightOf(problem, placeInOrder(conflicts, order))));
}

function placementOf(problem: Problem, numbers: readonly number[]): MemoryPlacement {
  const own = among(problem, numbers);
  const { offsets, bytes } = place(own, Math.max(0, ...own.blocks.map((block) => block.bytes)));
  return { bytes, offsets: new Map([...offsets].map(([n, offset]) => [numbers[n] ?? -1, offset])) };
}

/** The problem of some blocks alone, which then count from 0. */
function among({ blocks, relations }: Problem, numbers: readonly number[]): Problem {
  const own = new Map(numbers.map((number, n) => [number, n]));
  const renumbered = new Map<number, Relation[]>();
  for (const [number, n] of own) {
    const kept = (relations.get(number) ?? []).flatMap((relation): Relation[] => {
      const [x, y] = [own.get(relation.x), own.get(relation.y)];
      return x === undefined || y === undefined ? [] : [{ ...relation, x, y }];
    });
    if (kept.length > 0) renumbered.set(n, kept);
  }
  return { blocks: numbers.flatMap((number) => blocks[number] ?? []), relations: renumbered };
}
