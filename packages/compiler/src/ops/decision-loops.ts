// The loops of decisions (decision.ts): from the scores of a row to its place in the outputs.
import { expDouble, logDouble } from '../kernel/double-math.ts';
import {
  add,
  call,
  cast,
  constantLike,
  div,
  double,
  float,
  index,
  int,
  le,
  lt,
  mul,
  select,
  sub,
} from '../kernel/expressions.ts';
import { exp, logistic } from '../kernel/float-math.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Decision } from './decision.ts';
import type { Operand } from './op.ts';

/**
 * The loops: from the scores of a row, in memory, to the row's place in the outputs. The class may be decided on other numbers, `votes`,
 * and the transformed scores be written by the operator itself.
 */
export function writeDecision(
  k: Writer,
  scores: Region,
  decision: Decision,
  row: Expr,
  outputs: readonly Operand[],
  votes: Region = scores,
  transform: (y: Operand) => void = (y) => writeTransformed(k, scores, decision, row, y),
): void {
  const columns = scores.length;
  decision.gives.forEach((given, i) => {
    const out = outputs[i];
    if (out === undefined) return;
    if (given === 'label') writeLabel(k, votes, decision, row, out);
    else if (given === 'logSum') k.store(out, row, cast('f32', writeLogSum(k, scores)));
    else if (given === 'transformed') transform(out);
    else
      k.for('column', 0, columns, (column) =>
        k.store(out, at(row, columns, column), cast('f32', k.load(scores, column))),
      );
  });
}

function writeLargest(k: Writer, scores: Region): Expr {
  const largest = k.variable('largest', k.load(scores, 0));
  k.for('i', 1, scores.length, (i) => {
    const score = k.let('score', k.load(scores, i));
    k.if(lt(largest, score), () => k.set(largest, score));
  });
  return largest;
}

function writeLogSum(k: Writer, scores: Region): Expr {
  const largest = writeLargest(k, scores);
  const sum = k.variable('sum', double(0));
  k.for('i', 0, scores.length, (i) => {
    const score = cast('f64', k.load(scores, i));
    k.set(sum, add(sum, call(expDouble, sub(score, cast('f64', largest)))));
  });
  return add(cast('f64', largest), call(logDouble, sum));
}

const at = (row: Expr, columns: number, column: Expr): Expr => add(mul(row, columns), column);

function writeTransformed(k: Writer, scores: Region, decision: Decision, row: Expr, y: Operand): void {
  const columns = scores.length;
  const { transform, threshold = 0 } = decision;
  const type = scores.type === 'f64' ? 'f64' : 'f32';
  const rounded = (value: Expr): Expr => cast('f32', value);
  const each = (write: (value: Expr, position: Expr) => Expr): void => {
    k.for('column', 0, columns, (column) =>
      k.store(y, at(row, columns, column), write(k.load(scores, column), at(row, columns, column))),
    );
  };
  const divideBy = (total: Expr): void => {
    k.for('column', 0, columns, (column) =>
      k.store(y, at(row, columns, column), div(k.load(y, at(row, columns, column)), total)),
    );
  };
  const summed = (value: (score: Expr) => Expr): void => {
    const total = k.variable('total', float(0));
    each((score) => {
      const term = k.let('term', value(score));
      k.set(total, add(total, term));
      return term;
    });
    divideBy(total);
  };
  switch (transform) {
    case 'none':
      each(rounded);
      return;
    case 'logistic':
      each((score) => call(logistic, rounded(score)));
      return;
    case 'binaryLogistic': {
      const score = k.let('score', rounded(k.load(scores, 0)));
      k.store(y, at(row, 2, index(0)), call(logistic, sub(float(0), score)));
      k.store(y, at(row, 2, index(1)), call(logistic, score));
      return;
    }
    case 'complement':
    case 'negation': {
      const score = k.let('score', k.load(scores, 0));
      k.store(y, at(row, 2, index(0)), rounded(sub(constantLike(type, Number(transform === 'complement')), score)));
      k.store(y, at(row, 2, index(1)), rounded(score));
      return;
    }
    case 'normalisedLogistic':
      summed((score) => call(logistic, rounded(score)));
      return;
    case 'softmax': {
      // The difference is rounded, not the scores: so small probabilities keep their digits.
      const largest = writeLargest(k, scores);
      summed((score) => call(exp, rounded(sub(score, largest))));
      return;
    }
    case 'exp':
      each((score) => (type === 'f64' ? rounded(call(expDouble, score)) : call(exp, score)));
      return;
    case 'step':
      each((score) => select(lt(constantLike(type, 0), score), float(1), float(0)));
      return;
    case 'shift':
      each((score) => rounded(sub(score, threshold)));
      return;
  }
}

function writeLabel(
  k: Writer,
  scores: Region,
  { label, labels, threshold = 0 }: Decision,
  row: Expr,
  y: Operand,
): void {
  const type = scores.type === 'f64' ? 'f64' : 'f32';
  if (label !== 'largest' && label !== 'smallest') {
    const score = k.load(scores, 0);
    const limit = constantLike(type, label === 'positive' ? 0 : threshold);
    const isSecond = label === 'notBelowThreshold' ? le(limit, score) : lt(limit, score);
    k.store(y, row, select(isSecond, int(labels?.[1] ?? 1), int(labels?.[0] ?? 0)));
    return;
  }
  const best = k.variable('best', k.load(scores, 0));
  const position = k.variable('position', index(0));
  k.for('i', 1, scores.length, (i) => {
    const score = k.let('score', k.load(scores, i));
    k.if(label === 'largest' ? lt(best, score) : lt(score, best), () => {
      k.set(best, score);
      k.set(position, i);
    });
  });
  k.store(y, row, labelAt(k, labels, position));
}

/** What the class at a position is called. */
export function labelAt(k: Writer, labels: Decision['labels'], position: Expr): Expr {
  const isPosition = labels === undefined || labels.every((one, i) => one === i);
  return isPosition
    ? cast('i32', position)
    : k.load(k.constant('labels', Int32Array.from(labels)), cast('index', position));
}
