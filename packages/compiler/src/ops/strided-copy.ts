// Loops that copy a box of elements between two row-major tensors: transpositions, slices, pads and concatenations are
// such boxes. Axes that lie side by side in both become one, so that most copies are one or two loops.
import { add, type Index, mul, sub, toIndex } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Shape } from '../tensor/shape.ts';
import { joinAxes } from './joined-axes.ts';

/** One side of a copy: the element of index 0, and the step of each axis; steps may be negative or 0. */
export interface Walk {
  readonly start: Index;
  readonly strides: readonly number[];
}

const loopNames = ['i', 'row', 'plane', 'block'] as const;

/** Copies a box of `sizes` from `x` to `y`. */
export function copyStrided(k: Writer, x: Region, y: Region, sizes: Shape, from: Walk, to: Walk): void {
  const axes = joinAxes(sizes, [from.strides, to.strides]);
  const walk = (depth: number, xAt: Expr, yAt: Expr): void => {
    const axis = axes[depth];
    if (axis === undefined) {
      k.store(y, yAt, k.load(x, xAt));
      return;
    }
    const remaining = axes.length - depth - 1;
    k.for(loopNames[remaining] ?? 'outer', 0, axis.size, (i) => {
      const [xStep = 0, yStep = 0] = axis.strides;
      const [xNext, yNext] = [advance(xAt, i, xStep), advance(yAt, i, yStep)];
      if (remaining === 0) walk(depth + 1, xNext, yNext);
      else walk(depth + 1, k.let('from', xNext), k.let('to', yNext));
    });
  };
  walk(0, toIndex(from.start), toIndex(to.start));
}

const advance = (at: Expr, i: Expr, stride: number): Expr =>
  stride < 0 ? sub(at, mul(i, -stride)) : add(at, mul(i, stride));

/** Copies `count` elements that lie side by side in both. */
export function copyRun(k: Writer, x: Region, xStart: Index, y: Region, yStart: Index, count: number): void {
  copyStrided(k, x, y, [count], { start: xStart, strides: [1] }, { start: yStart, strides: [1] });
}

/** Sets `count` elements from `start` on to a value. */
export function fillRun(k: Writer, y: Region, start: Index, count: number, value: Expr): void {
  k.for('i', 0, count, (i) => k.store(y, add(toIndex(start), i), value));
}
