// conv2d and fullyConnected of int8 on cores with dual 16-bit multiply-accumulates: the taps of three outputs (one, where there
// is one) are widened to 16 bits into scratch, then a routine (targets/instructions/arm-dsp-dot.ts) takes all channels. Padding
// is widened as the zero point, so that every output reads every tap and the zero point folds into the bias.
import { add, and, eq, index, int, lt, max, min, mul, shr, sub, sum } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Operand } from '../ops/op.ts';
import { splitByBorder } from '../ops/whole-windows.ts';
import { type Axis, alwaysInside, type Taps, tapsInside } from '../ops/window.ts';
import { dotInstr } from '../targets/instructions/arm-dsp-dot.ts';
import { widenInstr } from '../targets/instructions/arm-dsp-widen.ts';
import { packPairs, unitsOf } from './dsp-pairs.ts';
import { leadOfGroups } from './lead.ts';
import { formNames, type TableFinish, type TableForm, tableFinishOf } from './packed-finish.ts';
import type { Tactic } from './tactic.ts';
import { outputsOf, type WeightedLayer, weightedLayerOf } from './weighted-layer.ts';

/** Outputs taken at a time. */
const outputs = 3;

/** Where the taps of outputs stand in scratch, and how the weights are ordered to match. */
interface TapOrder {
  /** Rows of taps are whole words: they are widened a word at a time, as sxtb16 leaves them (0, 2, 1, 3). */
  readonly byWords: boolean;
}

/** The pair a tap belongs to, and its half. */
const placeOf = (tap: number, { byWords }: TapOrder): readonly [pair: number, half: number] =>
  byWords ? [(tap >> 2) * 2 + (tap & 1), (tap >> 1) & 1] : [tap >> 1, tap & 1];

/** Element of the scratch where a tap of the first output stands; the next output's is two further. */
const elementOf = (tap: number, order: TapOrder): number => {
  const [pair, half] = placeOf(tap, order);
  return pair * 2 * outputs + half;
};

const dspDotIn = (form: TableForm): Tactic => ({
  name: `dsp-dot${formNames[form].suffix}`,
  note: `three outputs by two channels by dual 16-bit multiply-accumulates, weights of two channels in a half word${formNames[form].remark}`,
  lowering(graph, node, target) {
    if (target.spellings.dsp_dot === undefined) return undefined;
    const layer = weightedLayerOf(graph, node, 'full');
    if (layer === undefined) return undefined;
    const total = outputsOf(layer);
    const order: TapOrder = { byWords: (layer.columns.kernel * layer.depth) % 4 === 0 };
    const finish = tableFinishOf(layer, form);
    const weights = packPairs(layer, 1, (tap) => placeOf(tap, order));
    if (total === 1 || finish === undefined || weights === undefined) return undefined;
    return (k, inputs, _attrs, [y]) => {
      const { x } = inputs as { readonly x: Operand };
      write(k, { layer, order, finish, short: form === 'packed', weights, x, y, total });
    };
  },

  overlap(graph, node) {
    const layer = weightedLayerOf(graph, node, 'full');
    return layer && { input: 0, leadBytes: leadOfGroups(layer, outputs), sameStart: false };
  },
});

export const dspDot: Tactic = dspDotIn('steps');
export const dspDotCompact: Tactic = dspDotIn('compact');
export const dspDotPacked: Tactic = dspDotIn('packed');

/** A 1 x 1 window that never leaves the input and skips nothing: outputs lie in a row as inputs do. */
const isPointwise = ({ rows, columns }: WeightedLayer): boolean =>
  [rows, columns].every((axis) => axis.kernel === 1 && axis.stride === 1 && alwaysInside(axis));

interface Writing {
  readonly layer: WeightedLayer;
  readonly order: TapOrder;
  readonly finish: TableFinish;
  /** The routine's code is to be short. */
  readonly short: boolean;
  readonly weights: Int8Array;
  readonly x: Operand;
  readonly y: Operand;
  /** Outputs of a channel. */
  readonly total: number;
}

