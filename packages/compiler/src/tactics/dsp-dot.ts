// conv2d and fullyConnected of int8 on cores with dual 16-bit multiply-accumulates. The taps of one or two outputs are widened
// to 16 bits once, into scratch; then blocks of channels run over them with their weights read four at a time: per word of
// weights two extensions and two multiply-accumulates an output. Padding is widened as the zero point, so that every output
// reads every tap and the zero point folds into the bias.

import { valueAt } from '../graph/graph.ts';
import { add, call, index, int, max, min, mul } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Graph, OpNode } from '../ops/index.ts';
import type { Operand } from '../ops/op.ts';
import {
  type Activation,
  channelMultipliers,
  perTensor,
  quantisedActivationRange,
  type ScaleProduct,
} from '../ops/quantised.ts';
import { type Axis, alwaysInside, type Taps, tapsInside } from '../ops/window.ts';
import { smlad, sxtb16, sxtb16Ror8 } from '../targets/instructions/arm-dsp.ts';
import type { AccumulatorRange } from '../tensor/step-requantisation.ts';
import { type FinishStep, stepRequantise } from './step-requantise.ts';

export interface DotLayer {
  readonly x: Operand;
  readonly w: Operand;
  readonly bias: Operand | undefined;
  readonly y: Operand;
  readonly channels: number;
  /** Products of one output: rows of the weights. */
  readonly taps: number;
  readonly activation: Activation;
  readonly scaleProduct: ScaleProduct;
  /** Where a channel's weight of a tap stands in w, if not in rows of taps. */
  readonly weightAt?: (channel: number, tap: number) => number;
}

const weightOf = ({ w, taps, weightAt }: DotLayer, channel: number, tap: number): number =>
  Number(w.data?.[weightAt === undefined ? channel * taps + tap : weightAt(channel, tap)]);

/** True for a node on int8 whose weights and bias are constants, the weights symmetric. */
export function isKnownInt8(graph: Graph, node: OpNode): boolean {
  const [x = -1, w = -1, bias] = node.inputs;
  const weights = valueAt(graph, w);
  const known = weights.data !== undefined && (bias === undefined || valueAt(graph, bias).data !== undefined);
  const symmetric = weights.type.quantisation?.zeroPoint.every((zero) => zero === 0) ?? false;
  return valueAt(graph, x).type.dtype === 'i8' && known && symmetric;
}

/** Where one output's taps are read: pairs of 16 bits for the word of weights at a tap. */
type TapPairs = (tap: Expr) => readonly [a: Expr, b: Expr];

/** The parts of a kernel that all outputs share. */
export interface DotKernel {
  /** Widened taps of one output start every `stride` elements. */
  readonly buffer: Region;
  readonly stride: number;
  /** Whether the buffer holds taps as sxtb16 leaves them (0, 2, 1, 3), or in order. */
  readonly interleaved: boolean;
  /** Loops over all channels for the outputs whose taps are in the buffer; `yAt` is where each one's channels start. */
  outputs(yAt: readonly Expr[]): void;
}

const wordTaps = 4;
/** Words of weights in one turn of the inner loop. */
const unrolled = 4;

/** Folded biases and the accumulators that can occur, by channel. */
function accumulators(layer: DotLayer): {
  readonly biases: number[];
  readonly ranges: AccumulatorRange[];
} {
  const { bias, x, channels, taps } = layer;
  const zero = perTensor(x.tensor).zeroPoint;
  const biases: number[] = [];
  const ranges: AccumulatorRange[] = [];
  for (let channel = 0; channel < channels; channel += 1) {
    const own = Number(bias?.data?.[channel] ?? 0);
    let [least, most, folded] = [own, own, own];
    for (let tap = 0; tap < taps; tap += 1) {
      const weight = weightOf(layer, channel, tap);
      const [a, b] = [weight * (-128 - zero), weight * (127 - zero)];
      least += Math.min(a, b);
      most += Math.max(a, b);
      folded -= weight * zero;
    }
    biases.push(folded);
    // The step formula sees the accumulator with the bias in it, which is the reference's own.
    ranges.push({ least, most });
  }
  return { biases, ranges };
}

const fitsInt32 = ({ least, most }: AccumulatorRange): boolean => least >= -(2 ** 31) && most < 2 ** 31;

