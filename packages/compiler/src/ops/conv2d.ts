// 2-D convolution, NHWC: int8 with per-channel scales and float32, padding, strides, dilation, groups, fused activation.
import { add, mul } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import { allocate } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/shape.ts';
import { elementsOf } from '../tensor/tensor.ts';
import { defineOp } from './op.ts';
import type { Activation } from './quantised.ts';
import { checkWeighted, weightedArithmetic, weightedDefinition } from './weighted.ts';
import {
  type Axis,
  alwaysInside,
  checkWindow,
  forEachTap,
  tapsInside,
  type WindowAttrs,
  windowAxes,
} from './window.ts';

export interface Conv2dAttrs extends WindowAttrs {
  readonly activation: Activation;
}

/** The sizes of x (n, h, w, groups * depth), w (o, kh, kw, depth) → y (n, oh, ow, o). */
export interface Conv2dGeometry {
  readonly batches: number;
  readonly rows: Axis;
  readonly columns: Axis;
  readonly inputs: number;
  readonly outputs: number;
  readonly depth: number;
  readonly groups: number;
}

export function conv2dGeometry(x: Shape, w: Shape, attrs: Conv2dAttrs): Conv2dGeometry {
  const [outputs = 0, kernelH = 0, kernelW = 0, depth = 0] = w;
  const [rows, columns] = windowAxes(x, kernelH, kernelW, attrs);
  const inputs = x[3] ?? 0;
  return { batches: x[0] ?? 0, rows, columns, inputs, outputs, depth, groups: depth === 0 ? 0 : inputs / depth };
}

export const conv2d = defineOp({
  name: 'conv2d',
  inputs: ['x', 'w', 'bias?'],

  infer({ x, w, bias }, attrs: Conv2dAttrs, [y], complain) {
    if (x.shape.length !== 4 || w.shape.length !== 4) {
      complain('ranks of input and weights', '4 and 4', `${x.shape.length} and ${w.shape.length}`);
      return [];
    }
    const g = conv2dGeometry(x.shape, w.shape, attrs);
    if (!checkWindow(x.shape, attrs, g.rows.kernel, g.columns.kernel, complain)) return [];
    if (!(g.groups >= 1 && Number.isInteger(g.groups) && g.outputs % g.groups === 0)) {
      complain('channels', 'input channels a multiple of the weights’ depth', `${g.inputs} and ${g.depth}`);
      return [];
    }
    checkWeighted({ x, w, bias, y }, { channels: g.outputs }, complain);
    return [[g.batches, g.rows.outputs, g.columns.outputs, g.outputs]];
  },

  evaluate({ x, w, bias }, attrs, [yType]) {
    const g = conv2dGeometry(x.type.shape, w.type.shape, attrs);
    const { xZero, finish } = weightedDefinition(x.type, w.type, yType, attrs);
    const y = allocate(yType.dtype, elementsOf(yType));
    let at = 0;
    for (let n = 0; n < g.batches; n += 1) {
      for (let oy = 0; oy < g.rows.outputs; oy += 1) {
        for (let ox = 0; ox < g.columns.outputs; ox += 1) {
          for (let o = 0; o < g.outputs; o += 1) {
            const firstInput = Math.floor(o / (g.outputs / g.groups)) * g.depth;
            let acc = Number(bias?.data[o] ?? 0);
            forEachTap(g.rows, oy, (ky, iy) => {
              forEachTap(g.columns, ox, (kx, ix) => {
                const xAt = ((n * g.rows.size + iy) * g.columns.size + ix) * g.inputs + firstInput;
                const wAt = ((o * g.rows.kernel + ky) * g.columns.kernel + kx) * g.depth;
                for (let i = 0; i < g.depth; i += 1) {
                  acc += (Number(x.data[xAt + i]) - xZero) * Number(w.data[wAt + i]);
                }
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
    const g = conv2dGeometry(x.tensor.shape, w.tensor.shape, attrs);
    const taps = g.rows.kernel * g.columns.kernel * g.depth;
    const everyTap = alwaysInside(g.rows) && alwaysInside(g.columns);
    const arithmetic = weightedArithmetic(
      k,
      { x, w, bias, y },
      { channels: g.outputs, activation: attrs.activation },
      everyTap ? (channel) => Array.from({ length: taps }, (_, tap) => channel * taps + tap) : undefined,
    );
    k.for('batch', 0, g.batches, (n) => {
      k.for('out_y', 0, g.rows.outputs, (oy) => {
        const rows = tapsInside(k, 'ky', g.rows, oy);
        k.for('out_x', 0, g.columns.outputs, (ox) => {
          const columns = tapsInside(k, 'kx', g.columns, ox);
          const pixel = add(mul(add(mul(n, g.rows.outputs), oy), g.columns.outputs), ox);
          k.for('group', 0, g.groups, (group) => {
            k.for('channel', 0, g.outputs / g.groups, (inGroup) => {
              const o = add(mul(group, g.outputs / g.groups), inGroup);
              const acc = k.variable('acc', arithmetic.start(o));
              const accumulate = (xAt: Expr, wAt: Expr): void =>
                k.set(acc, add(acc, arithmetic.product(k.load(x, xAt), k.load(w, wAt))));
              rows.forEach((ky, iy) => {
                const xRow = mul(add(mul(n, g.rows.size), iy), g.columns.size * g.inputs);
                const wRow = mul(add(mul(o, g.rows.kernel), ky), g.columns.kernel * g.depth);
                if (g.groups === 1 && g.columns.dilation === 1) {
                  // Taps of a row and their channels lie side by side in both, so that one loop runs over them.
                  const xStart = k.let('x_row', add(xRow, mul(columns.origin, g.depth)));
                  const wStart = k.let('w_row', wRow);
                  k.for('tap', mul(columns.first, g.depth), mul(columns.end, g.depth), (tap) => {
                    accumulate(add(xStart, tap), add(wStart, tap));
                  });
                } else {
                  columns.forEach((kx, ix) => {
                    const xStart = k.let('x_tap', add(add(xRow, mul(ix, g.inputs)), mul(group, g.depth)));
                    const wStart = k.let('w_tap', add(wRow, mul(kx, g.depth)));
                    k.for('input', 0, g.depth, (i) => accumulate(add(xStart, i), add(wStart, i)));
                  });
                }
              });
              k.store(y, add(mul(pixel, g.outputs), o), arithmetic.finish(acc, o));
            });
          });
        });
      });
    });
  },

  macs({ x, w }, attrs) {
    const g = conv2dGeometry(x.shape, w.shape, attrs);
    return g.batches * g.rows.outputs * g.columns.outputs * g.outputs * g.rows.kernel * g.columns.kernel * g.depth;
  },
});
