// What a classical model makes of the scores it computed for a row: the scores as they are, transformed (to probabilities, say), and
// the class. Scores are of f32 or f64, as the library that trained the model computes them; outputs are f32, classes i32. The class is
// decided on the scores before they are rounded, so that it is the library's own.
import { allocate, type Data } from '../tensor/dtype.ts';
import type { Shape } from '../tensor/shape.ts';
import type { TensorType } from '../tensor/tensor.ts';
import type { Complain, Outputs } from './op.ts';

/** One of a node's outputs. */
export type Given =
  | 'scores'
  | 'transformed'
  | 'label'
  /** One column: ln of the sum of e^score. */
  | 'logSum';

export type Transform =
  | 'none'
  /** 1 / (1 + e^-x) of each score. */
  | 'logistic'
  /** Of one score, the probabilities of two classes. */
  | 'binaryLogistic'
  /** Of one score s, 1 - s and s. */
  | 'complement'
  /** Of one score s, -s and s. */
  | 'negation'
  /** 1 / (1 + e^-x) of each, divided by their sum. */
  | 'normalisedLogistic'
  | 'softmax'
  | 'exp'
  /** 1 where the score is above 0, else 0. */
  | 'step'
  /** Less `threshold`. */
  | 'shift';

export interface Decision {
  /** The node's outputs in order. */
  readonly gives: readonly Given[];
  readonly transform: Transform;
  /** Which class it is: that of the largest or smallest score, the first of equals; or the second of two classes for some scores. */
  readonly label: 'largest' | 'smallest' | 'positive' | 'aboveThreshold' | 'notBelowThreshold';
  readonly threshold?: number;
  /** What the classes are called; their positions where absent. */
  readonly labels?: readonly number[];
}

export type Arithmetic = 'f32' | 'f64';

/** Columns of the transformed scores. */
const transformedColumns = (columns: number, { transform }: Decision): number => (isPair(transform) ? 2 : columns);

/** Whether one score becomes two. */
const isPair = (transform: Transform): boolean =>
  transform === 'binaryLogistic' || transform === 'complement' || transform === 'negation';

/** Shapes of the outputs for so many rows of so many scores. */
export const decisionShapes = (rows: number, columns: number, decision: Decision): readonly Shape[] =>
  decision.gives.map((given) =>
    given === 'label'
      ? [rows]
      : [rows, given === 'logSum' ? 1 : given === 'scores' ? columns : transformedColumns(columns, decision)],
  );

/** Complains where outputs or attributes contradict each other. */
export function checkDecision(
  columns: number,
  decision: Decision,
  outputs: readonly TensorType[],
  complain: Complain,
): void {
  const { gives, transform, label, labels, threshold } = decision;
  if (gives.length !== outputs.length) complain('outputs', String(gives.length), String(outputs.length));
  outputs.forEach(({ dtype }, i) => {
    const want = gives[i] === 'label' ? 'i32' : 'f32';
    if (dtype !== want) complain(`type of output ${i}`, want, dtype);
  });
  if (isPair(transform) && columns !== 1) complain('scores of two classes', '1', String(columns));
  const ofTwo = label !== 'largest' && label !== 'smallest';
  const classes = ofTwo ? 2 : columns;
  if (gives.includes('label') && ofTwo && columns !== 1) complain('scores', '1', String(columns));
  if (labels !== undefined && labels.length !== classes) complain('classes', String(classes), String(labels.length));
  if (labels?.some((one) => one !== (one | 0))) complain('classes', 'integers of 32 bits', labels.join(', '));
  if ((label.endsWith('Threshold') || transform === 'shift') && threshold === undefined)
    complain('threshold', 'a number', 'none');
}

/** By the definition: the outputs of one row written at their places. The class may be decided on other numbers than the scores. */
export function decide(
  raw: ArrayLike<number>,
  decision: Decision,
  row: number,
  outputs: readonly Data[],
  votes: ArrayLike<number> = raw,
): void {
  const scores = Array.from(raw);
  const valuesOf: Readonly<Record<Given, () => readonly number[]>> = {
    scores: () => scores,
    transformed: () => transformed(scores, decision),
    label: () => [labelOf(Array.from(votes), decision)],
    logSum: () => [logSumOf(scores)],
  };
  decision.gives.forEach((given, i) => {
    const values = valuesOf[given]();
    (outputs[i] as Float32Array | Int32Array).set(values, row * values.length);
  });
}

function logSumOf(scores: readonly number[]): number {
  const largest = Math.max(...scores);
  return largest + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - largest), 0));
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

function transformed(scores: readonly number[], { transform, threshold = 0 }: Decision): readonly number[] {
  const [first = 0] = scores;
  switch (transform) {
    case 'none':
      return scores;
    case 'logistic':
      return scores.map(sigmoid);
    case 'binaryLogistic':
      return [sigmoid(-first), sigmoid(first)];
    case 'complement':
      return [1 - first, first];
    case 'negation':
      return [-first, first];
    case 'normalisedLogistic': {
      const each = scores.map(sigmoid);
      const total = each.reduce((a, b) => a + b, 0);
      return each.map((value) => value / total);
    }
    case 'softmax': {
      const largest = Math.max(...scores);
      const each = scores.map((value) => Math.exp(value - largest));
      const total = each.reduce((a, b) => a + b, 0);
      return each.map((value) => value / total);
    }
    case 'exp':
      return scores.map(Math.exp);
    case 'step':
      return scores.map((value) => Number(value > 0));
    case 'shift':
      return scores.map((value) => value - threshold);
  }
}

function labelOf(scores: readonly number[], { label, labels, threshold = 0 }: Decision): number {
  const named = (position: number): number => labels?.[position] ?? position;
  if (label === 'positive') return named(Number((scores[0] ?? 0) > 0));
  if (label === 'aboveThreshold') return named(Number((scores[0] ?? 0) > threshold));
  if (label === 'notBelowThreshold') return named(Number((scores[0] ?? 0) >= threshold));
  let best = 0;
  scores.forEach((value, i) => {
    const reference = scores[best] ?? 0;
    if (label === 'largest' ? value > reference : value < reference) best = i;
  });
  return named(best);
}

/** Zero-filled outputs. */
export const allocateOutputs = (
  outputs: Outputs<TensorType>,
  rows: number,
  columns: number,
  decision: Decision,
): Data[] =>
  decisionShapes(rows, columns, decision).map((shape, i) =>
    allocate(
      outputs[i]?.dtype ?? 'f32',
      shape.reduce((a, b) => a * b, 1),
    ),
  );
