// Concatenation along an axis. Quantised elements are copied, so all scales and zero points must agree.
import { allocate } from '../tensor/dtype.ts';
import { elementCount, type Shape } from '../tensor/shape.ts';
import { elementsOf, type TensorType } from '../tensor/tensor.ts';
import { copyElement, forEachIndex, positionOf } from './element-positions.ts';
import { checkAxis, checkMoved } from './moved.ts';
import { defineOp } from './op.ts';
import { copyStrided } from './strided-copy.ts';

export interface ConcatenationAttrs {
  readonly axis: number;
}

export const concatenation = defineOp({
  name: 'concatenation',
  inputs: ['xs*'],

  infer({ xs }, { axis }: ConcatenationAttrs, [y], complain) {
    const [first] = xs;
    if (first === undefined) {
      complain('inputs', 'at least one', 'none');
      return [];
    }
    if (!checkAxis(axis, first.shape.length, complain)) return [];
    for (const x of xs) {
      checkMoved(x, y, complain);
      if (describeQuantisation(x) !== describeQuantisation(y)) {
        complain(
          'quantisation of the inputs',
          `that of the output, ${describeQuantisation(y)}`,
          describeQuantisation(x),
          'convert the model again: the converter gives them one scale',
        );
      }
      if (x.shape.length !== first.shape.length || x.shape.some((size, i) => i !== axis && size !== first.shape[i])) {
        complain('shape of an input', `[${first.shape.join(', ')}] except in axis ${axis}`, `[${x.shape.join(', ')}]`);
      }
    }
    const total = xs.reduce((sum, x) => sum + (x.shape[axis] ?? 0), 0);
    return [first.shape.map((size, i) => (i === axis ? total : size))];
  },

  evaluate({ xs }, { axis }, [yType]) {
    const y = allocate(yType.dtype, elementsOf(yType));
    let before = 0;
    for (const x of xs) {
      forEachIndex(x.type.shape, (index, position) => {
        const target = index.map((i, a) => (a === axis ? i + before : i));
        copyElement(x.data, position, y, positionOf(target, yType.shape));
      });
      before += x.type.shape[axis] ?? 0;
    }
    return [y];
  },

  lower(k, { xs }, { axis }, [y]) {
    const { outer, run: total } = rowsAlong(y.tensor.shape, axis);
    let before = 0;
    for (const x of xs) {
      const { run } = rowsAlong(x.tensor.shape, axis);
      copyStrided(k, x, y, [outer, run], { start: 0, strides: [run, 1] }, { start: before, strides: [total, 1] });
      before += run;
    }
  },

  inputsWithin: ({ xs }, { axis }, [y]) =>
    startsAlong(
      axis,
      y.shape,
      xs.map(({ shape }) => shape),
    ),
});

/** A tensor as rows: everything before the axis, and the run of elements from the axis on. */
export const rowsAlong = (shape: Shape, axis: number): { readonly outer: number; readonly run: number } => ({
  outer: elementCount(shape.slice(0, axis)),
  run: elementCount(shape.slice(axis)),
});

/** Where parts of a tensor along an axis begin in it, if each is one run of its elements. */
export function startsAlong(axis: number, whole: Shape, parts: readonly Shape[]): readonly number[] | undefined {
  if (rowsAlong(whole, axis).outer !== 1) return undefined;
  let before = 0;
  return parts.map((part) => {
    const start = before;
    before += elementCount(part);
    return start;
  });
}

const describeQuantisation = ({ dtype, quantisation }: TensorType): string =>
  dtype === 'f32' || quantisation === undefined
    ? 'none'
    : `scale ${quantisation.scale.map(Math.fround).join(', ')} and zero point ${quantisation.zeroPoint.join(', ')}`;
