// conv2d and fullyConnected of int8 on cores whose multiplications are of 32 bits: three sums share two products
// (targets/instructions/triples.ts). The taps of three or six outputs are packed into scratch, then a routine takes all channels.
// Windows that reach over a border are read from a ring of rows, copied with zero points around them.
import { add, eq, index, int, lt, mul, rem, select, sub } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Operand } from '../ops/op.ts';
import { type Axis, alwaysInside } from '../ops/window.ts';
import { type DotVariant, dotInstr, largestSum, packTaps } from '../targets/instructions/triples.ts';
import { leadOfGroups } from './lead.ts';
import type { Tactic } from './tactic.ts';
import { type Entry, entriesOf, entryWordsOf, isRelu } from './triple-table.ts';
import { type WeightedLayer, weightedLayerOf } from './weighted-layer.ts';

export const tripleDot: Tactic = {
  name: 'triple-dot',
  note: 'three sums in two products, six outputs at a time, their taps packed once for all channels',
  lowering(graph, node, target) {
    if (target.packsSums !== true) return undefined;
    const found = weightedLayerOf(graph, node, 'full');
    const layer = found && flattened(found);
    if (layer === undefined || layer.batches * layer.rows.outputs * layer.columns.outputs === 1) return undefined;
    const entries = entriesOf(layer);
    const chunks = chunksOf(layer);
    if (entries === undefined || chunks === undefined) return undefined;
    return (k, inputs, _attrs, [y]) => {
      const { x } = inputs as { readonly x: Operand };
      write(k, { layer, entries, chunks, x, y });
    };
  },

  // Windows are packed group by group, each before its outputs are written; the ring of rows is read ahead.
  overlap(graph, node) {
    const layer = weightedLayerOf(graph, node, 'full');
    return layer && { input: 0, leadBytes: leadOfGroups(layer, isPointwise(layer) ? 6 : 1), sameStart: false };
  },
};

const isPointwise = ({ rows, columns }: WeightedLayer): boolean =>
  [rows, columns].every((axis) => axis.kernel === 1 && axis.stride === 1 && alwaysInside(axis));

/** A layer without windows as one row of outputs. */
function flattened(layer: WeightedLayer): WeightedLayer {
  if (!isPointwise(layer)) return layer;
  const outputs = layer.batches * layer.rows.outputs * layer.columns.outputs;
  const line = (size: number): Axis => ({ size, kernel: 1, stride: 1, dilation: 1, padBefore: 0, outputs: size });
  return { ...layer, batches: 1, rows: line(1), columns: line(outputs) };
}

/** The taps of a window in chunks of one length: whole rows, or parts of a row. */
interface Chunks {
  readonly count: number;
  readonly taps: number;
  /** A chunk's rows of the window, and how many taps of each it has. */
  readonly rows: number;
  readonly rowTaps: number;
}

/** The fewest chunks whose sums can be told apart. */
function chunksOf({ rows, columns, depth, channels, taps, weightAt }: WeightedLayer): Chunks | undefined {
  const fits = (length: number): boolean => {
    for (let channel = 0; channel < channels; channel += 1) {
      for (let first = 0; first < taps; first += length) {
        let [least, most] = [0, 0];
        for (let tap = first; tap < first + length; tap += 1) {
          const weight = weightAt(channel, tap);
          least += Math.min(-128 * weight, 127 * weight);
          most += Math.max(-128 * weight, 127 * weight);
        }
        if (least < -largestSum || most >= largestSum) return false;
      }
    }
    return true;
  };
  const whole = columns.kernel * depth;
  const shapes = [
    ...divisorsOf(rows.kernel).map((parts) => ({ rows: rows.kernel / parts, rowTaps: whole })),
    ...divisorsOf(whole).map((parts) => ({ rows: 1, rowTaps: whole / parts })),
  ];
  const shape = shapes.find((one) => fits(one.rows * one.rowTaps));
  if (shape === undefined) return undefined;
  const length = shape.rows * shape.rowTaps;
  return { ...shape, count: taps / length, taps: length };
}

const divisorsOf = (value: number): readonly number[] =>
  Array.from({ length: value }, (_, n) => n + 1).filter((n) => value % n === 0);

interface Writing {
  readonly layer: WeightedLayer;
  readonly entries: readonly Entry[];
  readonly chunks: Chunks;
  readonly x: Operand;
  readonly y: Operand;
}

/** Where a row of inputs, borders included, is read: the element of its first column. */
interface Source {
  readonly region: Region;
  rowAt(ky: number): Expr;
}

