// depthwiseConv2d of int8 on cores with Armv8.1-M's vector instructions: 16 channels at a time, or fewer channels of several
// outputs. The rows that a row of outputs reads stand in scratch, padding as the zero point; each row of the input is copied
// there once, the rows taking turns.
import { add, index, int, lt, min, mul, sub } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Operand } from '../ops/op.ts';
import { alwaysInside, windowOrigin } from '../ops/window.ts';
import { copyPieces, moveBytes, pieceBytes } from '../targets/instructions/arm-mve-copy.ts';
import {
  depthwiseLanes,
  depthwiseOrder,
  fitsDepthwise,
  type MveDepthwiseVariant,
  mveDepthwiseFamily,
  mveDepthwiseInstr,
} from '../targets/instructions/arm-mve-depthwise.ts';
import { type LaneRequantisation, laneRequantisation } from '../tensor/lane-requantisation.ts';
import { finishOf, inside, lanesWanted, laneTable } from './lane-table.ts';
import type { Tactic } from './tactic.ts';
import { type WeightedLayer, weightedLayerOf } from './weighted-layer.ts';

/** More bytes of rows than so many are not kept. */
const mostKept = 4096;

/** How lanes are taken. */
interface Lanes {
  /** Outputs side by side in the 16 lanes: more than one where all channels fit several times. */
  readonly outputs: number;
  /** Bytes from a column of the kept rows to the next. */
  readonly pitch: number;
  readonly blocks: number;
  /** Columns of a kept row, padding included. */
  readonly places: number;
  readonly rowBytes: number;
}

export const mveDepthwise: Tactic = {
  name: 'mve-depthwise',
  note: '16 channels at a time, products of two taps in 16 bits',
  lowering(graph, node, target) {
    if (target.spellings[mveDepthwiseFamily] === undefined) return undefined;
    const layer = weightedLayerOf(graph, node, 'depthwise');
    if (layer === undefined || !pairsFit(layer)) return undefined;
    const taken = lanesOf(layer);
    const { rows, columns } = layer;
    const shape = { kernelRows: rows.kernel, kernelColumns: columns.kernel, pitch: taken.pitch };
    if (!fitsDepthwise(shape) || rows.kernel * taken.rowBytes > mostKept) return undefined;
    const requantisation = laneRequantisation(lanesWanted(layer));
    if (requantisation === undefined) return undefined;
    return (k, inputs, _attrs, [y]) => {
      const { x } = inputs as { readonly x: Operand };
      write(k, { layer, taken, shape, requantisation, x, y });
    };
  },

  overlap(graph, node) {
    const layer = weightedLayerOf(graph, node, 'depthwise');
    const sameStart = layer !== undefined && rowsStayAhead(layer);
    return sameStart ? { input: 0, leadBytes: Number.POSITIVE_INFINITY, sameStart } : undefined;
  },
};

/**
 * Whether a row of outputs never reaches, from the same start, a row of the input that is still to be read. Blocks of channels do not
 * touch each other's elements.
 */
function rowsStayAhead({ rows, columns }: WeightedLayer): boolean {
  if (rows.outputs * columns.outputs > rows.size * columns.size) return false;
  return Array.from({ length: rows.outputs - 1 }, (_, output) => output).every((output) => {
    const unread = Math.max(0, Math.min(rows.size, windowOrigin(rows, output) + Math.max(rows.kernel, rows.stride)));
    return (output + 1) * columns.outputs <= unread * columns.size;
  });
}

/** Whether two products side by side always fit into 16 bits. */
function pairsFit({ channels, taps, weightAt }: WeightedLayer): boolean {
  for (let channel = 0; channel < channels; channel += 1) {
    for (let tap = 0; tap < taps; tap += 2) {
      const next = tap + 1 < taps ? weightAt(channel, tap + 1) : 0;
      if (128 * (Math.abs(weightAt(channel, tap)) + Math.abs(next)) > 32767) return false;
    }
  }
  return true;
}

function lanesOf({ columns, channels }: WeightedLayer): Lanes {
  const places = (columns.outputs - 1) * columns.stride + columns.kernel;
  const several = columns.stride === 1 && depthwiseLanes % channels === 0 ? depthwiseLanes / channels : 1;
  const outputs = several <= columns.outputs ? several : 1;
  const pitch = outputs > 1 ? channels : depthwiseLanes;
  const blocks = Math.ceil(channels / depthwiseLanes);
  return { outputs, pitch, blocks, places, rowBytes: places * pitch };
}

interface Writing {
  readonly layer: WeightedLayer;
  readonly taken: Lanes;
  readonly shape: Pick<MveDepthwiseVariant, 'kernelRows' | 'kernelColumns' | 'pitch'>;
  readonly requantisation: LaneRequantisation;
  readonly x: Operand;
  readonly y: Operand;
}

