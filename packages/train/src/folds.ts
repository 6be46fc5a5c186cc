// Parts of examples for testing: a part held out, and folds for cross-validation; classes keep their shares in each.
import { randomOf } from './random.ts';

/** Positions in so many parts of nearly equal size; those of one class, or of near numbers, are dealt out in turn. */
export function partsOf(y: Float64Array, parts: number, seed: number): readonly Int32Array[] {
  const random = randomOf(seed);
  const order = Array.from(random.sample(y.length, y.length)).sort((a, b) => (y[a] ?? 0) - (y[b] ?? 0));
  const dealt: number[][] = Array.from({ length: parts }, () => []);
  order.forEach((position, i) => {
    dealt[i % parts]?.push(position);
  });
  return dealt.map((own) => Int32Array.from(own));
}

/** All positions but those of one part. */
export const withoutPart = (parts: readonly Int32Array[], left: number): Int32Array =>
  Int32Array.from(parts.flatMap((own, i) => (i === left ? [] : Array.from(own))));
