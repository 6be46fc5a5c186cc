// conv2d of int8 by dual 16-bit multiply-accumulates, two outputs at a time where there are two.

import { valueAt } from '../graph/graph.ts';
import { add, index, mul } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import { conv2dGeometry } from '../ops/conv2d.ts';
import { depthwiseGeometry } from '../ops/depthwise-conv2d.ts';
import { type Graph, type OpNode, opOf } from '../ops/index.ts';
import type { Named, Operand } from '../ops/op.ts';
import { type Axis, alwaysInside } from '../ops/window.ts';
import { type DotLayer, dotKernel, gatherWindow, isKnownInt8, widen } from './dsp-dot.ts';
import type { Tactic } from './tactic.ts';

/** A 1 x 1 window that never leaves the input and skips nothing: outputs lie in a row as inputs do. */
const isPointwise = (rows: Axis, columns: Axis): boolean =>
  [rows, columns].every((axis) => axis.kernel === 1 && axis.stride === 1 && alwaysInside(axis));

/** A convolution as the kernel sees it: geometry, and the weights by channel and tap. */
interface Convolution extends Pick<DotLayer, 'activation' | 'weightAt'> {
  readonly batches: number;
  readonly rows: Axis;
  readonly columns: Axis;
  readonly depth: number;
  readonly channels: number;
}

/** conv2d without groups, or the depthwise convolution of a single channel, which is one. */
function convolutionOf(graph: Graph, node: OpNode): Convolution | undefined {
  const [x = -1, w = -1] = node.inputs;
  if (node.op === 'conv2d') {
    const g = conv2dGeometry(valueAt(graph, x).type.shape, valueAt(graph, w).type.shape, node.attrs);
    return g.groups === 1 ? { ...g, channels: g.outputs, activation: node.attrs.activation } : undefined;
  }
  if (node.op !== 'depthwiseConv2d') return undefined;
  const g = depthwiseGeometry(valueAt(graph, x).type.shape, valueAt(graph, w).type.shape, node.attrs);
  if (g.inputs !== 1) return undefined;
  const weightAt = (channel: number, tap: number): number => tap * g.outputs + channel;
  return { ...g, depth: 1, channels: g.outputs, activation: node.attrs.activation, weightAt };
}

export const dspConv2d: Tactic = {
  name: 'dsp-conv2d',
  note: 'two outputs by two channels at a time, by dual 16-bit multiply-accumulates',
  lowering(graph, node, target) {
    const g = target.spellings.smlad === undefined ? undefined : convolutionOf(graph, node);
    if (g === undefined || !isKnownInt8(graph, node) || g.rows.dilation !== 1 || g.columns.dilation !== 1)
      return undefined;
    return (k, inputs, attrs, outputs) => {
      const { x, w, bias } = inputs as Named<readonly ['x', 'w', 'bias?'], Operand>;
      const [y] = outputs;
      const taps = g.rows.kernel * g.columns.kernel * g.depth;
      const pointwise = isPointwise(g.rows, g.columns);
      const dot = dotKernel(
        k,
        { ...g, x, w, bias, y, taps, scaleProduct: 'double' },
        (pointwise ? taps : g.depth) % 4 === 0,
      );
      if (dot === undefined) {
        opOf(node).lower(k, inputs, attrs, outputs);
        return;
      }
      /** Outputs of a row in pairs, then the one that remains. */
      const inPairs = (
        count: number,
        gather: (output: Expr, slot: number) => void,
        yAt: (output: Expr) => Expr,
      ): void => {
        const whole = count - (count % 2);
        k.for(
          'out_x',
          0,
          whole,
          (first) => {
            gather(first, 0);
            gather(add(first, 1), 1);
            dot.outputs([k.let('y_pixel', yAt(first)), k.let('y_next', yAt(add(first, 1)))]);
          },
          2,
        );
        k.for('last_x', whole, count, (last) => {
          gather(last, 0);
          dot.outputs([k.let('y_pixel', yAt(last))]);
        });
      };
      if (pointwise) {
        const gather = (pixel: Expr, slot: number): void =>
          widen(k, x, dot, k.let('from', mul(pixel, taps)), index(slot * dot.stride), index(0), index(taps));
        inPairs(g.batches * g.rows.outputs * g.columns.outputs, gather, (pixel) => mul(pixel, g.channels));
        return;
      }
      k.for('batch', 0, g.batches, (batch) => {
        k.for('out_y', 0, g.rows.outputs, (row) => {
          const pixels = mul(add(mul(batch, g.rows.outputs), row), g.columns.outputs);
          const gather = (column: Expr, slot: number): void => gatherWindow(k, x, dot, g, { batch, row, column, slot });
          inPairs(g.columns.outputs, gather, (column) => mul(add(pixels, column), g.channels));
        });
      });
    };
  },
};
