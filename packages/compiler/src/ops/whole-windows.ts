// Windows that lie wholly inside the input, apart from those that reach over a border: the first, mostly far more, need
// no bounds, and their taps are written one after the other.
import { and, index, le, lt } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Axis, Taps } from './window.ts';

/** Up to so many taps are written without loops: a 4x4 window. */
const mostStraightTaps = 16;

/** The outputs of an axis, from the first to the one before `end`, whose windows lie wholly inside the input. */
export function wholeOutputs({ size, kernel, stride, dilation, padBefore, outputs }: Axis): {
  readonly first: number;
  readonly end: number;
} {
  const room = size - ((kernel - 1) * dilation + 1) + padBefore;
  return { first: Math.ceil(padBefore / stride), end: Math.min(outputs, Math.floor(room / stride) + 1) };
}

/** One place of a window: an axis and an output position on it. */
export interface Place {
  readonly axis: Axis;
  readonly output: Expr;
}

/** Writes `whole` for windows wholly inside the input and `partial` for the others, and a test where there are both. */
export function splitByBorder(
  k: Writer,
  places: readonly [rows: Place, columns: Place],
  whole: () => void,
  partial: () => void,
): void {
  const tests: Expr[] = [];
  for (const { axis, output } of places) {
    const { first, end } = wholeOutputs(axis);
    if (first >= end) {
      partial();
      return;
    }
    if (first > 0) tests.push(le(index(first), output));
    if (end < axis.outputs) tests.push(lt(output, end));
  }
  if (tests.length === 0) whole();
  else k.if(tests.reduce(and), whole, partial);
}

/** Every tap of a window, in the order of rows and columns. */
export function forWholeWindow(k: Writer, rows: Axis, columns: Axis, body: (ky: Expr, kx: Expr) => void): void {
  if (rows.kernel * columns.kernel > mostStraightTaps) {
    k.for('ky', 0, rows.kernel, (ky) => {
      k.for('kx', 0, columns.kernel, (kx) => body(ky, kx));
    });
    return;
  }
  for (let ky = 0; ky < rows.kernel; ky += 1) {
    for (let kx = 0; kx < columns.kernel; kx += 1) body(index(ky), index(kx));
  }
}

/** The taps of a window that lie inside the input, in the same order. */
export function forTapsInside(rows: Taps, columns: Taps, body: (ky: Expr, kx: Expr) => void): void {
  rows.forEach((ky) => {
    columns.forEach((kx) => {
      body(ky, kx);
    });
  });
}
