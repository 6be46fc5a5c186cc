// Small networks for tests: values and nodes one by one, shapes by the operators' own rules.
import type { Value } from '../../graph/graph.ts';
import { int8 } from '../../ops/cases/case.ts';
import { type Graph, type OpNode, opOf } from '../../ops/index.ts';
import { nameInputs } from '../../ops/op.ts';
import type { Data } from '../../tensor/dtype.ts';
import type { TensorType } from '../../tensor/tensor.ts';

/** A window that moves by one and never leaves the input. */
export const whole = {
  strideH: 1,
  strideW: 1,
  dilationH: 1,
  dilationW: 1,
  padding: { top: 0, bottom: 0, left: 0, right: 0 },
} as const;

export class Network {
  readonly #values: Value[] = [];
  readonly #nodes: OpNode[] = [];
  readonly #inputs: number[] = [];

  typeOf(id: number): TensorType {
    const value = this.#values[id];
    if (value === undefined) throw new Error(`no value ${id}`);
    return value.type;
  }

  #add(value: Value): number {
    return this.#values.push(value) - 1;
  }

  input(type: TensorType): number {
    const id = this.#add({ name: `input${this.#inputs.length}`, type, role: 'input' });
    this.#inputs.push(id);
    return id;
  }

  constant(type: TensorType, data: Data): number {
    return this.#add({ name: `constant${this.#values.length}`, type, role: 'constant', data });
  }

  /** Int32 constants in one dimension. */
  bias(elements: readonly number[]): number {
    return this.constant({ dtype: 'i32', shape: [elements.length] }, Int32Array.from(elements));
  }

  /**
   * A node whose first output has the quantisation of `like`, in the shapes that its operator computes; undefined where
   * the operator refuses.
   */
  tryNode(
    node: Pick<OpNode, 'op' | 'attrs'>,
    inputs: readonly (number | undefined)[],
    like: TensorType,
    outputs = 1,
  ): readonly number[] | undefined {
    const op = opOf(node);
    const types = nameInputs(
      op.inputs,
      inputs.map((id) => (id === undefined ? undefined : this.typeOf(id))),
    );
    let sound = true;
    const likes = new Array<TensorType>(outputs).fill(like);
    const shapes = op.infer(types, node.attrs, [like, ...likes.slice(1)], () => {
      sound = false;
    });
    if (!sound || shapes.length !== outputs || shapes.flat().some((size) => !(size > 0))) return undefined;
    const ids = shapes.map((shape) =>
      this.#add({ name: `value${this.#values.length}`, type: { ...like, shape }, role: 'temporary' }),
    );
    const from = { node: `${this.#nodes.length} (${node.op})` };
    // The operator's name comes with its own attributes; the union of nodes cannot see that through Pick.
    this.#nodes.push({ ...node, inputs, outputs: ids, from } as OpNode);
    return ids;
  }

  /** A node of one output, of a scale and zero point. */
  node(
    node: Pick<OpNode, 'op' | 'attrs'>,
    inputs: readonly (number | undefined)[],
    like: TensorType = int8([], 0.5, 0),
  ): number {
    const [id] = this.tryNode(node, inputs, like) ?? [];
    if (id === undefined) throw new Error(`${node.op} refuses its inputs`);
    return id;
  }

  graph(outputs: readonly number[]): Graph {
    return { name: 'network', values: this.#values, nodes: this.#nodes, inputs: this.#inputs, outputs };
  }
}
