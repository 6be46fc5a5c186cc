// Weighted sums of int8 with 128-bit vectors: output channels lie across the lanes. Two taps of an output, widened to 16 bits,
// are repeated in all lanes and multiplied with the two weights of four channels in one dot product, so that no sum across
// lanes is ever needed. A tile is some outputs by some vectors of channels, all of whose accumulators stay in registers.
// A turn of the inner loop takes no more pairs of taps than registers hold beside the accumulators: V8 reads everything that a
// turn needs before it computes, and spills what does not fit.
import { add, index, mul } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import { add32x4, dot16x8, load8x8, loadPair16x8, v128 } from '../targets/instructions/wasm-simd.ts';
import { storeTile, type VectorOutputs } from './simd-outputs.ts';
import { vectorChannels } from './simd-requantise.ts';
import type { WeightedLayer } from './weighted-layer.ts';

/** How the taps of an output lie: rows of so many, side by side. */
export interface TapRows {
  readonly count: number;
  readonly taps: number;
}

/** Outputs of one tile: where the taps of the first start in a buffer of int16, and its channels in y. */
export interface TileOutputs {
  readonly count: number;
  readonly buffer: Region;
  readonly from: Expr;
  /** Elements of the buffer from one output to the next, and from one row of taps to the next. */
  readonly step: number;
  readonly rowStep: number;
  readonly to: Expr;
}

/** Vector registers that engines give out on x86-64, which has the fewest. */
const registers = 15;
/** Accumulators that fit them beside weights and taps. */
const mostAccumulators = 8;

/** Vectors of channels in a tile of so many outputs. */
const vectorsFor = (outputs: number): number => (outputs <= 2 ? 4 : 2);

/** So many outputs at a time cost the least, the last ones of a row counted. */
export function outputsPerTile(outputs: number, channels: number): number {
  const vectors = Math.ceil(channels / vectorChannels);
  let best = { outputs: 1, cost: Number.POSITIVE_INFINITY };
  for (let candidate = 1; candidate <= Math.min(4, outputs); candidate += 1) {
    const across = Math.min(vectors, vectorsFor(candidate));
    if (candidate * across > mostAccumulators) break;
    // Two operations an accumulator, a load an output, one and a half a vector of weights, the loop.
    const tileCost = (count: number, width: number): number =>
      count * width === 0 ? 0 : count * width * 2 + count + width * 1.5 + 2;
    const costOf = (count: number): number =>
      Math.floor(vectors / across) * tileCost(count, across) + tileCost(count, vectors % across);
    const cost = Math.floor(outputs / candidate) * costOf(candidate) + costOf(outputs % candidate);
    if (cost < best.cost) best = { outputs: candidate, cost };
  }
  return best.outputs;
}

/** Pairs of taps a turn: the most that divide a row of pairs and whose taps and weights fit beside accumulators and a product. */
function pairsPerTurn(pairs: number, outputs: number, width: number): number {
  const most = Math.floor((registers - 1 - outputs * width) / (outputs + width));
  for (let turn = Math.min(most, pairs); turn > 1; turn -= 1) if (pairs % turn === 0) return turn;
  return 1;
}

/** Writes the packed weights; the result loops over all channels of some outputs, at most `most`. */
export function channelTiles(
  k: Writer,
  layer: WeightedLayer,
  outputs: VectorOutputs,
  rows: TapRows,
  most: number,
): (tile: TileOutputs) => void {
  const { channels } = layer;
  const vectors = Math.ceil(channels / vectorChannels);
  const across = Math.min(vectors, vectorsFor(most));
  const pairs = Math.ceil(rows.taps / 2);
  const weights = k.constant('packed_weights', packWeights(layer, rows, across));
  const bytesOfVector = rows.count * pairs * 8;
  const block = (tile: TileOutputs, channel: Expr, width: number, wStart: Expr): void =>
    tileBlock(k, { outputs, weights, rows: rows.count, pairs, width, channel, wStart }, tile);
  // Tiles in the loop have all their channels.
  const whole = Math.floor((channels % vectorChannels === 0 ? vectors : vectors - 1) / across);
  const rest = vectors - whole * across;
  const wholeChannels = whole * across * vectorChannels;
  return (tile) => {
    k.for(
      'channel',
      0,
      wholeChannels,
      (channel) => block(tile, channel, across, mul(channel, bytesOfVector / vectorChannels)),
      across * vectorChannels,
    );
    if (rest > 0) block(tile, index(wholeChannels), rest, index(whole * across * bytesOfVector));
  };
}

/** By blocks of `across` vectors of channels: for each pair of taps its weights of all their channels. */
function packWeights({ channels, weightAt }: WeightedLayer, rows: TapRows, across: number): Int8Array {
  const pairs = Math.ceil(rows.taps / 2);
  const vectors = Math.ceil(channels / vectorChannels);
  const packed = new Int8Array(vectors * rows.count * pairs * 8);
  let at = 0;
  for (let first = 0; first < vectors; first += across) {
    const block = Math.min(across, vectors - first);
    for (let row = 0; row < rows.count; row += 1) {
      for (let pair = 0; pair < pairs; pair += 1) {
        for (let place = 0; place < block * 8; place += 1) {
          const channel = first * vectorChannels + (place >> 1);
          const tap = pair * 2 + (place & 1);
          if (channel < channels && tap < rows.taps) packed[at] = weightAt(channel, row * rows.taps + tap);
          at += 1;
        }
      }
    }
  }
  return packed;
}

interface Block {
  readonly outputs: VectorOutputs;
  readonly weights: Region;
  readonly rows: number;
  readonly pairs: number;
  /** Vectors of channels, from `channel` on, whose weights start at `wStart`. */
  readonly width: number;
  readonly channel: Expr;
  readonly wStart: Expr;
}

function tileBlock(
  k: Writer,
  { outputs, weights, rows, pairs, width, channel, wStart }: Block,
  { count, buffer, from, step, rowStep, to }: TileOutputs,
): void {
  const vectors = Array.from({ length: width }, (_, v) => v);
  const accs = Array.from({ length: count }, () => vectors.map((v) => outputs.start(add(channel, v * vectorChannels))));
  const turn = pairsPerTurn(pairs, count, width);
  const taps = k.alloc('taps', 'i16', 8, v128);
  const products = k.alloc('products', 'i32', 4, v128);
  const fours = vectors.map(() => k.alloc('weights_of_4', 'i16', 8, v128));
  k.for('tap_row', 0, rows, (row) => {
    const xAt = k.variable('x_at', add(from, mul(row, rowStep)));
    const wRow = k.let('w_row', add(wStart, mul(row, pairs * width * 8)));
    k.for(
      'w_at',
      wRow,
      add(wRow, pairs * width * 8),
      (wAt) => {
        for (let pair = 0; pair < turn; pair += 1) {
          fours.forEach((four, v) => {
            k.instr(load8x8, { region: weights, at: add(wAt, (pair * width + v) * 8) }, { region: four });
          });
          accs.forEach((own, output) => {
            k.instr(loadPair16x8, { region: buffer, at: add(xAt, output * step + pair * 2) }, { region: taps });
            fours.forEach((four, v) => {
              const acc = own[v];
              if (acc === undefined) return;
              k.instr(dot16x8, { region: taps }, { region: four }, { region: products });
              k.instr(add32x4, { region: acc }, { region: products }, { region: acc });
            });
          });
        }
        k.set(xAt, add(xAt, turn * 2));
      },
      turn * width * 8,
    );
  });
  storeTile(k, outputs, accs, to, channel);
}
