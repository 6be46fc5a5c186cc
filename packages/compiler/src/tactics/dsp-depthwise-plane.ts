// depthwiseConv2d of int8, 3 x 3, on cores with dual 16-bit multiply-accumulates: channel by channel over a plane in scratch that
// holds the padding as well, so that no window is a border's.
import { int, mul } from '../kernel/expressions.ts';
import type { Operand } from '../ops/op.ts';
import {
  bandRows,
  type DepthwiseShape,
  depthwiseInstr,
  fitsRoutine,
  planePitch,
  planeRows,
} from '../targets/instructions/arm-dsp-depthwise.ts';
import { formNames, type TableForm, tableFinishOf } from './packed-finish.ts';
import type { Tactic } from './tactic.ts';
import { type WeightedLayer, weightedLayerOf } from './weighted-layer.ts';

const planeIn = (form: TableForm): Tactic => ({
  name: `dsp-depthwise-plane${formNames[form].suffix}`,
  note: `3 x 3 windows over one widened channel at a time, weights in registers, two outputs at a time${formNames[form].remark}`,
  lowering(graph, node, target) {
    if (target.spellings.dsp_depthwise === undefined) return undefined;
    const layer = weightedLayerOf(graph, node, 'depthwise');
    const finish = layer && tableFinishOf(layer, form);
    if (layer === undefined || finish === undefined || finish.variant.signed) return undefined;
    const shape = shapeOf(layer, form === 'steps' ? finish.shared : -1);
    if (shape === undefined || !fitsRoutine(shape)) return undefined;
    return (k, inputs, _attrs, [y]) => {
      const { x } = inputs as { readonly x: Operand };
      const { channels, batches, xZero, weightAt } = layer;
      const width = planePitch(shape);
      const words = (planeRows(shape) * width) / 2;
      const plane = k.scratch('plane', 'i16', 2 * words);
      const weights = k.constant(
        'packed_weights',
        Int8Array.from({ length: 9 * channels }, (_, i) => weightAt(Math.floor(i / 9), i % 9)),
      );
      const requantisation = finish.write(k);
      const zeroPair = int((xZero & 0xffff) | (xZero << 16));
      const reachesOver =
        shape.padTop > 0 || shape.padLeft > 0 || shape.rows < planeRows(shape) || shape.columns < width;
      if (reachesOver) k.for('word', 0, words, (word) => k.store(plane, mul(word, 2), zeroPair, 'i32'));
      const instr = depthwiseInstr(shape);
      k.for('batch', 0, batches, (batch) =>
        k.instr(
          instr,
          { region: x, at: mul(batch, layer.rows.size * layer.columns.size * channels) },
          { region: plane },
          { region: y, at: mul(batch, shape.outRows * shape.outColumns * channels) },
          { region: weights },
          { region: requantisation },
        ),
      );
    };
  },

  // A channel is read wholly before it is written, and only its own elements are: those of the other channels stay, as long as both
  // begin alike. A batch with more outputs than inputs would reach into the next one's input.
  overlap(graph, node) {
    const batches = weightedLayerOf(graph, node, 'depthwise')?.batches;
    return batches === 1 ? { input: 0, leadBytes: Number.POSITIVE_INFINITY, sameStart: true } : undefined;
  },
});

export const dspDepthwisePlane: Tactic = planeIn('steps');
export const dspDepthwisePlaneCompact: Tactic = planeIn('compact');
export const dspDepthwisePlanePacked: Tactic = planeIn('packed');

/** The shape, if the layer is one of 3 x 3 windows, one stride either way, with as much of the input as windows reach. */
function shapeOf(layer: WeightedLayer, shift: number): DepthwiseShape | undefined {
  const { rows, columns, channels, low, high } = layer;
  const { stride } = rows;
  if (rows.kernel !== 3 || columns.kernel !== 3 || columns.stride !== stride || stride > 2) return undefined;
  const shape = {
    channels,
    outRows: rows.outputs,
    outColumns: columns.outputs,
    stride,
    padTop: rows.padBefore,
    padLeft: columns.padBefore,
    pitch: columns.size * channels,
    zero: layer.xZero,
    doubledZero: 2 * layer.yZero + 1,
    bands: 1,
    shift,
    low,
    high,
    rows: Math.min(rows.size, (rows.outputs - 1) * stride + 3 - rows.padBefore),
    columns: Math.min(columns.size, (columns.outputs - 1) * stride + 3 - columns.padBefore),
  };
  if (shape.rows <= 0 || shape.columns <= 0) return undefined;
  // Few bands, but enough that the plane is small.
  for (let bands = 1; bands <= rows.outputs; bands += 1) {
    if (rows.outputs % bands !== 0) continue;
    const inBands = { ...shape, bands };
    const { last } = bandRows(inBands);
    const bytes = 2 * planePitch(inBands) * planeRows(inBands);
    if (bytes <= mostPlaneBytes && last >= 0 && neverWritesAhead(inBands, columns.size)) return inBands;
  }
  return shape;
}

/** Planes of more bytes are taken in bands. */
const mostPlaneBytes = 1536;

/** Over its own input, from the same place on, no band writes what a later one reads. */
function neverWritesAhead(shape: DepthwiseShape, width: number): boolean {
  const { bands, outRows, outColumns } = shape;
  const { first, next } = bandRows(shape);
  return Array.from({ length: bands - 1 }, (_, band) => band).every(
    (band) => ((band + 1) * outRows * outColumns) / bands <= (first + band * next) * width,
  );
}
