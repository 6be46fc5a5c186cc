// depthwiseConv2d of int8 on cores whose multiplications are of 32 bits: three sums share two products
// (targets/instructions/triples.ts). A strip of the input, as wide as the windows of three or six outputs, is packed once for a channel;
// the window then slides along it. Strips run down columns or along rows, whichever leaves fewer outputs over.
import { add, index, int, lt, mul, select } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Named, Operand } from '../ops/op.ts';
import type { Axis } from '../ops/window.ts';
import { largestSum, packLine, slideInstr, type TripleVariant } from '../targets/instructions/triples.ts';
import type { Tactic } from './tactic.ts';
import { type Entry, entriesOf, entryWordsOf, isRelu } from './triple-table.ts';
import { type WeightedLayer, weightedLayerOf } from './weighted-layer.ts';

export const tripleSlide: Tactic = {
  name: 'triple-slide',
  note: 'three sums in two products, a channel at a time: strips packed once, the window sliding along them',
  lowering(graph, node, target) {
    if (target.packsSums !== true) return undefined;
    const layer = weightedLayerOf(graph, node, 'depthwise');
    if (layer === undefined || !sumsFit(layer)) return undefined;
    const entries = entriesOf(layer);
    if (entries === undefined) return undefined;
    return (k, inputs, _attrs, [y]) => {
      const { x, w } = inputs as Named<readonly ['x', 'w', 'bias?'], Operand>;
      write(k, { layer, entries, x, w, y });
    };
  },

  // With a single strip a channel is read wholly before it is written, and only its own elements are.
  overlap(graph, node) {
    const layer = weightedLayerOf(graph, node, 'depthwise');
    if (layer === undefined || layer.batches > 1 || sidesOf(layer).across.axis.outputs > 6) return undefined;
    return { input: 0, leadBytes: Number.POSITIVE_INFINITY, sameStart: true };
  },
};

function sumsFit({ channels, taps, weightAt }: WeightedLayer): boolean {
  for (let channel = 0; channel < channels; channel += 1) {
    let total = 0;
    for (let tap = 0; tap < taps; tap += 1) total += 128 * Math.abs(weightAt(channel, tap));
    if (total >= largestSum) return false;
  }
  return true;
}

interface Writing {
  readonly layer: WeightedLayer;
  readonly entries: readonly Entry[];
  readonly x: Operand;
  readonly w: Operand;
  readonly y: Operand;
}

/** An axis as strips see it, and what lies between its neighbours. */
interface Side {
  readonly axis: Axis;
  /** Elements of x from one place to the next, of y from one output, of w from one tap. */
  readonly xApart: number;
  readonly yApart: number;
  readonly wApart: number;
}

/** The axis whose outputs are taken several at a time, and the one along which the window slides. */
interface Sides {
  readonly across: Side;
  readonly along: Side;
}

/** Outputs that are computed when those of an axis are taken three at a time. */
const roundedUp = (outputs: number): number => Math.ceil(outputs / 3) * 3;

function sidesOf({ rows, columns, channels }: WeightedLayer): Sides {
  const down: Side = {
    axis: rows,
    xApart: columns.size * channels,
    yApart: columns.outputs * channels,
    wApart: columns.kernel * channels,
  };
  const right: Side = { axis: columns, xApart: channels, yApart: channels, wApart: channels };
  const outputs = (across: Axis, along: Axis): number => roundedUp(across.outputs) * along.outputs;
  return outputs(rows, columns) < outputs(columns, rows)
    ? { across: down, along: right }
    : { across: right, along: down };
}

