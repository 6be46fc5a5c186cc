// fullyConnected of int8 by dual 16-bit multiply-accumulates.

import { index, mul } from '../kernel/expressions.ts';
import { fullyConnected } from '../ops/fully-connected.ts';
import { elementCount } from '../tensor/shape.ts';
import { directDot, dotKernel, isKnownInt8, widen } from './dsp-dot.ts';
import type { Tactic } from './tactic.ts';

export const dspFullyConnected: Tactic = {
  name: 'dsp-fully-connected',
  note: 'four channels at a time, by dual 16-bit multiply-accumulates',
  lowering(graph, node, target) {
    if (node.op !== 'fullyConnected' || target.spellings.smlad === undefined) return undefined;
    if (!isKnownInt8(graph, node)) return undefined;
    const { attrs } = node;
    return (k, inputs, _attrs, outputs) => {
      const { x, w, bias } = inputs as Parameters<typeof fullyConnected.lower>[1];
      const [y] = outputs;
      const [channels = 0, taps = 0] = w.tensor.shape;
      const layer = {
        x,
        w,
        bias,
        y,
        channels,
        taps,
        activation: attrs.activation,
        scaleProduct: 'singleIfPerTensor' as const,
      };
      const rows = elementCount(x.tensor.shape) / taps;
      const direct = taps % 4 === 0 ? directDot(k, layer) : undefined;
      const dot = direct === undefined && taps % 4 !== 0 ? dotKernel(k, layer, false) : undefined;
      if (direct === undefined && dot === undefined) {
        fullyConnected.lower(k, { x, w, ...(bias === undefined ? {} : { bias }) }, attrs, [y]);
        return;
      }
      k.for('row', 0, rows, (row) => {
        const xAt = k.let('x_row', mul(row, taps));
        const yAt = k.let('y_row', mul(row, channels));
        direct?.(xAt, yAt);
        if (dot === undefined) return;
        widen(k, x, dot, xAt, index(0), index(0), index(taps));
        dot.outputs([yAt]);
      });
    };
  },
};
