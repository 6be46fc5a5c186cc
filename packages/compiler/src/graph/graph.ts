// Graph IR: values (tensors) and nodes (operators) in execution order. Plain data; a graph is never changed, a pass makes a new one.
// Generic in its node type, so that it need not know the operators: `ops/index.ts` closes the loop.
import type { Where } from '../errors.ts';
import type { Data } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/shape.ts';
import type { TensorType } from '../tensor/tensor.ts';

/** Position of a value in `Graph.values`. */
export type ValueId = number;

/** `state` is initialised once and kept between runs; `temporary` is everything a node computes. */
export type Role = 'input' | 'constant' | 'state' | 'temporary';

export interface Value {
  readonly name: string;
  readonly type: TensorType;
  readonly role: Role;
  /** Contents of a constant, initial contents of a state. */
  readonly data?: Data;
  /** What the tensor was in the model, where passes left out some of its channels. */
  readonly original?: Original;
  /** For some rows (axis 1) of a tensor that is computed in parts: the whole, and the first row. */
  readonly rowsOf?: { readonly value: ValueId; readonly first: number };
}

/** A tensor before channels, which are positions along the last axis, were left out. */
export interface Original {
  readonly shape: Shape;
  /** The channels that are left, ascending. */
  readonly kept: readonly number[];
  /** By channel, the element that a channel left out has everywhere; undefined where nobody reads it, and where it is kept. */
  readonly constants: readonly (number | undefined)[];
}

/** One operator application. `inputs` stand in the order of the operator's input names; an absent optional one is undefined. */
export interface NodeOf<Name extends string, Attrs> {
  readonly op: Name;
  readonly attrs: Attrs;
  readonly inputs: readonly (ValueId | undefined)[];
  readonly outputs: readonly ValueId[];
  readonly from: Where;
}

/** What every node has, whatever its operator. */
export type AnyNode = NodeOf<string, object>;

export interface GraphOf<N> {
  readonly name: string;
  readonly values: readonly Value[];
  readonly nodes: readonly N[];
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
}

/** The value with this id. */
export function valueAt(graph: GraphOf<unknown>, id: ValueId): Value {
  const value = graph.values[id];
  if (value === undefined) throw new Error(`internal error: graph ${graph.name} has no value ${id}`);
  return value;
}
