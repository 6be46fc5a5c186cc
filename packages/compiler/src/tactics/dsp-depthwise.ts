// depthwiseConv2d of int8 on cores with 16-bit multiplies: four channels at a time, a word of inputs and a word of weights a tap.
// Windows wholly inside the input read every tap in straight code; at borders taps are looped over, less the zero point.

import { add, call, int, mul } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import type { Named, Operand } from '../ops/op.ts';
import { forTapsInside, forWholeWindow, splitByBorder } from '../ops/whole-windows.ts';
import { tapsInside } from '../ops/window.ts';
import { smlabb, smlatt, ssub16, sxtb16, sxtb16Ror8 } from '../targets/instructions/arm-dsp.ts';
import { finishSteps, stepTable } from './step-requantise.ts';
import type { Tactic } from './tactic.ts';
import { weightedLayerOf } from './weighted-layer.ts';

const block = 4;

export const dspDepthwise: Tactic = {
  name: 'dsp-depthwise',
  note: 'four channels at a time, a word of inputs and a word of weights a tap',
  lowering(graph, node, target) {
    if (target.spellings.smlabb === undefined) return undefined;
    const g = weightedLayerOf(graph, node, 'depthwise');
    if (g === undefined || g.inputs % block !== 0) return undefined;
    const table = stepTable({ ...g, zeroPoint: g.yZero });
    if (table === undefined) return undefined;
    return (k, inputs, _attrs, [y]) => {
      const { x, w } = inputs as Named<readonly ['x', 'w', 'bias?'], Operand>;
      const { taps, channels, weightAt } = g;
      const zeroPoint = g.xZero;
      const finish = finishSteps(k, table, g);
      const zeroPair = int((zeroPoint & 0xffff) | (zeroPoint << 16));
      // What the folded bias takes off for the zero point of taps that a border window does not read.
      const missing = Int32Array.from({ length: channels }, (_, channel) => {
        let total = 0;
        for (let tap = 0; tap < taps; tap += 1) total += weightAt(channel, tap);
        return total * zeroPoint;
      });
      const starts = k.constant('border_start', missing);
      const rowElements = g.columns.size * channels;
      k.for('batch', 0, g.batches, (n) => {
        k.for('out_y', 0, g.rows.outputs, (oy) => {
          const rows = tapsInside(k, 'ky', g.rows, oy);
          k.for('out_x', 0, g.columns.outputs, (ox) => {
            const columns = tapsInside(k, 'kx', g.columns, ox);
            const corner = add(mul(add(mul(n, g.rows.size), rows.origin), rowElements), mul(columns.origin, channels));
            const xCorner = k.let('x_corner', corner);
            const pixel = add(mul(add(mul(n, g.rows.outputs), oy), g.columns.outputs), ox);
            const yPixel = k.let('y_pixel', mul(pixel, channels));
            const run = (whole: boolean, forTaps: (body: (ky: Expr, kx: Expr) => void) => void): void =>
              k.for(
                'channel',
                0,
                channels,
                (channel) => {
                  const xStart = k.let('x_start', add(xCorner, channel));
                  const accs = Array.from({ length: block }, (_, c) =>
                    k.variable(`acc${c}`, whole ? int(0) : k.load(starts, add(channel, c))),
                  );
                  forTaps((ky, kx) => {
                    const xTap = add(mul(ky, rowElements), mul(kx, channels));
                    const wTap = mul(add(mul(ky, g.columns.kernel), kx), channels);
                    const inputsOf4 = k.let('four', k.load(x, add(xStart, xTap), 'i32'));
                    const weightsOf4 = k.let('weights', k.load(w, add(channel, wTap), 'i32'));
                    // Channels 0 and 2, then 1 and 3.
                    for (const [extend, low, high] of [
                      [sxtb16, 0, 2],
                      [sxtb16Ror8, 1, 3],
                    ] as const) {
                      const wide = call(extend, inputsOf4);
                      const taps2 = k.let('taps', whole || zeroPoint === 0 ? wide : call(ssub16, wide, zeroPair));
                      const weights2 = k.let('pair', call(extend, weightsOf4));
                      const [a, b] = [accs[low], accs[high]];
                      if (a !== undefined) k.set(a, call(smlabb, taps2, weights2, a));
                      if (b !== undefined) k.set(b, call(smlatt, taps2, weights2, b));
                    }
                  });
                  accs.forEach((acc, c) => {
                    k.store(y, add(add(yPixel, channel), c), finish(acc, add(channel, c)));
                  });
                },
                block,
              );
            splitByBorder(
              k,
              [
                { axis: g.rows, output: oy },
                { axis: g.columns, output: ox },
              ],
              () => run(true, (body) => forWholeWindow(k, g.rows, g.columns, body)),
              () => run(false, (body) => forTapsInside(rows, columns, body)),
            );
          });
        });
      });
    };
  },
};