function write(k: Writer, writing: Writing): void {
  const { layer, finish, y } = writing;
  const { channels, low, high } = layer;
  const { variant, shared } = finish;
  const units = unitsOf(layer);
  const taps = k.scratch('taps', 'i16', units * 4 * outputs);
  const requantisation = finish.write(k);
  const packed = k.constant('packed_weights', writing.weights);
  const instr = dotInstr({ ...variant, short: writing.short });
  /** All channels of up to three outputs; the taps of those that are not wanted are whatever they are. */
  const run = (yAt: Expr, count: number): void => {
    const places = [index(count > 1 ? channels : 0), index(count > 2 ? 2 * channels : 0)];
    const bounds = variant.clamped ? [index(low), index(high)] : [];
    const regions = [{ region: taps }, { region: packed }, { region: requantisation }, { region: y, at: yAt }];
    k.instr(instr, ...regions, index(units), index(channels), ...places, index(shared), ...bounds);
  };
  if (isPointwise(layer)) pointwise(k, writing, taps, run);
  else windows(k, writing, taps, run);
}

/** Takes the outputs whose taps are in scratch; y from `yAt` on. */
type Run = (yAt: Expr, count: number) => void;

/** Outputs whose taps are the channels of one place of the input, one after the other. */
function pointwise(k: Writer, { layer, order, x, total }: Writing, taps: Region, run: Run): void {
  const { depth, channels } = layer;
  const group = (first: Expr, count: number): void => {
    const from = k.let('from', mul(first, depth));
    if (order.byWords) {
      const skip = [index(0), index(2 - depth * outputs)];
      k.instr(widenInstr(true), { region: x, at: from }, { region: taps }, index(depth / 4), index(count), ...skip);
    } else {
      k.for('slot', 0, count, (slot) => {
        const own = k.let('from_slot', add(from, mul(slot, depth)));
        const row = { x, taps, order, from: own, to: k.let('to', mul(slot, 2)) };
        if (depth > mostStraightTaps) widenSome(k, { ...row, row: index(0) }, index(0), index(depth));
        else widenRow(k, row, 0, depth);
      });
    }
    run(mul(first, channels), count);
  };
  const whole = total - (total % outputs);
  k.for('pixel', 0, whole, (pixel) => group(pixel, outputs), outputs);
  if (whole < total) group(index(whole), total - whole);
}

/** Outputs of a row after the other, with windows that may reach over the border. */
function windows(k: Writer, writing: Writing, taps: Region, run: Run): void {
  const { layer, total } = writing;
  const { batches, rows, columns, channels } = layer;
  const slot = k.variable('slot', index(0));
  const yAt = k.variable('y_at', index(0));
  k.for('batch', 0, batches, (batch) => {
    k.for('out_y', 0, rows.outputs, (row) => {
      k.for('out_x', 0, columns.outputs, (column) => {
        const to = k.let('to', mul(slot, 2));
        gatherWindow(k, writing, taps, { batch, row, column, to });
        k.set(slot, add(slot, 1));
        k.if(eq(slot, index(outputs)), () => {
          run(yAt, outputs);
          k.set(slot, index(0));
          k.set(yAt, add(yAt, outputs * channels));
        });
      });
    });
  });
  const rest = total % outputs;
  if (rest > 0) run(yAt, rest);
}

interface WindowPlace {
  readonly batch: Expr;
  readonly row: Expr;
  readonly column: Expr;
  /** Element of the scratch where the output's first tap stands. */
  readonly to: Expr;
}

/** More taps than so many are not written out one by one. */
const mostStraightTaps = 40;

