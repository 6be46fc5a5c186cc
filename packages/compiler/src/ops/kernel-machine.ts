// Support vector machines: classes one against one with votes, regression, one class. K is computed once for each support vector, and
// added to the decisions between its class and every other. Source of the formulas: libsvm, svm_predict_values.
import { expDouble } from '../kernel/double-math.ts';
import { add, call, cast, div, double, index, lt, mul, select, sub } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import { allocateOutputs, checkDecision, type Decision, decide, decisionShapes } from './decision.ts';
import { writeDecision } from './decision-loops.ts';
import { doublesConstant } from './doubles.ts';
import { checkCounts, checkFeatureRows } from './feature-rows.ts';
import { defineOp } from './op.ts';
import { coupled, type Platt, writeCoupling } from './pairwise-coupling.ts';

export interface SvmKernel {
  readonly kind: 'linear' | 'rbf' | 'poly' | 'sigmoid';
  readonly gamma: number;
  readonly coef0: number;
  readonly degree: number;
}

export interface KernelMachineAttrs {
  readonly features: number;
  /** Support vectors by class, in the order of classes; one number where there are no classes. */
  readonly support: readonly number[];
  /** (vectors, features) */
  readonly vectors: Float64Array;
  /** (classes - 1, vectors): the m-th row is for the m-th of the other classes. One row without classes. */
  readonly coefficients: Float64Array;
  /** By decision: of classes 0 and 1, 0 and 2, … */
  readonly intercepts: Float64Array;
  readonly kernel: SvmKernel;
  /**
   * What the scores are: the decision (negated for two classes, so that it is above 0 for the second), all decisions between two classes,
   * or one for each class from its votes and the sum of its decisions.
   */
  readonly scores: 'decision' | 'negated' | 'pairs' | 'classes';
  /** Probabilities of classes by Platt scaling and pairwise coupling; they are what `transformed` gives then. */
  readonly platt?: Platt;
  readonly decision: Decision;
}

/** Classes that are compared: 1 without any. */
const classesOf = ({ support }: KernelMachineAttrs): number => support.length;

const decisionsOf = (attrs: KernelMachineAttrs): number =>
  classesOf(attrs) === 1 ? 1 : (classesOf(attrs) * (classesOf(attrs) - 1)) / 2;

const scoresOf = (attrs: KernelMachineAttrs): number =>
  attrs.scores === 'pairs' ? decisionsOf(attrs) : attrs.scores === 'classes' ? classesOf(attrs) : 1;

/** Position of the decision between classes i < j. */
const pairOf = (i: number, j: number, classes: number): number => (i * (2 * classes - i - 1)) / 2 + (j - i - 1);

/** With probabilities `transformed` has a column for each class. */
function shapesOf(attrs: KernelMachineAttrs, rows: number) {
  const shapes = decisionShapes(rows, scoresOf(attrs), attrs.decision);
  return attrs.platt === undefined
    ? shapes
    : shapes.map((shape, i) => (attrs.decision.gives[i] === 'transformed' ? [rows, classesOf(attrs)] : shape));
}

