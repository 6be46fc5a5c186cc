// The k points nearest to a row, the first of equals: shares of their classes, or the mean of their targets.
import { sqrtDouble } from '../kernel/double-math.ts';
import { add, and, call, cast, div, double, eq, index, int, le, lt, mul, select, sub } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import { allocateOutputs, checkDecision, type Decision, decide, decisionShapes } from './decision.ts';
import { writeDecision } from './decision-loops.ts';
import { doublesConstant } from './doubles.ts';
import { checkCounts, checkFeatureRows } from './feature-rows.ts';
import { defineOp } from './op.ts';

export interface NearestNeighboursAttrs {
  readonly features: number;
  readonly points: number;
  readonly neighbours: number;
  /** (points, features) */
  readonly values: Float64Array;
  /** Classes: by point its class. Targets: (points, scores). */
  readonly kind: 'classes' | 'targets';
  readonly scores: number;
  readonly targets: Float64Array;
  /** How much a neighbour counts: one, or 1 / its distance. Where some lie at the row itself, these alone count. */
  readonly weights: 'uniform' | 'distance';
  readonly metric: 'euclidean' | 'manhattan';
  readonly decision: Decision;
}

export const nearestNeighbours = defineOp({
  name: 'nearestNeighbours',
  inputs: ['x'],

  infer({ x }, attrs: NearestNeighboursAttrs, outputs, complain) {
    const { features, points, neighbours, values, kind, scores, targets, decision } = attrs;
    const [rows = 0] = x.shape;
    if (!checkFeatureRows(x, features, complain)) return [];
    checkCounts(complain, ['coordinates of points', points * features, values.length]);
    checkCounts(complain, ['targets of points', kind === 'classes' ? points : points * scores, targets.length]);
    if (neighbours < 1 || neighbours > points) complain('neighbours', `1 to ${points}`, String(neighbours));
    if (kind === 'classes' && targets.some((one) => !Number.isInteger(one) || one < 0 || one >= scores))
      complain('classes of points', `0 to ${scores - 1}`, 'others');
    checkDecision(scores, decision, outputs, complain);
    return decisionShapes(rows, scores, decision);
  },

  evaluate({ x }, attrs, outputs) {
    const { features, points, neighbours, values, kind, scores, targets, weights, metric, decision } = attrs;
    const [rows = 0] = x.type.shape;
    const results = allocateOutputs(outputs, rows, scores, decision);
    for (let row = 0; row < rows; row += 1) {
      const distances = Array.from({ length: points }, (_, point) => {
        let sum = 0;
        for (let i = 0; i < features; i += 1) {
          const difference = Number(x.data[row * features + i]) - (values[point * features + i] ?? 0);
          sum += metric === 'manhattan' ? Math.abs(difference) : difference * difference;
        }
        return sum;
      });
      const nearest = distances
        .map((distance, point) => ({ distance, point }))
        .sort((a, b) => a.distance - b.distance || a.point - b.point)
        .slice(0, neighbours);
      const touches = nearest.some(({ distance }) => distance === 0);
      const sums = new Float64Array(scores);
      let total = 0;
      for (const { distance, point } of nearest) {
        const far = metric === 'manhattan' ? distance : Math.sqrt(distance);
        const weight = weights === 'uniform' ? 1 : touches ? Number(distance === 0) : 1 / far;
        total += weight;
        if (kind === 'classes') sums[targets[point] ?? 0] = (sums[targets[point] ?? 0] ?? 0) + weight;
        else
          sums.forEach((sum, i) => {
            sums[i] = sum + weight * (targets[point * scores + i] ?? 0);
          });
      }
      decide(
        sums.map((sum) => sum / total),
        decision,
        row,
        results,
      );
    }
    return results;
  },

  lower(k, { x }, attrs, outputs) {
    const { neighbours, scores, decision } = attrs;
    const [rows = 0] = x.tensor.shape;
    const nearest = k.scratch('nearest', 'f64', neighbours);
    const position = k.scratch('position', 'i32', neighbours);
    const sums = k.scratch('sums', 'f64', scores);
    const distance = distanceOf(k, x, attrs);
    const addNeighbour = adderOf(k, attrs, sums);
    k.for('row', 0, rows, (row) => {
      k.for('i', 0, neighbours, (i) => {
        k.store(nearest, i, double(Number.POSITIVE_INFINITY));
        k.store(position, i, int(0));
      });
      k.for('point', 0, attrs.points, (point) => insert(k, { nearest, position }, distance(row, point), point));
      k.for('i', 0, scores, (i) => k.store(sums, i, double(0)));
      const total = k.variable('total', double(0));
      k.for('i', 0, neighbours, (i) => {
        const weight = k.let('weight', weightOf(k, attrs, nearest, i));
        k.set(total, add(total, weight));
        addNeighbour(cast('index', k.load(position, i)), weight);
      });
      k.for('i', 0, scores, (i) => k.store(sums, i, div(k.load(sums, i), total)));
      writeDecision(k, sums, decision, row, outputs);
    });
  },

  macs: ({ x }, { features, points }) => (x.shape[0] ?? 0) * features * points,
});

