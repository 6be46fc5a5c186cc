// depthwiseConv2d of int8 with 128-bit vectors: four channels across the lanes, the taps of two rows in one dot product. The
// rows that a row of outputs reads are widened and interleaved by twos into scratch, padding included; a tile is some
// neighbouring outputs of four channels, which read each column once.
import { add, and, index, int, le, lt, mul, sub } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Operand } from '../ops/op.ts';
import { alwaysInside } from '../ops/window.ts';
import {
  add32x4,
  dot16x8,
  hasVectors,
  interleaveHigh16x8,
  interleaveLow16x8,
  load8x8,
  load16x8,
  splat16x8,
  store16x8,
  v128,
} from '../targets/instructions/wasm-simd.ts';
import { inTiles } from './simd-dot.ts';
import { storeTile, type VectorOutputs, vectorOutputs } from './simd-outputs.ts';
import { vectorChannels, vectorTable } from './simd-requantise.ts';
import { fillRun } from './simd-widen.ts';
import type { Tactic } from './tactic.ts';
import { type WeightedLayer, weightedLayerOf } from './weighted-layer.ts';

export const simdDepthwise: Tactic = {
  name: 'simd-depthwise',
  note: 'neighbouring outputs of four channels across the lanes of 128-bit vectors, by 16-bit dot products of two rows',
  lowering(graph, node, target) {
    const layer = hasVectors(target) ? weightedLayerOf(graph, node, 'depthwise') : undefined;
    const table = layer && vectorTable({ ...layer, zeroPoint: layer.yZero });
    if (layer === undefined || table === undefined) return undefined;
    return (k, inputs, _attrs, [y]) => {
      const { x } = inputs as { readonly x: Operand };
      const { batches, rows, columns, channels } = layer;
      const outputs = vectorOutputs(k, layer, table, y);
      const weights = k.constant('packed_weights', packWeights(layer));
      const buffer = pairBuffer(k, x, layer);
      const whole = channels - (channels % vectorChannels);
      k.for('batch', 0, batches, (batch) => {
        k.for('out_y', 0, rows.outputs, (oy) => {
          buffer.fill(batch, oy);
          const yRow = k.let('y_row', mul(add(mul(batch, rows.outputs), oy), columns.outputs * channels));
          inTiles(k, columns.outputs, outputsPerTile(layer), (first, count) => {
            const from = k.let('x_first', mul(first, columns.stride * buffer.columnStep));
            const to = k.let('y_first', add(yRow, mul(first, channels)));
            const at = (channel: Expr): void =>
              tile(k, outputs, { layer, weights, buffer }, { count, from, to, channel });
            k.for('channel', 0, whole, at, vectorChannels);
            if (whole < channels) at(index(whole));
          });
        });
      });
    };
  },
};

/** Vector registers a tile may fill: accumulators, columns, weights, and one for products. */
const registers = 15;

/** Neighbouring outputs whose accumulators, columns and weights fit the registers. */
function outputsPerTile({ columns }: WeightedLayer): number {
  for (let outputs = Math.min(4, columns.outputs); outputs > 1; outputs -= 1) {
    const read = (outputs - 1) * columns.stride + columns.kernel;
    if (outputs + read + columns.kernel + 1 <= registers) return outputs;
  }
  return 1;
}

/** By four channels: for each pair of rows and each column the weights of the two rows, side by side. */
function packWeights({ rows, columns, channels, weightAt }: WeightedLayer): Int8Array {
  const [vectors, pairs] = [Math.ceil(channels / vectorChannels), Math.ceil(rows.kernel / 2)];
  const packed = new Int8Array(vectors * pairs * columns.kernel * 8);
  let at = 0;
  for (let first = 0; first < channels; first += vectorChannels) {
    for (let pair = 0; pair < pairs; pair += 1) {
      for (let column = 0; column < columns.kernel; column += 1) {
        for (let place = 0; place < 8; place += 1) {
          const channel = first + (place >> 1);
          const row = pair * 2 + (place & 1);
          if (channel < channels && row < rows.kernel) packed[at] = weightAt(channel, row * columns.kernel + column);
          at += 1;
        }
      }
    }
  }
  return packed;
}

/** The rows a row of outputs reads, two by two: elements of both, interleaved. */
interface PairBuffer {
  readonly region: Region;
  /** Elements of a pair of rows, and of a column. */
  readonly rowStep: number;
  readonly columnStep: number;
  /** Fills it for a row of outputs. */
  fill(batch: Expr, oy: Expr): void;
}

