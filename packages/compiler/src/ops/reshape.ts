// Reshape: the same elements in the same order under another shape. Squeeze and expand-dims are reshapes too.
import { elementCount } from '../tensor/shape.ts';
import { elementsOf } from '../tensor/tensor.ts';
import { checkMoved } from './moved.ts';
import { defineOp } from './op.ts';
import { copyRun } from './strided-copy.ts';

export interface ReshapeAttrs {
  /** The output's shape, without open dimensions. */
  readonly shape: readonly number[];
}

export const reshape = defineOp({
  name: 'reshape',
  inputs: ['x'],

  infer({ x }, { shape }: ReshapeAttrs, [y], complain) {
    checkMoved(x, y, complain);
    if (elementCount(shape) !== elementsOf(x)) {
      complain('elements of the new shape', `${elementsOf(x)}, as many as the input has`, String(elementCount(shape)));
    }
    return [shape];
  },

  evaluate: ({ x }) => [x.data.slice()],

  lower(k, { x }, _, [y]) {
    copyRun(k, x, 0, y, 0, x.length);
  },

  inPlace: () => ['x'],

  outputsWithin: () => [0],
});
