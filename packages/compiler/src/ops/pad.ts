// Padding: elements of one value before and after the input along each axis.
import { add, constantLike, index, mul } from '../kernel/expressions.ts';
import { type Expr, valueTypeOf } from '../kernel/ir.ts';
import { allocate, integerRange } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/shape.ts';
import { elementsOf, type TensorType } from '../tensor/tensor.ts';
import { copyElement, forEachIndex, positionOf } from './element-positions.ts';
import { checkMoved } from './moved.ts';
import { defineOp } from './op.ts';
import { copyRun, fillRun } from './strided-copy.ts';

export interface PadAttrs {
  /** One entry per axis. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  /** As stored: of a quantised tensor not the real value. */
  readonly value: number;
}

/** A padded axis, in elements of the output: the input's part of it lies between what is added. */
interface PaddedAxis {
  readonly before: number;
  readonly size: number;
  readonly after: number;
}

export const pad = defineOp({
  name: 'pad',
  inputs: ['x'],

  infer({ x }, { before, after, value }: PadAttrs, [y], complain) {
    checkMoved(x, y, complain);
    const rank = x.shape.length;
    if (before.length !== rank || after.length !== rank) {
      complain('paddings', `${rank} pairs`, `${before.length} and ${after.length} numbers`);
      return [];
    }
    const wrong = [...before, ...after].find((size) => !Number.isInteger(size) || size < 0);
    if (wrong !== undefined) complain('padding', 'whole numbers, 0 or more', String(wrong));
    if (!isStorable(value, x)) complain('value of the padding', `one that ${x.dtype} can hold`, String(value));
    return [x.shape.map((size, axis) => (before[axis] ?? 0) + size + (after[axis] ?? 0))];
  },

  evaluate({ x }, { before, value }, [yType]) {
    const y = allocate(yType.dtype, elementsOf(yType));
    if (y instanceof BigInt64Array) y.fill(BigInt(value));
    else y.fill(value);
    forEachIndex(x.type.shape, (index, position) => {
      const target = index.map((i, axis) => i + (before[axis] ?? 0));
      copyElement(x.data, position, y, positionOf(target, yType.shape));
    });
    return [y];
  },

  lower(k, { x }, attrs, [y]) {
    const value = constantLike(valueTypeOf(y.type), attrs.value);
    const padded = paddedAxes(x.tensor.shape, attrs);
    // Of whole words if the innermost runs are, as all steps are multiples of those.
    const run = padded.at(-1) ?? unpadded;
    const aligned = [run.before, run.size, run.after].every((elements) => elements % 4 === 0);
    const write = (axes: readonly PaddedAxis[], xAt: Expr, yAt: Expr): void => {
      const [{ before, size, after } = unpadded, ...inner] = axes;
      const xStep = inner.reduce((count, axis) => count * axis.size, 1);
      const yStep = inner.reduce((count, axis) => count * (axis.before + axis.size + axis.after), 1);
      const inside = add(yAt, before * yStep);
      fillRun(k, y, yAt, before * yStep, value, aligned);
      if (inner.length === 0) copyRun(k, x, xAt, y, inside, size, aligned);
      else {
        k.for(names[inner.length] ?? 'outer', 0, size, (i) => {
          write(inner, k.let('from', add(xAt, mul(i, xStep))), k.let('to', add(inside, mul(i, yStep))));
        });
      }
      fillRun(k, y, add(inside, size * yStep), after * yStep, value, aligned);
    };
    write(padded, index(0), index(0));
  },
});

const names = ['i', 'row', 'plane', 'block'] as const;

const unpadded: PaddedAxis = { before: 0, size: 1, after: 0 };

/** The axes with an axis that is not padded joined to the one outside it, so that rows are copied whole. */
function paddedAxes(shape: Shape, { before, after }: PadAttrs): readonly PaddedAxis[] {
  const axes: PaddedAxis[] = [];
  shape.forEach((size, i) => {
    const own: PaddedAxis = { before: before[i] ?? 0, size, after: after[i] ?? 0 };
    const outer = axes.at(-1);
    const padded = own.before > 0 || own.after > 0;
    if (size === 1 && !padded) return;
    if (outer !== undefined && !padded) {
      axes[axes.length - 1] = { before: outer.before * size, size: outer.size * size, after: outer.after * size };
    } else axes.push(own);
  });
  return axes;
}

function isStorable(value: number, { dtype }: TensorType): boolean {
  if (dtype === 'f32') return !Number.isNaN(value);
  if (dtype === 'bool') return value === 0 || value === 1;
  if (dtype === 'i64') return Number.isSafeInteger(value);
  const [low, high] = integerRange[dtype];
  return Number.isInteger(value) && value >= low && value <= high;
}
