// Multinomial logistic regression with an L2 penalty, by gradient descent with Nesterov's momentum on standardised features; weights are
// given for the features as they are.
import type { Examples } from './rows.ts';

export interface LogisticOptions {
  readonly classes: number;
  /** Of the squared weights, beside the mean loss. */
  readonly penalty: number;
  readonly iterations: number;
}

export interface TrainedLogistic {
  /** (classes, features), one row for two classes. */
  readonly weights: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

export function trainLogistic(examples: Examples, { classes, penalty, iterations }: LogisticOptions): TrainedLogistic {
  const { count, features, x, y } = examples;
  const mean = new Float64Array(features);
  const scale = new Float64Array(features);
  for (let i = 0; i < count * features; i += 1) mean[i % features] = (mean[i % features] ?? 0) + (x[i] ?? 0) / count;
  for (let i = 0; i < count * features; i += 1)
    scale[i % features] = (scale[i % features] ?? 0) + ((x[i] ?? 0) - (mean[i % features] ?? 0)) ** 2 / count;
  for (let i = 0; i < features; i += 1) scale[i] = Math.sqrt(scale[i] ?? 0) || 1;
  const z = Float64Array.from(x, (value, i) => (value - (mean[i % features] ?? 0)) / (scale[i % features] ?? 1));
  const width = features + 1;
  const weights = new Float64Array(classes * width);
  const ahead = weights.slice();
  let momentum = 1;
  // The loss is no steeper than this: softmax's second derivative is at most 1/2, features have variance 1.
  const rate = 1 / (0.5 * width + penalty);
  for (let turn = 0; turn < iterations; turn += 1) {
    const gradient = gradientOf(ahead, z, y, { count, features, classes, penalty });
    const next = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
    const carry = (momentum - 1) / next;
    momentum = next;
    let moved = 0;
    for (let i = 0; i < weights.length; i += 1) {
      const before = weights[i] ?? 0;
      const after = (ahead[i] ?? 0) - rate * (gradient[i] ?? 0);
      weights[i] = after;
      ahead[i] = after + carry * (after - before);
      moved = Math.max(moved, Math.abs(after - before));
    }
    if (moved < 1e-7) break;
  }
  const rows = Array.from({ length: classes }, (_, c) => {
    const own = Array.from({ length: features }, (_unused, i) => (weights[c * width + i] ?? 0) / (scale[i] ?? 1));
    const shift = own.reduce((sum, weight, i) => sum + weight * (mean[i] ?? 0), 0);
    return { own, bias: (weights[c * width + features] ?? 0) - shift };
  });
  const [first, second] = rows;
  if (classes === 2 && first !== undefined && second !== undefined)
    return { weights: [second.own.map((weight, i) => weight - (first.own[i] ?? 0))], bias: [second.bias - first.bias] };
  return { weights: rows.map(({ own }) => own), bias: rows.map(({ bias }) => bias) };
}

interface Problem {
  readonly count: number;
  readonly features: number;
  readonly classes: number;
  readonly penalty: number;
}

function gradientOf(
  weights: Float64Array,
  z: Float64Array,
  y: Float64Array,
  { count, features, classes, penalty }: Problem,
): Float64Array {
  const width = features + 1;
  const gradient = new Float64Array(weights.length);
  const scores = new Float64Array(classes);
  for (let row = 0; row < count; row += 1) {
    for (let c = 0; c < classes; c += 1) {
      let sum = weights[c * width + features] ?? 0;
      for (let i = 0; i < features; i += 1) sum += (weights[c * width + i] ?? 0) * (z[row * features + i] ?? 0);
      scores[c] = sum;
    }
    const largest = Math.max(...scores);
    const total = scores.reduce((sum, score) => sum + Math.exp(score - largest), 0);
    for (let c = 0; c < classes; c += 1) {
      const error = (Math.exp((scores[c] ?? 0) - largest) / total - Number(y[row] === c)) / count;
      for (let i = 0; i < features; i += 1)
        gradient[c * width + i] = (gradient[c * width + i] ?? 0) + error * (z[row * features + i] ?? 0);
      gradient[c * width + features] = (gradient[c * width + features] ?? 0) + error;
    }
  }
  for (let i = 0; i < weights.length; i += 1)
    if (i % width !== features) gradient[i] = (gradient[i] ?? 0) + penalty * (weights[i] ?? 0);
  return gradient;
}
