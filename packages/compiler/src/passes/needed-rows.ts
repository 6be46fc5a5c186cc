// Which rows of its inputs an operator needs for some rows of its output, and what it is on these rows alone. Rows are axis 1 of
// four, as of images (n, h, w, c).
import { valueAt } from '../graph/graph.ts';
import type { Graph, OpNode } from '../ops/index.ts';
import { type Axis, type WindowAttrs, windowAxes } from '../ops/window.ts';

/** Rows from the first to the one before the end. */
export type Rows = readonly [first: number, end: number];

export interface NeededRows {
  /** The node on these rows alone. */
  readonly attrs: OpNode['attrs'];
  /** By input; undefined where all of it is read, whichever rows are computed. */
  readonly inputs: readonly (Rows | undefined)[];
}

const elementwise: ReadonlySet<string> = new Set([
  'add',
  'sub',
  'mul',
  'relu',
  'relu6',
  'leakyRelu',
  'hardSwish',
  'logistic',
  'tanh',
  'quantize',
  'dequantize',
]);

/** What rows [first, end) of the node's output need; undefined for operators that mix rows. */
export function neededRows(graph: Graph, node: OpNode, [first, end]: Rows): NeededRows | undefined {
  const shapeOf = (id: number | undefined): readonly number[] =>
    id === undefined ? [] : valueAt(graph, id).type.shape;
  const x = shapeOf(node.inputs[0]);
  const y = shapeOf(node.outputs[0]);
  if (node.outputs.length !== 1 || y.length !== 4 || y[0] !== 1) return undefined;
  const others = node.inputs.slice(1).map(() => undefined);
  if (node.op === 'conv2d' || node.op === 'depthwiseConv2d') {
    const weights = shapeOf(node.inputs[1]);
    const [rows] = windowAxes(x, weights[1] ?? 0, weights[2] ?? 0, node.attrs);
    const { padding, needed } = windowOf(rows, node.attrs, [first, end]);
    return { attrs: { ...node.attrs, padding }, inputs: [needed, ...others] };
  }
  if (node.op === 'averagePool2d' || node.op === 'maxPool2d') {
    const [rows] = windowAxes(x, node.attrs.kernelH, node.attrs.kernelW, node.attrs);
    const { padding, needed } = windowOf(rows, node.attrs, [first, end]);
    return { attrs: { ...node.attrs, padding }, inputs: [needed] };
  }
  if (node.op === 'concatenation' ? node.attrs.axis === 3 : elementwise.has(node.op)) {
    // What has no rows, or one for all, is read whole.
    const hasRows = (shape: readonly number[]): boolean => shape.length === 4 && shape[1] === y[1];
    return {
      attrs: node.attrs,
      inputs: node.inputs.map((id): Rows | undefined => (hasRows(shapeOf(id)) ? [first, end] : undefined)),
    };
  }
  return undefined;
}

/** The rows that lie under the windows of some outputs; what of them lies outside the input is padding. */
function windowOf(
  { size, kernel, stride, dilation, padBefore }: Axis,
  { padding }: WindowAttrs,
  [first, end]: Rows,
): { readonly padding: WindowAttrs['padding']; readonly needed: Rows } {
  const from = first * stride - padBefore;
  const to = (end - 1) * stride - padBefore + (kernel - 1) * dilation + 1;
  const needed: Rows = [Math.min(Math.max(0, from), size), Math.max(0, Math.min(size, to))];
  return { padding: { ...padding, top: Math.max(0, -from), bottom: Math.max(0, to - size) }, needed };
}
