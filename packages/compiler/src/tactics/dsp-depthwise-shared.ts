// depthwiseConv2d of int8, 3 x 3, on cores with dual 16-bit multiply-accumulates, by one routine for all shapes: few bytes.
import { index, int, mul } from '../kernel/expressions.ts';
import type { Operand } from '../ops/op.ts';
import { sharedDepthwise } from '../targets/instructions/dsp-depthwise-shared.ts';
import { formNames, tableFinishOf } from './packed-finish.ts';
import type { Tactic } from './tactic.ts';
import { type WeightedLayer, weightedLayerOf } from './weighted-layer.ts';

/** Planes of more bytes are left to the routines that take them in bands. */
const mostPlaneBytes = 1536;

const sharedIn = (form: 'compact' | 'packed'): Tactic => ({
  name: `dsp-depthwise-shared${form === 'compact' ? '' : formNames.packed.suffix}`,
  note: `3 x 3 windows over one widened channel at a time, by one routine for layers of any shape${
    form === 'compact' ? '' : formNames.packed.remark
  }`,
  lowering(graph, node, target) {
    if (target.spellings.smlad === undefined || target.spellings.dsp_depthwise === undefined) return undefined;
    const layer = weightedLayerOf(graph, node, 'depthwise');
    const finish = layer && tableFinishOf(layer, form);
    if (layer === undefined || finish === undefined || finish.variant.signed) return undefined;
    const plane = planeOf(layer);
    if (plane === undefined) return undefined;
    return (k, inputs, _attrs, [y]) => {
      const { x } = inputs as { readonly x: Operand };
      const { channels, batches, rows, columns, xZero, yZero, low, high, weightAt } = layer;
      const { width, height } = plane;
      const scratch = k.scratch('plane', 'i16', width * height);
      const weights = k.constant(
        'packed_weights',
        Int8Array.from({ length: 9 * channels }, (_, i) => weightAt(Math.floor(i / 9), i % 9)),
      );
      const requantisation = finish.write(k);
      const zeroPair = int((xZero & 0xffff) | (xZero << 16));
      k.for('word', 0, (width * height) / 2, (word) => k.store(scratch, mul(word, 2), zeroPair, 'i32'));
      k.for('batch', 0, batches, (batch) =>
        k.instr(
          sharedDepthwise,
          { region: x, at: mul(batch, rows.size * columns.size * channels) },
          { region: scratch },
          { region: y, at: mul(batch, rows.outputs * columns.outputs * channels) },
          { region: weights },
          { region: requantisation },
          ...[
            channels,
            plane.rows,
            plane.columns,
            columns.size * channels,
            rows.outputs,
            columns.outputs,
            rows.stride,
            width,
            rows.padBefore * width + columns.padBefore,
            2 * yZero + 1,
            low,
            high,
          ].map(index),
        ),
      );
    };
  },

  // As with planes of one shape: a channel is read wholly before it is written, and only its own elements are.
  overlap(graph, node) {
    const batches = weightedLayerOf(graph, node, 'depthwise')?.batches;
    return batches === 1 ? { input: 0, leadBytes: Number.POSITIVE_INFINITY, sameStart: true } : undefined;
  },
});

export const dspDepthwiseShared: Tactic = sharedIn('compact');
export const dspDepthwiseSharedPacked: Tactic = sharedIn('packed');

/** The plane in elements, and how much of the input stands in it. */
function planeOf({ rows, columns }: WeightedLayer) {
  const { stride } = rows;
  if (rows.kernel !== 3 || columns.kernel !== 3 || columns.stride !== stride || stride > 2) return undefined;
  const width = 2 * Math.ceil(((columns.outputs - 1) * stride + 4) / 2);
  const height = (rows.outputs - 1) * stride + 3;
  if (2 * width * height > mostPlaneBytes) return undefined;
  const own = {
    width,
    height,
    rows: Math.min(rows.size, height - rows.padBefore),
    columns: Math.min(columns.size, (columns.outputs - 1) * stride + 3 - columns.padBefore),
  };
  return own.rows > 0 && own.columns > 0 ? own : undefined;
}