export const kernelMachine = defineOp({
  name: 'kernelMachine',
  inputs: ['x'],

  infer({ x }, attrs: KernelMachineAttrs, outputs, complain) {
    const { features, support, platt, decision } = attrs;
    const [rows = 0] = x.shape;
    if (!checkFeatureRows(x, features, complain)) return [];
    const vectors = support.reduce((a, b) => a + b, 0);
    checkCounts(complain, ['numbers of support vectors', vectors * features, attrs.vectors.length]);
    checkCounts(complain, ['coefficients', Math.max(1, support.length - 1) * vectors, attrs.coefficients.length]);
    checkCounts(complain, ['intercepts', decisionsOf(attrs), attrs.intercepts.length]);
    if (platt !== undefined)
      checkCounts(complain, ['Platt scalings', 2 * decisionsOf(attrs), platt.a.length + platt.b.length]);
    const votes = attrs.scores === 'pairs' || attrs.scores === 'classes';
    checkDecision(votes ? classesOf(attrs) : 1, decision, outputs, complain);
    return shapesOf(attrs, rows);
  },

  evaluate({ x }, attrs, outputs) {
    const { features, support, vectors, coefficients, intercepts, kernel, platt, decision } = attrs;
    const [rows = 0] = x.type.shape;
    const classes = classesOf(attrs);
    const count = support.reduce((a, b) => a + b, 0);
    const results = allocateOutputs(outputs, rows, scoresOf(attrs), decision);
    const probabilities = new Float32Array(rows * classes);
    for (let row = 0; row < rows; row += 1) {
      const decisions = new Float64Array(decisionsOf(attrs));
      let vector = 0;
      support.forEach((own, c) => {
        for (let n = 0; n < own; n += 1, vector += 1) {
          const at = vector * features;
          const value = kernelValue(kernel, features, (i) => [
            Number(x.data[row * features + i]),
            vectors[at + i] ?? 0,
          ]);
          for (let m = 0; m < Math.max(1, classes - 1); m += 1) {
            const pair = classes === 1 ? 0 : m < c ? pairOf(m, c, classes) : pairOf(c, m + 1, classes);
            decisions[pair] = (decisions[pair] ?? 0) + value * (coefficients[m * count + vector] ?? 0);
          }
        }
      });
      decisions.forEach((sum, i) => {
        decisions[i] = sum + (intercepts[i] ?? 0);
      });
      const { votes, scores } = votesOf(attrs, decisions);
      decide(scores, decision, row, results, votes);
      if (platt !== undefined) probabilities.set(coupled(decisions, classes, platt), row * classes);
    }
    return platt === undefined
      ? results
      : results.map((result, i) => (decision.gives[i] === 'transformed' ? probabilities : result));
  },

  lower(k, { x }, attrs, outputs) {
    const { features, support, intercepts, platt, decision } = attrs;
    const [rows = 0] = x.tensor.shape;
    const classes = classesOf(attrs);
    const count = support.reduce((a, b) => a + b, 0);
    const vectors = doublesConstant(k, 'vectors', attrs.vectors);
    const coefficients = doublesConstant(k, 'coefficients', attrs.coefficients);
    const starts = doublesConstant(k, 'intercepts', intercepts);
    const decisions = k.scratch('decisions', 'f64', decisionsOf(attrs));
    k.for('row', 0, rows, (row) => {
      k.for('i', 0, decisions.length, (i) => k.store(decisions, i, double(0)));
      let first = 0;
      support.forEach((own, c) => {
        k.for('vector', first, first + own, (vector) => {
          const value = k.let(
            'k',
            writeKernel(k, attrs.kernel, features, (i) => [
              cast('f64', k.load(x, add(mul(row, features), i))),
              vectors(add(mul(vector, features), i)),
            ]),
          );
          for (let m = 0; m < Math.max(1, classes - 1); m += 1) {
            const pair = classes === 1 ? 0 : m < c ? pairOf(m, c, classes) : pairOf(c, m + 1, classes);
            const term = mul(value, coefficients(add(vector, m * count)));
            k.store(decisions, pair, add(k.load(decisions, pair), term));
          }
        });
        first += own;
      });
      k.for('i', 0, decisions.length, (i) => k.store(decisions, i, add(k.load(decisions, i), starts(i))));
      const { votes, scores } = writeVotes(k, attrs, decisions);
      const probabilities =
        platt === undefined ? undefined : (y: Region): void => writeCoupling(k, decisions, classes, platt, row, y);
      writeDecision(k, scores, decision, row, outputs, votes, probabilities);
    });
  },

  macs({ x }, { features, support }) {
    const vectors = support.reduce((a, b) => a + b, 0);
    return (x.shape[0] ?? 0) * vectors * (features + Math.max(1, support.length - 1));
  },
});

function kernelValue(
  { kind, gamma, coef0, degree }: SvmKernel,
  features: number,
  at: (i: number) => readonly [number, number],
): number {
  let sum = 0;
  for (let i = 0; i < features; i += 1) {
    const [a, b] = at(i);
    sum += kind === 'rbf' ? (a - b) * (a - b) : a * b;
  }
  switch (kind) {
    case 'linear':
      return sum;
    case 'rbf':
      return Math.exp(-gamma * sum);
    case 'poly':
      return power(gamma * sum + coef0, degree);
    case 'sigmoid':
      return Math.tanh(gamma * sum + coef0);
  }
}

