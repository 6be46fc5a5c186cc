// Which int8 values each channel of each tensor can take, whatever the inputs are: an interval that holds all of them,
// from the weights and the intervals of what a node reads. A channel whose interval is one value is a constant.
import { valueAt } from '../graph/graph.ts';
import { type Graph, type OpNode, opOf } from '../ops/index.ts';
import { meanFactor } from '../ops/mean.ts';
import { nameInputs } from '../ops/op.ts';
import { perTensor, quantisedActivationRange } from '../ops/quantised.ts';
import { clamp, type Multiplier, multiplyByQuantisedMultiplier, quantiseMultiplier } from '../tensor/fixed-point.ts';
import { elementsOf, type Tensor, type TensorType } from '../tensor/tensor.ts';
import { allChannels, channelCount, channelsOf, mostChannels } from './channels.ts';
import { allValues, applied } from './edit-graph.ts';
import { type WeightedSums, weightedSums } from './weighted-sums.ts';

/** Least and largest value, inclusive. */
export type Interval = readonly [low: number, high: number];

/** By value, by channel; int8 tensors only, and only of a sensible number of channels. */
export type ChannelRanges = ReadonlyMap<number, readonly Interval[]>;

const anyInt8: Interval = [-128, 127];

/** The intervals of every int8 tensor of a graph. */
export function channelRanges(graph: Graph): ChannelRanges {
  const known = new Map<number, readonly Interval[]>();
  graph.values.forEach(({ type, role, data }, id) => {
    if (type.dtype !== 'i8' || channelsOf(type) > mostChannels) return;
    if (role === 'constant' && data instanceof Int8Array) known.set(id, rangesOfData(data, channelsOf(type)));
    else known.set(id, new Array<Interval>(channelsOf(type)).fill(anyInt8));
  });
  for (const node of graph.nodes) {
    // Of weighted sums the weights and biases are looked at as well; all else is int8 to int8, or unknown.
    const tensors = weightedSums(graph, node) === undefined ? node.inputs : node.inputs.slice(0, 1);
    if ([...tensors, ...node.outputs].some((id) => id === undefined || !known.has(id))) continue;
    const inputs = node.inputs.map((id) => known.get(id ?? -1) ?? []);
    for (const [output, ranges] of (rangesOfNode(graph, node, inputs) ?? []).entries())
      known.set(node.outputs[output] ?? -1, ranges);
  }
  return known;
}

/** The value that a channel always has; undefined if it can have several. */
export function constantOf(ranges: ChannelRanges, id: number, channel: number): number | undefined {
  const [low, high] = ranges.get(id)?.[channel] ?? anyInt8;
  return low === high ? low : undefined;
}

/** The interval of all channels of a value together. */
export const intervalOfAll = (ranges: ChannelRanges, id: number): Interval => union(ranges.get(id) ?? [anyInt8]);

function rangesOfData(data: Int8Array, channels: number): readonly Interval[] {
  const low = new Int8Array(channels).fill(127);
  const high = new Int8Array(channels).fill(-128);
  data.forEach((element, i) => {
    const channel = i % channels;
    low[channel] = Math.min(low[channel] ?? 0, element);
    high[channel] = Math.max(high[channel] ?? 0, element);
  });
  return Array.from(low, (least, channel): Interval => [least, high[channel] ?? least]);
}

const union = (intervals: readonly Interval[]): Interval => [
  intervals.reduce((least, [low]) => Math.min(least, low), 127),
  intervals.reduce((most, [, high]) => Math.max(most, high), -128),
];

const clampBoth = ([low, high]: Interval, [least, most]: Interval): Interval => [
  clamp(low, least, most),
  clamp(high, least, most),
];

