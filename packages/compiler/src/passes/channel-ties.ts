// Which channels of a node's tensors can only be left out together: where an operator treats channels side by side, each
// output channel comes from one channel of an input; and the node with fewer of them.
import { valueAt } from '../graph/graph.ts';
import type { Graph, OpNode } from '../ops/index.ts';
import { resolveAxis, type Shape } from '../tensor/shape.ts';
import { allChannels, channelsOf } from './channels.ts';

/** Channels of an output that come from channels of an input. */
export interface Tie {
  /** Positions among the node's inputs and outputs. */
  readonly input: number;
  readonly output: number;
  /** By channel of the output, the channel of the input; undefined where it comes from another input. */
  readonly from: readonly (number | undefined)[];
}

/** The ties of a node of int8 tensors that treats channels side by side; undefined for one that needs all channels of what it reads. */
export function tiesOf(graph: Graph, node: OpNode): readonly Tie[] | undefined {
  const typesOf = (ids: readonly (number | undefined)[]) => ids.map((id) => valueAt(graph, id ?? -1).type);
  const [x, y] = [valueAt(graph, node.inputs[0] ?? -1).type, valueAt(graph, node.outputs[0] ?? -1).type];
  const [inputs, channels] = [channelsOf(x), channelsOf(y)];
  const last = x.shape.length - 1;
  const one = (from: readonly (number | undefined)[]): readonly Tie[] => [{ input: 0, output: 0, from }];
  switch (node.op) {
    case 'depthwiseConv2d':
      return one(allChannels(channels).map((channel) => Math.floor((channel * inputs) / channels)));
    case 'averagePool2d':
    case 'maxPool2d':
    case 'relu':
    case 'relu6':
    case 'hardSwish':
    case 'leakyRelu':
    case 'logistic':
    case 'tanh':
    case 'quantize':
      return last < 0 ? undefined : one(allChannels(channels));
    case 'mean': {
      const keeps = node.attrs.axes.every((axis) => resolveAxis(axis, x.shape.length) !== last);
      return keeps && last >= 0 ? one(allChannels(channels)) : undefined;
    }
    case 'pad':
      return node.attrs.before[last] === 0 && node.attrs.after[last] === 0 ? one(allChannels(channels)) : undefined;
    case 'transpose':
      return last >= 0 && node.attrs.perm[last] === last ? one(allChannels(channels)) : undefined;
    case 'reshape':
      return isWholeChannels(x.shape, y.shape)
        ? one(allChannels(channels).map((channel) => channel % inputs))
        : undefined;
    case 'stridedSlice': {
      const { begin, strides, sizes } = node.attrs;
      const whole = begin[last] === 0 && strides[last] === 1 && sizes[last] === inputs && channels === inputs;
      return whole ? one(allChannels(channels)) : undefined;
    }
    case 'add':
    case 'sub':
    case 'mul': {
      const operands = typesOf(node.inputs).map(channelsOf);
      // An operand of one channel serves all of the output's.
      return operands.flatMap((count, input) =>
        count === channels ? [{ input, output: 0, from: allChannels(channels) }] : [],
      );
    }
    case 'concatenation': {
      const parts = typesOf(node.inputs).map(channelsOf);
      if (node.inputs.some((id) => valueAt(graph, id ?? -1).role === 'constant')) return undefined;
      if (node.attrs.axis !== last) return parts.map((_, input) => ({ input, output: 0, from: allChannels(channels) }));
      return parts.map((count, input) => {
        const start = sumOf(parts.slice(0, input));
        const from = allChannels(channels).map((channel) => within(channel - start, count));
        return { input, output: 0, from };
      });
    }
    case 'split': {
      const { axis, sizes } = node.attrs;
      if (axis !== last) return sizes.map((_, output) => ({ input: 0, output, from: allChannels(inputs) }));
      return sizes.map((size, output) => {
        const start = sumOf(sizes.slice(0, output));
        return { input: 0, output, from: allChannels(size).map((channel) => start + channel) };
      });
    }
    default:
      return undefined;
  }
}

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

const within = (channel: number, count: number): number | undefined =>
  channel >= 0 && channel < count ? channel : undefined;

/** Whether a channel of x is a set of whole channels of y: the last axis stays, or takes in all the others' positions. */
function isWholeChannels(x: Shape, y: Shape): boolean {
  const [inputs = 0, outputs = 0] = [x.at(-1), y.at(-1)];
  return inputs > 0 && outputs > 0 && outputs % inputs === 0;
}

/** The node once its tensors have the shapes given: what of its attributes counts channels. */
export function withFewerChannels(node: OpNode, outputShapes: readonly Shape[]): OpNode {
  const [y = []] = outputShapes;
  switch (node.op) {
    case 'reshape':
      return { ...node, attrs: { ...node.attrs, shape: y } };
    case 'stridedSlice': {
      const sizes = [...node.attrs.sizes.slice(0, -1), y.at(-1) ?? 1];
      return { ...node, attrs: { ...node.attrs, sizes, shape: y } };
    }
    case 'split':
      return {
        ...node,
        attrs: { ...node.attrs, sizes: outputShapes.map((shape) => shape[node.attrs.axis] ?? 1) },
      };
    default:
      return node;
  }
}
