// Strided slice: along each axis, `sizes` elements from `begin` on, `strides` apart (backwards if negative).
import { allocate } from '../tensor/dtype.ts';
import { elementCount, sameShape, stridesOf } from '../tensor/shape.ts';
import { elementsOf } from '../tensor/tensor.ts';
import { copyElement, forEachIndex, positionOf } from './element-positions.ts';
import { checkMoved } from './moved.ts';
import { defineOp } from './op.ts';
import { copyStrided } from './strided-copy.ts';

/** One entry per axis of the input. Formats' masks, open ends and negative positions are resolved on import. */
export interface StridedSliceAttrs {
  readonly begin: readonly number[];
  readonly strides: readonly number[];
  readonly sizes: readonly number[];
  /** The output's shape: `sizes` without the axes that are dropped. */
  readonly shape: readonly number[];
}

export const stridedSlice = defineOp({
  name: 'stridedSlice',
  inputs: ['x'],

  infer({ x }, { begin, strides, sizes, shape }: StridedSliceAttrs, [y], complain) {
    checkMoved(x, y, complain);
    const rank = x.shape.length;
    if ([begin, strides, sizes].some((list) => list.length !== rank)) {
      complain('begin, strides and sizes', `${rank} each`, `${begin.length}, ${strides.length} and ${sizes.length}`);
      return [];
    }
    x.shape.forEach((extent, axis) => {
      const [first = -1, stride = 0, size = 0] = [begin[axis], strides[axis], sizes[axis]];
      const last = first + (size - 1) * stride;
      const inside = (at: number): boolean => Number.isInteger(at) && at >= 0 && at < extent;
      if (stride === 0 || size < 1 || !inside(first) || !inside(last)) {
        complain(
          `slice of axis ${axis}`,
          `one or more positions in 0..${extent - 1}`,
          `${size} from ${first} in steps of ${stride}`,
        );
      }
    });
    if (!sameShape(withoutOnes(shape), withoutOnes(sizes))) {
      complain('shape of the slice', `[${sizes.join(', ')}] without some 1`, `[${shape.join(', ')}]`);
    }
    return [shape];
  },

  evaluate({ x }, { begin, strides, sizes }, [yType]) {
    const y = allocate(yType.dtype, elementsOf(yType));
    forEachIndex(sizes, (index, position) => {
      const source = index.map((i, axis) => (begin[axis] ?? 0) + i * (strides[axis] ?? 0));
      copyElement(x.data, positionOf(source, x.type.shape), y, position);
    });
    return [y];
  },

  lower(k, { x }, { begin, strides, sizes }, [y]) {
    const own = stridesOf(x.tensor.shape);
    const from = {
      start: own.reduce((at, stride, axis) => at + stride * (begin[axis] ?? 0), 0),
      strides: own.map((stride, axis) => stride * (strides[axis] ?? 0)),
    };
    copyStrided(k, x, y, sizes, from, { start: 0, strides: stridesOf(sizes) });
  },

  // Forwards, output i comes from a position of i or later, and positions only grow.
  inPlace: (_, { strides, sizes }) =>
    strides.every((stride, axis) => stride > 0 || sizes[axis] === 1) && elementCount(sizes) > 0 ? ['x'] : [],

  // One run: whole inner axes, steps of one, and a single position along the axes outside.
  outputsWithin({ x }, { begin, strides, sizes }) {
    const outermost = sizes.findIndex((size) => size !== 1);
    const whole = outermost < 0 || sizes.every((size, axis) => axis <= outermost || size === x.shape[axis]);
    const forwards = sizes.every((size, axis) => size === 1 || strides[axis] === 1);
    return whole && forwards ? [positionOf(begin, x.shape)] : undefined;
  },
});

const withoutOnes = (shape: readonly number[]): readonly number[] => shape.filter((size) => size !== 1);
