// Two models as one: what the first gives is what the second gets. Real numbers pass as float32: quantised ones are dequantised, and
// tensors of as many elements are reshaped.
import { CompileError } from './errors.ts';
import { type Value, type ValueId, valueAt } from './graph/graph.ts';
import type { Graph, OpNode } from './ops/index.ts';
import { describeType, elementsOf, type TensorType } from './tensor/tensor.ts';

/**
 * The chain of two models; it has the second's outputs.
 * @throws CompileError where the first has several outputs, the second several inputs, or they do not fit
 */
export function chainModels(first: Graph, second: Graph): Graph {
  const [from = -1] = first.outputs;
  const [into = -1] = second.inputs;
  const given = first.outputs.length === 1 ? valueAt(first, from) : undefined;
  const taken = second.inputs.length === 1 ? valueAt(second, into) : undefined;
  if (given === undefined || taken === undefined || !fits(given, taken.type)) {
    const want = taken === undefined ? 'a model with one input' : describeType(taken.type);
    const found = given === undefined ? `${first.outputs.length} outputs` : describeType(given.type);
    const help =
      given === undefined
        ? 'choose one of them first'
        : 'the first model must give as many numbers as the second takes';
    throw new CompileError([
      { code: 'bad-value', where: {}, what: `what ${first.name} gives to ${second.name}`, want, found, help },
    ]);
  }
  const values: Value[] = [...first.values];
  const nodes: OpNode[] = [...first.nodes];
  const names = new Set(values.map(({ name }) => name));
  const link = converted(from, given, taken.type, { values, nodes, names });
  // The second's values follow the first's, but for the input, which is there already.
  const moved = new Map<ValueId, ValueId>([[into, link]]);
  second.values.forEach((value, id) => {
    if (id === into) return;
    moved.set(id, values.length);
    values.push({ ...value, name: uniqueName(value.name, names) });
  });
  const of = (id: ValueId): ValueId => moved.get(id) ?? id;
  for (const node of second.nodes) {
    const inputs = node.inputs.map((id) => (id === undefined ? undefined : of(id)));
    nodes.push({ ...node, inputs, outputs: node.outputs.map(of) });
  }
  return { name: first.name, values, nodes, inputs: first.inputs, outputs: second.outputs.map(of) };
}

const isReal = ({ dtype, quantisation }: TensorType): boolean =>
  dtype === 'f32' || (quantisation?.scale.length === 1 && dtype === 'i8');

const fits = ({ type, role }: Value, into: TensorType): boolean =>
  role === 'temporary' && isReal(type) && into.dtype === 'f32' && elementsOf(type) === elementsOf(into);

/** A graph while it grows. */
interface Parts {
  readonly values: Value[];
  readonly nodes: OpNode[];
  readonly names: Set<string>;
}

/** The value as the second model takes it, with the nodes that make it so. */
function converted(from: ValueId, given: Value, into: TensorType, { values, nodes, names }: Parts): ValueId {
  let last = from;
  const add = (node: Pick<OpNode, 'op' | 'attrs'>, type: TensorType, what: string): void => {
    values.push({ name: uniqueName(`${given.name}_${what}`, names), type, role: 'temporary' });
    // The operator with its own attributes; the union of nodes cannot see that through Pick.
    nodes.push({ ...node, inputs: [last], outputs: [values.length - 1], from: { node: `chain: ${what}` } } as OpNode);
    last = values.length - 1;
  };
  if (given.type.dtype !== 'f32')
    add({ op: 'dequantize', attrs: {} }, { dtype: 'f32', shape: given.type.shape }, 'real');
  const { shape } = given.type;
  const isSame = shape.length === into.shape.length && shape.every((size, i) => size === into.shape[i]);
  if (!isSame) add({ op: 'reshape', attrs: { shape: into.shape } }, { dtype: 'f32', shape: into.shape }, 'row');
  return last;
}

/** The name, or with a number where it is taken. */
function uniqueName(name: string, taken: Set<string>): string {
  let own = name;
  for (let n = 2; taken.has(own); n += 1) own = `${name}_${n}`;
  taken.add(own);
  return own;
}
