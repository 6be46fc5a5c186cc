// What the fast lowerings of int8 conv2d, depthwiseConv2d and fullyConnected start from: geometry, weights by channel and tap,
// and how the accumulators end, with every constant known. A layer that lacks one of these is left to its operator's own loops.
import { valueAt } from '../graph/graph.ts';
import { conv2dGeometry } from '../ops/conv2d.ts';
import { depthwiseGeometry } from '../ops/depthwise-conv2d.ts';
import type { Graph, OpNode } from '../ops/index.ts';
import { channelMultipliers, perTensor, quantisedActivationRange } from '../ops/quantised.ts';
import type { Axis } from '../ops/window.ts';
import type { Multiplier } from '../tensor/fixed-point.ts';
import { elementCount } from '../tensor/shape.ts';
import type { AccumulatorRange } from '../tensor/step-requantisation.ts';

export interface WeightedLayer {
  readonly batches: number;
  readonly rows: Axis;
  readonly columns: Axis;
  /** Channels that one output channel sums over: 1 where each channel has a window of its own. */
  readonly depth: number;
  /** Channels of the input. */
  readonly inputs: number;
  readonly channels: number;
  /** Products of one output: rows, columns, depth in this order. */
  readonly taps: number;
  readonly weightAt: (channel: number, tap: number) => number;
  readonly xZero: number;
  readonly yZero: number;
  /** Bounds of the fused activation. */
  readonly low: number;
  readonly high: number;
  /** By channel: the factor of requantisation. */
  readonly factors: readonly Multiplier[];
  /** By channel: the bias less what the input's zero point adds, so that inputs are taken as they are stored. */
  readonly biases: readonly number[];
  /** By channel: sums that can occur, bias included. */
  readonly ranges: readonly AccumulatorRange[];
}

/** Outputs of one channel. */
export const outputsOf = ({ batches, rows, columns }: WeightedLayer): number =>
  batches * rows.outputs * columns.outputs;

const single: Axis = { size: 1, kernel: 1, stride: 1, dilation: 1, padBefore: 0, outputs: 1 };
const line = (size: number): Axis => ({ ...single, size, outputs: size });

type Geometry = Pick<WeightedLayer, 'batches' | 'rows' | 'columns' | 'depth' | 'inputs' | 'channels'> & {
  /** Where a weight stands. */
  readonly place: (channel: number, tap: number) => number;
};

/** Whether each output channel sums over all input channels or over one of its own. */
export type Connection = 'full' | 'depthwise';

function geometryOf(graph: Graph, node: OpNode, connection: Connection): Geometry | undefined {
  const [xId = -1, wId = -1] = node.inputs;
  const [x, w] = [valueAt(graph, xId).type.shape, valueAt(graph, wId).type.shape];
  if (node.op === 'fullyConnected' && connection === 'full') {
    const [channels = 0, depth = 0] = w;
    const rows = single;
    const columns = line(elementCount(x) / depth);
    return { batches: 1, rows, columns, depth, inputs: depth, channels, place: (c, tap) => c * depth + tap };
  }
  if (node.op === 'conv2d' && connection === 'full') {
    const g = conv2dGeometry(x, w, node.attrs);
    const taps = g.rows.kernel * g.columns.kernel * g.depth;
    if (g.groups !== 1) return undefined;
    return { ...g, channels: g.outputs, place: (c, tap) => c * taps + tap };
  }
  if (node.op !== 'depthwiseConv2d') return undefined;
  const g = depthwiseGeometry(x, w, node.attrs);
  // One input channel is a convolution; a multiplier of one is a window to each channel.
  if (connection === 'full' ? g.inputs !== 1 : g.multiplier !== 1) return undefined;
  return { ...g, depth: 1, channels: g.outputs, place: (c, tap) => tap * g.outputs + c };
}

/** The layer of a node, if it is of that kind, on int8, its weights and biases constant, the weights symmetric. */
export function weightedLayerOf(graph: Graph, node: OpNode, connection: Connection): WeightedLayer | undefined {
  if (node.op !== 'conv2d' && node.op !== 'depthwiseConv2d' && node.op !== 'fullyConnected') return undefined;
  const [xId = -1, wId = -1, biasId] = node.inputs;
  const [yId = -1] = node.outputs;
  const [x, w, y] = [valueAt(graph, xId), valueAt(graph, wId), valueAt(graph, yId)];
  const { data } = w;
  const bias = biasId === undefined ? undefined : valueAt(graph, biasId);
  if (x.type.dtype !== 'i8' || !(data instanceof Int8Array) || (bias !== undefined && bias.data === undefined))
    return undefined;
  if (!(w.type.quantisation?.zeroPoint.every((zero) => zero === 0) ?? false)) return undefined;
  const geometry = geometryOf(graph, node, connection);
  if (geometry === undefined) return undefined;
  const { rows, columns, depth, channels, place } = geometry;
  if (rows.dilation !== 1 || columns.dilation !== 1) return undefined;
  const taps = rows.kernel * columns.kernel * depth;
  const weightAt = (channel: number, tap: number): number => data[place(channel, tap)] ?? 0;
  const product = node.op === 'fullyConnected' ? 'singleIfPerTensor' : 'double';
  const perChannel = channelMultipliers(x.type, w.type, y.type, product);
  const [low, high] = quantisedActivationRange(node.attrs.activation, y.type);
  const xZero = perTensor(x.type).zeroPoint;
  const sums = Array.from({ length: channels }, (_, channel) => {
    const own = Number(bias?.data?.[channel] ?? 0);
    let [least, most, folded] = [own, own, own];
    for (let tap = 0; tap < taps; tap += 1) {
      const weight = weightAt(channel, tap);
      const [a, b] = [weight * (-128 - xZero), weight * (127 - xZero)];
      least += Math.min(a, b);
      most += Math.max(a, b);
      folded -= weight * xZero;
    }
    return { least, most, folded };
  });
  const fits = ({ least, most, folded }: (typeof sums)[number]): boolean =>
    least >= -(2 ** 31) && most < 2 ** 31 && Math.abs(folded) < 2 ** 31;
  if (!sums.every(fits)) return undefined;
  return {
    ...geometry,
    taps,
    weightAt,
    xZero,
    yZero: perTensor(y.type).zeroPoint,
    low,
    high,
    factors: sums.flatMap((_, channel) => perChannel[perChannel.length === 1 ? 0 : channel] ?? []),
    biases: sums.map(({ folded }) => folded),
    ranges: sums.map(({ least, most }) => ({ least, most })),
  };
}