/** Weights in rows of whole words, ordered so that sxtb16 of a word gives pairs that stand side by side in the buffer. */
function weightsOf(k: Writer, layer: DotLayer, stride: number, interleaved: boolean): Region {
  const { w, channels, taps, weightAt } = layer;
  if (interleaved && stride === taps && weightAt === undefined) return w;
  const order = interleaved ? [0, 1, 2, 3] : [0, 2, 1, 3];
  const packed = new Int8Array(channels * stride);
  for (let channel = 0; channel < channels; channel += 1) {
    for (let tap = 0; tap < taps; tap += 1) {
      const place = (tap & ~3) + (order[tap & 3] ?? 0);
      packed[channel * stride + place] = weightOf(layer, channel, tap);
    }
  }
  return k.constant('packed_weights', packed);
}

/** A layer's constants in the order they are read, and how its accumulators end; undefined where that has no exact cheap form. */
interface Prepared {
  readonly weights: Region;
  readonly stride: number;
  readonly finish: FinishStep;
}

/** How the layer's accumulators end, when they start at 0 and take the inputs as they are. */
export function finishOf(k: Writer, layer: DotLayer): FinishStep | undefined {
  const { x, w, y, activation, scaleProduct } = layer;
  const { biases, ranges } = accumulators(layer);
  if (!ranges.every(fitsInt32) || !biases.every((bias) => Math.abs(bias) < 2 ** 31)) return undefined;
  const [low, high] = quantisedActivationRange(activation, y.tensor);
  const perChannel = channelMultipliers(x.tensor, w.tensor, y.tensor, scaleProduct);
  const factors = biases.flatMap((_, channel) => perChannel[perChannel.length === 1 ? 0 : channel] ?? []);
  const { zeroPoint } = perTensor(y.tensor);
  return stepRequantise(k, { factors, biases, ranges, zeroPoint, low, high });
}

function prepare(k: Writer, layer: DotLayer, interleaved: boolean): Prepared | undefined {
  const finish = finishOf(k, layer);
  if (finish === undefined) return undefined;
  const stride = Math.ceil(layer.taps / wordTaps) * wordTaps;
  return { weights: weightsOf(k, layer, stride, interleaved), stride, finish };
}

/** Loops over all channels in blocks, then one by one. */
function overChannels(k: Writer, channels: number, block: number, run: (first: Expr, count: number) => void): void {
  const whole = Math.floor(channels / block) * block;
  k.for('channel', 0, whole, (channel) => run(channel, block), block);
  k.for('last_channel', whole, channels, (channel) => run(channel, 1));
}

/** Two outputs at a time, their taps widened into scratch; undefined where the requantisation has no exact cheap form. */
export function dotKernel(k: Writer, layer: DotLayer, interleaved: boolean): DotKernel | undefined {
  const prepared = prepare(k, layer, interleaved);
  if (prepared === undefined) return undefined;
  const { stride } = prepared;
  const buffer = k.scratch('taps', 'i16', 2 * stride);
  const pairsOf =
    (output: number): TapPairs =>
    (tap) => {
      const start = add(tap, output * stride);
      return [k.load(buffer, start, 'i32'), k.load(buffer, add(start, 2), 'i32')];
    };
  return {
    buffer,
    stride,
    interleaved,
    outputs: (yAt) =>
      overChannels(k, layer.channels, yAt.length === 1 ? 4 : 2, (channel, count) =>
        dotBlock(
          k,
          { ...prepared, y: layer.y },
          { channel, count },
          yAt.map((start, output) => ({ start, pairs: pairsOf(output) })),
        ),
      ),
  };
}

/** One output whose taps lie side by side in x, a multiple of four of them; widened as they are read, once for four channels. */
export function directDot(k: Writer, layer: DotLayer): ((xAt: Expr, yAt: Expr) => void) | undefined {
  const prepared = prepare(k, layer, true);
  if (prepared === undefined) return undefined;
  return (xAt, yAt) => {
    const pairs: TapPairs = (tap) => {
      const four = k.let('taps', k.load(layer.x, add(xAt, tap), 'i32'));
      return [call(sxtb16, four), call(sxtb16Ror8, four)];
    };
    overChannels(k, layer.channels, 4, (channel, count) =>
      dotBlock(k, { ...prepared, y: layer.y }, { channel, count }, [{ start: yAt, pairs }]),
    );
  };
}

interface Block extends Prepared {
  readonly y: Operand;
}

interface Output {
  /** Where its channels start in y. */
  readonly start: Expr;
  readonly pairs: TapPairs;
}

