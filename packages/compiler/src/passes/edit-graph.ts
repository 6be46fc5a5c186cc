// Questions and small changes that passes share.
import { assert } from '../errors.ts';
import { valueAt } from '../graph/graph.ts';
import { outputTypes } from '../ops/evaluate-graph.ts';
import { type Graph, type OpNode, opOf } from '../ops/index.ts';
import { nameInputs } from '../ops/op.ts';
import { allocate, type Data, integerRange } from '../tensor/dtype.ts';
import { sameShape } from '../tensor/shape.ts';
import type { Quantisation, TensorType } from '../tensor/tensor.ts';

/** The nodes that read a value, each as often as it does. */
export const readersOf = (graph: Graph, value: number): readonly OpNode[] =>
  graph.nodes.flatMap((node) => node.inputs.flatMap((id) => (id === value ? [node] : [])));

/** The node that computes a value. */
export const producerOf = (graph: Graph, value: number): OpNode | undefined =>
  graph.nodes.find(({ outputs }) => outputs.includes(value));

const same = (a: readonly number[] = [], b: readonly number[] = []): boolean =>
  a.length === b.length && a.every((element, i) => element === b[i]);

const sameQuantisation = (a: Quantisation | undefined, b: Quantisation | undefined): boolean =>
  same(a?.scale, b?.scale) && same(a?.zeroPoint, b?.zeroPoint) && ((a?.scale.length ?? 0) < 2 || a?.axis === b?.axis);

/** Whether elements of one type mean the same as those of another: float32 has no use for a scale. */
export const sameElements = (a: TensorType, b: TensorType): boolean =>
  a.dtype === b.dtype && (a.dtype === 'f32' || sameQuantisation(a.quantisation, b.quantisation));

/** Whether tensors of both types are interchangeable. */
export const sameType = (a: TensorType, b: TensorType): boolean => sameElements(a, b) && sameShape(a.shape, b.shape);

/** Whether the node could stand in the graph: its operator takes the types and gives the shapes. */
export function isSound(graph: Graph, node: OpNode): boolean {
  const op = opOf(node);
  let sound = true;
  const types = node.inputs.map((id) => (id === undefined ? undefined : valueAt(graph, id).type));
  const outputs = outputTypes(graph, node);
  const shapes = op.infer(nameInputs(op.inputs, types), node.attrs, outputs, () => {
    sound = false;
  });
  return (
    sound && shapes.length === outputs.length && shapes.every((shape, i) => sameShape(shape, outputs[i]?.shape ?? []))
  );
}

/** Nodes in the place of others, or none. */
export function replaceNodes(graph: Graph, replacements: ReadonlyMap<OpNode, OpNode | undefined>): Graph {
  const nodes = graph.nodes.flatMap((node) => (replacements.has(node) ? (replacements.get(node) ?? []) : [node]));
  return { ...graph, nodes };
}

/** The node reading another value wherever it read `from`; itself where it did not. */
export const reading = (node: OpNode, from: number, to: number): OpNode =>
  node.inputs.includes(from) ? { ...node, inputs: node.inputs.map((id) => (id === from ? to : id)) } : node;

/**
 * The graph without a node whose output equals its input, both of one type: what read the output reads the input. An
 * output of the graph is computed by what computed the input instead. Undefined where neither can be.
 */
export function withoutIdentity(graph: Graph, node: OpNode, x: number, y: number): Graph | undefined {
  const others = graph.nodes.filter((one) => one !== node);
  if (!graph.outputs.includes(y)) return { ...graph, nodes: others.map((one) => reading(one, y, x)) };
  if (valueAt(graph, x).role !== 'temporary' || graph.outputs.includes(x)) return undefined;
  const nodes = others.map((one) => {
    const reader = reading(one, x, y);
    return one.outputs.includes(x) ? { ...reader, outputs: one.outputs.map((id) => (id === x ? y : id)) } : reader;
  });
  return { ...graph, nodes };
}

/** What a node that treats every element alike makes of the elements given. */
export function applied(graph: Graph, node: OpNode, elements: Data): Data {
  const shape = [elements.length];
  const typeOf = (id: number | undefined): TensorType => ({ ...valueAt(graph, id ?? -1).type, shape });
  const op = opOf(node);
  const x = { type: typeOf(node.inputs[0]), data: elements };
  const [result] = op.evaluate(nameInputs(op.inputs, [x]), node.attrs, [typeOf(node.outputs[0])]);
  assert(result !== undefined, `${node.op} gave nothing`);
  return result;
}

/** All values of a type of 8 or 16 bits, from the least on. */
export function allValues(dtype: 'i8' | 'u8' | 'i16'): Data {
  const [low, high] = integerRange[dtype];
  const values = allocate(dtype, high - low + 1);
  for (let i = 0; i < values.length; i += 1) values[i] = low + i;
  return values;
}

/** The graph without a node, if nothing reads it any more. */
export function withoutUnread(graph: Graph, node: OpNode): Graph {
  const isRead = (id: number): boolean =>
    graph.outputs.includes(id) || graph.nodes.some(({ inputs }) => inputs.includes(id));
  return node.outputs.some(isRead) ? graph : { ...graph, nodes: graph.nodes.filter((one) => one !== node) };
}
