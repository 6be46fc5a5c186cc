// Between which offsets blocks can begin below a limit, given who is below whom as far as that is chosen: every choice narrows the
// bounds of both, and where bounds leave two blocks one way only, that is chosen too. What is ruled out here is impossible.
import type { Conflict, Extent } from './placement.ts';

/** Steps that a search may still take: counted, not timed, so that what is found is the same everywhere. */
export interface Budget {
  steps: number;
}

/** A block, and the lowest and highest offset at which it can begin. */
export interface Span {
  readonly number: number;
  low: number;
  high: number;
  readonly pairs: Pair[];
  queued: boolean;
  /** The change that noted its bounds for `undo`. */
  noted: number;
}

/** Which of two is below, or that both begin at one offset. */
export type Side = 'a' | 'b' | 'same';

/** Two blocks that live at the same time. */
export interface Pair {
  readonly a: Span;
  readonly b: Span;
  /** Bytes from a to b at least where a is below, and from b to a where b is. */
  readonly aReach: number;
  readonly bReach: number;
  readonly sameStart: boolean;
  chosen: Side | undefined;
  /** How often it made a branch of the search impossible, from 1. */
  weight: number;
}

/** Bytes that two can still move with a below b, and with b below a. */
export const slackBelow = {
  a: ({ a, b, aReach }: Pair): number => b.high - a.low - aReach,
  b: ({ a, b, bReach }: Pair): number => a.high - b.low - bReach,
};

/** Whether a pair is apart with both blocks as low as their bounds allow. */
export const isApart = ({ a, b, aReach, bReach, sameStart }: Pair): boolean =>
  a.low + aReach <= b.low || b.low + bReach <= a.low || (sameStart && a.low === b.low);

type Change = { readonly span: Span; readonly low: number; readonly high: number } | { readonly pair: Pair };

export class OffsetBounds {
  readonly spans: readonly Span[];
  readonly pairs: readonly Pair[];
  readonly #budget: Budget;
  readonly #changes: Change[] = [];
  readonly #queue: Span[] = [];
  #change = 0;

  /** Bounds of these blocks below a limit that none of them exceeds, before anything is chosen. */
  constructor(
    blocks: readonly Extent[],
    conflicts: readonly (readonly Conflict[])[],
    numbers: readonly number[],
    limit: number,
    budget: Budget,
  ) {
    const spans = new Map(
      numbers.map((number): [number, Span] => [
        number,
        { number, low: 0, high: limit - blocks[number]!.bytes, pairs: [], queued: false, noted: 0 },
      ]),
    );
    this.spans = [...spans.values()];
    this.pairs = this.spans.flatMap((a) =>
      conflicts[a.number]!.flatMap(({ rival, reach, beyond, sameStart }): Pair[] => {
        const b = spans.get(rival);
        if (b === undefined || rival < a.number) return [];
        return [{ a, b, aReach: reach, bReach: beyond, sameStart, chosen: undefined, weight: 1 }];
      }),
    );
    for (const pair of this.pairs) {
      pair.a.pairs.push(pair);
      pair.b.pairs.push(pair);
    }
    this.#budget = budget;
    for (const span of this.spans) this.#enqueue(span);
  }

  /** Follows up what has changed; false where that leaves a block no place, or the steps ran out. */
  propagate(possible = true): boolean {
    for (let span = this.#queue.pop(); span !== undefined; span = this.#queue.pop()) {
      span.queued = false;
      if (!possible) continue;
      for (const pair of span.pairs) {
        this.#budget.steps -= 1;
        if (this.#settle(pair)) continue;
        pair.weight += 1;
        possible = false;
        break;
      }
      if (this.#budget.steps < 0) possible = false;
    }
    return possible;
  }

  /** Chooses for a pair, and follows it up. */
  choose(pair: Pair, side: Side): boolean {
    this.#change += 1;
    return this.propagate(this.#set(pair, side));
  }

  /** Where `undo` has to go back to. */
  get mark(): number {
    return this.#changes.length;
  }

  undo(mark: number): void {
    while (this.#changes.length > mark) {
      const change = this.#changes.pop()!;
      if ('pair' in change) change.pair.chosen = undefined;
      else {
        change.span.low = change.low;
        change.span.high = change.high;
      }
    }
    this.#change += 1;
  }

  /** Narrows what a pair's bounds and choice imply; chooses where there is no choice. */
  #settle(pair: Pair): boolean {
    if (pair.chosen !== undefined) return this.#apply(pair);
    const { a, b, aReach, bReach, sameStart } = pair;
    const canBeA = a.low + aReach <= b.high;
    const canBeB = b.low + bReach <= a.high;
    const canBeSame = sameStart && a.low <= b.high && b.low <= a.high;
    if (Number(canBeA) + Number(canBeB) + Number(canBeSame) > 1) return true;
    if (canBeSame) return this.#set(pair, 'same');
    return (canBeA || canBeB) && this.#set(pair, canBeA ? 'a' : 'b');
  }

  #set(pair: Pair, side: Side): boolean {
    this.#changes.push({ pair });
    pair.chosen = side;
    return this.#apply(pair);
  }

  #apply({ a, b, aReach, bReach, chosen }: Pair): boolean {
    if (chosen === 'a') return this.#narrow(b, a.low + aReach, b.high) && this.#narrow(a, a.low, b.high - aReach);
    if (chosen === 'b') return this.#narrow(a, b.low + bReach, a.high) && this.#narrow(b, b.low, a.high - bReach);
    return this.#narrow(a, b.low, b.high) && this.#narrow(b, a.low, a.high);
  }

  #narrow(span: Span, low: number, high: number): boolean {
    if (low <= span.low && high >= span.high) return true;
    // One note a change is enough: it is undone as a whole.
    if (span.noted !== this.#change) this.#changes.push({ span, low: span.low, high: span.high });
    span.noted = this.#change;
    span.low = Math.max(low, span.low);
    span.high = Math.min(high, span.high);
    this.#enqueue(span);
    return span.low <= span.high;
  }

  #enqueue(span: Span): void {
    if (span.queued) return;
    span.queued = true;
    this.#queue.push(span);
  }
}
