// Probabilities of classes from decisions between two of them: Platt's logistic function of each, then coupling, as libsvm iterates it
// (Wu, Lin and Weng: Probability Estimates for Multi-class Classification by Pairwise Coupling, 2004; second method).
import { expDouble } from '../kernel/double-math.ts';
import { add, and, call, cast, clampTo, div, double, index, int, lt, mul, select, sub } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';

/** By decision: P = 1 / (1 + e^(a f + b)). */
export interface Platt {
  readonly a: Float64Array;
  readonly b: Float64Array;
}

const least = 1e-7;
const turnsFor = (classes: number): number => Math.max(100, classes);
const toleranceFor = (classes: number): number => 0.005 / classes;

/** By the definition. */
export function coupled(decisions: Float64Array, classes: number, { a, b }: Platt): readonly number[] {
  const r = Array.from({ length: classes }, () => new Float64Array(classes));
  let pair = 0;
  for (let i = 0; i < classes; i += 1) {
    for (let j = i + 1; j < classes; j += 1, pair += 1) {
      const p = 1 / (1 + Math.exp((a[pair] ?? 0) * (decisions[pair] ?? 0) + (b[pair] ?? 0)));
      const within = Math.min(Math.max(p, least), 1 - least);
      (r[i] as Float64Array)[j] = within;
      (r[j] as Float64Array)[i] = 1 - within;
    }
  }
  const at = (i: number, j: number): number => r[i]?.[j] ?? 0;
  const q = (t: number, j: number): number =>
    t === j
      ? Array.from({ length: classes }, (_, n) => (n === t ? 0 : at(n, t) ** 2)).reduce((x, y) => x + y, 0)
      : -at(j, t) * at(t, j);
  const p = new Float64Array(classes).fill(1 / classes);
  for (let turn = 0; turn < turnsFor(classes); turn += 1) {
    const qp = Array.from(p, (_, t) => p.reduce((sum, value, j) => sum + q(t, j) * value, 0));
    let pqp = p.reduce((sum, value, t) => sum + value * (qp[t] ?? 0), 0);
    if (Math.max(...qp.map((value) => Math.abs(value - pqp))) < toleranceFor(classes)) break;
    for (let t = 0; t < classes; t += 1) {
      const step = (-(qp[t] ?? 0) + pqp) / q(t, t);
      p[t] = (p[t] ?? 0) + step;
      pqp = (pqp + step * (step * q(t, t) + 2 * (qp[t] ?? 0))) / (1 + step) / (1 + step);
      for (let j = 0; j < classes; j += 1) {
        qp[j] = ((qp[j] ?? 0) + step * q(t, j)) / (1 + step);
        p[j] = (p[j] ?? 0) / (1 + step);
      }
    }
  }
  return Array.from(p);
}

/** The loops: probabilities of a row at its place in y. */
export function writeCoupling(
  k: Writer,
  decisions: Region,
  classes: number,
  { a, b }: Platt,
  row: Expr,
  y: Region,
): void {
  const [slopes, starts] = [k.constant('platt_a', a), k.constant('platt_b', b)];
  const q = k.scratch('q', 'f64', classes * classes);
  const p = k.scratch('p', 'f64', classes);
  const qp = k.scratch('qp', 'f64', classes);
  writeMatrix(k, decisions, classes, [slopes, starts], q);
  k.for('i', 0, classes, (i) => k.store(p, i, double(1 / classes)));
  const at = (i: Expr, j: Expr): Expr => k.load(q, add(mul(i, classes), j));
  const turn = k.variable('turn', index(0));
  const isFar = k.variable('far', int(1));
  const sumOf = (name: string, term: (j: Expr) => Expr): Expr => {
    const sum = k.variable(name, double(0));
    k.for('j', 0, classes, (j) => k.set(sum, add(sum, term(j))));
    return sum;
  };
  k.while(and(lt(turn, index(turnsFor(classes))), isFar), () => {
    k.for('t', 0, classes, (t) =>
      k.store(
        qp,
        t,
        sumOf('product', (j) => mul(at(t, j), k.load(p, j))),
      ),
    );
    const pqp = k.variable(
      'pqp',
      sumOf('square', (t) => mul(k.load(p, t), k.load(qp, t))),
    );
    k.set(isFar, int(0));
    k.for('i', 0, classes, (i) => {
      const off = k.let('off', sub(k.load(qp, i), pqp));
      const size = select(lt(off, 0), sub(double(0), off), off);
      k.if(
        lt(size, toleranceFor(classes)),
        () => {},
        () => k.set(isFar, int(1)),
      );
    });
    k.if(isFar, () => {
      k.for('t', 0, classes, (t) => {
        const own = k.let('own', at(t, t));
        const step = k.let('step', div(sub(pqp, k.load(qp, t)), own));
        k.store(p, t, add(k.load(p, t), step));
        const grown = add(pqp, mul(step, add(mul(step, own), mul(k.load(qp, t), 2))));
        const whole = k.let('whole', add(step, 1));
        k.set(pqp, div(div(grown, whole), whole));
        k.for('j', 0, classes, (j) => {
          k.store(qp, j, div(add(k.load(qp, j), mul(step, at(t, j))), whole));
          k.store(p, j, div(k.load(p, j), whole));
        });
      });
    });
    k.set(turn, add(turn, 1));
  });
  k.for('i', 0, classes, (i) => k.store(y, add(mul(row, classes), i), cast('f32', k.load(p, i))));
}

/** Q: squares of the others' probabilities on the diagonal, less products of both beside it. */
function writeMatrix(
  k: Writer,
  decisions: Region,
  classes: number,
  [slopes, starts]: readonly [Region, Region],
  q: Region,
): void {
  k.for('i', 0, classes * classes, (i) => k.store(q, i, double(0)));
  const pair = k.variable('pair', index(0));
  k.for('i', 0, classes - 1, (i) => {
    k.for('j', add(i, 1), classes, (j) => {
      const exponent = add(mul(k.load(slopes, pair), k.load(decisions, pair)), k.load(starts, pair));
      const chance = div(double(1), add(call(expDouble, exponent), 1));
      const mine = k.let('mine', clampTo(chance, least, 1 - least));
      const other = k.let('other', sub(double(1), mine));
      const put = (at: Expr, value: Expr): void => k.store(q, at, add(k.load(q, at), value));
      put(mul(j, classes + 1), mul(mine, mine));
      put(mul(i, classes + 1), mul(other, other));
      const product = k.let('beside', sub(double(0), mul(mine, other)));
      k.store(q, add(mul(i, classes), j), product);
      k.store(q, add(mul(j, classes), i), product);
      k.set(pair, add(pair, 1));
    });
  });
}
