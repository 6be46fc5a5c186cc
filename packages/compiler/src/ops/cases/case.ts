// Contract cases: one operator application each, as data. Every executor runs them (ops/contract.test.ts in process,
// tests/contract for C and emulated devices), so an operator's cases are its definition of done. Seeded, so they never change.

import type { Value } from '../../graph/graph.ts';
import { allocate, bytesOf, type Data, type DType } from '../../tensor/dtype.ts';
import type { Shape } from '../../tensor/shape.ts';
import { elementsOf, type Quantisation, type TensorType } from '../../tensor/tensor.ts';
import type { Graph, OpName, OpNode } from '../index.ts';

/** An input of a case: `constant` ones are part of the model, the others are fed at run time. */
export interface CaseInput {
  readonly type: TensorType;
  readonly data: Data;
  readonly constant?: boolean;
}

export interface Case {
  readonly name: string;
  readonly node: Pick<OpNode, 'op' | 'attrs'>;
  /** In the order of the operator's inputs; undefined where an optional one is absent. */
  readonly inputs: readonly (CaseInput | undefined)[];
  readonly outputs: readonly TensorType[];
}

/** int8 tensor type with one scale and zero point. */
export const int8 = (shape: Shape, scale = 0.5, zeroPoint = 0): TensorType => ({
  dtype: 'i8',
  shape,
  quantisation: { scale: [Math.fround(scale)], zeroPoint: [zeroPoint], axis: 0 },
});

/** int8 tensor type with symmetric scales along an axis. */
export const int8PerAxis = (shape: Shape, scales: readonly number[], axis = 0): TensorType => ({
  dtype: 'i8',
  shape,
  quantisation: { scale: scales.map(Math.fround), zeroPoint: scales.map(() => 0), axis } satisfies Quantisation,
});

export const plainType = (dtype: DType, shape: Shape): TensorType => ({ dtype, shape });

/** The generator of golden inputs: x → 1664525 x + 1013904223 mod 2^32. */
export function lcg(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
}

/** Seeded elements: the whole range of i8, ±range for the others (f32: ±range with 8 fraction bits, so that sums differ by order). */
export function randomData(type: TensorType, seed: number, range = 1000): Data {
  const next = lcg(seed * 2654435761 + 1);
  const data = allocate(type.dtype, elementsOf(type));
  for (let i = 0; i < data.length; i += 1) {
    const unit = next() / 2 ** 32;
    if (data instanceof Float32Array) data[i] = (unit * 2 - 1) * range;
    else if (data instanceof BigInt64Array) data[i] = BigInt(Math.floor((unit * 2 - 1) * range));
    else
      data[i] =
        type.dtype === 'bool'
          ? Number(unit >= 0.5)
          : type.dtype === 'i8' || type.dtype === 'u8'
            ? Math.floor(unit * 256)
            : Math.floor((unit * 2 - 1) * range);
  }
  return data;
}

/** A fed input with seeded elements. */
export const fed = (type: TensorType, seed: number, range?: number): CaseInput => ({
  type,
  data: randomData(type, seed, range),
});

/** The case with its first input at the ends of int8: even channels at one, odd ones at the other. */
export function atTheEnds(one: Case): Case {
  const [x, ...others] = one.inputs;
  if (x === undefined) return one;
  const data = Int8Array.from({ length: x.data.length }, (_, i) => (i % 2 === 0 ? -128 : 127));
  return { ...one, inputs: [{ ...x, data }, ...others] };
}

/** A constant with seeded elements. */
export const known = (type: TensorType, seed: number, range?: number): CaseInput => ({
  ...fed(type, seed, range),
  constant: true,
});

/** One graph holding all cases side by side, and the data of its inputs: one build runs them all. */
export function graphOfCases(
  name: string,
  cases: readonly Case[],
): { readonly graph: Graph; readonly inputs: readonly Data[] } {
  const values: Value[] = [];
  const nodes: OpNode[] = [];
  const graphInputs: number[] = [];
  const graphOutputs: number[] = [];
  const data: Data[] = [];
  cases.forEach((one, n) => {
    const inputs = one.inputs.map((input, i) => {
      if (input === undefined) return undefined;
      const id = values.length;
      values.push({
        name: `case${n}_x${i}`,
        type: input.type,
        role: input.constant ? 'constant' : 'input',
        ...(input.constant ? { data: input.data } : {}),
      });
      if (!input.constant) {
        graphInputs.push(id);
        data.push(input.data);
      }
      return id;
    });
    const outputs = one.outputs.map((type, i) => {
      values.push({ name: `case${n}_y${i}`, type, role: 'temporary' });
      return values.length - 1;
    });
    graphOutputs.push(...outputs);
    // A case pairs the operator's name with its own attributes; the union of nodes cannot see that through Pick.
    nodes.push({ ...one.node, inputs, outputs, from: { node: `case ${n}: ${one.name}` } } as OpNode);
  });
  return { graph: { name, values, nodes, inputs: graphInputs, outputs: graphOutputs }, inputs: data };
}

/** Operator names, for tables of cases that must not miss one. */
export type CaseTable = Readonly<Record<OpName, readonly Case[]>>;

/** The bytes of data, copied. */
export const copyOfBytes = (data: Data): Uint8Array => bytesOf(data).slice();
