// Every tactic for trees gives, to the last bit, what the operator's own loops give: on its contract cases, on random forests with rows
// that hit thresholds, on integer features, and on votes that tie or nearly do.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valueAt } from '../graph/graph.ts';
import { checkKernel } from '../kernel/check.ts';
import { interpret } from '../kernel/interpret.ts';
import { type Case, graphOfCases, lcg, plainType } from '../ops/cases/case.ts';
import { randomForest, randomRows, treeEnsembleCases } from '../ops/cases/tree-ensemble.ts';
import { checkGraph } from '../ops/check-graph.ts';
import type { Decision } from '../ops/decision.ts';
import { evaluateGraph } from '../ops/evaluate-graph.ts';
import type { Forest } from '../ops/forest.ts';
import { lowerNode } from '../ops/lower-node.ts';
import type { TreeEnsembleAttrs } from '../ops/tree-ensemble.ts';
import { targets } from '../targets/index.ts';
import { allocate, type Data } from '../tensor/dtype.ts';
import { elementsOf } from '../tensor/tensor.ts';
import { candidatesOf, plain } from './index.ts';

/** What every candidate gives for a case on a target, by its name. */
function resultsOf(one: Case, targetName: string): ReadonlyMap<string, readonly Data[]> {
  const { graph, inputs } = graphOfCases('trees', [one]);
  expect(checkGraph(graph)).toEqual([]);
  const [node] = graph.nodes;
  const target = targets.find(({ name }) => name === targetName);
  if (node === undefined || target === undefined) throw new Error('no node or target');
  const results = new Map<string, readonly Data[]>();
  for (const { tactic, lower } of candidatesOf(graph, node, target)) {
    const { kernel, values } = lowerNode(graph, node, 'trees', lower);
    checkKernel(kernel);
    const args = values.map((id): Data => {
      const at = graph.inputs.indexOf(id);
      const { type } = valueAt(graph, id);
      return at >= 0 ? (inputs[at] ?? new Float32Array()) : allocate(type.dtype, elementsOf(type));
    });
    interpret(kernel, args);
    results.set(
      tactic,
      node.outputs.map((id) => args[values.indexOf(id)] ?? new Float32Array()),
    );
  }
  // Classes are the definition's own.
  const expected = evaluateGraph(graph, inputs);
  node.outputs.forEach((id, i) => {
    if (valueAt(graph, id).type.dtype === 'i32') expect(results.get(plain)?.[i]).toEqual(expected.get(id));
  });
  return results;
}

/** The tactics that take a case, after comparing their results. */
function compared(one: Case, targetName: string): readonly string[] {
  const results = resultsOf(one, targetName);
  for (const [tactic, outputs] of results) expect(outputs, tactic).toEqual(results.get(plain));
  return [...results.keys()];
}

const someTargets = ['cortex-m4', 'cortex-m0plus', 'wasm'];

function caseOf(
  forest: Forest,
  rows: Data,
  count: number,
  more: Partial<TreeEnsembleAttrs> & { readonly decision: Decision },
): Case {
  const dtype = rows instanceof Int16Array ? 'i16' : 'f32';
  const attrs: TreeEnsembleAttrs = {
    forest,
    arithmetic: 'f64',
    base: new Array(forest.scores).fill(0),
    acceptsMissing: false,
    ...more,
  };
  return {
    name: 'random',
    node: { op: 'treeEnsemble', attrs },
    inputs: [{ type: plainType(dtype, [count, forest.features]), data: rows }],
    outputs: more.decision.gives.map((given) =>
      given === 'label' ? plainType('i32', [count]) : plainType('f32', [count, forest.scores]),
    ),
  };
}

const label: Decision = { gives: ['label'], transform: 'none', label: 'largest' };
const both: Decision = { gives: ['scores', 'label'], transform: 'none', label: 'largest' };

/** The forest with shares of small counts at its leaves, as voting trees have. */
function withShares(forest: Forest, seed: number, most: number): Forest {
  const next = lcg(seed);
  const below = (count: number): number => Math.floor((next() / 2 ** 32) * count);
  const entryValue: number[] = [];
  const entryScore: number[] = [];
  const firstEntry = [0];
  for (let leaf = 0; leaf + 1 < forest.firstEntry.length; leaf += 1) {
    const counts = Array.from({ length: forest.scores }, () => below(most + 1) * below(2));
    counts[below(forest.scores)] = 1 + below(most);
    const total = counts.reduce((a, b) => a + b, 0);
    counts.forEach((count, score) => {
      if (count === 0) return;
      entryScore.push(score);
      entryValue.push(count / total);
    });
    firstEntry.push(entryValue.length);
  }
  return {
    ...forest,
    firstEntry: Int32Array.from(firstEntry),
    entryScore: Int32Array.from(entryScore),
    entryValue: Float64Array.from(entryValue),
  };
}

describe('contract cases', () => {
  it.each(someTargets)('on %s', (target) => {
    const taken = treeEnsembleCases.flatMap((one) => compared(one, target));
    expect(new Set(taken).size).toBeGreaterThan(4);
  });
});

const shapes = fc.record({
  trees: fc.integer({ min: 1, max: 12 }),
  features: fc.integer({ min: 1, max: 6 }),
  scores: fc.integer({ min: 1, max: 5 }),
  depth: fc.integer({ min: 0, max: 6 }),
  single: fc.boolean(),
  missing: fc.boolean(),
});

describe('random forests', () => {
  it.each(someTargets)('on %s', (target) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), shapes, fc.boolean(), (seed, shape, doubles) => {
        const forest = randomForest(seed, shape);
        const rows = randomRows(seed, 9, shape);
        compared(
          caseOf(forest, rows, 9, {
            arithmetic: doubles ? 'f64' : 'f32',
            acceptsMissing: shape.missing,
            decision: both,
          }),
          target,
        );
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  it.each(someTargets)('of integer features on %s', (target) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), shapes, (seed, shape) => {
        const forest = randomForest(seed, { ...shape, missing: false });
        const rows = Int16Array.from(randomRows(seed, 9, { ...shape, missing: false }), (value) =>
          Math.max(-9, Math.min(9, value)),
        );
        compared(caseOf(forest, rows, 9, { decision: both }), target);
      }),
      { seed: 4, numRuns: 60 },
    );
  });

  it.each(someTargets)('of votes, tied and nearly tied, on %s', (target) => {
    const taken = new Set<string>();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), shapes, fc.constantFrom(1, 3, 50), (seed, shape, most) => {
        const forest = withShares(randomForest(seed, { ...shape, missing: false, single: false }), seed, most);
        const rows = randomRows(seed, 17, { ...shape, missing: false });
        const one = caseOf(forest, rows, 17, { divisor: shape.trees, decision: label });
        for (const tactic of compared(one, target)) taken.add(tactic);
      }),
      { seed: 5, numRuns: 80 },
    );
    expect([...taken]).toEqual(
      expect.arrayContaining(['tree-votes', 'tree-votes-keys', 'tree-packed', 'tree-branches']),
    );
  });
});
