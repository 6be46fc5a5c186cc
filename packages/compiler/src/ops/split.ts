// Split along an axis into several outputs of given sizes.
import { allocate } from '../tensor/dtype.ts';
import { elementsOf } from '../tensor/tensor.ts';
import { rowsAlong, startsAlong } from './concatenation.ts';
import { copyElement, forEachIndex, positionOf } from './element-positions.ts';
import { checkAxis, checkMoved } from './moved.ts';
import { defineOp } from './op.ts';
import { copyStrided } from './strided-copy.ts';

export interface SplitAttrs {
  readonly axis: number;
  /** Size of each output along the axis. */
  readonly sizes: readonly number[];
}

export const split = defineOp({
  name: 'split',
  inputs: ['x'],

  infer({ x }, { axis, sizes }: SplitAttrs, outputs, complain) {
    for (const y of outputs) checkMoved(x, y, complain);
    if (!checkAxis(axis, x.shape.length, complain)) return [];
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total !== x.shape[axis] || sizes.some((size) => !Number.isInteger(size) || size < 1)) {
      complain('sizes of the parts', `whole numbers, ${x.shape[axis]} in all`, `[${sizes.join(', ')}]`);
    }
    return sizes.map((size) => x.shape.map((own, i) => (i === axis ? size : own)));
  },

  evaluate({ x }, { axis, sizes }, types) {
    let before = 0;
    return types.map((type, part) => {
      const y = allocate(type.dtype, elementsOf(type));
      forEachIndex(type.shape, (index, position) => {
        const source = index.map((i, a) => (a === axis ? i + before : i));
        copyElement(x.data, positionOf(source, x.type.shape), y, position);
      });
      before += sizes[part] ?? 0;
      return y;
    });
  },

  lower(k, { x }, { axis }, outputs) {
    const { outer, run: total } = rowsAlong(x.tensor.shape, axis);
    let before = 0;
    for (const y of outputs) {
      const { run } = rowsAlong(y.tensor.shape, axis);
      copyStrided(k, x, y, [outer, run], { start: before, strides: [total, 1] }, { start: 0, strides: [run, 1] });
      before += run;
    }
  },

  outputsWithin: ({ x }, { axis }, outputs) =>
    startsAlong(
      axis,
      x.shape,
      outputs.map(({ shape }) => shape),
    ),
});
