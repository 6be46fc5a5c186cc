// Loops that copy a box of elements between two row-major tensors: transpositions, slices, pads and concatenations are
// such boxes. Axes that lie side by side in both become one, so that most copies are one or two loops.
import { add, type Index, int, mul, sub, toIndex } from '../kernel/expressions.ts';
import { type Expr, memoryBytes, type Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Shape } from '../tensor/shape.ts';
import { type JoinedAxis, joinAxes } from './joined-axes.ts';

/** One side of a copy: the element of index 0, and the step of each axis; steps may be negative or 0. */
export interface Walk {
  readonly start: Index;
  readonly strides: readonly number[];
}

const loopNames = ['i', 'row', 'plane', 'block'] as const;

/** Elements of one byte are copied four at a time, and words four in a turn, where all that is known of positions allows it. */
const wordElements = 4;
const turnElements = 16;

/** Copies a box of `sizes` from `x` to `y`. */
export function copyStrided(k: Writer, x: Region, y: Region, sizes: Shape, from: Walk, to: Walk): void {
  const axes = joinAxes(sizes, [from.strides, to.strides]);
  const words = areWords(x, y, axes, [from.start, to.start]);
  const walk = (depth: number, xAt: Expr, yAt: Expr): void => {
    const axis = axes[depth];
    if (axis === undefined) {
      k.store(y, yAt, k.load(x, xAt));
      return;
    }
    const remaining = axes.length - depth - 1;
    if (remaining === 0 && words) {
      copyWords(k, x, xAt, y, yAt, axis.size);
      return;
    }
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

const isWhole = (elements: number): boolean => elements % wordElements === 0;

/** True for bytes side by side in runs of whole words that begin at whole words. */
function areWords(x: Region, y: Region, axes: readonly JoinedAxis[], starts: readonly Index[]): boolean {
  const run = axes.at(-1);
  if (run === undefined || memoryBytes[x.type] !== 1 || memoryBytes[y.type] !== 1) return false;
  const positions = starts.map((start) =>
    typeof start === 'number' ? start : start.kind === 'const' ? Number(start.value) : 1,
  );
  const steps = axes.slice(0, -1).flatMap(({ strides }) => strides);
  return run.strides.every((stride) => stride === 1) && [run.size, ...positions, ...steps].every(isWhole);
}

function copyWords(k: Writer, x: Region, xAt: Expr, y: Region, yAt: Expr, count: number): void {
  const words = (first: number, end: number, inTurn: number): void =>
    k.for(
      'i',
      first,
      end,
      (i) => {
        for (let n = 0; n < inTurn; n += wordElements) {
          const at = add(i, n);
          k.store(y, add(yAt, at), k.load(x, add(xAt, at), 'i32'), 'i32');
        }
      },
      inTurn,
    );
  const whole = count - (count % turnElements);
  words(0, whole, turnElements);
  words(whole, count, wordElements);
}

/** Copies `count` elements that lie side by side in both; `aligned` says that both runs begin at whole words. */
export function copyRun(
  k: Writer,
  x: Region,
  xStart: Index,
  y: Region,
  yStart: Index,
  count: number,
  aligned = false,
): void {
  if (aligned && areWords(x, y, [{ size: count, strides: [1, 1] }], [])) {
    copyWords(k, x, toIndex(xStart), y, toIndex(yStart), count);
    return;
  }
  copyStrided(k, x, y, [count], { start: xStart, strides: [1] }, { start: yStart, strides: [1] });
}

/** Sets `count` elements from `start` on to a value; `aligned` says that the run begins at a whole word. */
export function fillRun(k: Writer, y: Region, start: Index, count: number, value: Expr, aligned = false): void {
  const first = toIndex(start);
  if (aligned && memoryBytes[y.type] === 1 && isWhole(count) && value.kind === 'const') {
    const four = int(Math.imul(Number(value.value) & 255, 0x01010101));
    k.for('i', 0, count, (i) => k.store(y, add(first, i), four, 'i32'), wordElements);
    return;
  }
  k.for('i', 0, count, (i) => k.store(y, add(first, i), value));
}
