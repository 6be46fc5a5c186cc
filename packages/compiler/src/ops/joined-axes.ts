// The fewest loops that walk several tensors at once: axes of size 1 are dropped, and neighbours over which every tensor
// runs on evenly become one.
import type { Shape } from '../tensor/shape.ts';

/** One loop: its turns, and the step each tensor takes in a turn (0 where it repeats). */
export interface JoinedAxis {
  readonly size: number;
  readonly strides: readonly number[];
}

/** The loops over `sizes`, outermost first; `strides` holds one list for each tensor walked. */
export function joinAxes(sizes: Shape, strides: readonly (readonly number[])[]): readonly JoinedAxis[] {
  const joined: JoinedAxis[] = [];
  for (let axis = sizes.length - 1; axis >= 0; axis -= 1) {
    const size = sizes[axis] ?? 1;
    if (size === 1) continue;
    const own = strides.map((list) => list[axis] ?? 0);
    const inner = joined[0];
    if (inner !== undefined && own.every((stride, i) => stride === (inner.strides[i] ?? 0) * inner.size)) {
      joined[0] = { ...inner, size: inner.size * size };
    } else joined.unshift({ size, strides: own });
  }
  return joined;
}
