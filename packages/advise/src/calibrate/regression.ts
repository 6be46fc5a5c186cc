// Least squares with priors: a sum of named effects explains an observation, and every effect has a prior of mean 0. Effects that are
// observed often follow the data, those that are not stay near 0, and the covariance says how sure a new sum is.
// Source: Bayesian linear regression with known noise; posterior covariance (XᵀX/σ² + Λ)⁻¹, mean its product with Xᵀy/σ².
import type { Factor } from '../estimate/factor.ts';

/** An effect by name, with the standard deviation of its prior. */
export type Effect = readonly [name: string, priorSd: number];

export interface Observed {
  readonly value: number;
  readonly effects: readonly Effect[];
}

export interface Regression {
  /** The sum of effects, without the noise of a single observation. Effects that no observation has count by their prior. */
  readonly predict: (effects: readonly Effect[]) => Factor;
}

/** Fits the effects of observations whose noise has the standard deviation `noiseSd`. */
export function fitEffects(observations: readonly Observed[], noiseSd: number): Regression {
  const priors = new Map<string, number>();
  for (const { effects } of observations) for (const [name, sd] of effects) priors.set(name, sd);
  const names = [...priors.keys()];
  const at = new Map(names.map((name, i) => [name, i]));
  const size = names.length;
  const precision = Array.from({ length: size }, (_, i) => {
    const row = new Array<number>(size).fill(0);
    row[i] = 1 / (priors.get(names[i] ?? '') ?? 1) ** 2;
    return row;
  });
  const right = new Array<number>(size).fill(0);
  for (const { value, effects } of observations) {
    const columns = effects.map(([name]) => at.get(name) ?? -1);
    for (const i of columns) {
      right[i] = (right[i] ?? 0) + value / noiseSd ** 2;
      const row = precision[i];
      if (row !== undefined) for (const j of columns) row[j] = (row[j] ?? 0) + 1 / noiseSd ** 2;
    }
  }
  const factor = cholesky(precision);
  const means = solve(factor, right);
  return {
    predict: (effects) => {
      const picked = new Array<number>(size).fill(0);
      let unseen = 0;
      for (const [name, sd] of effects) {
        const i = at.get(name);
        if (i === undefined) unseen += sd ** 2;
        else picked[i] = (picked[i] ?? 0) + 1;
      }
      const spread = solve(factor, picked);
      const variance = picked.reduce((total, value, i) => total + value * (spread[i] ?? 0), unseen);
      return { mean: picked.reduce((total, value, i) => total + value * (means[i] ?? 0), 0), sd: Math.sqrt(variance) };
    },
  };
}

type Matrix = readonly (readonly number[])[];

const entry = (matrix: Matrix, i: number, j: number): number => matrix[i]?.[j] ?? 0;

/** L of a symmetric positive definite matrix L Lᵀ. */
function cholesky(matrix: Matrix): Matrix {
  const lower: number[][] = matrix.map(() => []);
  for (const [i, row] of lower.entries())
    for (let j = 0; j <= i; j += 1) {
      let sum = entry(matrix, i, j);
      for (let k = 0; k < j; k += 1) sum -= entry(lower, i, k) * entry(lower, j, k);
      row[j] = i === j ? Math.sqrt(sum) : sum / entry(lower, j, j);
    }
  return lower;
}

/** x of L Lᵀ x = b. */
function solve(lower: Matrix, b: readonly number[]): readonly number[] {
  const y: number[] = [];
  for (const [i, value] of b.entries()) {
    let sum = value;
    for (let k = 0; k < i; k += 1) sum -= entry(lower, i, k) * (y[k] ?? 0);
    y[i] = sum / entry(lower, i, i);
  }
  const x = new Array<number>(b.length).fill(0);
  for (let i = b.length - 1; i >= 0; i -= 1) {
    let sum = y[i] ?? 0;
    for (let k = i + 1; k < b.length; k += 1) sum -= entry(lower, k, i) * (x[k] ?? 0);
    x[i] = sum / entry(lower, i, i);
  }
  return x;
}
