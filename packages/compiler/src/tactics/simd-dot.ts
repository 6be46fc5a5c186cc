// conv2d and fullyConnected of int8 with 128-bit vectors: the rows of the input that a row of outputs reads are widened to 16
// bits into scratch, padding included as the zero point, and tiles of outputs by channels run over them without bounds.
import { add, and, index, le, lt, mul, sub } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Operand } from '../ops/op.ts';
import { alwaysInside } from '../ops/window.ts';
import { hasVectors } from '../targets/instructions/wasm-simd.ts';
import { type VectorOutputs, vectorOutputs } from './simd-outputs.ts';
import { vectorTable } from './simd-requantise.ts';
import { channelTiles, outputsPerTile } from './simd-tiles.ts';
import { fillRun, widenRun } from './simd-widen.ts';
import type { Tactic } from './tactic.ts';
import { outputsOf, type WeightedLayer, weightedLayerOf } from './weighted-layer.ts';

export const simdDot: Tactic = {
  name: 'simd-dot',
  note: 'four outputs by eight channels, channels across the lanes of 128-bit vectors, by 16-bit dot products of tap pairs',
  lowering(graph, node, target) {
    const layer = hasVectors(target) ? weightedLayerOf(graph, node, 'full') : undefined;
    const table = layer && vectorTable({ ...layer, zeroPoint: layer.yZero });
    if (layer === undefined || table === undefined) return undefined;
    return (k, inputs, _attrs, [y]) => {
      const { x } = inputs as { readonly x: Operand };
      const outputs = vectorOutputs(k, layer, table, y);
      if (isPointwise(layer)) overPixels(k, layer, outputs, x);
      else overRows(k, layer, outputs, x);
    };
  },
};

/** A 1 x 1 window that never leaves the input and skips nothing: outputs lie in a row as inputs do. */
const isPointwise = ({ rows, columns }: WeightedLayer): boolean =>
  [rows, columns].every((axis) => axis.kernel === 1 && axis.stride === 1 && alwaysInside(axis));

/** Runs of outputs in tiles of `size`, then the ones that remain. */
export function inTiles(k: Writer, count: number, size: number, tile: (first: Expr, count: number) => void): void {
  const whole = count - (count % size);
  k.for('out_x', 0, whole, (first) => tile(first, size), size);
  if (whole < count) tile(index(whole), count - whole);
}

/** Outputs whose taps lie side by side in x, and those of one output behind those of the one before. */
function overPixels(k: Writer, layer: WeightedLayer, outputs: VectorOutputs, x: Operand): void {
  const { taps, channels } = layer;
  const pixels = outputsOf(layer);
  const size = outputsPerTile(pixels, channels);
  const tile = channelTiles(k, layer, outputs, { count: 1, taps }, size);
  const buffer = k.scratch('widened_taps', 'i16', size * taps + (taps % 2));
  inTiles(k, pixels, size, (first, count) => {
    widenRun(k, x, k.let('x_pixel', mul(first, taps)), buffer, index(0), count * taps);
    const to = k.let('y_pixel', mul(first, channels));
    tile({ count, buffer, from: index(0), step: taps, rowStep: 0, to });
  });
}

function overRows(k: Writer, layer: WeightedLayer, outputs: VectorOutputs, x: Operand): void {
  const { rows, columns, depth, batches, channels, xZero } = layer;
  const taps = columns.kernel * depth;
  const size = outputsPerTile(columns.outputs, channels);
  const tile = channelTiles(k, layer, outputs, { count: rows.kernel, taps }, size);
  // One buffer row: the columns that a row of outputs reads.
  const extent = (columns.outputs - 1) * columns.stride + columns.kernel;
  const rowStep = extent * depth;
  const inside = Math.max(0, Math.min(columns.size, extent - columns.padBefore)) * depth;
  const buffer = k.scratch('widened_rows', 'i16', rows.kernel * rowStep + (taps % 2));
  if (inside < rowStep) fillRun(k, buffer, index(0), rows.kernel * rowStep, xZero);
  k.for('batch', 0, batches, (batch) => {
    k.for('out_y', 0, rows.outputs, (oy) => {
      k.for('ky', 0, rows.kernel, (ky) => {
        if (inside === 0) return;
        const to = k.let('to', add(mul(ky, rowStep), columns.padBefore * depth));
        const iy = k.let('in_y', sub(add(mul(oy, rows.stride), ky), rows.padBefore));
        const widen = (): void => {
          const from = k.let('from', mul(add(mul(batch, rows.size), iy), columns.size * depth));
          widenRun(k, x, from, buffer, to, inside);
        };
        if (alwaysInside(rows)) widen();
        else k.if(and(le(index(0), iy), lt(iy, rows.size)), widen, () => fillRun(k, buffer, to, inside, xZero));
      });
      const yRow = k.let('y_row', mul(add(mul(batch, rows.outputs), oy), columns.outputs * channels));
      inTiles(k, columns.outputs, size, (first, count) => {
        const from = k.let('x_first', mul(first, columns.stride * depth));
        const to = k.let('y_first', add(yRow, mul(first, channels)));
        tile({ count, buffer, from, step: columns.stride * depth, rowStep, to });
      });
    });
  });
}
