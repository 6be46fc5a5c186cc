// What the conversions of ai.onnx.ml share: what is made of scores, and names and columns of outputs.
import type { Decision, Transform } from '../../ops/decision.ts';
import type { OnnxStep, Stage } from './step.ts';

const transforms: Readonly<Record<string, Transform>> = { NONE: 'none', SOFTMAX: 'softmax', LOGISTIC: 'logistic' };

export function transformOf(step: OnnxStep): Transform {
  const name = step.text('post_transform', 'NONE');
  const found = transforms[name];
  if (found === undefined)
    step.unsupported('post_transform', name, `supported are ${Object.keys(transforms).join(', ')}`);
  return found ?? 'none';
}

/** Label and probabilities of a classifier with a score for each class, or one for the second of two. */
export function classification(
  step: OnnxStep,
  one: boolean,
  transform: Transform,
  labels: readonly number[] | undefined,
): Decision {
  if (one && transform === 'softmax') step.unsupported('post_transform', 'SOFTMAX of one score');
  return {
    gives: ['label', 'transformed'],
    transform: one ? (transform === 'logistic' ? 'binaryLogistic' : 'complement') : transform,
    label: one ? 'positive' : 'largest',
    ...(labels === undefined ? {} : { labels }),
  };
}

/** The first of one or several outputs, with as many columns. */
export const stages = (values: readonly number[], ...columns: readonly number[]): readonly Stage[] =>
  values.map((value, i) => ({ value, features: columns[i] ?? 0 }));

function names(step: OnnxStep, gives: Decision['gives']): Readonly<Record<string, string>> {
  return Object.fromEntries(gives.map((given, i) => [given, step.outputs[i] || given]));
}

/** Adds a node that decides, its outputs called as the file calls them; `transformedColumns` where the operator has its own transform. */
export const decided = (
  step: OnnxStep,
  draft: Parameters<OnnxStep['graph']['decide']>[0],
  scores: number,
  transformedColumns?: number,
): readonly number[] =>
  step.graph.decide(draft, scores, names(step, draft.attrs.decision.gives), step.name, step.input, transformedColumns);
