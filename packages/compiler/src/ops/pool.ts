// What the pools share: windows over x (n, h, w, c) → y (n, oh, ow, c), each channel by itself, only elements inside the input.
import { add, index, mul, sub } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import { allocate, type Data } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/shape.ts';
import { elementsOf, type Tensor, type TensorType } from '../tensor/tensor.ts';
import type { Complain, Operand } from './op.ts';
import { type Activation, checkPerTensor } from './quantised.ts';
import { forTapsInside, forWholeWindow, splitByBorder } from './whole-windows.ts';
import {
  type Axis,
  checkWindow,
  forEachTap,
  tapsInside,
  type WindowAttrs,
  windowAxes,
  windowOrigin,
} from './window.ts';

/** Dilations are 1. */
export interface PoolAttrs extends WindowAttrs {
  readonly kernelH: number;
  readonly kernelW: number;
  readonly activation: Activation;
}

/** The reference takes scales that differ by no more for equal. */
const scaleTolerance = 1e-6;

/** The output shape of a pool; complains of types, windows and scales that no pool has. */
export function inferPool(x: TensorType, attrs: PoolAttrs, y: TensorType, complain: Complain): readonly Shape[] {
  if (x.shape.length !== 4) {
    complain('rank of the input', '4', String(x.shape.length));
    return [];
  }
  if (!checkWindow(x.shape, attrs, attrs.kernelH, attrs.kernelW, complain)) return [];
  if (attrs.dilationH !== 1 || attrs.dilationW !== 1) {
    complain('dilation of a pool', '1 and 1', `${attrs.dilationH} and ${attrs.dilationW}`);
  }
  const [rows, columns] = windowAxes(x.shape, attrs.kernelH, attrs.kernelW, attrs);
  if (!everyWindowMeetsInput(rows) || !everyWindowMeetsInput(columns)) {
    const { top, bottom, left, right } = attrs.padding;
    complain('padding of a pool', 'less than the window', `[${top}, ${bottom}, ${left}, ${right}]`);
  }
  checkPoolTypes(x, y, complain);
  return [[x.shape[0] ?? 0, rows.outputs, columns.outputs, x.shape[3] ?? 0]];
}

const everyWindowMeetsInput = (axis: Axis): boolean =>
  windowOrigin(axis, 0) + axis.kernel > 0 && windowOrigin(axis, axis.outputs - 1) < axis.size;

function checkPoolTypes(x: TensorType, y: TensorType, complain: Complain): void {
  const types = `${x.dtype}, ${y.dtype}`;
  if (types !== 'i8, i8' && types !== 'f32, f32') {
    complain('types of input and output', 'both int8 or both float32', types);
    return;
  }
  if (x.dtype !== 'i8') return;
  checkPerTensor('the input', x, complain);
  checkPerTensor('the output', y, complain);
  const [[xScale, xZero], [yScale, yZero]] = [quantisationOf(x), quantisationOf(y)];
  if (Math.abs(Math.fround(xScale - yScale)) > scaleTolerance || xZero !== yZero) {
    complain(
      'quantisation of the output',
      `that of the input, scale ${xScale} and zero point ${xZero}`,
      `scale ${yScale} and zero point ${yZero}`,
    );
  }
}

const quantisationOf = ({ quantisation }: TensorType): readonly [scale: number, zeroPoint: number] => [
  quantisation?.scale[0] ?? 0,
  quantisation?.zeroPoint[0] ?? 0,
];

/** Every output from the elements in its window. */
export function evaluatePool(
  x: Tensor,
  attrs: PoolAttrs,
  yType: TensorType,
  reduce: (elements: readonly number[]) => number,
): Data {
  const [rows, columns] = windowAxes(x.type.shape, attrs.kernelH, attrs.kernelW, attrs);
  const [batches = 0, , , channels = 0] = x.type.shape;
  const y = allocate(yType.dtype, elementsOf(yType));
  let at = 0;
  for (let n = 0; n < batches; n += 1) {
    for (let oy = 0; oy < rows.outputs; oy += 1) {
      for (let ox = 0; ox < columns.outputs; ox += 1) {
        for (let c = 0; c < channels; c += 1) {
          const elements: number[] = [];
          forEachTap(rows, oy, (_, iy) => {
            forEachTap(columns, ox, (__, ix) => {
              elements.push(Number(x.data[((n * rows.size + iy) * columns.size + ix) * channels + c]));
            });
          });
          y[at] = reduce(elements);
          at += 1;
        }
      }
    }
  }
  return y;
}

export interface PoolLoops {
  /** The name of the accumulator, and its start. */
  readonly accumulator: string;
  readonly start: Expr;
  /** The accumulator after one more element. */
  accumulate(acc: Expr, element: Expr): Expr;
  /** What makes the output of an accumulator, for a window of `count` elements, an index. */
  finish(count: Expr): (acc: Expr) => Expr;
}

/** The loops; each channel of a window accumulates in one variable. */
export function lowerPool(k: Writer, x: Operand, attrs: PoolAttrs, y: Operand, loops: PoolLoops): void {
  const [rows, columns] = windowAxes(x.tensor.shape, attrs.kernelH, attrs.kernelW, attrs);
  const [batches = 0, , , channels = 0] = x.tensor.shape;
  const rowElements = columns.size * channels;
  k.for('batch', 0, batches, (n) => {
    k.for('out_y', 0, rows.outputs, (oy) => {
      const ky = tapsInside(k, 'ky', rows, oy);
      k.for('out_x', 0, columns.outputs, (ox) => {
        const kx = tapsInside(k, 'kx', columns, ox);
        // Where tap (0, 0) reads channel 0: outside the input at its borders, where that tap is left out.
        const corner = add(mul(add(mul(n, rows.size), ky.origin), rowElements), mul(kx.origin, channels));
        const xCorner = k.let('x_corner', corner);
        const pixel = add(mul(add(mul(n, rows.outputs), oy), columns.outputs), ox);
        const yPixel = k.let('y_pixel', mul(pixel, channels));
        const overChannels = (count: Expr, forTaps: (body: (row: Expr, column: Expr) => void) => void): void => {
          const finish = loops.finish(count);
          k.for('channel', 0, channels, (c) => {
            const acc = k.variable(loops.accumulator, loops.start);
            const xStart = k.let('x_start', add(xCorner, c));
            forTaps((row, column) => {
              const tap = add(mul(row, rowElements), mul(column, channels));
              k.set(acc, loops.accumulate(acc, k.load(x, add(xStart, tap))));
            });
            k.store(y, add(yPixel, c), finish(acc));
          });
        };
        splitByBorder(
          k,
          [
            { axis: rows, output: oy },
            { axis: columns, output: ox },
          ],
          () => overChannels(index(rows.kernel * columns.kernel), (body) => forWholeWindow(k, rows, columns, body)),
          () => {
            const count = k.let('count', mul(sub(ky.end, ky.first), sub(kx.end, kx.first)));
            overChannels(count, (body) => forTapsInside(ky, kx, body));
          },
        );
      });
    });
  });
}
