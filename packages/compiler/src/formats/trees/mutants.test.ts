// Files of tabular models with bytes, numbers and structure changed: each is refused with a reason, or is a model that computes. Small
// models stand here; those of the shared folder are mutated as well where they are.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compile } from '../../compile.ts';
import { CompileError } from '../../errors.ts';
import { lcg } from '../../ops/cases/case.ts';
import { evaluateGraph } from '../../ops/evaluate-graph.ts';
import { elementsOf } from '../../tensor/tensor.ts';
import { readModel } from '../index.ts';

const tree = {
  left_children: [1, 3, -1, -1, -1],
  right_children: [2, 4, -1, -1, -1],
  split_indices: [0, 1, 0, 0, 0],
  split_conditions: [0.5, -1.25, 3, -2, 1],
  default_left: [1, 0, 0, 0, 0],
  categories: [],
  categories_nodes: [],
  categories_segments: [],
  categories_sizes: [],
  tree_param: { num_nodes: '5', size_leaf_vector: '0' },
};
const boosted = {
  learner: {
    gradient_booster: { model: { tree_info: [0, 0], trees: [tree, tree] }, name: 'gbtree' },
    learner_model_param: { base_score: '5E-1', num_class: '0', num_feature: '2', num_target: '1' },
    objective: { name: 'binary:logistic' },
  },
  version: [1, 7, 4],
};
const sklearnTree = {
  children_left: [1, -1, -1],
  children_right: [2, -1, -1],
  feature: [1, -2, -2],
  threshold: [0.75, -2, -2],
  value: [[], [3, 1], [0, 2]],
};
const forest = {
  format: 'sklearn-dump-1',
  type: 'RandomForestClassifier',
  params: {},
  n_features: 2,
  classes: [0, 1],
  trees: [sklearnTree, sklearnTree],
};
const mixture = {
  format: 'sklearn-dump-1',
  type: 'GaussianMixture',
  params: { covariance_type: 'full' },
  n_features: 2,
  weights: [0.25, 0.75],
  means: [
    [0, 1],
    [2, 3],
  ],
  precisions_cholesky: [
    [
      [1, 0.5],
      [0, 2],
    ],
    [
      [3, 1],
      [0, 1],
    ],
  ],
};

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const small = [boosted, forest, mixture].map(encode);

const shared = process.env.ANYMOTE_SHARED ?? fileURLToPath(new URL('../../../../../../shared', import.meta.url));
const folder = join(shared, 'models', 'trees');
const others = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => /\.(json|ubj|onnx)$/.test(name))
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).size < 40_000)
      .map((path) => new Uint8Array(readFileSync(path)))
  : [];

type Below = (count: number) => number;

/** Strange numbers and texts in the place of some token of a JSON text. */
const strange = [
  '-1',
  '0',
  '1e999',
  '-1e999',
  'NaN',
  'null',
  '2147483648',
  '1.5',
  '"x"',
  '[]',
  '{}',
  '[[[]]]',
  'true',
  '99999999999999999999',
];

function mutated(bytes: Uint8Array, below: Below): Uint8Array {
  const isText = bytes[0] === 0x7b && bytes[1] !== 0x4c;
  if (isText && below(4) > 0) {
    const text = new TextDecoder('utf-8', { fatal: false, ignoreBOM: false }).decode(bytes);
    const tokens = [...text.matchAll(/-?\d[\d.eE+-]*|"[^"]*"|\[[^[\]]*\]/g)];
    const token = tokens[below(tokens.length)];
    if (token === undefined) return bytes;
    const put = strange[below(strange.length)] ?? '';
    return new TextEncoder().encode(text.slice(0, token.index) + put + text.slice(token.index + token[0].length));
  }
  if (below(4) === 0) return bytes.slice(0, below(bytes.length));
  const changed = bytes.slice();
  for (let n = 0; n <= below(3); n += 1) changed[below(changed.length)] = below(256);
  return changed;
}

/** Refused, or what became of it. */
function judge(bytes: Uint8Array): 'refused' | 'accepted' {
  try {
    const graph = readModel(bytes, { file: 'mutant' });
    const inputs = graph.inputs.map((id) => {
      const type = graph.values[id]?.type;
      return Float32Array.from({ length: type === undefined ? 0 : elementsOf(type) }, (_, i) => (i % 7) - 3);
    });
    for (const id of graph.outputs) expect(evaluateGraph(graph, inputs).get(id)).toBeDefined();
    compile(graph, { target: 'cortex-m4', memory: { flashBytes: 1e7, ramBytes: 1e7 }, optimize: 'size' });
    return 'accepted';
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    for (const issue of error.issues) expect(issue.where.file).toBe('mutant');
    return 'refused';
  }
}

const perSeed = Number(process.env.ANYMOTE_FUZZ_TABULAR ?? 1000);

describe.each([
  ['small models', small],
  ['models of the shared folder', others],
])('%s', (_, seeds) => {
  it.skipIf(seeds.length === 0)('are refused with reasons or compute', { timeout: 600_000 }, () => {
    const next = lcg(7);
    const below: Below = (count) => Math.floor((next() / 2 ** 32) * count);
    const counts = { refused: 0, accepted: 0 };
    for (const seed of seeds) expect(judge(seed)).toBe('accepted');
    for (let n = 0; n < perSeed; n += 1) {
      const mutant = mutated(seeds[n % seeds.length] ?? new Uint8Array(), below);
      try {
        counts[judge(mutant)] += 1;
      } catch (error) {
        throw new Error(`mutant ${n}: ${error instanceof Error ? error.stack : String(error)}`);
      }
    }
    expect(counts.refused).toBeGreaterThan(perSeed / 5);
    expect(counts.accepted).toBeGreaterThan(perSeed / 50);
  });
});
