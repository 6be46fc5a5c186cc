// averagePool2d of int8 with 128-bit vectors: eight channels are summed at once, in 16 bits; the division is the operator's own.
import { valueAt } from '../graph/graph.ts';
import { add, int, mul } from '../kernel/expressions.ts';
import { roundedQuotient } from '../ops/average-pool2d.ts';
import { activateInt8 } from '../ops/fused-activation.ts';
import type { Named, Operand } from '../ops/op.ts';
import { quantisedActivationRange } from '../ops/quantised.ts';
import { alwaysInside, windowAxes } from '../ops/window.ts';
import { add16x8, hasVectors, load8x8, splat16x8, v128 } from '../targets/instructions/wasm-simd.ts';
import type { Tactic } from './tactic.ts';

const lanes = 8;
/** So many int8 sum to no more than 16 bits. */
const mostTaps = 255;

export const simdAveragePool: Tactic = {
  name: 'simd-average-pool',
  note: 'sums of eight channels at once in 16 bits',
  lowering(graph, node, target) {
    if (node.op !== 'averagePool2d' || !hasVectors(target)) return undefined;
    const { attrs } = node;
    const { dtype, shape } = valueAt(graph, node.inputs[0] ?? -1).type;
    const [batches = 0, , , channels = 0] = shape;
    const [rows, columns] = windowAxes(shape, attrs.kernelH, attrs.kernelW, attrs);
    const taps = rows.kernel * columns.kernel;
    if (dtype !== 'i8' || channels % lanes !== 0 || taps > mostTaps) return undefined;
    if (!alwaysInside(rows) || !alwaysInside(columns)) return undefined;
    return (k, inputs, _attrs, [y]) => {
      const { x } = inputs as Named<readonly ['x'], Operand>;
      const range = quantisedActivationRange(attrs.activation, y.tensor);
      const rowElements = columns.size * channels;
      k.for('batch', 0, batches, (n) => {
        k.for('out_y', 0, rows.outputs, (oy) => {
          k.for('out_x', 0, columns.outputs, (ox) => {
            const row = add(mul(n, rows.size), mul(oy, rows.stride));
            const corner = k.let('x_corner', add(mul(row, rowElements), mul(ox, columns.stride * channels)));
            const pixel = add(mul(add(mul(n, rows.outputs), oy), columns.outputs), ox);
            const yPixel = k.let('y_pixel', mul(pixel, channels));
            k.for(
              'channel',
              0,
              channels,
              (channel) => {
                const sums = k.alloc('sums', 'i16', lanes, v128);
                const eight = k.alloc('eight', 'i16', lanes, v128);
                k.instr(splat16x8, int(0), { region: sums });
                const start = k.let('x_start', add(corner, channel));
                k.for('ky', 0, rows.kernel, (ky) => {
                  k.for('kx', 0, columns.kernel, (kx) => {
                    const at = add(start, add(mul(ky, rowElements), mul(kx, channels)));
                    k.instr(load8x8, { region: x, at }, { region: eight });
                    k.instr(add16x8, { region: sums }, { region: eight }, { region: sums });
                  });
                });
                for (let lane = 0; lane < lanes; lane += 1) {
                  const quotient = roundedQuotient(k.let('sum', k.load(sums, lane)), int(taps));
                  k.store(y, add(add(yPixel, channel), lane), activateInt8(quotient, range));
                }
              },
              lanes,
            );
          });
        });
      });
    };
  },
};
