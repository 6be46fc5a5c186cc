// ONNX-ML files, encoded here field by field: branch modes, missing values, several inputs, what is refused.
import { describe, expect, it } from 'vitest';
import { evaluateGraph } from '../../ops/evaluate-graph.ts';
import { readModel } from '../index.ts';
import { issuesOf } from '../testing/issues-of.ts';

type Bytes = readonly number[];

const varint = (value: number): Bytes =>
  value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
const bytes = (field: number, content: Bytes): Bytes => [
  ...varint(field * 8 + 2),
  ...varint(content.length),
  ...content,
];
const text = (field: number, value: string): Bytes =>
  bytes(
    field,
    Array.from(value, (letter) => letter.charCodeAt(0)),
  );
const whole = (field: number, value: number): Bytes => [...varint(field * 8), ...varint(value)];
const floats = (values: readonly number[]): Bytes => Array.from(new Uint8Array(Float32Array.from(values).buffer));

type Value = number | string | readonly number[] | readonly string[] | { readonly floats: readonly number[] };

function attribute(name: string, value: Value): Bytes {
  const content =
    typeof value === 'number'
      ? whole(3, value)
      : typeof value === 'string'
        ? text(4, value)
        : 'floats' in value
          ? bytes(7, floats(value.floats))
          : value.flatMap((one) => (typeof one === 'number' ? whole(8, one) : text(9, one)));
  return bytes(5, [...text(1, name), ...content]);
}

const node = (
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, Value>> = {},
): Bytes =>
  bytes(1, [
    ...inputs.flatMap((name) => text(1, name)),
    ...outputs.flatMap((name) => text(2, name)),
    ...text(4, op),
    ...Object.entries(attributes).flatMap(([name, value]) => attribute(name, value)),
    ...text(7, 'ai.onnx.ml'),
  ]);

function value(field: number, name: string, columns: number): Bytes {
  const dimensions = [whole(1, 1), whole(1, columns)].flatMap((dimension) => bytes(1, dimension));
  return bytes(field, [...text(1, name), ...bytes(2, bytes(1, [...whole(1, 1), ...bytes(2, dimensions)]))]);
}

const model = (...parts: readonly Bytes[]): Uint8Array =>
  Uint8Array.from([...whole(1, 8), ...text(2, 'test'), ...bytes(7, parts.flat())]);

function resultOf(file: Uint8Array, ...rows: readonly (readonly number[])[]): readonly number[] {
  const graph = readModel(file, { file: 'model' });
  const known = evaluateGraph(
    graph,
    rows.map((row) => Float32Array.from(row)),
  );
  return Array.from(known.get(graph.outputs[0] ?? -1) ?? [], Number);
}

/** x0 (mode) 1.5 ? 10 : 20 */
const stump = (mode: string, tracksTrue = 0, whenTrue = 1): Uint8Array =>
  model(
    value(11, 'X', 2),
    node('TreeEnsembleRegressor', ['X'], ['Y'], {
      n_targets: 1,
      nodes_treeids: [0, 0, 0],
      nodes_nodeids: [0, 1, 2],
      nodes_featureids: [0, 0, 0],
      nodes_modes: [mode, 'LEAF', 'LEAF'],
      nodes_values: { floats: [1.5, 0, 0] },
      nodes_truenodeids: [whenTrue, 0, 0],
      nodes_falsenodeids: [2, 0, 0],
      nodes_missing_value_tracks_true: [tracksTrue, 0, 0],
      target_treeids: [0, 0],
      target_nodeids: [1, 2],
      target_ids: [0, 0],
      target_weights: { floats: [10, 20] },
    }),
    value(12, 'Y', 1),
  );

