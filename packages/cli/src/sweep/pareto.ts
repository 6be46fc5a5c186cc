// Points of cost, and which of them no other beats.

/** What one build takes, or another engine; what is not known is absent. */
export interface Point {
  readonly name: string;
  readonly arenaBytes?: number;
  readonly instructions?: number;
  /** All flash: code, tables, weights. */
  readonly flashBytes?: number;
}

/** A build that was measured. */
export interface Build extends Required<Point> {
  readonly optimize: string;
  /** What the arena was to fit; undefined where it was free. */
  readonly ramBytes: number | undefined;
  readonly codeBytes: number;
  /** No other build is better in one of the three and no worse in the others. */
  readonly front: boolean;
}

type Costs = Pick<Build, 'arenaBytes' | 'instructions' | 'flashBytes'>;

/** Which points no other dominates; equal points are all kept. */
export const onFront = (points: readonly Costs[]): readonly boolean[] =>
  points.map((point) => !points.some((other) => dominates(other, point)));

function dominates(a: Costs, b: Costs): boolean {
  const pairs = [
    [a.arenaBytes, b.arenaBytes],
    [a.instructions, b.instructions],
    [a.flashBytes, b.flashBytes],
  ] as const;
  return pairs.every(([x, y]) => x <= y) && pairs.some(([x, y]) => x < y);
}

/** Amounts of memory from the least to what is needed anyway, both left out, in even ratios. */
export function between(least: number, most: number, count: number): readonly number[] {
  if (least >= most) return [];
  const ratio = (most / least) ** (1 / (count + 1));
  const amounts = Array.from({ length: count }, (_, i) => Math.round(least * ratio ** (i + 1)));
  return [...new Set(amounts)].filter((amount) => amount > least && amount < most);
}
