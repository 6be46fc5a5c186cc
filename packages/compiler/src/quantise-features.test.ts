import { describe, expect, it } from 'vitest';
import { CompileError } from './errors.ts';
import { randomOf } from './kernel/testing/random.ts';
import { type Case, graphOfCases, plainType } from './ops/cases/case.ts';
import { randomForest } from './ops/cases/tree-ensemble.ts';
import type { Graph } from './ops/index.ts';
import { quantiseFeatures } from './quantise-features.ts';

function modelOf(scale: number, features = 4): Graph {
  const plain = randomForest(5, { trees: 8, features, scores: 3, depth: 5, single: true });
  const forest = { ...plain, threshold: plain.threshold.map((value, i) => value * scale + (i * scale) / 1000) };
  const one: Case = {
    name: 'forest',
    node: {
      op: 'treeEnsemble',
      attrs: {
        forest,
        arithmetic: 'f32',
        base: [0, 0, 0],
        acceptsMissing: false,
        decision: { gives: ['label', 'scores'], transform: 'none', label: 'largest' },
      },
    },
    inputs: [{ type: plainType('f32', [1, features]), data: new Float32Array(features) }],
    outputs: [plainType('i32', [1]), plainType('f32', [1, 3])],
  };
  return graphOfCases('forest', [one]).graph;
}

const rowsOf = (seed: number, count: number, range: number): Float32Array => {
  const random = randomOf(seed);
  return Float32Array.from({ length: 4 * count }, () => (random.below(2 ** 24) / 2 ** 23 - 1) * range);
};

describe('features as int16', () => {
  it('change no row of those given, whatever their range', () => {
    for (const range of [0.01, 4, 1e6]) {
      const { changedRows, movedThresholds, scales } = quantiseFeatures(
        modelOf(range / 4),
        rowsOf(1, 300, range),
        'i16',
      );
      expect([changedRows, movedThresholds]).toEqual([0, 0]);
      expect(Math.max(...scales)).toBeLessThan(range / 10_000);
    }
  });

  it('are whole numbers as they are', () => {
    const rows = rowsOf(2, 200, 100).map(Math.round);
    const { changedRows, scales } = quantiseFeatures(modelOf(20), rows, 'i16');
    expect(scales).toEqual([1, 1, 1, 1]);
    expect(changedRows).toBe(0);
  });

  it('of too few bits change rows, and say how many', () => {
    const { changedRows, movedThresholds } = quantiseFeatures(modelOf(1), rowsOf(3, 2000, 4), 'i8');
    expect(movedThresholds).toBeGreaterThan(0);
    expect(changedRows).toBeGreaterThan(0);
    expect(changedRows).toBeLessThan(400);
  });

  it('must be rows of the model', () => {
    expect(() => quantiseFeatures(modelOf(1), new Float32Array(7), 'i16')).toThrow(CompileError);
  });
});