function write(k: Writer, writing: Writing): void {
  const { layer, chunks } = writing;
  const { rows, columns, batches, depth, channels } = layer;
  const most = columns.outputs > 3 ? 2 : 1;
  const words = k.scratch('words', 'i32', 2 * most * chunks.count * (chunks.taps + 1));
  const weights = k.constant('shifted_weights', shiftedWeights(layer));
  const table = k.constant('requantisation', Int32Array.from(writing.entries.flatMap(entryWordsOf)));
  const row = (source: Source, yRow: Expr): void => {
    const group = (first: Expr, count: number): void => {
      const triples = count > 3 ? 2 : 1;
      const outputs = Array.from({ length: 3 * triples }, (_, n) => Math.min(n, count - 1));
      pack(k, writing, words, source, first, outputs);
      const variant: DotVariant = { triples, relu: isRelu(layer), chunked: chunks.count > 1 };
      const places = outputs.slice(1).map((n) => index(n * channels));
      const { yZero, low, high } = layer;
      k.instr(
        dotInstr(variant),
        { region: words },
        { region: weights },
        { region: table },
        { region: writing.y, at: add(yRow, mul(first, channels)) },
        ...[chunks.taps, channels, ...(variant.chunked ? [chunks.count] : [])].map(index),
        ...places,
        ...(variant.relu ? [] : [yZero, low, high].map(index)),
      );
    };
    const whole = columns.outputs - (columns.outputs % 6);
    k.for('out_x', 0, whole, (first) => group(first, 6), 6);
    const rest = columns.outputs - whole;
    if (rest > 0) group(index(whole), rest);
  };
  const direct = alwaysInside(rows) && alwaysInside(columns);
  const ring = direct ? undefined : ringOf(k, writing);
  k.for('batch', 0, batches, (batch) => {
    k.for('out_y', 0, rows.outputs, (out) => {
      const yRow = k.let('y_row', mul(add(mul(batch, rows.outputs), out), columns.outputs * channels));
      if (ring !== undefined) {
        row(ring(batch, out), yRow);
        return;
      }
      const pitch = columns.size * depth;
      const top = k.let('x_row', mul(add(mul(batch, rows.size), mul(out, rows.stride)), pitch));
      row({ region: writing.x, rowAt: (ky) => add(top, ky * pitch) }, yRow);
    });
  });
}

/** Weights by channel and tap, 128 more than they are. */
function shiftedWeights({ channels, taps, weightAt }: WeightedLayer): Uint8Array {
  return Uint8Array.from({ length: channels * taps }, (_, n) => weightAt(Math.floor(n / taps), n % taps) + 128);
}

/** Packs the windows of outputs of a row; `outputs` counts from the first. */
function pack(
  k: Writer,
  { layer, chunks }: Writing,
  words: Region,
  source: Source,
  first: Expr,
  outputs: readonly number[],
): void {
  const { columns, depth } = layer;
  const apart = columns.stride * depth;
  const width = (2 * outputs.length) / 3;
  const column = k.let('column', mul(first, apart));
  for (let chunk = 0; chunk < chunks.count; chunk += 1) {
    const header = chunk * (chunks.taps + 1) * width;
    for (let word = 0; word < width; word += 1) k.store(words, header + word, int(0));
    for (let row = 0; row < chunks.rows; row += 1) {
      const tap = chunk * chunks.taps + row * chunks.rowTaps;
      const [ky, inRow] = [Math.floor(tap / (columns.kernel * depth)), tap % (columns.kernel * depth)];
      const start = k.let('from', add(add(source.rowAt(ky), column), inRow));
      for (let triple = 0; triple < outputs.length / 3; triple += 1) {
        const from = [0, 1, 2].map((n) => ({
          region: source.region,
          at: add(start, (outputs[3 * triple + n] ?? 0) * apart),
        }));
        const to = header + width + row * chunks.rowTaps * width + 2 * triple;
        k.instr(
          packTaps,
          ...from,
          { region: words, at: to },
          { region: words, at: header + 2 * triple },
          index(width),
          index(chunks.rowTaps),
        );
      }
    }
  }
}

/** Rows of the input with zero points around them, as many as a window has; row r of the padded input stands in slot r modulo that. */
function ringOf(k: Writer, { layer, x }: Writing): (batch: Expr, out: Expr) => Source {
  const { rows, columns, depth, xZero } = layer;
  const width = (columns.outputs - 1) * columns.stride + columns.kernel;
  const pitch = width * depth;
  const ring = k.scratch('rows', 'i8', rows.kernel * pitch);
  k.for('border', 0, rows.kernel * pitch, (i) => k.store(ring, i, int(xZero)));
  // Of a row the columns that some window reads.
  const copied = Math.min(columns.size, Math.max(0, width - columns.padBefore)) * depth;
  const copyRow = (batch: Expr, row: Expr): void => {
    const to = k.let('to', add(mul(rem(row, rows.kernel), pitch), columns.padBefore * depth));
    const at = k.let('row', sub(row, rows.padBefore));
    const from = k.let('from', mul(add(mul(batch, rows.size), at), columns.size * depth));
    const inside = select(lt(at, 0), int(0), lt(at, rows.size));
    k.if(
      inside,
      () => k.for('column', 0, copied, (i) => k.store(ring, add(to, i), k.load(x, add(from, i)))),
      () => k.for('column', 0, copied, (i) => k.store(ring, add(to, i), int(xZero))),
    );
  };
  return (batch, out) => {
    const top = k.let('top', mul(out, rows.stride));
    // All rows of the first window; then those that the window before did not have.
    const overlap = Math.max(0, rows.kernel - rows.stride);
    const fresh = overlap === 0 ? top : k.let('fresh', select(eq(out, index(0)), top, add(top, overlap)));
    k.for('fresh_row', fresh, add(top, rows.kernel), (row) => copyRow(batch, row));
    const first = k.let('slot', rem(top, rows.kernel));
    const starts = Array.from({ length: rows.kernel }, (_, ky) => {
      const slot = add(first, ky);
      const wrapped = ky === 0 ? slot : select(lt(slot, rows.kernel), slot, sub(slot, rows.kernel));
      return k.let(`row${ky}`, mul(wrapped, pitch));
    });
    return { region: ring, rowAt: (ky) => starts[ky] ?? index(0) };
  };
}
