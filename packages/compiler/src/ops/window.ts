// Sliding windows: the geometry that convolutions and pools share, and the loops over the taps that lie inside the input.
import { add, and, type Index, index, le, lt, max, min, mul, sub, toIndex } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Shape } from '../tensor/shape.ts';
import type { Complain } from './op.ts';

/** Rows and columns added around the input, virtually. */
export interface Padding {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export interface WindowAttrs {
  readonly strideH: number;
  readonly strideW: number;
  readonly dilationH: number;
  readonly dilationW: number;
  readonly padding: Padding;
}

/** One spatial axis of a window: tap t of output o reads input position o * stride - padBefore + t * dilation. */
export interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBefore: number;
  readonly outputs: number;
}

/** floor((size + padding - extent) / stride) + 1. */
export const windowOutputs = (size: number, pad: number, kernel: number, stride: number, dilation: number): number =>
  Math.floor((size + pad - ((kernel - 1) * dilation + 1)) / stride) + 1;

/** Padding of TensorFlow's SAME: outputs = ceil(size / stride), the odd element behind. */
export function samePadding(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
): readonly [before: number, after: number] {
  const outputs = Math.ceil(size / stride);
  const total = Math.max(0, (outputs - 1) * stride + (kernel - 1) * dilation + 1 - size);
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
}

/** The two axes of a window of kernelH x kernelW over x (n, h, w, c). */
export function windowAxes(
  x: Shape,
  kernelH: number,
  kernelW: number,
  attrs: WindowAttrs,
): readonly [rows: Axis, columns: Axis] {
  const { strideH, strideW, dilationH, dilationW, padding } = attrs;
  const axis = (
    size: number,
    kernel: number,
    stride: number,
    dilation: number,
    before: number,
    after: number,
  ): Axis => ({
    size,
    kernel,
    stride,
    // With one tap there is nothing to dilate, however large the number.
    dilation: kernel === 1 ? 1 : dilation,
    padBefore: before,
    outputs: windowOutputs(size, before + after, kernel, stride, dilation),
  });
  return [
    axis(x[1] ?? 0, kernelH, strideH, dilationH, padding.top, padding.bottom),
    axis(x[2] ?? 0, kernelW, strideW, dilationW, padding.left, padding.right),
  ];
}

/** Positions in the padded input, to which offsets are computed, must not lie beyond what an `index` reaches. */
const maxPaddedElements = 2 ** 31 - 1;

/** Complains of strides, dilations and paddings that make no window over x (n, h, w, c). Returns false if shapes cannot be computed. */
export function checkWindow(
  x: Shape,
  attrs: WindowAttrs,
  kernelH: number,
  kernelW: number,
  complain: Complain,
): boolean {
  const whole = (what: string, value: number, least: number): boolean => {
    const good = Number.isInteger(value) && value >= least && value <= 65535;
    if (!good) complain(what, `a whole number, ${least}..65535`, String(value));
    return good;
  };
  const every = (checks: readonly boolean[]): boolean => checks.every((good) => good);
  const { top, bottom, left, right } = attrs.padding;
  const steps = every([
    whole('stride (rows)', attrs.strideH, 1),
    whole('stride (columns)', attrs.strideW, 1),
    whole('dilation (rows)', attrs.dilationH, 1),
    whole('dilation (columns)', attrs.dilationW, 1),
    whole('kernel rows', kernelH, 1),
    whole('kernel columns', kernelW, 1),
  ]);
  // Where padding was computed from the steps, it is no better than they are.
  const padding =
    steps &&
    every([
      whole('padding (top)', top, 0),
      whole('padding (bottom)', bottom, 0),
      whole('padding (left)', left, 0),
      whole('padding (right)', right, 0),
    ]);
  if (!padding) return false;
  const [batches = 1, height = 1, width = 1, channels = 1] = x;
  const padded = batches * (top + height + bottom) * (left + width + right) * channels;
  if (padded > maxPaddedElements)
    complain('elements of the padded input', `at most ${maxPaddedElements}`, String(padded));
  return padded <= maxPaddedElements;
}

/** True when no tap of any output lies outside the input. */
export const alwaysInside = ({ size, kernel, stride, dilation, padBefore, outputs }: Axis): boolean =>
  padBefore === 0 && (outputs - 1) * stride + (kernel - 1) * dilation < size;

/** Input position of tap 0 of an output; may be negative. */
export const windowOrigin = (axis: Axis, output: number): number => output * axis.stride - axis.padBefore;

/** The taps of one output position that lie inside the input. */
export interface Taps {
  /** First tap and the one after the last; with dilation they are all taps, and `forEach` tests each. */
  readonly first: Expr;
  readonly end: Expr;
  /** Input position of tap 0. */
  readonly origin: Expr;
  /** Loops over the taps with their input positions. */
  forEach(body: (tap: Expr, position: Expr) => void): void;
}

/** Computes the range of taps for one output position; inner loops then need no bounds tests. */
export function tapsInside(k: Writer, name: string, axis: Axis, output: Expr): Taps {
  const { size, kernel, dilation, padBefore } = axis;
  const origin = sub(mul(output, axis.stride), padBefore);
  const position = (tap: Expr): Expr => add(origin, mul(tap, dilation));
  const named = (suffix: string, value: Expr): Expr =>
    value.kind === 'const' ? value : k.let(`${name}_${suffix}`, value);
  if (alwaysInside(axis)) {
    return {
      first: index(0),
      end: index(kernel),
      origin,
      forEach: (body) => k.for(name, 0, kernel, (tap) => body(tap, position(tap))),
    };
  }
  if (dilation === 1) {
    const leavesBehind = windowOrigin(axis, axis.outputs - 1) + kernel > size;
    const first: Index = padBefore > 0 ? named('first', max(sub(index(0), origin), 0)) : 0;
    const end: Index = leavesBehind ? named('end', min(sub(index(size), origin), kernel)) : kernel;
    return {
      first: toIndex(first),
      end: toIndex(end),
      origin,
      forEach: (body) => k.for(name, first, end, (tap) => body(tap, position(tap))),
    };
  }
  return {
    first: index(0),
    end: index(kernel),
    origin,
    forEach: (body) =>
      k.for(name, 0, kernel, (tap) => {
        const at = k.let(`${name}_at`, position(tap));
        k.if(and(le(index(0), at), lt(at, index(size))), () => body(tap, at));
      }),
  };
}

/** Calls `visit` for each tap inside the input: the definition's counterpart of `tapsInside`. */
export function forEachTap(axis: Axis, output: number, visit: (tap: number, position: number) => void): void {
  for (let tap = 0; tap < axis.kernel; tap += 1) {
    const position = windowOrigin(axis, output) + tap * axis.dilation;
    if (position >= 0 && position < axis.size) visit(tap, position);
  }
}
