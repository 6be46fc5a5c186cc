// Depthwise 2-D convolution, NHWC: output channel o sees input channel o / multiplier only. int8 with per-channel scales
// and float32, padding, strides, dilation, fused activation.
import { add, mul } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import { allocate } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/shape.ts';
import { elementsOf } from '../tensor/tensor.ts';
import { defineOp } from './op.ts';
import type { Activation } from './quantised.ts';
import {
  type Arithmetic,
  checkWeighted,
  type WeightedLayer,
  weightedArithmetic,
  weightedDefinition,
} from './weighted.ts';
import { forTapsInside, forWholeWindow, splitByBorder } from './whole-windows.ts';
import { type Axis, checkWindow, forEachTap, tapsInside, type WindowAttrs, windowAxes } from './window.ts';

/** How many outputs each input channel has, the depth multiplier, follows from the shapes. */
export interface DepthwiseConv2dAttrs extends WindowAttrs {
  readonly activation: Activation;
}

/** The sizes of x (n, h, w, c), w (1, kh, kw, c * multiplier) → y (n, oh, ow, c * multiplier). */
export interface DepthwiseGeometry {
  readonly batches: number;
  readonly rows: Axis;
  readonly columns: Axis;
  readonly inputs: number;
  readonly outputs: number;
  readonly multiplier: number;
}

export function depthwiseGeometry(x: Shape, w: Shape, attrs: DepthwiseConv2dAttrs): DepthwiseGeometry {
  const [, kernelH = 0, kernelW = 0, outputs = 0] = w;
  const [rows, columns] = windowAxes(x, kernelH, kernelW, attrs);
  const inputs = x[3] ?? 0;
  return { batches: x[0] ?? 0, rows, columns, inputs, outputs, multiplier: inputs === 0 ? 0 : outputs / inputs };
}

const layerOf = (g: DepthwiseGeometry, { activation }: DepthwiseConv2dAttrs): WeightedLayer => ({
  channels: g.outputs,
  activation,
});

export const depthwiseConv2d = defineOp({
  name: 'depthwiseConv2d',
  inputs: ['x', 'w', 'bias?'],

  infer({ x, w, bias }, attrs: DepthwiseConv2dAttrs, [y], complain) {
    if (x.shape.length !== 4 || w.shape.length !== 4 || w.shape[0] !== 1) {
      complain(
        'shapes of input and weights',
        'x (n, h, w, c) and w (1, kh, kw, outputs)',
        `[${x.shape.join(', ')}] and [${w.shape.join(', ')}]`,
      );
      return [];
    }
    const g = depthwiseGeometry(x.shape, w.shape, attrs);
    if (!checkWindow(x.shape, attrs, g.rows.kernel, g.columns.kernel, complain)) return [];
    if (!(g.multiplier >= 1 && Number.isInteger(g.multiplier))) {
      complain('output channels', `a multiple of the input’s ${g.inputs}`, String(g.outputs));
      return [];
    }
    checkWeighted({ x, w, bias, y }, { ...layerOf(g, attrs), scaleAxis: 3 }, complain);
    return [[g.batches, g.rows.outputs, g.columns.outputs, g.outputs]];
  },

  evaluate({ x, w, bias }, attrs, [yType]) {
    const g = depthwiseGeometry(x.type.shape, w.type.shape, attrs);
    const { xZero, finish } = weightedDefinition(x.type, w.type, yType, attrs);
    const y = allocate(yType.dtype, elementsOf(yType));
    let at = 0;
    for (let n = 0; n < g.batches; n += 1) {
      for (let oy = 0; oy < g.rows.outputs; oy += 1) {
        for (let ox = 0; ox < g.columns.outputs; ox += 1) {
          for (let o = 0; o < g.outputs; o += 1) {
            const input = Math.floor(o / g.multiplier);
            let acc = Number(bias?.data[o] ?? 0);
            forEachTap(g.rows, oy, (ky, iy) => {
              forEachTap(g.columns, ox, (kx, ix) => {
                const xAt = ((n * g.rows.size + iy) * g.columns.size + ix) * g.inputs + input;
                const wAt = (ky * g.columns.kernel + kx) * g.outputs + o;
                acc += (Number(x.data[xAt]) - xZero) * Number(w.data[wAt]);
              });
            });
            y[at] = finish(acc, o);
            at += 1;
          }
        }
      }
    }
    return [y];
  },

  lower(k, { x, w, bias }, attrs, [y]) {
    const g = depthwiseGeometry(x.tensor.shape, w.tensor.shape, attrs);
    const taps = g.rows.kernel * g.columns.kernel;
    const arithmeticOf = (elements?: (channel: number) => Iterable<number>): Arithmetic =>
      weightedArithmetic(k, { x, w, bias, y }, layerOf(g, attrs), elements);
    // Where every tap is read, the input's zero point is part of the bias.
    const whole = arithmeticOf((channel) => Array.from({ length: taps }, (_, tap) => tap * g.outputs + channel));
    const partial = arithmeticOf();
    const rowElements = g.columns.size * g.inputs;
    k.for('batch', 0, g.batches, (n) => {
      k.for('out_y', 0, g.rows.outputs, (oy) => {
        const rows = tapsInside(k, 'ky', g.rows, oy);
        k.for('out_x', 0, g.columns.outputs, (ox) => {
          const columns = tapsInside(k, 'kx', g.columns, ox);
          // Where tap (0, 0) reads channel 0: outside the input at its borders, where that tap is left out.
          const corner = add(mul(add(mul(n, g.rows.size), rows.origin), rowElements), mul(columns.origin, g.inputs));
          const xCorner = k.let('x_corner', corner);
          const pixel = add(mul(add(mul(n, g.rows.outputs), oy), g.columns.outputs), ox);
          const yPixel = k.let('y_pixel', mul(pixel, g.outputs));
          const channels = (arithmetic: Arithmetic, forTaps: (body: (ky: Expr, kx: Expr) => void) => void): void =>
            k.for('channel', 0, g.inputs, (c) => {
              const xStart = k.let('x_start', add(xCorner, c));
              k.for('multiple', 0, g.multiplier, (m) => {
                const o = add(mul(c, g.multiplier), m);
                const acc = k.variable('acc', arithmetic.start(o));
                forTaps((ky, kx) => {
                  const xTap = add(mul(ky, rowElements * g.rows.dilation), mul(kx, g.inputs * g.columns.dilation));
                  const wTap = mul(add(mul(ky, g.columns.kernel), kx), g.outputs);
                  const product = arithmetic.product(k.load(x, add(xStart, xTap)), k.load(w, add(o, wTap)));
                  k.set(acc, add(acc, product));
                });
                k.store(y, add(yPixel, o), whole.finish(acc, o));
              });
            });
          splitByBorder(
            k,
            [
              { axis: g.rows, output: oy },
              { axis: g.columns, output: ox },
            ],
            () => channels(whole, (body) => forWholeWindow(k, g.rows, g.columns, body)),
            () => channels(partial, (body) => forTapsInside(rows, columns, body)),
          );
        });
      });
    });
  },

  macs({ x, w }, attrs) {
    const g = depthwiseGeometry(x.shape, w.shape, attrs);
    return g.batches * g.rows.outputs * g.columns.outputs * g.outputs * g.rows.kernel * g.columns.kernel;
  },
});