/** By output, by channel; undefined where nothing is known of the operator. */
function rangesOfNode(
  graph: Graph,
  node: OpNode,
  inputs: readonly (readonly Interval[])[],
): readonly (readonly Interval[])[] | undefined {
  const [x = []] = inputs;
  const typeOf = (id: number | undefined): TensorType => valueAt(graph, id ?? -1).type;
  const [xType, yType] = [typeOf(node.inputs[0]), typeOf(node.outputs[0])];
  switch (node.op) {
    case 'conv2d':
    case 'depthwiseConv2d':
    case 'fullyConnected': {
      const sums = weightedSums(graph, node);
      return sums && [rangesOfSums(sums, x, quantisedActivationRange(node.attrs.activation, yType))];
    }
    case 'averagePool2d':
    case 'maxPool2d': {
      const limits = quantisedActivationRange(node.attrs.activation, yType);
      return [x.map((interval) => clampBoth(interval, limits))];
    }
    case 'mean':
      return [rangesOfMean(xType, yType, node.attrs.axes, x)];
    case 'relu':
    case 'relu6':
    case 'hardSwish':
    case 'leakyRelu':
    case 'logistic':
    case 'tanh':
    case 'quantize':
      return [rangesOfTable(graph, node, x)];
    case 'add':
    case 'sub':
    case 'mul':
      return isMonotone(graph, node) ? [rangesOfPairs(graph, node, x, inputs[1] ?? [])] : undefined;
    case 'concatenation':
      if (node.attrs.axis === yType.shape.length - 1) return [inputs.flat()];
      return [allChannels(channelsOf(yType)).map((channel) => union(inputs.map((one) => one[channel] ?? anyInt8)))];
    case 'split': {
      if (node.attrs.axis !== xType.shape.length - 1) return node.outputs.map(() => x);
      const { sizes } = node.attrs;
      const start = (output: number): number => sizes.slice(0, output).reduce((sum, size) => sum + size, 0);
      return sizes.map((size, output) => x.slice(start(output), start(output) + size));
    }
    case 'pad': {
      const { before, after, value } = node.attrs;
      const here: Interval = [value, value];
      const [first = 0, last = 0] = [before.at(-1), after.at(-1)];
      const outer = [...before.slice(0, -1), ...after.slice(0, -1)].some((size) => size > 0);
      const inner = outer ? x.map((interval) => union([interval, here])) : x;
      return [[...new Array<Interval>(first).fill(here), ...inner, ...new Array<Interval>(last).fill(here)]];
    }
    case 'reshape':
      return [rangesOfReshape(x, channelsOf(yType))];
    case 'transpose':
      return [node.attrs.perm.at(-1) === xType.shape.length - 1 ? x : everywhere(x, yType)];
    case 'stridedSlice': {
      const { begin, strides, sizes } = node.attrs;
      if (sizes.at(-1) !== channelsOf(yType)) return [everywhere(x, yType)];
      const [first = 0, stride = 1] = [begin.at(-1), strides.at(-1)];
      return [allChannels(channelsOf(yType)).map((channel) => x[first + channel * stride] ?? anyInt8)];
    }
    default:
      return undefined;
  }
}

const everywhere = (x: readonly Interval[], y: TensorType): readonly Interval[] =>
  new Array<Interval>(channelsOf(y)).fill(union(x));

/** An element at position e is of channel e mod x's channels there, of channel e mod y's here. */
function rangesOfReshape(x: readonly Interval[], channels: number): readonly Interval[] {
  if (channels % x.length === 0) return allChannels(channels).map((channel) => x[channel % x.length] ?? anyInt8);
  if (x.length % channels !== 0) return new Array<Interval>(channels).fill(union(x));
  return allChannels(channels).map((channel) => union(x.filter((_, i) => i % channels === channel)));
}

/** Whether no intermediate value of a requantisation leaves int32, so that results grow with what goes in. */
const staysInInt32 = ([low, high]: Interval, { shift }: Multiplier): boolean =>
  Math.max(Math.abs(low), Math.abs(high)) * 2 ** Math.max(0, shift) < 2 ** 31;

function rangesOfSums(sums: WeightedSums, x: readonly Interval[], limits: Interval): readonly Interval[] {
  const all = union(x);
  return allChannels(sums.outputs).map((output): Interval => {
    const [low, high] = accumulatorRange(sums, sums.aligned ? x : undefined, all, output);
    if (!staysInInt32([low, high], sums.factor(output))) return limits;
    return [sums.finish(low, output), sums.finish(high, output)];
  });
}

