// A rectifier after a layer becomes the layer's fused activation, where every int8 value (or any float) stays what it is.
import { valueAt } from '../graph/graph.ts';
import type { Graph, OpNode } from '../ops/index.ts';
import { type Activation, quantisedActivationRange } from '../ops/quantised.ts';
import { clamp } from '../tensor/fixed-point.ts';
import type { TensorType } from '../tensor/tensor.ts';
import { allValues, applied, isSound, producerOf, readersOf, sameType } from './edit-graph.ts';
import type { Pass } from './pass.ts';

const activations: readonly Activation[] = ['none', 'relu', 'reluN1To1', 'relu6'];

export const foldActivation: Pass = {
  name: 'fold-activation',
  note: 'fuses rectifiers with the layer before them',

  apply(graph) {
    let folded = graph;
    for (const node of graph.nodes) if (isRectifier(node)) folded = foldedInto(folded, node) ?? folded;
    return folded;
  },
};

type Rectifier = Extract<OpNode, { op: 'relu' | 'relu6' }>;

const isRectifier = (node: OpNode): node is Rectifier => node.op === 'relu' || node.op === 'relu6';

/** The graph with the rectifier inside the layer that it reads; undefined where that would not be the same. */
function foldedInto(graph: Graph, node: Rectifier): Graph | undefined {
  const [x] = node.inputs;
  const [y] = node.outputs;
  if (x === undefined || y === undefined || graph.outputs.includes(x)) return undefined;
  const layer = producerOf(graph, x);
  if (layer === undefined || readersOf(graph, x).length !== 1) return undefined;
  const type = valueAt(graph, y).type;
  if (!sameType(valueAt(graph, x).type, type)) return undefined;
  const fused = withActivation(layer, (own) => fusedActivation(graph, node, own, type));
  if (fused === undefined) return undefined;
  const writing = { ...fused, outputs: [y] };
  const nodes = graph.nodes.flatMap((one) => (one === layer ? [writing] : one === node ? [] : [one]));
  return isSound(graph, writing) ? { ...graph, nodes } : undefined;
}

/** The one activation that does what the layer's own and then the rectifier do. */
function fusedActivation(graph: Graph, node: Rectifier, own: Activation, type: TensorType): Activation | undefined {
  if (type.dtype === 'f32') return own === 'none' ? node.op : undefined;
  if (type.dtype !== 'i8') return undefined;
  const values = allValues('i8');
  const rectified = applied(graph, node, values);
  const [low, high] = quantisedActivationRange(own, type);
  return activations.find((candidate) => {
    const [least, most] = quantisedActivationRange(candidate, type);
    return values.every(
      (value) => rectified[clamp(Number(value), low, high) + 128] === clamp(Number(value), least, most),
    );
  });
}

/** A layer with another fused activation than its own; undefined where it has none, or where there is no other. */
function withActivation(layer: OpNode, other: (own: Activation) => Activation | undefined): OpNode | undefined {
  switch (layer.op) {
    case 'conv2d':
    case 'depthwiseConv2d': {
      const activation = other(layer.attrs.activation);
      return activation && { ...layer, attrs: { ...layer.attrs, activation } };
    }
    case 'fullyConnected': {
      const activation = other(layer.attrs.activation);
      return activation && { ...layer, attrs: { ...layer.attrs, activation } };
    }
    case 'averagePool2d':
    case 'maxPool2d': {
      const activation = other(layer.attrs.activation);
      return activation && { ...layer, attrs: { ...layer.attrs, activation } };
    }
    case 'add':
    case 'sub':
    case 'mul': {
      const activation = other(layer.attrs.activation);
      return activation && { ...layer, attrs: { ...layer.attrs, activation } };
    }
    default:
      return undefined;
  }
}
