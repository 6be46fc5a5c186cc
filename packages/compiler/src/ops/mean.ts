// Mean over axes: int8 from any scale to any other, as TensorFlow Lite defines it, and float32.
import { add, div, float, index, int, mul } from '../kernel/expressions.ts';
import { requantiseBy } from '../kernel/fixed-point.ts';
import type { Expr } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import { allocate } from '../tensor/dtype.ts';
import { clamp, type Multiplier, multiplyByQuantisedMultiplier, quantiseMultiplier } from '../tensor/fixed-point.ts';
import { narrowStep, stepFunctionOf } from '../tensor/narrow-step.ts';
import { resolveAxis, type Shape, stridesOf } from '../tensor/shape.ts';
import { elementsOf, type TensorType } from '../tensor/tensor.ts';
import { forEachIndex, positionOf } from './element-positions.ts';
import { type JoinedAxis, joinAxes } from './joined-axes.ts';
import { defineOp } from './op.ts';
import { checkPerTensor, perTensor } from './quantised.ts';
import { narrowRequantised, toQuantised } from './requantisation.ts';

export interface MeanAttrs {
  /** Negative ones count from the end; repeated ones count once. */
  readonly axes: readonly number[];
  /** Reduced dimensions stay, with size 1. */
  readonly keepDims: boolean;
}

const isReduced = (shape: Shape, { axes }: MeanAttrs): readonly boolean[] =>
  shape.map((_, axis) => axes.some((given) => resolveAxis(given, shape.length) === axis));

/** x's shape with 1 for every reduced dimension: what the output has with keepDims, and the same elements without. */
export const keptShape = (shape: Shape, attrs: MeanAttrs): Shape => {
  const reduced = isReduced(shape, attrs);
  return shape.map((size, axis) => (reduced[axis] ? 1 : size));
};

/**
 * The factor that brings a sum of `count` centred elements to the output: scale(x) / scale(y) / count. As in the
 * reference, the multiplier is widened by as many bits as the count has, then divided, truncating.
 */
export function meanFactor(x: TensorType, y: TensorType, count: number): Multiplier {
  const { multiplier, shift } = quantiseMultiplier(perTensor(x).scale / perTensor(y).scale);
  const bits = Math.min(31 - Math.clz32(count), 31 + shift);
  return { multiplier: Number((BigInt(multiplier) << BigInt(bits)) / BigInt(count)), shift: shift - bits };
}

const countOf = (x: TensorType, y: TensorType): number => elementsOf(x) / elementsOf(y);

