// Convolutions and fully connected layers of int8 as what they have in common: each output channel is a sum, over the taps
// of a window and the input channels that it sees, of products with known weights.
import { valueAt } from '../graph/graph.ts';
import { conv2dGeometry } from '../ops/conv2d.ts';
import { depthwiseGeometry } from '../ops/depthwise-conv2d.ts';
import type { Graph, OpNode } from '../ops/index.ts';
import { channelMultipliers } from '../ops/quantised.ts';
import { weightedDefinition } from '../ops/weighted.ts';
import { type Axis, windowOrigin } from '../ops/window.ts';
import type { Multiplier } from '../tensor/fixed-point.ts';
import { channelsOf } from './channels.ts';

export type WeightedNode = Extract<OpNode, { op: 'conv2d' | 'depthwiseConv2d' | 'fullyConnected' }>;

export interface WeightedSums {
  readonly node: WeightedNode;
  readonly x: number;
  readonly w: number;
  readonly y: number;
  readonly outputs: number;
  readonly taps: number;
  /** Whether the input's channels are its last axis; a fully connected layer may read rows that are shorter. */
  readonly aligned: boolean;
  /** Input channels that an output sees: from `first` on, `depth` of them. */
  readonly depth: number;
  first(output: number): number;
  /** The weight less its zero point, of the input channel `first + d`. */
  weight(output: number, tap: number, d: number): number;
  readonly bias: Int32Array | undefined;
  readonly xZero: number;
  /** The taps that lie inside the input, for each kind of place a window can have; undefined where these are too many. */
  readonly windows: readonly (readonly number[])[] | undefined;
  /** By tap, whether it lies inside the input wherever the window is. */
  readonly inside: readonly boolean[];
  /** From accumulator to output. */
  factor(output: number): Multiplier;
  /** Output from the accumulator, bias included. */
  finish(acc: number, output: number): number;
}

/** A node as weighted sums, if it is int8 with known weights. */
export function weightedSums(graph: Graph, node: OpNode): WeightedSums | undefined {
  if (node.op !== 'conv2d' && node.op !== 'depthwiseConv2d' && node.op !== 'fullyConnected') return undefined;
  const [x, w, biasId] = node.inputs;
  const [y] = node.outputs;
  if (x === undefined || w === undefined || y === undefined) return undefined;
  const [xType, yType, weights] = [valueAt(graph, x).type, valueAt(graph, y).type, valueAt(graph, w)];
  const bias = biasId === undefined ? undefined : valueAt(graph, biasId);
  const { data } = weights;
  if (xType.dtype !== 'i8' || weights.role !== 'constant' || !(data instanceof Int8Array)) return undefined;
  if (bias !== undefined && !(bias.role === 'constant' && bias.data instanceof Int32Array)) return undefined;
  const scaleProduct = node.op === 'fullyConnected' ? 'singleIfPerTensor' : 'double';
  const { activation } = node.attrs;
  const { xZero, wZero, finish } = weightedDefinition(xType, weights.type, yType, { activation, scaleProduct });
  const factors = channelMultipliers(xType, weights.type, yType, scaleProduct);
  const place = placeOf(graph, node, x, w);
  return {
    node,
    x,
    w,
    y,
    ...place,
    weight: (output, tap, d) => (data[place.at(output, tap, d)] ?? 0) - wZero,
    bias: bias?.data instanceof Int32Array ? bias.data : undefined,
    xZero,
    factor: (output) => factors[factors.length === 1 ? 0 : output] ?? { multiplier: 0, shift: 0 },
    finish,
  };
}

type Place = Pick<WeightedSums, 'outputs' | 'taps' | 'aligned' | 'depth' | 'first' | 'windows' | 'inside'> & {
  /** Position of a weight in memory. */
  at(output: number, tap: number, d: number): number;
};

function placeOf(graph: Graph, node: WeightedNode, x: number, w: number): Place {
  const [xType, wType] = [valueAt(graph, x).type, valueAt(graph, w).type];
  if (node.op === 'fullyConnected') {
    const [outputs = 0, row = 0] = wType.shape;
    const aligned = row % channelsOf(xType) === 0;
    const depth = aligned ? channelsOf(xType) : row;
    const taps = row / depth;
    const at = (output: number, tap: number, d: number): number => output * row + tap * depth + d;
    return {
      outputs,
      taps,
      aligned,
      depth,
      first: () => 0,
      at,
      windows: [range(taps)],
      inside: range(taps).map(() => true),
    };
  }
  if (node.op === 'depthwiseConv2d') {
    const { rows, columns, outputs, multiplier } = depthwiseGeometry(xType.shape, wType.shape, node.attrs);
    const taps = rows.kernel * columns.kernel;
    const first = (output: number): number => Math.floor(output / multiplier);
    const at = (output: number, tap: number): number => tap * outputs + output;
    return { outputs, taps, aligned: true, depth: 1, first, at, ...windowsOf(rows, columns) };
  }
  const { rows, columns, outputs, depth, groups } = conv2dGeometry(xType.shape, wType.shape, node.attrs);
  const taps = rows.kernel * columns.kernel;
  const first = (output: number): number => Math.floor(output / (outputs / groups)) * depth;
  const at = (output: number, tap: number, d: number): number => (output * taps + tap) * depth + d;
  return { outputs, taps, aligned: true, depth, first, at, ...windowsOf(rows, columns) };
}

const range = (length: number): readonly number[] => Array.from({ length }, (_, i) => i);

/** More kinds of places than this, times taps, are not told apart. */
const mostTapsOfWindows = 2 ** 14;

/** Rows by columns. */
function windowsOf(rows: Axis, columns: Axis): Pick<WeightedSums, 'windows' | 'inside'> {
  const insideColumns = alwaysInside(columns);
  const inside = alwaysInside(rows).flatMap((inRow) => insideColumns.map((inColumn) => inRow && inColumn));
  const [rowSets, columnSets] = [tapSets(rows), tapSets(columns)];
  if (rowSets === undefined || columnSets === undefined) return { inside, windows: undefined };
  if (rowSets.length * columnSets.length * inside.length > mostTapsOfWindows) return { inside, windows: undefined };
  const windows = rowSets.flatMap((inRows) =>
    columnSets.map((inColumns) => inRows.flatMap((ky) => inColumns.map((kx) => ky * columns.kernel + kx))),
  );
  return { inside, windows };
}

const positionOf = (axis: Axis, output: number, tap: number): number =>
  windowOrigin(axis, output) + tap * axis.dilation;

/** By tap, whether it is inside the input for every output. */
const alwaysInside = (axis: Axis): readonly boolean[] =>
  range(axis.kernel).map((tap) => positionOf(axis, 0, tap) >= 0 && positionOf(axis, axis.outputs - 1, tap) < axis.size);

/** The distinct sets of taps inside the input; undefined where finding them would take long. */
function tapSets(axis: Axis): readonly (readonly number[])[] | undefined {
  if (axis.outputs * axis.kernel > 2 ** 20) return undefined;
  const sets = new Map<string, readonly number[]>();
  for (let output = 0; output < axis.outputs; output += 1) {
    const inside = range(axis.kernel).filter((tap) => {
      const position = positionOf(axis, output, tap);
      return position >= 0 && position < axis.size;
    });
    sets.set(inside.join(), inside);
  }
  return [...sets.values()];
}