/** `count` channels from `channel` on, for some outputs at once. */
function dotBlock(
  k: Writer,
  { weights, stride, y, finish }: Block,
  { channel, count }: { readonly channel: Expr; readonly count: number },
  outputs: readonly Output[],
): void {
  const channels = Array.from({ length: count }, (_, c) => c);
  const accs = channels.map((c) => outputs.map((_, output) => k.variable(`acc${c}_${output}`, int(0))));
  const word = (wAt: Expr, tap: Expr): void => {
    const taps = outputs.map(({ pairs }) =>
      pairs(tap).map((pair, half) => k.let(half === 0 ? 'taps_a' : 'taps_b', pair)),
    );
    for (const c of channels) {
      const four = k.let('four', k.load(weights, add(wAt, c * stride), 'i32'));
      const halves = [k.let('weights_a', call(sxtb16, four)), k.let('weights_b', call(sxtb16Ror8, four))];
      taps.forEach((pairs, output) => {
        const acc = accs[c]?.[output];
        if (acc === undefined) return;
        k.set(
          acc,
          halves.reduce((sum, half, n) => call(smlad, half, pairs[n] ?? int(0), sum), acc as Expr),
        );
      });
    }
  };
  const row = k.let('w_row', mul(channel, stride));
  const turn = unrolled * wordTaps;
  const looped = stride > turn ? Math.floor(stride / turn) * turn : 0;
  k.for(
    'tap',
    0,
    looped,
    (tap) => {
      const wAt = k.let('w_at', add(row, tap));
      for (let n = 0; n < unrolled; n += 1) word(add(wAt, n * wordTaps), add(tap, n * wordTaps));
    },
    turn,
  );
  for (let tap = looped; tap < stride; tap += wordTaps) word(add(row, tap), index(tap));
  channels.forEach((c) => {
    outputs.forEach(({ start }, output) => {
      const acc = accs[c]?.[output];
      const own = add(channel, c);
      if (acc !== undefined) k.store(y, add(start, own), finish(acc, own));
    });
  });
}

/** Widens `count` taps that lie side by side in x, from `from` on, to `to` of the buffer. */
export function widen(
  k: Writer,
  x: Operand,
  { buffer, interleaved }: DotKernel,
  from: Expr,
  to: Expr,
  first: Expr,
  end: Expr,
): void {
  if (!interleaved) {
    k.for('widened', first, end, (i) => k.store(buffer, add(to, i), k.load(x, add(from, i))));
    return;
  }
  k.for(
    'widened',
    first,
    end,
    (i) => {
      const four = k.let('four', k.load(x, add(from, i), 'i32'));
      k.store(buffer, add(to, i), call(sxtb16, four), 'i32');
      k.store(buffer, add(add(to, i), 2), call(sxtb16Ror8, four), 'i32');
    },
    wordTaps,
  );
}

/** The taps inside the input, also for windows that lie wholly in the padding: first <= end, both taps of the window. */
function insideOf(axis: Axis, { first, end, origin, forEach }: Taps): Taps {
  const { size, kernel, stride, padBefore, outputs } = axis;
  const capped = padBefore >= kernel ? min(first, kernel) : first;
  return {
    first: capped,
    end: (outputs - 1) * stride - padBefore >= size || padBefore >= kernel ? max(end, capped) : end,
    origin,
    forEach,
  };
}

/** The window of one output, rows and columns outside the input as zero point. */
export function gatherWindow(
  k: Writer,
  x: Operand,
  dot: DotKernel,
  window: { readonly rows: Axis; readonly columns: Axis; readonly depth: number },
  at: { readonly batch: Expr; readonly row: Expr; readonly column: Expr; readonly slot: number },
): void {
  const { rows, columns, depth } = window;
  const rowTaps = columns.kernel * depth;
  const zero = int(perTensor(x.tensor).zeroPoint);
  const fill = (to: Expr, first: Expr, end: Expr): void =>
    k.for('outside', first, end, (i) => k.store(dot.buffer, add(to, i), zero));
  const across = insideOf(columns, tapsInside(k, 'kx', columns, at.column));
  const down = insideOf(rows, tapsInside(k, 'ky', rows, at.row));
  const slot = index(at.slot * dot.stride);
  const rowStart = (ky: Expr): Expr => add(slot, mul(ky, rowTaps));
  if (!alwaysInside(rows)) {
    k.for('above', 0, down.first, (ky) => fill(rowStart(ky), index(0), index(rowTaps)));
    k.for('below', down.end, rows.kernel, (ky) => fill(rowStart(ky), index(0), index(rowTaps)));
  }
  down.forEach((ky, iy) => {
    const to = k.let('to', rowStart(ky));
    const from = k.let('from', mul(add(mul(add(mul(at.batch, rows.size), iy), columns.size), across.origin), depth));
    const [first, end] = [mul(across.first, depth), mul(across.end, depth)];
    if (!alwaysInside(columns)) {
      fill(to, index(0), first);
      fill(to, end, index(rowTaps));
    }
    widen(k, x, dot, from, to, first, end);
  });
}
