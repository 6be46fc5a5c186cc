// Models with one part replaced: what all changes of models are made of, and the numbers they draw from.
import type {
  TfliteModel,
  TfliteOperator,
  TfliteSubgraph,
  TfliteTensor,
} from '../../packages/compiler/src/formats/tflite/model.ts';

/** Integers at which something may end. */
export const integers = [
  0,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  5,
  7,
  8,
  15,
  16,
  31,
  255,
  256,
  65535,
  65536,
  2 ** 31 - 1,
  -1,
  -2,
  -(2 ** 31),
];
/** Float32 numbers of every kind. */
export const reals = [
  0,
  -0,
  1,
  -1,
  0.5,
  0.1,
  2,
  -2,
  10,
  1e-3,
  1e-30,
  1e-45,
  1e30,
  3.4e38,
  Infinity,
  -Infinity,
  Number.NaN,
];

/** To float32, which is what files hold. */
export const round = Math.fround;

/** The model with another first subgraph. */
export function withGraph(model: TfliteModel, change: Partial<TfliteSubgraph>): TfliteModel {
  return { ...model, subgraphs: model.subgraphs.map((graph, i) => (i === 0 ? { ...graph, ...change } : graph)) };
}

/** The list with another item at `index`. */
export const replaced = <T>(list: readonly T[], index: number, item: T): readonly T[] =>
  list.map((own, i) => (i === index ? item : own));

/** The model with another tensor at `index`. */
export const withTensor = (model: TfliteModel, index: number, tensor: TfliteTensor): TfliteModel =>
  withGraph(model, { tensors: replaced(model.subgraphs[0]?.tensors ?? [], index, tensor) });

/** The model with another operator at `index`. */
export const withOperator = (model: TfliteModel, index: number, operator: TfliteOperator): TfliteModel =>
  withGraph(model, { operators: replaced(model.subgraphs[0]?.operators ?? [], index, operator) });
