// XGBoost's, scikit-learn's and ONNX-ML models of the shared folder: every row gives what its library gave, classes exactly, XGBoost's
// margins to the last bit, scores within 1e-6 of the largest; and the same bytes in WebAssembly and, for one model of each kind or all, on this machine and two cores.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { evaluateGraph, type Graph, readModel } from '@anymote/compiler';
import { describe, expect, it } from 'vitest';
import { verifyModel } from '../../packages/verify/src/index.ts';
import { type ExpectedRows, expectedRows, modelsIn } from '../expected-rows.ts';

const shared = process.env.ANYMOTE_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url));
const folder = join(shared, 'models', 'trees');
const files = modelsIn(folder);

const targets = ['wasm', 'host', 'cortex-m4', 'cortex-m0plus'];

/** One of each kind; all of them where that is asked for (`npm run verify:trees`), as most of the time goes to compilers. */
const kinds =
  /xgb_(digits_softmax|sensor_(binary_missing|cat_partition|gblinear_multi|poisson))|sk_(rf10_digits|gb_multi|histgb_multi|isolation|standard|kmeans|svc_(rbf_proba|linear)|gmm_full|knn_distance|gaussiannb|mlp_reg|pca_whiten)|onnx_(treeensemble5|linearclassifier)/;
const all = process.env.ANYMOTE_ALL_TREES === '1';

/** The same graph, whose only node gives its scores before they are transformed. */
function givingScores(graph: Graph): Graph {
  const [node] = graph.nodes;
  if (node === undefined || !('decision' in node.attrs)) throw new Error('no node that decides');
  const scores =
    node.op === 'treeEnsemble' ? node.attrs.forest.scores : 'scores' in node.attrs ? Number(node.attrs.scores) : 1;
  const id = graph.values.length;
  return {
    ...graph,
    values: [...graph.values, { name: 'scores', type: { dtype: 'f32', shape: [1, scores] }, role: 'temporary' }],
    // One node with its own attributes, less some outputs: the union of nodes cannot see that through a spread.
    nodes: [
      {
        ...node,
        attrs: { ...node.attrs, decision: { ...node.attrs.decision, gives: ['scores'] } },
        outputs: [id],
      } as Graph['nodes'][number],
    ],
    outputs: [id],
  };
}

/** By row, an output's numbers. */
const computed = (graph: Graph, { rows }: ExpectedRows, output = 0): readonly (readonly number[])[] =>
  rows.map((row) => Array.from(evaluateGraph(graph, [row]).get(graph.outputs[output] ?? -1) ?? [], Number));

/** What the file calls an output. */
function expectedOf(
  graph: Graph,
  output: number,
  { file, expected }: ExpectedRows,
): readonly (readonly number[])[] | undefined {
  const value = graph.values[graph.outputs[output] ?? -1];
  const isLabel = value?.type.dtype === 'i32';
  if (file.endsWith('.onnx')) return expected[isLabel ? 'label' : 'prob'] ?? expected.y;
  if (file.startsWith('sk_')) return expected[value?.name ?? ''];
  if (!isLabel) return expected.pred;
  // XGBoost's own: the largest margin, or one above 0.
  return expected.margin?.map((row) => [row.length === 1 ? Number((row[0] ?? 0) > 0) : row.indexOf(Math.max(...row))]);
}

/** The largest distance, relative to the largest number, or to 1 where that is more. */
function distance(got: readonly (readonly number[])[], want: readonly (readonly number[])[]): number {
  const size = Math.max(1, ...want.flat().map(Math.abs));
  expect(got.map(({ length }) => length)).toEqual(want.map(({ length }) => length));
  const far = got.flatMap((row, r) => row.map((value, i) => Math.abs(value - (want[r]?.[i] ?? Number.NaN)) / size));
  return far.every((one) => one >= 0) ? Math.max(0, ...far) : Number.NaN;
}

describe.skipIf(files.length === 0)(`models of ${folder}`, () => {
  it.each(files)('%s gives what its library gave', (file) => {
    const rows = expectedRows(folder, file);
    const graph = readModel(readFileSync(join(folder, file)), { file });
    graph.outputs.forEach((id, output) => {
      const want = expectedOf(graph, output, rows);
      if (want === undefined) throw new Error(`nothing is known of ${graph.values[id]?.name}`);
      const got = computed(graph, rows, output);
      if (graph.values[id]?.type.dtype === 'i32') expect(got).toEqual(want);
      // Scalers were applied to float32 rows, in float32.
      else expect(distance(got, want)).toBeLessThan(file.includes('scaler') ? 1e-5 : 1e-6);
    });
    const { margin, decision_function: decision } = rows.expected;
    if (margin !== undefined)
      expect(computed(givingScores(graph), rows)).toEqual(margin.map((row) => row.map(Math.fround)));
    else if (decision !== undefined && graph.nodes.length === 1 && !file.includes('isolation'))
      expect(distance(computed(givingScores(graph), rows), decision)).toBeLessThan(1e-6);
  });

  it.runIf(files.includes('xgb_sensor_earlystop.json'))(
    'trees up to the best iteration give what XGBoost gives',
    () => {
      const file = 'xgb_sensor_earlystop.json';
      const rows = expectedRows(folder, file);
      const graph = readModel(readFileSync(join(folder, file)), { file, bestIteration: true });
      expect(distance(computed(graph, rows), rows.expected.predbest ?? [])).toBeLessThan(1e-6);
      const text = readFileSync(join(folder, file), 'utf8').replace('best_iteration', 'another');
      const other = new TextEncoder().encode(text);
      expect(() => readModel(other, { bestIteration: true })).toThrow(/which iteration was the best/);
    },
  );

  it.each(files.filter((file) => file.startsWith('xgb')))('%s is the same as UBJSON', (file) => {
    const other = file.replace('.json', '.ubj');
    const [json, ubjson] = [file, other].map((name) => readModel(readFileSync(join(folder, name)), { file }));
    expect(ubjson).toEqual(json);
  });

  it.each(files)('%s gives the same bytes everywhere', { timeout: 300_000 }, async (file) => {
    const where = all || kinds.test(file) ? targets : ['wasm'];
    const { rows } = expectedRows(folder, file);
    const graph = readModel(readFileSync(join(folder, file)), { file });
    const samples = rows.map((row, i) => ({ name: `row ${i}`, inputs: [row] }));
    const report = await verifyModel(graph, { targets: where, samples });
    const bad = report.targets.filter(({ outcome }) => outcome.status === 'different' || outcome.status === 'failed');
    expect(bad.map(({ target, outcome }) => ({ target, outcome }))).toEqual([]);
    expect(report.reference.status).toBe('ok');
  });
});
