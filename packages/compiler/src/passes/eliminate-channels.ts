// Channels that are the same whatever the input become part of the biases behind them; channels that nobody reads go too.
// Which they are, channels-to-remove.ts finds; this file makes the smaller graph.
import { assert } from '../errors.ts';
import { type Original, type Value, valueAt } from '../graph/graph.ts';
import type { Graph, OpNode } from '../ops/index.ts';
import type { Data } from '../tensor/dtype.ts';
import { takeAlong } from '../tensor/take.ts';
import type { Quantisation } from '../tensor/tensor.ts';
import { type ChannelRanges, channelRanges, constantOf } from './channel-ranges.ts';
import { withFewerChannels } from './channel-ties.ts';
import { allChannels, channelsOf } from './channels.ts';
import {
  foldedBias,
  type KeptChannels,
  keptChannels,
  type Mixing,
  type SideBySide,
  type Treatment,
  treatmentOf,
} from './channels-to-remove.ts';
import type { Pass } from './pass.ts';
import type { WeightedSums } from './weighted-sums.ts';

export const eliminateChannels: Pass = {
  name: 'eliminate-channels',
  note: 'removes channels that are constant whatever the input, or that nobody reads',

  apply(graph, { channelMultiple }) {
    const ranges = channelRanges(graph);
    const treatments = new Map<OpNode, Treatment>(graph.nodes.map((node) => [node, treatmentOf(graph, node, ranges)]));
    const kept = keptChannels(graph, treatments, ranges, channelMultiple);
    if (kept.size === 0) return graph;
    const values = graph.values.map((value, id) =>
      narrowed(value, kept.get(id), (channel) => constantOf(ranges, id, channel)),
    );
    const constant = (value: Value): number => values.push(value) - 1;
    const nodes = graph.nodes.map((node): OpNode => {
      const touched = [...node.inputs, ...node.outputs].some((id) => kept.has(id ?? -1));
      if (!touched) return node;
      const treatment = treatments.get(node);
      assert(treatment !== undefined, `${node.op} lost channels`);
      const inputs = inputsOf(graph, node, treatment, { kept, ranges, constant });
      const shapes = node.outputs.map((id) => values[id]?.type.shape ?? []);
      return withFewerChannels({ ...node, inputs }, shapes);
    });
    return { ...graph, values, nodes };
  },
};

/** A value with some of its channels, and what it was. */
function narrowed(
  value: Value,
  kept: readonly number[] | undefined,
  constantAt: (channel: number) => number | undefined,
): Value {
  if (kept === undefined) return value;
  const { type } = value;
  const {
    shape,
    kept: before,
    constants,
  }: Original = value.original ?? {
    shape: type.shape,
    kept: allChannels(channelsOf(type)),
    constants: new Array<number | undefined>(channelsOf(type)).fill(undefined),
  };
  const known = [...constants];
  const left = new Set(kept);
  before.forEach((channel, position) => {
    if (!left.has(position)) known[channel] = constantAt(position);
  });
  return {
    ...value,
    type: { ...type, shape: [...type.shape.slice(0, -1), kept.length] },
    original: { shape, kept: kept.map((position) => before[position] ?? -1), constants: known },
  };
}

interface Change {
  readonly kept: KeptChannels;
  readonly ranges: ChannelRanges;
  /** Adds a constant to the graph. */
  constant(value: Value): number;
}

/** The node's inputs, with constants cut to the channels that are left. */
function inputsOf(graph: Graph, node: OpNode, treatment: Mixing | SideBySide, change: Change): OpNode['inputs'] {
  if (treatment.sums !== undefined) return weightedInputs(graph, node, treatment, treatment.sums, change);
  return node.inputs.map((id, input) => {
    const value = valueAt(graph, id ?? -1);
    const tie = treatment.kind === 'side by side' ? treatment.ties.find((one) => one.input === input) : undefined;
    const kept = change.kept.get(node.outputs[tie?.output ?? 0] ?? -1);
    if (value.role !== 'constant' || tie === undefined || kept === undefined) return id;
    return change.constant(taken(value, value.type.shape.length - 1, kept));
  });
}

