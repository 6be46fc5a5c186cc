// Graphs of models on a row of features: an input x, f32 [1, features], or several, and nodes one after the other.
import type { Value, ValueId } from '../../graph/graph.ts';
import { type Decision, decisionShapes, type Given } from '../../ops/decision.ts';
import type { Draft, Graph, OpNode } from '../../ops/index.ts';
import type { TensorType } from '../../tensor/tensor.ts';

/** `model.json` → `model`. */
export const nameOfFile = (file: string | undefined): string =>
  file?.replace(/^.*[/\\]/, '').replace(/\.[^.]*$/, '') || 'model';

export class TabularGraph {
  readonly #name: string;
  readonly #file: string | undefined;
  readonly #values: Value[] = [];
  readonly #nodes: OpNode[] = [];
  readonly #inputs: ValueId[] = [];
  readonly #outputs: ValueId[] = [];

  constructor(features: number, file: string | undefined) {
    this.#name = nameOfFile(file);
    this.#file = file;
    this.input('x', features);
  }

  /** Another input. */
  input(name: string, features: number): ValueId {
    this.#values.push({ name, type: { dtype: 'f32', shape: [1, features] }, role: 'input' });
    this.#inputs.push(this.#values.length - 1);
    return this.#values.length - 1;
  }

  /** The first input. */
  readonly x: ValueId = 0;

  valueOf(id: ValueId): Value {
    const value = this.#values[id];
    if (value === undefined) throw new Error(`internal error: no value ${id}`);
    return value;
  }

  /** Adds a node; its outputs by name and type. */
  add(
    draft: Draft,
    inputs: readonly ValueId[],
    outputs: readonly { readonly name: string; readonly type: TensorType }[],
    from: string,
  ): readonly ValueId[] {
    const ids = outputs.map(({ name, type }) => {
      this.#values.push({ name, type, role: 'temporary' });
      return this.#values.length - 1;
    });
    const where = { ...(this.#file === undefined ? {} : { file: this.#file }), node: from };
    // The draft pairs each operator with its own attributes; the spread of a union loses that.
    this.#nodes.push({ ...draft, inputs, outputs: ids, from: where } as OpNode);
    return ids;
  }

  /** Adds a node that decides; `names` says what its outputs are called; an operator of its own transform says how wide that is. */
  decide(
    draft: Draft & { readonly attrs: { readonly decision: Decision } },
    scores: number,
    names: Readonly<Partial<Record<Given, string>>>,
    from: string,
    input: ValueId = this.x,
    transformedColumns?: number,
  ): readonly ValueId[] {
    const { decision } = draft.attrs;
    const outputs = decisionShapes(1, scores, decision).map((shape, i) => {
      const given = decision.gives[i] ?? 'scores';
      const own = given === 'transformed' && transformedColumns !== undefined ? [1, transformedColumns] : shape;
      return { name: names[given] ?? given, type: { dtype: given === 'label' ? 'i32' : 'f32', shape: own } as const };
    });
    return this.add(draft, [input], outputs, from);
  }

  give(...ids: readonly ValueId[]): void {
    this.#outputs.push(...ids);
  }

  build(): Graph {
    return { name: this.#name, values: this.#values, nodes: this.#nodes, inputs: this.#inputs, outputs: this.#outputs };
  }
}
