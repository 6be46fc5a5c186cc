// Weighted sums of the features of a row: linear, logistic and ridge regression, linear classifiers, principal components (features are
// centred first), layers of small networks in the arithmetic of their library.
import { add, cast, constantLike, div, mul, ne, select, sub } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import { type Arithmetic, allocateOutputs, checkDecision, type Decision, decide, decisionShapes } from './decision.ts';
import { writeDecision } from './decision-loops.ts';
import { checkCounts, checkFeatureRows } from './feature-rows.ts';
import { defineOp } from './op.ts';

export interface LinearModelAttrs {
  readonly features: number;
  readonly scores: number;
  /** (scores, features) */
  readonly weights: Float64Array;
  /** By score. */
  readonly bias: Float64Array;
  readonly arithmetic: Arithmetic;
  /** Whether sums begin with the bias, or end with it. */
  readonly biasFirst: boolean;
  /** By feature, what is taken off first. */
  readonly centre?: Float64Array;
  /** By score, what the sum is divided by in the end. */
  readonly divisor?: Float64Array;
  /** NaN features count as 0, or as what they are. */
  readonly missing: 'zero' | 'number';
  readonly decision: Decision;
}

export const linearModel = defineOp({
  name: 'linearModel',
  inputs: ['x'],

  infer({ x }, attrs: LinearModelAttrs, outputs, complain) {
    const { features, scores, weights, bias, centre, divisor, decision } = attrs;
    const [rows = 0] = x.shape;
    if (!checkFeatureRows(x, features, complain)) return [];
    checkCounts(complain, ['weights', scores * features, weights.length]);
    checkCounts(complain, ['biases', scores, bias.length]);
    if (centre !== undefined) checkCounts(complain, ['centres', features, centre.length]);
    if (divisor !== undefined) checkCounts(complain, ['divisors', scores, divisor.length]);
    checkDecision(scores, decision, outputs, complain);
    return decisionShapes(rows, scores, decision);
  },

  evaluate({ x }, attrs, outputs) {
    const { features, scores, weights, bias, arithmetic, biasFirst, centre, divisor, missing, decision } = attrs;
    const [rows = 0] = x.type.shape;
    const round = arithmetic === 'f32' ? Math.fround : (value: number) => value;
    const results = allocateOutputs(outputs, rows, scores, decision);
    for (let row = 0; row < rows; row += 1) {
      const sums = Array.from(bias, (start, score) => {
        let sum = biasFirst ? round(start) : 0;
        for (let i = 0; i < features; i += 1) {
          const given = Number(x.data[row * features + i]);
          const value = missing === 'zero' && Number.isNaN(given) ? 0 : given;
          const centred = centre === undefined ? value : round(value - round(centre[i] ?? 0));
          sum = round(sum + round(centred * round(weights[score * features + i] ?? 0)));
        }
        const total = biasFirst ? sum : round(sum + round(start));
        return divisor === undefined ? total : round(total / round(divisor[score] ?? 1));
      });
      decide(sums, decision, row, results);
    }
    return results;
  },

  lower(k, { x }, attrs, outputs) {
    const { features, scores, arithmetic, biasFirst, centre, divisor, missing, decision } = attrs;
    const [rows = 0] = x.tensor.shape;
    const constant = (name: string, values: Float64Array) =>
      k.constant(name, arithmetic === 'f32' ? Float32Array.from(values) : values);
    const weights = constant('weights', attrs.weights);
    const bias = constant('bias', attrs.bias);
    const centres = centre === undefined ? undefined : constant('centre', centre);
    const divisors = divisor === undefined ? undefined : constant('divisor', divisor);
    const sums = k.scratch('sums', arithmetic, scores);
    k.for('row', 0, rows, (row) => {
      k.for('score', 0, scores, (score) => {
        const start = k.load(bias, score);
        const sum = k.variable('sum', biasFirst ? start : constantLike(arithmetic, 0));
        k.for('i', 0, features, (i) => {
          const given = k.let('value', cast(arithmetic, k.load(x, add(mul(row, features), i))));
          const value: Expr = missing === 'zero' ? select(ne(given, given), constantLike(arithmetic, 0), given) : given;
          const centred = centres === undefined ? value : sub(value, k.load(centres, i));
          k.set(sum, add(sum, mul(centred, k.load(weights, add(mul(score, features), i)))));
        });
        const total = biasFirst ? sum : add(sum, start);
        k.store(sums, score, divisors === undefined ? total : div(total, k.load(divisors, score)));
      });
      writeDecision(k, sums, decision, row, outputs);
    });
  },

  macs({ x }, { features, scores }) {
    return (x.shape[0] ?? 0) * features * scores;
  },
});