function write(k: Writer, { layer, taken, shape, requantisation, x, y }: Writing): void {
  const { batches, rows, columns, channels, taps, xZero } = layer;
  const { blocks, rowBytes, outputs: together, pitch } = taken;
  const stride = rows.stride;
  const laneChannels = Array.from({ length: blocks * depthwiseLanes }, (_, lane) =>
    together > 1 ? lane % channels : lane,
  );
  const packed = Int8Array.from({ length: blocks * taps * depthwiseLanes }, (_, at) => {
    const block = Math.floor(at / (taps * depthwiseLanes));
    const tap = Math.floor(at / depthwiseLanes) % taps;
    const channel = laneChannels[block * depthwiseLanes + (at % depthwiseLanes)] ?? channels;
    return channel < channels ? layer.weightAt(channel, tap) : 0;
  });
  const order = Array.from({ length: blocks }, (_, block) =>
    depthwiseOrder.map((lane) => laneChannels[block * depthwiseLanes + lane] ?? 0),
  ).flat();
  const tableWords = laneTable(requantisation, order);
  const [weights, table] = [k.constant('packed_weights', packed), k.constant('requantisation', tableWords)];
  const zeros = k.constant('padding', new Int8Array(pieceBytes).fill(xZero));
  const kept = k.scratch('rows', 'i8', rows.kernel * rowBytes);
  const finish = finishOf(requantisation, layer);
  const variant = { ...shape, ...finish.variant };
  if (!alwaysInside(columns)) {
    // What lies beside the input is the same for all rows.
    k.for('filled', 0, rows.kernel * rowBytes, (at) => k.store(kept, at, int(xZero)));
  }
  const used = Math.min(columns.size, taken.places - columns.padBefore);
  const rowElements = columns.size * channels;
  /** Copies a row of the input, or padding, to a slot. */
  const keepRow = (batch: Expr, iy: Expr, slot: Expr, first: Expr, bytes: Expr): void => {
    const to = k.let('to', add(slot, columns.padBefore * pitch));
    const target = { region: kept, at: to };
    /** Columns of 16 bytes, or of several outputs side by side, which follow each other as those of the input do. */
    const columnsFrom = (from: { readonly region: Region; readonly at: Expr }, step: number): void => {
      const piece = together > 1 ? index(pitch) : bytes;
      if (used > 0) k.instr(copyPieces, from, target, index(used), piece, index(step), index(pitch));
    };
    const pad = (): void => columnsFrom({ region: zeros, at: index(0) }, 0);
    const copy = (): void => {
      const from = add(mul(add(mul(batch, rows.size), iy), rowElements), first);
      const source = { region: x, at: k.let('from', from) };
      if (together === 1) columnsFrom(source, channels);
      else if (used > 0) k.instr(moveBytes, source, target, index(used * pitch));
    };
    if (alwaysInside(rows)) copy();
    else k.if(inside(iy, rows.size), copy, pad);
  };
  const run = (at: Expr, yAt: Expr, count: number, bytes: Expr, block: Expr, slots: readonly Expr[]): void => {
    if (count <= 0) return;
    const step = together > 1 ? depthwiseLanes : columns.stride * pitch;
    k.instr(
      mveDepthwiseInstr(variant),
      { region: kept, at },
      { region: weights, at: mul(block, taps * depthwiseLanes) },
      { region: table, at: mul(block, tableWords.length / blocks) },
      { region: y, at: yAt },
      index(count),
      bytes,
      index(step),
      index(together > 1 ? depthwiseLanes : channels),
      ...finish.scalars,
      ...slots,
    );
  };
  k.for('batch', 0, batches, (batch) =>
    k.for('block', 0, blocks, (block) => {
      const first = k.let('channel', mul(block, depthwiseLanes));
      const most = together > 1 ? depthwiseLanes : Math.min(channels, depthwiseLanes);
      const bytes =
        channels % depthwiseLanes === 0 || blocks === 1
          ? index(most)
          : k.let('bytes', min(sub(index(channels), first), depthwiseLanes));
      const slots = Array.from({ length: rows.kernel }, (_, ky) => k.variable(`slot${ky}`, index(ky * rowBytes)));
      /** Rows of the window of a row of outputs, from `ky` on. */
      const keep = (output: Expr, from: number): void => {
        const origin = sub(mul(output, stride), rows.padBefore);
        slots.slice(from).forEach((slot, n) => {
          keepRow(batch, k.let('in_y', add(origin, from + n)), slot, first, bytes);
        });
      };
      keep(index(0), 0);
      k.for('out_y', 0, rows.outputs, (output) => {
        const yRow = mul(add(mul(batch, rows.outputs), output), columns.outputs * channels);
        const yAt = k.let('y_row', add(yRow, first));
        const whole = Math.floor(columns.outputs / together);
        run(index(0), yAt, whole, bytes, block, slots);
        if (columns.outputs % together > 0) {
          const back = (columns.outputs - together) * channels;
          run(index(back), add(yAt, back), 1, bytes, block, slots);
        }
        if (rows.outputs === 1) return;
        k.if(lt(output, index(rows.outputs - 1)), () => {
          const next = k.let('next', add(output, 1));
          if (stride >= rows.kernel) {
            keep(next, 0);
            return;
          }
          // The rows that stay move up, those that were first are read anew.
          const before = slots.map((slot, ky) => k.let(`before${ky}`, slot));
          slots.forEach((slot, ky) => {
            k.set(slot, before[(ky + stride) % rows.kernel] ?? index(0));
          });
          keep(next, rows.kernel - stride);
        });
      });
    }),
  );
}
