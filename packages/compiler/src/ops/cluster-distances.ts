// Distances of a row to the centres of clusters, and the nearest of them: k-means.
import { sqrtDouble } from '../kernel/double-math.ts';
import { add, call, cast, double, mul, sub } from '../kernel/expressions.ts';
import { allocateOutputs, checkDecision, type Decision, decide, decisionShapes } from './decision.ts';
import { writeDecision } from './decision-loops.ts';
import { doublesConstant } from './doubles.ts';
import { checkCounts, checkFeatureRows } from './feature-rows.ts';
import { defineOp } from './op.ts';

export interface ClusterDistancesAttrs {
  readonly features: number;
  readonly clusters: number;
  /** (clusters, features) */
  readonly centres: Float64Array;
  readonly decision: Decision;
}

export const clusterDistances = defineOp({
  name: 'clusterDistances',
  inputs: ['x'],

  infer({ x }, { features, clusters, centres, decision }: ClusterDistancesAttrs, outputs, complain) {
    const [rows = 0] = x.shape;
    if (!checkFeatureRows(x, features, complain)) return [];
    checkCounts(complain, ['numbers of centres', clusters * features, centres.length]);
    checkDecision(clusters, decision, outputs, complain);
    return decisionShapes(rows, clusters, decision);
  },

  evaluate({ x }, { features, clusters, centres, decision }, outputs) {
    const [rows = 0] = x.type.shape;
    const results = allocateOutputs(outputs, rows, clusters, decision);
    for (let row = 0; row < rows; row += 1) {
      const distances = Array.from({ length: clusters }, (_, cluster) => {
        let sum = 0;
        for (let i = 0; i < features; i += 1)
          sum += (Number(x.data[row * features + i]) - (centres[cluster * features + i] ?? 0)) ** 2;
        return Math.sqrt(sum);
      });
      decide(distances, decision, row, results);
    }
    return results;
  },

  lower(k, { x }, { features, clusters, centres: values, decision }, outputs) {
    const [rows = 0] = x.tensor.shape;
    const centres = doublesConstant(k, 'centres', values);
    const distances = k.scratch('distances', 'f64', clusters);
    k.for('row', 0, rows, (row) => {
      k.for('cluster', 0, clusters, (cluster) => {
        const sum = k.variable('sum', double(0));
        k.for('i', 0, features, (i) => {
          const value = cast('f64', k.load(x, add(mul(row, features), i)));
          const difference = k.let('difference', sub(value, centres(add(mul(cluster, features), i))));
          k.set(sum, add(sum, mul(difference, difference)));
        });
        k.store(distances, cluster, call(sqrtDouble, sum));
      });
      writeDecision(k, distances, decision, row, outputs);
    });
  },

  macs: ({ x }, { features, clusters }) => (x.shape[0] ?? 0) * features * clusters,
});
