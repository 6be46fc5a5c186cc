// LightGBM's and CatBoost's files, written out here after their documentation, against results that follow from their own rules.
import { describe, expect, it } from 'vitest';
import { evaluateGraph } from '../../ops/evaluate-graph.ts';
import { readModel } from '../index.ts';
import { issuesOf } from '../testing/issues-of.ts';

const encode = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

/** The first output of a row. */
function resultOf(file: Uint8Array, row: readonly number[]): readonly number[] {
  const graph = readModel(file, { file: 'model' });
  return Array.from(evaluateGraph(graph, [Float32Array.from(row)]).get(graph.outputs[0] ?? -1) ?? [], Number);
}

/** Node 0: x0 <= 1.5, missing goes left (8 = NaN, 2 = left); node 1: category of x1 in {1, 33}; node 2: x0 <= -2, nothing is missing. */
const lightgbmText = (more = ''): string => `tree
version=v3
num_class=1
num_tree_per_iteration=1
max_feature_idx=1
objective=regression
feature_names=a b
feature_infos=[-5:5] 0:1:33

Tree=0
num_leaves=4
num_cat=1
split_feature=0 1 0
threshold=1.5 0 -2
decision_type=10 1 0
left_child=1 -1 -2
right_child=2 -3 -4
leaf_value=0.1 0.2 -0.3 4
cat_boundaries=0 2
cat_threshold=2 2
is_linear=0
shrinkage=0.1
${more}

Tree=1
num_leaves=1
num_cat=0
leaf_value=10
shrinkage=1

end of trees
`;

const nested = {
  name: 'tree',
  version: 'v3',
  num_class: 1,
  num_tree_per_iteration: 1,
  max_feature_idx: 1,
  objective: 'regression',
  average_output: false,
  tree_info: [
    {
      tree_index: 0,
      tree_structure: {
        split_feature: 0,
        threshold: 1.5,
        decision_type: '<=',
        default_left: true,
        missing_type: 'NaN',
        left_child: {
          split_feature: 1,
          threshold: '1||33',
          decision_type: '==',
          left_child: { leaf_value: 0.1 },
          right_child: { leaf_value: -0.3 },
        },
        right_child: {
          split_feature: 0,
          threshold: -2,
          decision_type: '<=',
          default_left: false,
          missing_type: 'None',
          left_child: { leaf_value: 0.2 },
          right_child: { leaf_value: 4 },
        },
      },
    },
    { tree_index: 1, tree_structure: { leaf_value: 10 } },
  ],
};

describe('LightGBM', () => {
  const rows: readonly (readonly [readonly number[], number])[] = [
    [[1.5, 1], 10.1],
    [[1.5, 33.9], 10.1],
    [[1, 2], 9.7],
    [[1, 65], 9.7],
    [[1, -1], 9.7],
    [[1, Number.NaN], 9.7],
    [[Number.NaN, 1], 10.1],
    [[1.5000001192092896, 1], 14],
    [[Infinity, 0], 14],
  ];
  it.each([
    ['text', encode(lightgbmText())],
    ['JSON', encode(nested)],
  ])('%s gives what its rules say', (_, file) => {
    for (const [row, want] of rows) expect(resultOf(file, row)[0]).toBeCloseTo(want, 6);
  });

  it('knows objectives', () => {
    const binary = lightgbmText().replace('objective=regression', 'objective=binary sigmoid:1');
    expect(resultOf(encode(binary), [1, 1])[0]).toBeCloseTo(1 / (1 + Math.exp(-10.1)), 6);
    const poisson = lightgbmText().replace('objective=regression', 'objective=poisson');
    expect(resultOf(encode(poisson), [1, 2])[0]).toBeCloseTo(Math.exp(9.7), 1);
  });

  it('refuses what it cannot give', () => {
    expect(issuesOf(encode(lightgbmText('is_linear=1').replace('is_linear=0\n', '')))).toMatch(/linear trees/);
    expect(issuesOf(encode(lightgbmText().replace('end of trees', '')))).toMatch(/cut off/);
    expect(issuesOf(encode(lightgbmText().replace('left_child=1 -1 -2', 'left_child=0 -1 -2')))).toMatch(
      /reached twice/,
    );
    expect(issuesOf(encode(lightgbmText().replace('decision_type=10 1 0', 'decision_type=4 1 0')))).toMatch(
      /zero_as_missing/,
    );
    expect(issuesOf(encode(lightgbmText().replace('regression', 'mystery')))).toMatch(/mystery/);
  });
});

const oblivious = (loss: string) => ({
  features_info: {
    categorical_features: [],
    float_features: [
      { feature_index: 0, flat_feature_index: 0, nan_value_treatment: 'AsFalse', borders: [0.5] },
      { feature_index: 1, flat_feature_index: 1, nan_value_treatment: 'AsTrue', borders: [2] },
    ],
  },
  model_info: { params: { loss_function: { type: loss } } },
  oblivious_trees: [
    {
      leaf_values: [1, 2, 3, 4],
      splits: [
        { border: 0.5, float_feature_index: 0, split_type: 'FloatFeature' },
        { border: 2, float_feature_index: 1, split_type: 'FloatFeature' },
      ],
    },
    { leaf_values: [10, 20], splits: [{ border: 2, float_feature_index: 1, split_type: 'FloatFeature' }] },
  ],
  scale_and_bias: [0.5, [100]],
});

describe('CatBoost', () => {
  it.each<[readonly number[], number]>([
    [[0.5, 2], 100 + 0.5 * 11],
    [[0.6, 2], 100 + 0.5 * 12],
    [[0, 3], 100 + 0.5 * 23],
    [[1, 3], 100 + 0.5 * 24],
    [[Number.NaN, 0], 100 + 0.5 * 11],
    [[0, Number.NaN], 100 + 0.5 * 23],
  ])('%j gives %d', (row, want) => {
    expect(resultOf(encode(oblivious('RMSE')), row)[0]).toBeCloseTo(want, 6);
  });

  it('gives classes', () => {
    const graph = readModel(encode(oblivious('Logloss')), { file: 'model' });
    expect(graph.outputs.map((id) => graph.values[id]?.name)).toEqual(['label', 'prediction']);
  });

  it('refuses categories', () => {
    const model = oblivious('RMSE');
    const categories = {
      ...model,
      features_info: { ...model.features_info, categorical_features: [{ feature_index: 0 }] },
    };
    expect(issuesOf(encode(categories))).toMatch(/only float features/);
  });
});
