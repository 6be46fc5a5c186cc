// Features of trees as integers of few bits, by rows that are typical: a scale for each feature, and thresholds put where they tell the
// same rows apart as before, wherever some place does. What changes all the same is counted.
import { adaptModel, type integerTypes } from './adapt-model.ts';
import { CompileError } from './errors.ts';
import { valueAt } from './graph/graph.ts';
import { evaluateGraph } from './ops/evaluate-graph.ts';
import type { Forest } from './ops/forest.ts';
import type { Graph, OpNode } from './ops/index.ts';
import { type Data, integerRange } from './tensor/dtype.ts';

export interface QuantisedFeatures {
  readonly graph: Graph;
  /** By feature: real value = scale x integer. */
  readonly scales: readonly number[];
  /** Rows of those given whose results are not the same. */
  readonly changedRows: number;
  /** Comparisons for which no integer threshold tells the rows apart as the real one does. */
  readonly movedThresholds: number;
}

/**
 * @param rows (count, features), as the model was trained on
 * @throws CompileError where features are not only compared by trees, or rows do not fit the model
 */
export function quantiseFeatures(
  model: Graph,
  rows: Float32Array,
  dtype: (typeof integerTypes)[number],
): QuantisedFeatures {
  const [input = -1] = model.inputs;
  const features = valueAt(model, input).type.shape[1] ?? 0;
  if (features === 0 || rows.length === 0 || rows.length % features !== 0)
    throw new CompileError([
      {
        code: 'bad-value',
        where: {},
        what: 'numbers of the rows',
        want: `a multiple of ${features}`,
        found: String(rows.length),
      },
    ]);
  const integers = adaptModel(model, { features: dtype });
  const forests = integers.nodes.flatMap((node) => (node.op === 'treeEnsemble' ? [node.attrs.forest] : []));
  const columns = Array.from({ length: features }, (_, feature) => columnOf(rows, features, feature));
  const [low, high] = integerRange[dtype];
  const scales = columns.map((column, feature) => scaleOf(column, thresholdsOf(forests, feature), high));
  const quantised = (value: number, feature: number): number =>
    Math.max(low, Math.min(high, Math.round(value / (scales[feature] ?? 1))));
  let movedThresholds = 0;
  const nodes = integers.nodes.map((node): OpNode => {
    if (node.op !== 'treeEnsemble') return node;
    const { forest } = node.attrs;
    const threshold = forest.threshold.map((value, at) => {
      const feature = forest.feature[at] ?? 0;
      const { place, moved } = placeOf(
        value,
        columns[feature] ?? new Float32Array(),
        (one) => quantised(one, feature),
        scales[feature] ?? 1,
      );
      movedThresholds += Number(moved);
      return Math.max(low - 1, Math.min(high, place));
    });
    return { ...node, attrs: { ...node.attrs, forest: { ...forest, threshold } } };
  });
  const quantisation = { scale: scales, zeroPoint: scales.map(() => 0), axis: 1 };
  const values = integers.values.map((value, id) =>
    id === input ? { ...value, type: { ...value.type, quantisation } } : value,
  );
  const graph = { ...integers, values, nodes };
  return { graph, scales, movedThresholds, changedRows: changed(model, graph, rows, features, quantised) };
}

/** A feature's values, ascending. */
const columnOf = (rows: Float32Array, features: number, feature: number): Float32Array =>
  Float32Array.from({ length: rows.length / features }, (_, row) => rows[row * features + feature] ?? 0).sort();

const thresholdsOf = (forests: readonly Forest[], feature: number): readonly number[] =>
  forests.flatMap((forest) =>
    Array.from(forest.threshold).filter((value, at) => forest.feature[at] === feature && Number.isFinite(value)),
  );

/** One where all values are whole and fit; else what takes the largest of values and thresholds to the end of the range. */
function scaleOf(column: Float32Array, thresholds: readonly number[], high: number): number {
  const finite = column.filter(Number.isFinite);
  const largest = Math.max(1e-30, ...[finite.at(0) ?? 0, finite.at(-1) ?? 0, ...thresholds].map(Math.abs));
  if (finite.every(Number.isInteger) && largest <= high) return 1;
  return largest / high;
}

/** The threshold between the largest integer of values that were not above it and the smallest of those that were. */
function placeOf(
  threshold: number,
  column: Float32Array,
  quantised: (value: number) => number,
  scale: number,
): { readonly place: number; readonly moved: boolean } {
  let [first, end] = [0, column.length];
  while (first < end) {
    const middle = (first + end) >> 1;
    if ((column[middle] ?? 0) <= threshold) first = middle + 1;
    else end = middle;
  }
  const below = first === 0 ? Number.NEGATIVE_INFINITY : quantised(column[first - 1] ?? 0);
  const above = first === column.length ? Number.POSITIVE_INFINITY : quantised(column[first] ?? 0);
  const natural = Math.floor(threshold / scale);
  const place = Math.max(below, Math.min(above - 1, natural));
  return below < above ? { place, moved: false } : { place: natural, moved: true };
}

function changed(
  before: Graph,
  after: Graph,
  rows: Float32Array,
  features: number,
  quantised: (value: number, feature: number) => number,
): number {
  const resultsOf = (graph: Graph, row: Data): string => {
    const known = evaluateGraph(graph, [row]);
    return graph.outputs.map((id) => Array.from(known.get(id) ?? [], Number).join()).join(';');
  };
  const [input = -1] = after.inputs;
  const Integers = { i8: Int8Array, u8: Uint8Array, i16: Int16Array, i32: Int32Array }[
    valueAt(after, input).type.dtype as 'i16'
  ];
  let count = 0;
  for (let first = 0; first < rows.length; first += features) {
    const row = rows.slice(first, first + features);
    const integers = Integers.from(row, quantised);
    count += Number(resultsOf(before, row) !== resultsOf(after, integers));
  }
  return count;
}
