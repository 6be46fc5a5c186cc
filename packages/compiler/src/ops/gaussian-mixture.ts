// Log densities of a row under Gaussian components, weights included: mixtures with covariances of any kind, and naive Bayes. Of
// component c: constant_c - |(x - mean_c) P_c|^2 / 2, P_c the Cholesky factor of its precision (a matrix, or a diagonal).
import { add, cast, double, mul, sub } from '../kernel/expressions.ts';
import { allocateOutputs, checkDecision, type Decision, decide, decisionShapes } from './decision.ts';
import { writeDecision } from './decision-loops.ts';
import { doublesConstant } from './doubles.ts';
import { checkCounts, checkFeatureRows } from './feature-rows.ts';
import { defineOp } from './op.ts';

export interface GaussianMixtureAttrs {
  readonly features: number;
  readonly components: number;
  /** (components, features) */
  readonly means: Float64Array;
  /** `full` (components, features, features), `tied` (features, features), both upper triangular; `diagonal` (components, features). */
  readonly covariance: 'full' | 'tied' | 'diagonal';
  readonly factors: Float64Array;
  /** By component: log weight + log determinant of its factor - features / 2 log 2 pi. */
  readonly constants: Float64Array;
  readonly decision: Decision;
}

export const gaussianMixture = defineOp({
  name: 'gaussianMixture',
  inputs: ['x'],

  infer({ x }, attrs: GaussianMixtureAttrs, outputs, complain) {
    const { features, components, covariance, decision } = attrs;
    const [rows = 0] = x.shape;
    if (!checkFeatureRows(x, features, complain)) return [];
    const matrix = features * features;
    checkCounts(complain, ['means', components * features, attrs.means.length]);
    checkCounts(complain, ['constants', components, attrs.constants.length]);
    checkCounts(complain, [
      'factors of the precisions',
      covariance === 'full' ? components * matrix : covariance === 'tied' ? matrix : components * features,
      attrs.factors.length,
    ]);
    checkDecision(components, decision, outputs, complain);
    return decisionShapes(rows, components, decision);
  },

  evaluate({ x }, { features, components, means, covariance, factors, constants, decision }, outputs) {
    const [rows = 0] = x.type.shape;
    const results = allocateOutputs(outputs, rows, components, decision);
    for (let row = 0; row < rows; row += 1) {
      const densities = Array.from(constants, (constant, c) => {
        const centred = Array.from(
          { length: features },
          (_, i) => Number(x.data[row * features + i]) - (means[c * features + i] ?? 0),
        );
        const first = covariance === 'full' ? c * features * features : 0;
        let sum = 0;
        for (let j = 0; j < features; j += 1) {
          let y = 0;
          if (covariance === 'diagonal') y = (centred[j] ?? 0) * (factors[c * features + j] ?? 0);
          else for (let i = 0; i <= j; i += 1) y += (centred[i] ?? 0) * (factors[first + i * features + j] ?? 0);
          sum += y * y;
        }
        return constant - 0.5 * sum;
      });
      decide(densities, decision, row, results);
    }
    return results;
  },

  lower(k, { x }, attrs, outputs) {
    const { features, components, covariance, decision } = attrs;
    const [rows = 0] = x.tensor.shape;
    const means = doublesConstant(k, 'means', attrs.means);
    const factors = doublesConstant(k, 'factors', attrs.factors);
    const constants = doublesConstant(k, 'constants', attrs.constants);
    const densities = k.scratch('densities', 'f64', components);
    const centred = k.scratch('centred', 'f64', features);
    k.for('row', 0, rows, (row) => {
      k.for('component', 0, components, (c) => {
        k.for('i', 0, features, (i) => {
          const value = cast('f64', k.load(x, add(mul(row, features), i)));
          k.store(centred, i, sub(value, means(add(mul(c, features), i))));
        });
        const sum = k.variable('sum', double(0));
        k.for('j', 0, features, (j) => {
          const y = k.variable('y', double(0));
          if (covariance === 'diagonal') k.set(y, mul(k.load(centred, j), factors(add(mul(c, features), j))));
          else
            k.for('n', 0, add(j, 1), (i) => {
              const inMatrix = add(mul(i, features), j);
              const at = covariance === 'full' ? add(mul(c, features * features), inMatrix) : inMatrix;
              k.set(y, add(y, mul(k.load(centred, i), factors(at))));
            });
          k.set(sum, add(sum, mul(y, y)));
        });
        k.store(densities, c, sub(constants(c), mul(double(0.5), sum)));
      });
      writeDecision(k, densities, decision, row, outputs);
    });
  },

  macs({ x }, { features, components, covariance }) {
    const each = covariance === 'diagonal' ? 2 * features : (features * (features + 3)) / 2;
    return (x.shape[0] ?? 0) * components * each;
  },
});