/** What the accumulator of an output channel can end as, over all places of the window. */
export function accumulatorRange(
  sums: WeightedSums,
  x: readonly Interval[] | undefined,
  otherwise: Interval,
  output: number,
): Interval {
  const { taps, depth, xZero, windows, inside } = sums;
  const low = new Float64Array(taps);
  const high = new Float64Array(taps);
  const first = sums.first(output);
  for (let tap = 0; tap < taps; tap += 1) {
    for (let d = 0; d < depth; d += 1) {
      const weight = sums.weight(output, tap, d);
      if (weight === 0) continue;
      const [least, most] = x === undefined ? otherwise : (x[first + d] ?? anyInt8);
      low[tap] = (low[tap] ?? 0) + weight * ((weight > 0 ? least : most) - xZero);
      high[tap] = (high[tap] ?? 0) + weight * ((weight > 0 ? most : least) - xZero);
    }
  }
  const bias = sums.bias?.[output] ?? 0;
  const total = (ends: Float64Array, window: readonly number[]): number =>
    window.reduce((sum, tap) => sum + (ends[tap] ?? 0), bias);
  if (windows !== undefined) {
    return [
      windows.reduce((least, window) => Math.min(least, total(low, window)), Infinity),
      windows.reduce((most, window) => Math.max(most, total(high, window)), -Infinity),
    ];
  }
  // Any tap that can lie outside may be missing.
  const every = allChannels(taps);
  return [
    total(
      low.map((end, tap) => (inside[tap] ? end : Math.min(0, end))),
      every,
    ),
    total(
      high.map((end, tap) => (inside[tap] ? end : Math.max(0, end))),
      every,
    ),
  ];
}

function rangesOfMean(
  xType: TensorType,
  yType: TensorType,
  axes: readonly number[],
  x: readonly Interval[],
): readonly Interval[] {
  const rank = xType.shape.length;
  const overChannels = axes.some((axis) => axis === rank - 1 || axis === -1);
  const count = elementsOf(xType) / elementsOf(yType);
  const factor = meanFactor(xType, yType, count);
  const [xZero, yZero] = [perTensor(xType).zeroPoint, perTensor(yType).zeroPoint];
  const meanOf = (element: number): number =>
    clamp(multiplyByQuantisedMultiplier((element - xZero) * count, factor) + yZero, -128, 127);
  const range = ([low, high]: Interval): Interval =>
    staysInInt32([(low - xZero) * count, (high - xZero) * count], factor) ? [meanOf(low), meanOf(high)] : anyInt8;
  return overChannels ? everywhere([range(union(x))], yType) : x.map(range);
}

function rangesOfTable(graph: Graph, node: OpNode, x: readonly Interval[]): readonly Interval[] {
  const table = Array.from(applied(graph, node, allValues('i8')), Number);
  return x.map(([low, high]) => {
    const reached = table.slice(low + 128, high + 129);
    return [Math.min(...reached), Math.max(...reached)];
  });
}

/** Whether results grow or fall steadily with either operand, while the other stays. */
function isMonotone(graph: Graph, { op, inputs, outputs }: OpNode): boolean {
  if (op !== 'mul') return true;
  const [a = 1, b = 1, y = 1] = [...inputs, ...outputs].map((id) => perTensor(valueAt(graph, id ?? -1).type).scale);
  return staysInInt32([0, 255 * 255], quantiseMultiplier((a * b) / y));
}

/** Of operands that meet channel by channel: the ends are those of the four pairs of ends. */
function rangesOfPairs(
  graph: Graph,
  node: OpNode,
  a: readonly Interval[],
  b: readonly Interval[],
): readonly Interval[] {
  const [y] = node.outputs;
  const channels = channelCount(graph, y ?? -1);
  const at = (operand: readonly Interval[], channel: number, end: 0 | 1): number =>
    (operand[operand.length === 1 ? 0 : channel] ?? anyInt8)[end];
  const op = opOf(node);
  const operand = (position: number, ranges: readonly Interval[], end: 0 | 1): Tensor => ({
    type: { ...valueAt(graph, node.inputs[position] ?? -1).type, shape: [channels] },
    data: Int8Array.from(allChannels(channels), (channel) => at(ranges, channel, end)),
  });
  const yType = { ...valueAt(graph, y ?? -1).type, shape: [channels] };
  const ends = [0, 1] as const;
  const rows = ends.flatMap((endA) =>
    ends.map((endB) => {
      const operands = nameInputs(op.inputs, [operand(0, a, endA), operand(1, b, endB)]);
      const [result = []] = op.evaluate(operands, node.attrs, [yType]);
      return Array.from(result, Number);
    }),
  );
  return allChannels(channels).map((channel) => {
    const corners = rows.map((row) => row[channel] ?? 0);
    return [Math.min(...corners), Math.max(...corners)];
  });
}
