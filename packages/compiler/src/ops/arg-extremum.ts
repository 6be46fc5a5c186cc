// Position of the largest or smallest element along an axis, the first of equals. A NaN is never better than another
// element, nor any element than a NaN: one that comes first stays, as in the reference.
import { add, cast, index, lt, mul } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import { allocate } from '../tensor/dtype.ts';
import { elementCount, type Shape } from '../tensor/shape.ts';
import { elementsOf } from '../tensor/tensor.ts';
import { checkAxis } from './moved.ts';
import { defineOp } from './op.ts';

export interface ArgExtremumAttrs {
  readonly axis: number;
}

const dtypes = ['f32', 'i8', 'u8', 'i16', 'i32'];

/** x (outer, size, inner) → y (outer, inner) */
const sizesOf = (x: Shape, axis: number) => ({
  outer: elementCount(x.slice(0, axis)),
  size: x[axis] ?? 0,
  inner: elementCount(x.slice(axis + 1)),
});

function defineArgExtremum<Name extends string>(name: Name, isLarger: boolean) {
  return defineOp({
    name,
    inputs: ['x'],

    infer({ x }, { axis }: ArgExtremumAttrs, [y], complain) {
      if (!dtypes.includes(x.dtype)) complain('type of the input', dtypes.join(', '), x.dtype);
      if (y.dtype !== 'i32' && y.dtype !== 'i64') complain('type of the output', 'i32 or i64', y.dtype);
      if (!checkAxis(axis, x.shape.length, complain)) return [];
      return [x.shape.filter((_, i) => i !== axis)];
    },

    evaluate({ x }, { axis }, [yType]) {
      const { size, inner } = sizesOf(x.type.shape, axis);
      const y = allocate(yType.dtype, elementsOf(yType));
      for (let at = 0; at < y.length; at += 1) {
        const first = Math.floor(at / inner) * size * inner + (at % inner);
        const elements = Array.from({ length: size }, (_, i) => Number(x.data[first + i * inner]));
        let best = 0;
        elements.forEach((element, i) => {
          const reference = elements[best] ?? 0;
          if (isLarger ? element > reference : element < reference) best = i;
        });
        if (y instanceof BigInt64Array) y[at] = BigInt(best);
        else y[at] = best;
      }
      return [y];
    },

    lower(k, { x }, { axis }, [y]) {
      const { outer, size, inner } = sizesOf(x.tensor.shape, axis);
      const better = (element: Expr, best: Expr): Expr => (isLarger ? lt(best, element) : lt(element, best));
      k.for('row', 0, outer, (row) => {
        k.for('column', 0, inner, (column) => {
          const first = k.let('first', add(mul(row, size * inner), column));
          const best = k.variable('best', k.load(x, first));
          const position = k.variable('position', index(0));
          k.for('i', 1, size, (i) => {
            const element = k.let('element', k.load(x, add(first, mul(i, inner))));
            k.if(better(element, best), () => {
              k.set(best, element);
              k.set(position, i);
            });
          });
          const result = cast('i32', position);
          k.store(y, add(mul(row, inner), column), y.type === 'i64' ? cast('i64', result) : result);
        });
      });
    },
  });
}

export const argMax = defineArgExtremum('argMax', true);
export const argMin = defineArgExtremum('argMin', false);
