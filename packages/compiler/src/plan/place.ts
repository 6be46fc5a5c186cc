// Offsets for blocks of known size and life, as low together as possible, and what is proven about that: natural orders first, then
// a search below what they need, down to the lower bound.
import { type Answer, placeBelow } from './place-below.ts';
import { conflictsOf, heightOf, type Offsets, type Problem, placeInOrder } from './placement.ts';

/** Blocks at their offsets. */
export interface Placement {
  readonly offsets: Offsets;
  readonly bytes: number;
  /** No placement of the blocks needs less. The least possible is found where this is `bytes`. */
  readonly lowerBound: number;
}

/** Steps of search below one limit: some hundred milliseconds. The lower bound itself is worth more, being met most often. */
const steps = { atBound: 2e7, above: 5e6 } as const;

/** The best placement found of blocks that cannot do with less than a lower bound. */
export function place(problem: Problem, lowerBound: number): Placement {
  const conflicts = conflictsOf(problem);
  let offsets = inBestOrder(problem, conflicts, lowerBound);
  let bytes = heightOf(problem, offsets);
  const unit = unitOf(problem);
  const search = (limit: number, most: number): Answer => placeBelow(problem, conflicts, limit, unit, { steps: most });
  let least = lowerBound;
  // Below this, searching on is in vain or too long.
  let floor = lowerBound;
  while (floor < bytes) {
    const limit = floor === lowerBound ? lowerBound : unit * Math.floor((floor + bytes) / 2 / unit);
    const answer = search(limit, limit === lowerBound ? steps.atBound : steps.above);
    if (answer === 'none') least = limit + unit;
    if (typeof answer === 'string') floor = limit + unit;
    else {
      offsets = answer;
      bytes = heightOf(problem, offsets);
    }
  }
  return { offsets, bytes, lowerBound: least };
}

/** Of a few natural orders. */
function inBestOrder(problem: Problem, conflicts: ReturnType<typeof conflictsOf>, lowerBound: number): Offsets {
  const { blocks } = problem;
  const life = (n: number): number => (blocks[n]?.to ?? 0) - (blocks[n]?.from ?? 0) + 1;
  const bytes = (n: number): number => blocks[n]?.bytes ?? 0;
  const from = (n: number): number => blocks[n]?.from ?? 0;
  const orders: readonly ((a: number, b: number) => number)[] = [
    (a, b) => a - b,
    (a, b) => bytes(b) - bytes(a) || from(a) - from(b),
    // A later block below an earlier one of its size.
    (a, b) => bytes(b) - bytes(a) || from(b) - from(a),
    (a, b) => bytes(b) * life(b) - bytes(a) * life(a) || from(a) - from(b),
    (a, b) => life(b) - life(a) || bytes(b) - bytes(a),
    (a, b) => from(a) - from(b) || bytes(b) - bytes(a),
    (a, b) => from(b) - from(a) || bytes(b) - bytes(a),
  ];
  let best: Offsets | undefined;
  let least = Infinity;
  for (const compare of orders) {
    const offsets = placeInOrder(conflicts, [...blocks.keys()].sort(compare));
    const height = heightOf(problem, offsets);
    if (height < least) [best, least] = [offsets, height];
    if (least <= lowerBound) break;
  }
  return best ?? new Map();
}

/** The largest number that divides all sizes and distances, and so all offsets of some placement that is lowest. */
function unitOf({ blocks, relations }: Problem): number {
  const leads = [...relations.values()].flatMap((own) => own.map(({ lead }) => lead));
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  return [...blocks.map(({ bytes }) => bytes), ...leads].reduce(divisor, 0) || 1;
}