function write(k: Writer, writing: Writing): void {
  const { layer, w, y } = writing;
  const { rows, columns, batches, channels, taps, xZero } = layer;
  const sides = sidesOf(layer);
  const { across, along } = sides;
  const places = (along.axis.outputs - 1) * along.axis.stride + along.axis.kernel;
  const most = across.axis.outputs > 3 ? 2 : 1;
  const words = k.scratch('words', 'i32', places * across.axis.kernel * 2 * most);
  const weights = k.scratch('channel_weights', 'i32', taps);
  const table = k.constant('requantisation', Int32Array.from(writing.entries.flatMap(entryWordsOf)));
  // Both parts of a strip beyond the input keep the zero point, whatever the group and the channel.
  const zeros = (triples: 1 | 2): void => {
    const { first, end } = insideOf(along.axis, places);
    const place = across.axis.kernel * 2 * triples;
    const [word, other] = [xZero + xZero * 2 ** 21, xZero + xZero * 2 ** 11];
    for (const [from, to] of [
      [0, first],
      [end, places],
    ] as const)
      k.for(
        'beyond',
        from * place,
        to * place,
        (n) => {
          k.store(words, n, int(word));
          k.store(words, add(n, 1), int(other));
        },
        2,
      );
  };
  const whole = across.axis.outputs - (across.axis.outputs % 6);
  const rest = across.axis.outputs - whole;
  const restTriples = rest > 3 ? 2 : 1;
  const strips = (first: Expr, end: number, triples: 1 | 2, count: number): void => {
    k.for('batch', 0, batches, (batch) => {
      k.for('channel', 0, channels, (channel) => {
        weightsOf(k, { w, weights, channel, sides });
        const xAt = k.let('x_at', add(mul(batch, rows.size * columns.size * channels), channel));
        const yAt = k.let('y_at', add(mul(batch, rows.outputs * columns.outputs * channels), channel));
        k.for(
          'output',
          first,
          end,
          (output) => {
            const group = { words, xAt, output, triples, count };
            packStrip(k, writing, sides, group);
            slide(k, writing, sides, { ...group, weights, table, channel, y, yAt });
          },
          6,
        );
      });
    });
  };
  if (whole > 0) {
    zeros(2);
    strips(index(0), whole, 2, 6);
  }
  if (rest > 0) {
    zeros(restTriples);
    strips(index(whole), whole + 1, restTriples, rest);
  }
}

/** Places of the padded axis that lie inside the input. */
function insideOf({ size, padBefore }: Axis, places: number): { readonly first: number; readonly end: number } {
  const first = Math.min(padBefore, places);
  return { first, end: Math.max(first, Math.min(places, padBefore + size)) };
}

/** A channel's weights as words, in the order of the strips: along, then across. */
function weightsOf(
  k: Writer,
  { w, weights, channel, sides }: { w: Operand; weights: Region; channel: Expr; sides: Sides },
): void {
  const { across, along } = sides;
  for (let a = 0; a < along.axis.kernel; a += 1) {
    for (let b = 0; b < across.axis.kernel; b += 1) {
      const at = a * along.wApart + b * across.wApart;
      k.store(weights, a * across.axis.kernel + b, k.load(w, add(channel, at)));
    }
  }
}

interface Group {
  readonly words: Region;
  readonly xAt: Expr;
  /** The first output of the group on the axis across. */
  readonly output: Expr;
  readonly triples: 1 | 2;
  /** Outputs of it that are wanted. */
  readonly count: number;
}

/** The outputs of a group, counted from its first: one that is not wanted is the last that is. */
const outputsOf = ({ triples, count }: Group): readonly number[] =>
  Array.from({ length: 3 * triples }, (_, n) => Math.min(n, count - 1));

function packStrip(k: Writer, { layer, x }: Writing, { across, along }: Sides, group: Group): void {
  const { axis } = across;
  const places = (along.axis.outputs - 1) * along.axis.stride + along.axis.kernel;
  const { first, end } = insideOf(along.axis, places);
  if (first === end) return;
  const start = k.let('start', add(group.xAt, (first - along.axis.padBefore) * along.xApart));
  const outputs = outputsOf(group);
  const width = 2 * group.triples;
  for (let tap = 0; tap < axis.kernel; tap += 1) {
    const at = outputs.map((n) => {
      const place = k.let('place', add(mul(add(group.output, n), axis.stride), tap - axis.padBefore));
      const position = add(start, mul(place, across.xApart));
      return k.let('at', select(lt(place, 0), index(-1), select(lt(place, axis.size), position, index(-1))));
    });
    for (let triple = 0; triple < group.triples; triple += 1) {
      const to = (first * axis.kernel + tap) * width + 2 * triple;
      k.instr(
        packLine,
        { region: x },
        { region: group.words, at: to },
        ...at.slice(3 * triple, 3 * triple + 3),
        ...[along.xApart, layer.xZero, axis.kernel * width, end - first].map(index),
      );
    }
  }
}

interface Slide extends Group {
  readonly weights: Region;
  readonly table: Region;
  readonly channel: Expr;
  readonly y: Operand;
  readonly yAt: Expr;
}

function slide(k: Writer, { layer }: Writing, { across, along }: Sides, group: Slide): void {
  const variant: TripleVariant = { triples: group.triples, relu: isRelu(layer) };
  const { yZero, low, high, taps } = layer;
  const places = outputsOf(group).map((n) => n * across.yApart);
  k.instr(
    slideInstr(variant),
    { region: group.words },
    { region: group.weights },
    { region: group.table, at: mul(group.channel, 2) },
    { region: group.y, at: add(group.yAt, mul(group.output, across.yApart)) },
    ...[taps, along.axis.outputs, along.axis.stride * across.axis.kernel * 2 * group.triples, along.yApart].map(index),
    ...places.slice(1).map(index),
    ...(variant.relu ? [] : [yZero, low, high].map(index)),
  );
}