describe('branches', () => {
  const holds: Readonly<Record<string, (x: number) => boolean>> = {
    BRANCH_LEQ: (x) => x <= 1.5,
    BRANCH_LT: (x) => x < 1.5,
    BRANCH_GTE: (x) => x >= 1.5,
    BRANCH_GT: (x) => x > 1.5,
    BRANCH_EQ: (x) => x === 1.5,
    BRANCH_NEQ: (x) => x !== 1.5,
  };
  it.each(Object.keys(holds))('%s', (mode) => {
    for (const x of [1.5, 1.4999998807907104, 1.5000001192092896, -2, Infinity, -Infinity])
      expect(resultOf(stump(mode), [x, 0])).toEqual([holds[mode]?.(x) ? 10 : 20]);
    expect(resultOf(stump(mode), [Number.NaN, 0])).toEqual([20]);
    expect(resultOf(stump(mode, 1), [Number.NaN, 0])).toEqual([10]);
  });
});

describe('chains', () => {
  it('take several inputs, scaled and joined', () => {
    const file = model(
      value(11, 'A', 2),
      value(11, 'B', 1),
      node('Scaler', ['A'], ['S'], { offset: { floats: [1, 2] }, scale: { floats: [2, 0.5] } }),
      node('FeatureVectorizer', ['S', 'B'], ['V'], { inputdimensions: [2, 1] }),
      node('Normalizer', ['V'], ['N'], { norm: 'L1' }),
      value(12, 'N', 3),
    );
    expect(resultOf(file, [3, 6], [-2])).toEqual([0.5, 0.25, -0.25]);
  });

  it('encode categories and labels', () => {
    const hot = model(
      value(11, 'A', 2),
      node('OneHotEncoder', ['A'], ['H'], { cats_int64s: [1, 3] }),
      node('Flatten', ['H'], ['Y']),
      value(12, 'Y', 4),
    );
    expect(resultOf(hot, [3, 2])).toEqual([0, 1, 0, 0]);
    const attributes = { keys_floats: { floats: [1, 2] }, values_floats: { floats: [0.5, 7] }, default_float: 0 };
    const mapped = model(value(11, 'A', 3), node('LabelEncoder', ['A'], ['Y'], attributes), value(12, 'Y', 3));
    expect(resultOf(mapped, [2, 1, 9])).toEqual([7, 0.5, 0]);
  });

  it('have Imputer put numbers where some are missing', () => {
    const file = model(
      value(11, 'A', 2),
      node('Imputer', ['A'], ['Y'], { imputed_value_floats: { floats: [7, 9] } }),
      value(12, 'Y', 2),
    );
    expect(resultOf(file, [Number.NaN, 4])).toEqual([7, 4]);
  });
});

describe('machines', () => {
  it('decide by votes of linear kernels', () => {
    const file = model(
      value(11, 'X', 1),
      node('SVMClassifier', ['X'], ['label', 'scores'], {
        classlabels_ints: [4, 5],
        vectors_per_class: [1, 1],
        support_vectors: { floats: [1, -1] },
        coefficients: { floats: [1, -1] },
        rho: { floats: [0.5] },
        kernel_type: 'LINEAR',
        kernel_params: { floats: [1, 0, 1] },
      }),
      value(12, 'label', 1),
    );
    // f = x + x + 0.5: above 0 for the first class.
    expect(resultOf(file, [0])).toEqual([4]);
    expect(resultOf(file, [-0.3])).toEqual([5]);
  });
});

describe('what is refused', () => {
  it('operators of networks, and tensors from nowhere', () => {
    expect(issuesOf(model(value(11, 'X', 2), node('Conv', ['X'], ['Y']), value(12, 'Y', 2)))).toMatch(/Conv/);
    expect(issuesOf(model(value(11, 'X', 2), node('Scaler', ['Z'], ['Y']), value(12, 'Y', 2)))).toMatch(
      /computed before, found Z/,
    );
  });

  it('trees that are none', () => {
    expect(issuesOf(stump('BRANCH_LEQ', 0, 0))).toMatch(/reached twice/);
    expect(issuesOf(stump('BRANCH_LEQ', 0, 9))).toMatch(/no node/);
    expect(issuesOf(stump('BRANCH_ODD'))).toMatch(/BRANCH_ODD/);
    expect(issuesOf(stump('BRANCH_LEQ').slice(0, 90))).toMatch(/bytes are due|left/);
  });
});