export const mean = defineOp({
  name: 'mean',
  inputs: ['x'],

  infer({ x }, attrs: MeanAttrs, [y], complain) {
    const rank = x.shape.length;
    const outside = attrs.axes.find((axis) => !Number.isInteger(axis) || resolveAxis(axis, rank) === undefined);
    if (outside !== undefined) {
      complain('axis', rank === 0 ? 'none, for a scalar' : `${-rank}..${rank - 1}`, String(outside));
      return [];
    }
    const types = `${x.dtype}, ${y.dtype}`;
    if (types === 'i8, i8') {
      checkPerTensor('the input', x, complain);
      checkPerTensor('the output', y, complain);
      const { shift } = quantiseMultiplier((x.quantisation?.scale[0] ?? 0) / (y.quantisation?.scale[0] ?? 1));
      if (shift > 30) complain('scale(x) / scale(y)', 'less than 2^30', `2^${shift}`);
    } else if (types !== 'f32, f32') {
      complain('types of input and output', 'both int8 or both float32', types);
    }
    const reduced = isReduced(x.shape, attrs);
    return [attrs.keepDims ? keptShape(x.shape, attrs) : x.shape.filter((_, axis) => !reduced[axis])];
  },

  evaluate({ x }, attrs, [yType]) {
    const kept = keptShape(x.type.shape, attrs);
    const count = countOf(x.type, yType);
    const sums = new Float64Array(elementsOf(yType));
    forEachIndex(x.type.shape, (index, position) => {
      const at = positionOf(
        index.map((i, axis) => (kept[axis] === 1 ? 0 : i)),
        kept,
      );
      sums[at] = (sums[at] ?? 0) + Number(x.data[position]);
    });
    const y = allocate(yType.dtype, sums.length);
    if (yType.dtype === 'f32') {
      sums.forEach((sum, at) => {
        y[at] = sum / count;
      });
      return [y];
    }
    const factor = meanFactor(x.type, yType, count);
    const [xZero, yZero] = [perTensor(x.type).zeroPoint, perTensor(yType).zeroPoint];
    sums.forEach((sum, at) => {
      y[at] = clamp(multiplyByQuantisedMultiplier((sum - xZero * count) | 0, factor) + yZero, -128, 127);
    });
    return [y];
  },

  lower(k, { x }, attrs, [y]) {
    const { shape } = x.tensor;
    const count = countOf(x.tensor, y.tensor);
    const kept = stridesOf(keptShape(shape, attrs));
    const reduced = isReduced(shape, attrs);
    const axes = joinAxes(shape, [stridesOf(shape), kept.map((stride, axis) => (reduced[axis] ? 0 : stride))]);
    const outputs = axes.filter(({ strides }) => strides[1] !== 0);
    const inputs = axes.filter(({ strides }) => strides[1] === 0);
    const quantised = x.type === 'f32' ? undefined : meanFinish(x.tensor, y.tensor, count);
    forEachOffset(k, 'out', outputs, [index(0), index(0)], (xStart, yAt) => {
      const start = xStart.kind === 'binary' ? k.let('x_start', xStart) : xStart;
      if (quantised === undefined) {
        const sum = k.variable('sum', float(0));
        forEachOffset(k, 'i', inputs, [start, index(0)], (xAt) => k.set(sum, add(sum, k.load(x, xAt))));
        k.store(y, yAt, div(sum, float(count)));
        return;
      }
      // Taking the zero points off the sum at once wraps to the same as taking them off each element.
      const sum = k.variable('sum', int(quantised.start));
      forEachOffset(k, 'i', inputs, [start, index(0)], (xAt) => k.set(sum, add(sum, k.load(x, xAt))));
      k.store(y, yAt, quantised.finish(sum));
    });
  },
});

/** Where a sum starts, so that zero points are off it, and the output of a sum. */
export function meanFinish(
  x: TensorType,
  y: TensorType,
  count: number,
): { readonly start: number; readonly finish: (sum: Expr) => Expr } {
  const factor = meanFactor(x, y, count);
  const [xZero, yZero] = [perTensor(x).zeroPoint, perTensor(y).zeroPoint];
  const range = { least: (-128 - xZero) * count, most: (127 - xZero) * count };
  const steps = stepFunctionOf({ factor, zeroPoint: yZero, low: -128, high: 127 }, range);
  const narrow = steps && narrowStep(steps);
  return {
    start: -xZero * count,
    finish: (sum) =>
      narrow === undefined
        ? toQuantised(requantiseBy(sum, factor), yZero, [-128, 127])
        : narrowRequantised(sum, narrow, [-128, 127]),
  };
}

/** Loops over axes; offsets of x and y start at `starts`. */
function forEachOffset(
  k: Writer,
  name: string,
  axes: readonly JoinedAxis[],
  starts: readonly [x: Expr, y: Expr],
  body: (xAt: Expr, yAt: Expr) => void,
): void {
  const [axis, ...inner] = axes;
  if (axis === undefined) {
    body(...starts);
    return;
  }
  const [xStride = 0, yStride = 0] = axis.strides;
  k.for(name, 0, axis.size, (i) => {
    const next = [add(starts[0], mul(i, xStride)), add(starts[1], mul(i, yStride))] as const;
    forEachOffset(k, name, inner, next, body);
  });
}
