// The list of operators: the node type, the contract tests and the coverage table follow from it.
import type { GraphOf, NodeOf } from '../graph/graph.ts';
import { add } from './add.ts';
import { argMax, argMin } from './arg-extremum.ts';
import { averagePool2d } from './average-pool2d.ts';
import { clusterDistances } from './cluster-distances.ts';
import { concatenation } from './concatenation.ts';
import { conv2d } from './conv2d.ts';
import { depthwiseConv2d } from './depthwise-conv2d.ts';
import { dequantize } from './dequantize.ts';
import { fullyConnected } from './fully-connected.ts';
import { gaussianMixture } from './gaussian-mixture.ts';
import { hardSwish } from './hard-swish.ts';
import { kernelMachine } from './kernel-machine.ts';
import { leakyRelu } from './leaky-relu.ts';
import { linearModel } from './linear-model.ts';
import { logistic } from './logistic.ts';
import { mapValues } from './map-values.ts';
import { maxPool2d } from './max-pool2d.ts';
import { mean } from './mean.ts';
import { mul } from './mul.ts';
import { nearestNeighbours } from './nearest-neighbours.ts';
import { normaliseRows } from './normalise-rows.ts';
import { oneHot } from './one-hot.ts';
import type { Op } from './op.ts';
import { pad } from './pad.ts';
import { quantize } from './quantize.ts';
import { relu } from './relu.ts';
import { relu6 } from './relu6.ts';
import { reshape } from './reshape.ts';
import { scaleFeatures } from './scale-features.ts';
import { softmax } from './softmax.ts';
import { split } from './split.ts';
import { stridedSlice } from './strided-slice.ts';
import { sub } from './sub.ts';
import { tanh } from './tanh.ts';
import { transpose } from './transpose.ts';
import { treeEnsemble } from './tree-ensemble.ts';
export const ops = {
  add,
  argMax,
  argMin,
  averagePool2d,
  clusterDistances,
  concatenation,
  conv2d,
  depthwiseConv2d,
  dequantize,
  fullyConnected,
  gaussianMixture,
  hardSwish,
  kernelMachine,
  leakyRelu,
  linearModel,
  logistic,
  mapValues,
  maxPool2d,
  mean,
  mul,
  nearestNeighbours,
  normaliseRows,
  oneHot,
  pad,
  quantize,
  relu,
  relu6,
  reshape,
  scaleFeatures,
  softmax,
  split,
  stridedSlice,
  sub,
  tanh,
  transpose,
  treeEnsemble,
} as const;

export type Ops = typeof ops;
export type OpName = keyof Ops;

type NodeFor<O> = O extends Op<infer Name, infer _Names, infer Attrs> ? NodeOf<Name, Attrs> : never;

/** A node of any operator; `node.op` narrows `node.attrs`. */
export type OpNode = NodeFor<Ops[OpName]>;
export type Graph = GraphOf<OpNode>;

/** An operator with its attributes, not yet in a graph. */
export type Draft = OpNode extends infer N ? (N extends OpNode ? Pick<N, 'op' | 'attrs'> : never) : never;

/** An operator whose input names and attributes are no longer known statically. */
export type AnyOp = Op<string, readonly string[], object>;

/** The operator of a node, for those that treat all alike. */
export function opOf(node: { readonly op: OpName }): AnyOp {
  // The table's members differ in the types of their inputs and attributes; a node always carries those of its own operator.
  return ops[node.op] as unknown as AnyOp;
}