/** The taps of one output, rows and columns outside the input as zero point. */
function gatherWindow(k: Writer, writing: Writing, taps: Region, { batch, row, column, to }: WindowPlace): void {
  const { layer, order, x } = writing;
  const { rows, columns, depth } = layer;
  const rowTaps = columns.kernel * depth;
  const pitch = columns.size * depth;
  /** Element of x at a row and a column of it, which may lie outside. */
  const positionOf = (iy: Expr, ix: Expr): Expr =>
    mul(add(mul(add(mul(batch, rows.size), iy), columns.size), ix), depth);
  const origin = (axis: Axis, output: Expr): Expr => sub(mul(output, axis.stride), axis.padBefore);
  const whole = (): void => {
    const from = k.let('from', positionOf(origin(rows, row), origin(columns, column)));
    if (order.byWords) {
      const scalars = [index(rowTaps / 4), index(rows.kernel), index(pitch - rowTaps), index(0)];
      k.instr(widenInstr(depth % 4 === 0), { region: x, at: from }, { region: taps, at: to }, ...scalars);
      return;
    }
    if (rows.kernel * rowTaps > mostStraightTaps) {
      k.for('ky', 0, rows.kernel, (ky) =>
        widenSome(
          k,
          { x, taps, order, from: add(from, mul(ky, pitch)), to, row: mul(ky, rowTaps) },
          index(0),
          index(rowTaps),
        ),
      );
      return;
    }
    for (let ky = 0; ky < rows.kernel; ky += 1)
      widenRow(k, { x, taps, order, from: add(from, ky * pitch), to }, ky * rowTaps, rowTaps);
  };
  const partial = (): void => {
    const pair = int((layer.xZero & 0xffff) | (layer.xZero << 16));
    k.for('outside', 0, unitsOf(layer), (unit) => {
      const at = k.let('at', add(to, mul(unit, 4 * outputs)));
      k.store(taps, at, pair, 'i32');
      k.store(taps, add(at, 2 * outputs), pair, 'i32');
    });
    const across = insideOf(columns, tapsInside(k, 'kx', columns, column));
    const down = insideOf(rows, tapsInside(k, 'ky', rows, row));
    const place = (ky: Expr): Expr => positionOf(add(down.origin, ky), across.origin);
    if (depth % 4 === 0) {
      const inside = k.let('inside', sub(across.end, across.first));
      const count = k.let('inside_rows', sub(down.end, down.first));
      const first = mul(across.first, depth);
      const from = k.let('from_inside', add(place(down.first), first));
      const start = k.let('to_inside', sum(to, mul(down.first, rowTaps * outputs), mul(first, outputs)));
      const skipped = k.let('skipped', mul(sub(index(columns.kernel), inside), depth * outputs));
      const scalars = [mul(inside, depth / 4), count, sub(index(pitch), mul(inside, depth)), skipped];
      const write = (): void =>
        k.instr(widenInstr(true), { region: x, at: from }, { region: taps, at: start }, ...scalars);
      // Windows wholly in the padding read nothing.
      if (mayLieOutside(rows) || mayLieOutside(columns)) k.if(and(lt(index(0), inside), lt(index(0), count)), write);
      else write();
      return;
    }
    k.for('ky', down.first, down.end, (ky) => {
      const from = k.let('from_row', place(ky));
      const own = { x, taps, order, from, to, row: k.let('row', mul(ky, rowTaps)) };
      widenSome(k, own, mul(across.first, depth), mul(across.end, depth));
    });
  };
  splitByBorder(
    k,
    [
      { axis: rows, output: row },
      { axis: columns, output: column },
    ],
    whole,
    partial,
  );
}

interface Row {
  readonly x: Operand;
  readonly taps: Region;
  readonly order: TapOrder;
  /** Element of x that tap 0 of the row has. */
  readonly from: Expr;
  readonly to: Expr;
}

/** `count` taps side by side in x, which become taps `first` and on. */
function widenRow(k: Writer, { x, taps, order, from, to }: Row, first: number, count: number): void {
  for (let tap = 0; tap < count; tap += 1)
    k.store(taps, add(to, elementOf(first + tap, order)), k.load(x, add(from, tap)));
}

/** The taps of a row from `first` to before `end`, one by one. */
function widenSome(k: Writer, own: Row & { readonly row: Expr }, first: Expr, end: Expr): void {
  const { x, taps, order, from, to, row } = own;
  k.for('tap', first, end, (n) => {
    const tap = k.let('window_tap', add(row, n));
    const [pair, half] = order.byWords
      ? [add(mul(shr(tap, index(2)), 2), and(tap, index(1))), and(shr(tap, index(1)), index(1))]
      : [shr(tap, index(1)), and(tap, index(1))];
    k.store(taps, sum(to, mul(pair, 2 * outputs), half), k.load(x, add(from, n)));
  });
}

/** Whether some window lies wholly in the padding. */
const mayLieOutside = ({ size, kernel, stride, padBefore, outputs: count }: Axis): boolean =>
  padBefore >= kernel || (count - 1) * stride - padBefore >= size;

/** The taps inside the input, also for windows that lie wholly in the padding: first <= end, both taps of the window. */
function insideOf(axis: Axis, { first, end, origin, forEach }: Taps): Taps {
  const capped = axis.padBefore >= axis.kernel ? min(first, axis.kernel) : first;
  return { first: capped, end: mayLieOutside(axis) ? max(end, capped) : end, origin, forEach };
}
