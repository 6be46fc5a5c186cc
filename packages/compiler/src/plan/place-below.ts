// Whether all blocks find a place below a limit: a complete search, which settles who is below whom for pair after pair that is not
// apart yet. Only running out of steps leaves the question open.
import { type Budget, isApart, OffsetBounds, type Pair, type Side, slackBelow } from './offset-bounds.ts';
import { type Conflict, type Offsets, type Problem, placeInOrder } from './placement.ts';

/** Offsets below the limit, `none` where there cannot be any, or `open` where the steps ran out before either was certain. */
export type Answer = Offsets | 'none' | 'open';

/** Failures after which the search begins anew with what it has learnt about pairs, and how this grows, so that it ends. */
const patience = { first: 100, growth: 1.3 } as const;

/** Searches offsets below a limit; all sizes and distances are multiples of `unit`. */
export function placeBelow(
  problem: Problem,
  conflicts: readonly (readonly Conflict[])[],
  limit: number,
  unit: number,
  budget: Budget,
): Answer {
  const { blocks } = problem;
  if (blocks.some(({ bytes }) => bytes > limit)) return 'none';
  const { core, easy } = peel(problem, conflicts, limit, unit);
  const bounds = new OffsetBounds(blocks, conflicts, core, limit, budget);
  const found = search(bounds, limit, budget);
  return typeof found === 'string' ? found : placeInOrder(conflicts, easy, found);
}

/**
 * Blocks that find a place wherever the others are, in an order that proves it: what is left of their rivals, however spread,
 * cannot forbid every offset. Only the others have to be searched for.
 */
function peel(
  { blocks }: Problem,
  conflicts: readonly (readonly Conflict[])[],
  limit: number,
  unit: number,
): { readonly core: readonly number[]; readonly easy: readonly number[] } {
  // Offsets that a rival can forbid: all multiples of the unit that are strictly between two.
  const forbids = ({ reach, beyond }: Conflict): number => Math.max(0, reach + beyond - unit);
  const free = blocks.map(
    ({ bytes }, n) => limit - bytes + unit - conflicts[n]!.reduce((sum, conflict) => sum + forbids(conflict), 0),
  );
  const isEasy = blocks.map(({ bytes }, n) => bytes === 0 || free[n]! > 0);
  const easy = blocks.flatMap((_, n) => (isEasy[n] ? [n] : []));
  // The list grows as rivals of those on it become easy.
  for (const n of easy) {
    for (const conflict of conflicts[n]!) {
      const { rival } = conflict;
      free[rival]! += forbids(conflict);
      if (isEasy[rival] || free[rival]! <= 0) continue;
      isEasy[rival] = true;
      easy.push(rival);
    }
  }
  return { core: blocks.flatMap((_, n) => (isEasy[n] ? [] : [n])), easy: easy.reverse() };
}

/** A choice on the way: what of it is still to be tried, and where to go back to before. */
interface Branch {
  readonly pair: Pair;
  readonly untried: Side[];
  readonly mark: number;
}

function search(bounds: OffsetBounds, limit: number, budget: Budget): Answer {
  if (!bounds.propagate()) return budget.steps < 0 ? 'open' : 'none';
  const root = bounds.mark;
  const branches: Branch[] = [];
  let failuresLeft: number = patience.first;
  let allowance: number = patience.first;
  for (;;) {
    budget.steps -= bounds.pairs.length;
    const pair = mostPressing(bounds.pairs, limit);
    // All as low as their bounds, and apart: that is a placement.
    if (pair === undefined) return new Map(bounds.spans.map(({ number, low }) => [number, low]));
    branches.push({ pair, untried: sidesOf(pair), mark: bounds.mark });
    for (let possible = false; !possible; ) {
      if (budget.steps < 0) return 'open';
      const branch = branches.at(-1);
      if (branch === undefined) return 'none';
      bounds.undo(branch.mark);
      const side = branch.untried.shift();
      if (side === undefined) branches.pop();
      else {
        possible = bounds.choose(branch.pair, side);
        if (!possible) failuresLeft -= 1;
      }
    }
    if (failuresLeft < 0) {
      allowance = Math.ceil(allowance * patience.growth);
      failuresLeft = allowance;
      branches.length = 0;
      bounds.undo(root);
    }
  }
}

/** Of the pairs that are not apart, the one with the least room that failed most. */
function mostPressing(pairs: readonly Pair[], limit: number): Pair | undefined {
  let most: Pair | undefined;
  let least = Infinity;
  for (const pair of pairs) {
    if (pair.chosen !== undefined || isApart(pair)) continue;
    const room = (Math.min(slackBelow.a(pair), slackBelow.b(pair)) + limit / 16) / pair.weight;
    if (room < least) [most, least] = [pair, room];
  }
  return most;
}

/** The sides to try, the one with more room first. */
function sidesOf(pair: Pair): Side[] {
  const sides: Side[] = slackBelow.a(pair) >= slackBelow.b(pair) ? ['a', 'b'] : ['b', 'a'];
  return pair.sameStart ? ['same', ...sides] : sides;
}
