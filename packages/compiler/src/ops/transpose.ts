// Transpose: output axis i is input axis perm[i].
import { allocate } from '../tensor/dtype.ts';
import { stridesOf } from '../tensor/shape.ts';
import { elementsOf } from '../tensor/tensor.ts';
import { copyElement, forEachIndex, positionOf } from './element-positions.ts';
import { checkMoved } from './moved.ts';
import { defineOp } from './op.ts';
import { copyStrided } from './strided-copy.ts';

export interface TransposeAttrs {
  /** A permutation of 0..rank-1. */
  readonly perm: readonly number[];
}

export const transpose = defineOp({
  name: 'transpose',
  inputs: ['x'],

  infer({ x }, { perm }: TransposeAttrs, [y], complain) {
    checkMoved(x, y, complain);
    const rank = x.shape.length;
    if (perm.length !== rank || x.shape.some((_, axis) => !perm.includes(axis))) {
      complain('permutation', `each of 0..${rank - 1} once`, `[${perm.join(', ')}]`);
      return [];
    }
    return [perm.map((axis) => x.shape[axis] ?? 0)];
  },

  evaluate({ x }, { perm }, [yType]) {
    const y = allocate(yType.dtype, elementsOf(yType));
    forEachIndex(x.type.shape, (index, position) => {
      const moved = perm.map((axis) => index[axis] ?? 0);
      copyElement(x.data, position, y, positionOf(moved, yType.shape));
    });
    return [y];
  },

  lower(k, { x }, { perm }, [y]) {
    const strides = stridesOf(x.tensor.shape);
    const { shape } = y.tensor;
    const from = { start: 0, strides: perm.map((axis) => strides[axis] ?? 0) };
    copyStrided(k, x, y, shape, from, { start: 0, strides: stridesOf(shape) });
  },
});