/** By repeated multiplication, as the loops do. */
const power = (base: number, exponent: number): number =>
  Array.from({ length: exponent }, () => base).reduce((product, factor) => product * factor, 1);

function writeKernel(
  k: Writer,
  { kind, gamma, coef0, degree }: SvmKernel,
  features: number,
  at: (i: Expr) => readonly [Expr, Expr],
): Expr {
  const sum = k.variable('sum', double(0));
  k.for('i', 0, features, (i) => {
    const [a, b] = at(i);
    if (kind !== 'rbf') return k.set(sum, add(sum, mul(a, b)));
    const difference = k.let('difference', sub(a, b));
    return k.set(sum, add(sum, mul(difference, difference)));
  });
  if (kind === 'linear') return sum;
  if (kind === 'rbf') return call(expDouble, mul(sum, -gamma));
  const inner = k.let('inner', add(mul(sum, gamma), coef0));
  if (kind === 'poly')
    return Array.from({ length: degree }, () => inner).reduce((product, factor) => mul(product, factor), double(1));
  // tanh u = 1 - 2 / (e^2u + 1)
  return sub(double(1), div(double(2), add(call(expDouble, add(inner, inner)), 1)));
}

function votesOf(
  attrs: KernelMachineAttrs,
  decisions: Float64Array,
): { readonly votes: readonly number[]; readonly scores: readonly number[] } {
  const classes = classesOf(attrs);
  const [first = 0] = decisions;
  if (attrs.scores === 'decision') return { votes: [first], scores: [first] };
  if (attrs.scores === 'negated') return { votes: [-first], scores: [-first] };
  const votes = new Array<number>(classes).fill(0);
  const sums = new Array<number>(classes).fill(0);
  for (let i = 0; i < classes; i += 1) {
    for (let j = i + 1; j < classes; j += 1) {
      const value = decisions[pairOf(i, j, classes)] ?? 0;
      const winner = value > 0 ? i : j;
      votes[winner] = (votes[winner] ?? 0) + 1;
      sums[i] = (sums[i] ?? 0) + value;
      sums[j] = (sums[j] ?? 0) - value;
    }
  }
  if (attrs.scores === 'pairs') return { votes, scores: Array.from(decisions) };
  return { votes, scores: votes.map((vote, i) => vote + (sums[i] ?? 0) / (3 * (Math.abs(sums[i] ?? 0) + 1))) };
}

function writeVotes(
  k: Writer,
  attrs: KernelMachineAttrs,
  decisions: Region,
): { readonly votes: Region; readonly scores: Region } {
  const classes = classesOf(attrs);
  if (attrs.scores === 'decision') return { votes: decisions, scores: decisions };
  if (attrs.scores === 'negated') {
    const scores = k.scratch('scores', 'f64', 1);
    k.store(scores, 0, sub(double(0), k.load(decisions, 0)));
    return { votes: scores, scores };
  }
  const votes = k.scratch('votes', 'f64', classes);
  const sums = k.scratch('sums', 'f64', classes);
  k.for('i', 0, classes, (i) => {
    k.store(votes, i, double(0));
    k.store(sums, i, double(0));
  });
  const pair = k.variable('pair', index(0));
  const addTo = (region: Region, at: Expr, term: Expr): void => k.store(region, at, add(k.load(region, at), term));
  k.for('i', 0, classes - 1, (i) => {
    k.for('j', add(i, 1), classes, (j) => {
      const value = k.let('decision', k.load(decisions, pair));
      const wins = k.let('wins', lt(double(0), value));
      addTo(votes, select(wins, i, j), double(1));
      addTo(sums, i, value);
      addTo(sums, j, sub(double(0), value));
      k.set(pair, add(pair, 1));
    });
  });
  if (attrs.scores === 'pairs') return { votes, scores: decisions };
  const scores = k.scratch('scores', 'f64', classes);
  k.for('i', 0, classes, (i) => {
    const sum = k.let('sum', k.load(sums, i));
    const size = select(lt(sum, 0), sub(double(0), sum), sum);
    k.store(scores, i, add(k.load(votes, i), div(sum, mul(add(size, 1), 3))));
  });
  return { votes, scores };
}
