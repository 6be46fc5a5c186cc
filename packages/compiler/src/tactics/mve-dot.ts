// conv2d and fullyConnected of int8 on cores with Armv8.1-M's vector instructions. Where the taps of an output lie side by side
// in the input, the routine (targets/instructions/arm-mve-dot.ts) reads them there; else the windows of a row of outputs are
// gathered first, padding as the zero point, so that every output reads every tap and the zero point folds into the bias.
import { add, index, mul } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Operand } from '../ops/op.ts';
import { alwaysInside } from '../ops/window.ts';
import { mveDotFamily, mveDotInstr, packMveWeights } from '../targets/instructions/arm-mve-dot.ts';
import type { MveDotVariant } from '../targets/instructions/arm-mve-dot-routine.ts';
import { type LaneRequantisation, laneRequantisation } from '../tensor/lane-requantisation.ts';
import { finishOf, lanesWanted, laneTable } from './lane-table.ts';
import { leadOfGroups, leadOfLateReads } from './lead.ts';
import { type Gathering, gatherer, gatheringOf } from './mve-gather.ts';
import type { Tactic } from './tactic.ts';
import { type WeightedLayer, weightedLayerOf } from './weighted-layer.ts';

/** More bytes of windows than so many are not gathered at a time. */
const mostGathered = 4096;

export const mveDot: Tactic = {
  name: 'mve-dot',
  note: 'three outputs by four channels by vector dot products of int8',
  lowering(graph, node, target) {
    if (target.spellings[mveDotFamily] === undefined) return undefined;
    const layer = weightedLayerOf(graph, node, 'full');
    const requantisation = layer && laneRequantisation(lanesWanted(layer));
    if (layer === undefined || requantisation === undefined) return undefined;
    const reading = readingOf(layer);
    if (reading === undefined) return undefined;
    return (k, inputs, _attrs, [y]) => {
      const { x } = inputs as { readonly x: Operand };
      write(k, { layer, requantisation, reading, x, y });
    };
  },

  overlap(graph, node) {
    const layer = weightedLayerOf(graph, node, 'full');
    if (layer === undefined) return undefined;
    // A row of windows is gathered before its outputs are written; in place, three outputs are read for all their channels.
    const direct = readingOf(layer)?.kind === 'direct';
    const leadBytes = direct ? leadOfLateReads(layer, 2) : leadOfGroups(layer, layer.columns.outputs);
    return { input: 0, leadBytes, sameStart: false };
  },
};

/** Where the routine finds taps: in the input, or gathered. */
type Reading = { readonly kind: 'direct' } | (Gathering & { readonly kind: 'windows' | 'columns' });

function readingOf({ rows, columns, depth }: WeightedLayer): Reading | undefined {
  if (rows.kernel === 1 && alwaysInside(rows) && alwaysInside(columns)) return { kind: 'direct' };
  // Window by window, taps by rows, columns, depth; or column by column of the input, so that windows overlap, taps by columns,
  // rows, depth.
  const places = (columns.outputs - 1) * columns.stride + columns.kernel;
  const windows = gatheringOf({ rows, columns, depth });
  const single = gatheringOf({ rows, columns: { ...columns, kernel: 1, stride: 1, outputs: places }, depth });
  const best =
    single.cost < windows.cost ? { ...single, kind: 'columns' as const } : { ...windows, kind: 'windows' as const };
  return best.bytes <= mostGathered ? best : undefined;
}

interface Writing {
  readonly layer: WeightedLayer;
  readonly requantisation: LaneRequantisation;
  readonly reading: Reading;
  readonly x: Operand;
  readonly y: Operand;
}

function write(k: Writer, { layer, requantisation, reading, x, y }: Writing): void {
  const { batches, rows, columns, depth, channels, taps } = layer;
  const byColumns = reading.kind === 'columns';
  /** The tap of the layer that stands at a place of the gathered ones. */
  const tapAt = (place: number): number => {
    if (!byColumns) return place;
    const column = Math.floor(place / (rows.kernel * depth));
    const rest = place % (rows.kernel * depth);
    return (Math.floor(rest / depth) * columns.kernel + column) * depth + (rest % depth);
  };
  const weights = k.constant(
    'packed_weights',
    packMveWeights(channels, taps, (channel, place) => layer.weightAt(channel, tapAt(place))),
  );
  const finish = finishOf(requantisation, layer);
  const order = Array.from({ length: Math.ceil(channels / 4) * 4 }, (_, channel) => channel);
  const table = k.constant('requantisation', laneTable(requantisation, order));
  /** Outputs side by side in y, whose taps lie `pitch` apart. */
  const dot = (from: Region, at: Expr, yAt: Expr, pixels: number, pitch: number): void => {
    const variant = (outputs: 1 | 3): MveDotVariant => ({ ...finish.variant, outputs, ragged: channels % 4 !== 0 });
    const regions = (first: Expr, to: Expr) =>
      [{ region: from, at: first }, { region: weights }, { region: table }, { region: y, at: to }] as const;
    if (pixels >= 3) {
      const sizes = [index(taps), index(channels), index(pixels), index(pitch)];
      k.instr(mveDotInstr(variant(3)), ...regions(at, yAt), ...sizes, ...finish.scalars);
      return;
    }
    for (let pixel = 0; pixel < pixels; pixel += 1) {
      const own = regions(add(at, pixel * pitch), add(yAt, pixel * channels));
      k.instr(mveDotInstr(variant(1)), ...own, index(taps), index(channels), ...finish.scalars);
    }
  };
  const rowElements = columns.size * depth;
  if (reading.kind === 'direct') {
    const pitch = columns.stride * depth;
    // Rows of outputs follow each other as rows of the input do: they are one row.
    if (rows.stride === 1 && rows.size === rows.outputs && pitch * columns.outputs === rowElements) {
      dot(x, index(0), index(0), batches * rows.outputs * columns.outputs, pitch);
      return;
    }
    k.for('batch', 0, batches, (batch) =>
      k.for('out_y', 0, rows.outputs, (row) => {
        const from = mul(add(mul(batch, rows.size), mul(row, rows.stride)), rowElements);
        const to = mul(add(mul(batch, rows.outputs), row), columns.outputs * channels);
        dot(x, k.let('x_row', from), k.let('y_row', to), columns.outputs, pitch);
      }),
    );
    return;
  }
  const gather = gatherer(k, layer, reading, x);
  const pitch = byColumns ? columns.stride * rows.kernel * depth : taps;
  k.for('batch', 0, batches, (batch) =>
    k.for('out_y', 0, rows.outputs, (row) => {
      gather.row(batch, row);
      const to = mul(add(mul(batch, rows.outputs), row), columns.outputs * channels);
      dot(gather.taps, index(0), k.let('y_row', to), columns.outputs, pitch);
    }),
  );
}