/** Squared, for the Euclidean one. */
function distanceOf(k: Writer, x: Region, { features, values, metric }: NearestNeighboursAttrs) {
  const points = doublesConstant(k, 'points', values);
  return (row: Expr, point: Expr): Expr => {
    const sum = k.variable('sum', double(0));
    k.for('i', 0, features, (i) => {
      const value = cast('f64', k.load(x, add(mul(row, features), i)));
      const difference = k.let('difference', sub(value, points(add(mul(point, features), i))));
      const size = select(lt(difference, 0), sub(double(0), difference), difference);
      k.set(sum, add(sum, metric === 'manhattan' ? size : mul(difference, difference)));
    });
    return sum;
  };
}

interface Neighbours {
  readonly nearest: Region;
  readonly position: Region;
}

/** Into the list, ascending, where it is nearer than the last: those that are farther move by one. */
function insert(k: Writer, { nearest, position }: Neighbours, distance: Expr, point: Expr): void {
  const last = nearest.length - 1;
  k.if(lt(distance, k.load(nearest, last)), () => {
    const at = k.variable('at', index(last));
    const before = (): Expr => select(lt(index(0), at), sub(at, 1), index(0));
    k.while(and(lt(index(0), at), lt(distance, k.load(nearest, before()))), () => {
      k.store(nearest, at, k.load(nearest, sub(at, 1)));
      k.store(position, at, k.load(position, sub(at, 1)));
      k.set(at, sub(at, 1));
    });
    k.store(nearest, at, distance);
    k.store(position, at, cast('i32', point));
  });
}

function weightOf(k: Writer, { weights, metric }: NearestNeighboursAttrs, nearest: Region, i: Expr): Expr {
  if (weights === 'uniform') return double(1);
  const own = k.let('distance', k.load(nearest, i));
  const far = metric === 'manhattan' ? own : call(sqrtDouble, own);
  // The nearest is first: where it lies at the row itself, only those count that do.
  const touches = eq(k.load(nearest, 0), double(0));
  return select(touches, select(le(own, double(0)), double(1), double(0)), div(double(1), far));
}

function adderOf(k: Writer, { kind, scores, targets }: NearestNeighboursAttrs, sums: Region) {
  const addTo = (i: Expr, value: Expr): void => k.store(sums, i, add(k.load(sums, i), value));
  if (kind === 'classes') {
    const classes = k.constant('classes', scores <= 256 ? Uint8Array.from(targets) : Int32Array.from(targets));
    return (point: Expr, weight: Expr): void => addTo(k.let('class', cast('index', k.load(classes, point))), weight);
  }
  const values = doublesConstant(k, 'targets', targets);
  return (point: Expr, weight: Expr): void => {
    k.for('score', 0, scores, (score) => addTo(score, mul(weight, values(add(mul(point, scores), score)))));
  };
}
