// Padding with zeros becomes the padding of the convolutions that read it.
import { valueAt } from '../graph/graph.ts';
import type { Graph, OpNode } from '../ops/index.ts';
import { isSound, readersOf, replaceNodes, sameElements } from './edit-graph.ts';
import type { Pass } from './pass.ts';

export const foldPadding: Pass = {
  name: 'fold-padding',
  note: 'leaves padding to the convolutions behind it',

  apply(graph) {
    let folded = graph;
    for (const node of graph.nodes) if (node.op === 'pad') folded = foldedInto(folded, node) ?? folded;
    return folded;
  },
};

type Pad = Extract<OpNode, { op: 'pad' }>;

/** The graph without the padding. It has to stay where anything else reads it, and is then better read by all. */
function foldedInto(graph: Graph, node: Pad): Graph | undefined {
  const [x] = node.inputs;
  const [y] = node.outputs;
  if (x === undefined || y === undefined || graph.outputs.includes(y) || !padsWithZeros(graph, node, x, y))
    return undefined;
  const replacements = new Map<OpNode, OpNode | undefined>([[node, undefined]]);
  for (const reader of readersOf(graph, y)) {
    const wider = padded(graph, reader, node, x, y);
    if (wider === undefined) return undefined;
    replacements.set(reader, wider);
  }
  return replaceNodes(graph, replacements);
}

/** Rows and columns only, of what a convolution adds nothing for. */
function padsWithZeros(graph: Graph, { attrs }: Pad, x: number, y: number): boolean {
  const [from, to] = [valueAt(graph, x).type, valueAt(graph, y).type];
  const { before, after, value } = attrs;
  const outer = [before[0], after[0], before[3], after[3]].every((size) => size === 0);
  const zero = from.dtype === 'f32' ? 0 : from.quantisation?.zeroPoint[0];
  return before.length === 4 && outer && value === zero && sameElements(from, to);
}

/** A convolution with the padding as well as its own; undefined where it is none. */
function padded(graph: Graph, reader: OpNode, { attrs: pad }: Pad, x: number, y: number): OpNode | undefined {
  if (reader.op !== 'conv2d' && reader.op !== 'depthwiseConv2d') return undefined;
  const [first, w] = reader.inputs;
  if (first !== y || w === y || w === undefined || !hasFiniteWeights(graph, w)) return undefined;
  const { top, bottom, left, right } = reader.attrs.padding;
  const padding = {
    top: top + (pad.before[1] ?? 0),
    bottom: bottom + (pad.after[1] ?? 0),
    left: left + (pad.before[2] ?? 0),
    right: right + (pad.after[2] ?? 0),
  };
  const inputs = reader.inputs.map((id, i) => (i === 0 ? x : id));
  const wider = { ...reader, inputs, attrs: { ...reader.attrs, padding } };
  return isSound(graph, wider) ? wider : undefined;
}

/** Zero times infinity is not nothing. A float32 sum starts at +0 and is never -0, so that adding a zero leaves it. */
function hasFiniteWeights(graph: Graph, w: number): boolean {
  const { data, type } = valueAt(graph, w);
  return type.dtype !== 'f32' || (data instanceof Float32Array && data.every(Number.isFinite));
}