function pairBuffer(k: Writer, x: Operand, layer: WeightedLayer): PairBuffer {
  const { rows, columns, channels } = layer;
  const extent = (columns.outputs - 1) * columns.stride + columns.kernel;
  const inside = Math.max(0, Math.min(columns.size, extent - columns.padBefore)) * channels;
  const pairs = Math.ceil(rows.kernel / 2);
  const columnStep = channels * 2;
  const rowStep = extent * columnStep;
  // The last vector may reach over the last channel.
  const region = k.scratch('row_pairs', 'i16', pairs * rowStep + (-channels & (vectorChannels - 1)) * 2);
  const zero = layer.xZero;
  if (inside < extent * channels) fillRun(k, region, index(0), pairs * rowStep, zero);
  const zeros = alwaysInside(rows) ? undefined : k.alloc('zeros', 'i16', 8, v128);
  if (zeros !== undefined) k.instr(splat16x8, int(zero), { region: zeros });
  /** One pair; a row outside the input is all zero point. */
  const interleave = (sources: readonly (Expr | undefined)[], to: Expr): void => {
    const vector = (at: Expr | number): void => {
      const loaded = sources.map((from, row) => {
        if (from === undefined) return zeros;
        const register = k.alloc(row === 0 ? 'upper' : 'lower', 'i16', 8, v128);
        k.instr(load8x8, { region: x, at: add(from, at) }, { region: register });
        return register;
      });
      const [upper, lower = upper] = loaded;
      if (upper === undefined || lower === undefined) return;
      [interleaveLow16x8, interleaveHigh16x8].forEach((instr, half) => {
        const both = k.alloc('both', 'i16', 8, v128);
        k.instr(instr, { region: upper }, { region: lower }, { region: both });
        const place = typeof at === 'number' ? index(at * 2) : mul(at, 2);
        k.instr(store16x8, { region, at: add(add(to, place), half * 8) }, { region: both });
      });
    };
    const single = (at: Expr): void => {
      sources.forEach((from, row) => {
        k.store(region, add(add(to, mul(at, 2)), row), from === undefined ? int(zero) : k.load(x, add(from, at)));
      });
    };
    const whole = inside - (inside % 8);
    k.for('i', 0, whole, vector, 8);
    if (whole < inside && inside >= 8) vector(inside - 8);
    else k.for('i', whole, inside, single);
  };
  return {
    region,
    rowStep,
    columnStep,
    fill(batch, oy) {
      if (inside === 0) return;
      for (let pair = 0; pair < pairs; pair += 1) {
        const to = index(pair * rowStep + columns.padBefore * columnStep);
        const count = Math.min(2, rows.kernel - pair * 2);
        const lines = Array.from({ length: count }, (_, row) =>
          k.let('in_y', sub(add(mul(oy, rows.stride), pair * 2 + row), rows.padBefore)),
        );
        const starts = lines.map((iy) => mul(add(mul(batch, rows.size), iy), columns.size * channels));
        const isInside = (iy: Expr): Expr => and(le(index(0), iy), lt(iy, index(rows.size)));
        const withFirst = (known: readonly (Expr | undefined)[]): void => {
          const iy = lines[known.length];
          const start = starts[known.length];
          if (iy === undefined || start === undefined) {
            interleave(known, to);
            return;
          }
          const inRow = (): void => withFirst([...known, k.let('from', start)]);
          if (alwaysInside(rows)) inRow();
          else k.if(isInside(iy), inRow, () => withFirst([...known, undefined]));
        };
        withFirst([]);
      }
    },
  };
}

interface Shared {
  readonly layer: WeightedLayer;
  readonly weights: Region;
  readonly buffer: PairBuffer;
}

/** `count` outputs side by side, of four channels from `channel` on. */
interface Tile {
  readonly count: number;
  /** Where the first one's window starts in the buffer, and its channels in y. */
  readonly from: Expr;
  readonly to: Expr;
  readonly channel: Expr;
}

function tile(
  k: Writer,
  outputs: VectorOutputs,
  { layer, weights, buffer }: Shared,
  { count, from, to, channel }: Tile,
): void {
  const { columns, rows } = layer;
  const pairs = Math.ceil(rows.kernel / 2);
  const accs = Array.from({ length: count }, () => outputs.start(channel));
  const products = k.alloc('products', 'i32', 4, v128);
  const perVector = pairs * columns.kernel * 8;
  const xStart = k.let('x_start', add(from, mul(channel, 2)));
  const wStart = k.let('w_start', mul(channel, perVector / vectorChannels));
  k.for('pair', 0, pairs, (pair) => {
    const xAt = k.let('x_at', add(xStart, mul(pair, buffer.rowStep)));
    const wAt = k.let('w_at', add(wStart, mul(pair, columns.kernel * 8)));
    const weightsOf = Array.from({ length: columns.kernel }, (_, kx) => {
      const four = k.alloc('weights_of_4', 'i16', 8, v128);
      k.instr(load8x8, { region: weights, at: add(wAt, kx * 8) }, { region: four });
      return four;
    });
    const read = (count - 1) * columns.stride + columns.kernel;
    for (let column = 0; column < read; column += 1) {
      const users = accs.flatMap((acc, output) => {
        const four = weightsOf[column - output * columns.stride];
        return four === undefined ? [] : [{ acc, four }];
      });
      if (users.length === 0) continue;
      const taps = k.alloc('taps', 'i16', 8, v128);
      k.instr(load16x8, { region: buffer.region, at: add(xAt, column * buffer.columnStep) }, { region: taps });
      for (const { acc, four } of users) {
        k.instr(dot16x8, { region: taps }, { region: four }, { region: products });
        k.instr(add32x4, { region: acc }, { region: products }, { region: acc });
      }
    }
  });
  storeTile(
    k,
    outputs,
    accs.map((acc) => [acc]),
    to,
    channel,
  );
}