/** A constant with some positions along an axis. */
function taken(value: Value, axis: number, positions: readonly number[]): Value {
  const { type, data } = value;
  assert(data !== undefined, `constant ${value.name} without contents`);
  const shape = type.shape.map((size, i) => (i === axis ? positions.length : size));
  return { ...value, type: { ...type, shape }, data: takeAlong(data, type.shape, axis, positions) };
}

/** Input, weights and bias of a weighted sum. */
function weightedInputs(
  graph: Graph,
  node: OpNode,
  treatment: Mixing | SideBySide,
  sums: WeightedSums,
  { kept, ranges, constant }: Change,
): OpNode['inputs'] {
  const outputs = kept.get(sums.y) ?? allChannels(sums.outputs);
  const left = new Set(kept.get(sums.x) ?? allChannels(sums.depth));
  const gone = allChannels(sums.depth).filter((channel) => !left.has(channel));
  // What an output that is constant reads need not be there: its bias alone gives its value.
  const alone = (output: number): number | undefined =>
    treatment.kind === 'mixing' && gone.some((channel) => treatment.needs(output, channel))
      ? treatment.constantBias[output]
      : undefined;
  const bias = Int32Array.from(
    outputs,
    (output) =>
      alone(output) ??
      (treatment.kind === 'mixing' ? foldedBias(treatment, ranges, gone, output) : (sums.bias?.[output] ?? 0)),
  );
  const [, w, biasId] = node.inputs;
  const silent = outputs.filter((output) => alone(output) !== undefined);
  const weights = withoutWeights(valueAt(graph, w ?? -1), silent, sums.outputs);
  const newWeights = constant(cut(weights, node, sums, outputs, [...left]));
  if (biasId === undefined && bias.every((element) => element === 0)) return [sums.x, newWeights];
  const old = biasId === undefined ? undefined : valueAt(graph, biasId);
  const quantisation = old?.type.quantisation;
  const newBias = constant({
    name: old?.name ?? `${weights.name} bias`,
    type: {
      dtype: 'i32',
      shape: [outputs.length],
      ...(quantisation === undefined ? {} : { quantisation: scalesAt(quantisation, outputs, 0) }),
    },
    role: 'constant',
    data: bias,
  });
  return [sums.x, newWeights, newBias];
}

/** Weights (outputs, …) whose sums for some outputs are 0. */
function withoutWeights(value: Value, silent: readonly number[], outputs: number): Value {
  const { data, type } = value;
  if (silent.length === 0 || data === undefined) return value;
  const copy: Data = data.slice();
  const row = copy.length / outputs;
  const zero = type.quantisation?.zeroPoint[0] ?? 0;
  if (!(copy instanceof BigInt64Array)) for (const output of silent) copy.fill(zero, output * row, (output + 1) * row);
  return { ...value, data: copy };
}

/** Weights of the outputs and input channels that are left. */
function cut(
  weights: Value,
  node: OpNode,
  sums: WeightedSums,
  outputs: readonly number[],
  channels: readonly number[],
): Value {
  const outputAxis = node.op === 'depthwiseConv2d' ? 3 : 0;
  const rows = taken(weights, outputAxis, outputs);
  const { quantisation } = weights.type;
  const type = {
    ...rows.type,
    ...(quantisation === undefined ? {} : { quantisation: scalesAt(quantisation, outputs, outputAxis) }),
  };
  const scaled = { ...rows, type };
  if (node.op === 'depthwiseConv2d' || !sums.aligned) return scaled;
  if (node.op === 'conv2d') return taken(scaled, 3, channels);
  const positions = allChannels(sums.taps).flatMap((tap) => channels.map((channel) => tap * sums.depth + channel));
  return taken(scaled, 1, positions);
}

/** The scales of the channels that are left. The first zero point counts for all. */
function scalesAt({ scale, zeroPoint, axis }: Quantisation, channels: readonly number[], own: number): Quantisation {
  if (scale.length <= 1) return { scale, zeroPoint, axis };
  return {
    scale: channels.map((channel) => scale[channel] ?? 1),
    zeroPoint: channels.map(() => zeroPoint[0] ?? 0),
    axis: own,
  };
}
