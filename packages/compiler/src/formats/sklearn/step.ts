// What builders of estimators share: a step of a pipeline, its classes and parameters, and what its outputs are called.
import type { ValueId } from '../../graph/graph.ts';
import type { Decision, Given } from '../../ops/decision.ts';
import type { TabularGraph } from '../trees/tabular-graph.ts';
import type { Part } from '../wire/document.ts';

/** Where the features of a step are. */
export interface Stage {
  readonly value: ValueId;
  readonly features: number;
}

/** What a builder gets: the step, where its features are, and how many of them. */
export interface Context {
  readonly graph: TabularGraph;
  readonly step: Part;
  readonly type: string;
  readonly features: number;
  readonly input: ValueId;
}

/** Adds nodes; the last step's outputs, or the features that the next step gets. */
export type Builder = (
  context: Context,
) => { readonly outputs: readonly ValueId[]; readonly features?: number } | undefined;

/** Names of outputs, after scikit-learn's methods. */
export const outputNames: Readonly<Record<Given, string>> = {
  scores: 'decision_function',
  transformed: 'predict_proba',
  label: 'predict',
  logSum: 'score_samples',
};

/** Classes as numbers where they are whole ones; else their positions stand for them. */
export function labelsOf(step: Part): readonly number[] | undefined {
  const classes = step.at('classes');
  if (!classes.exists) return undefined;
  const items = classes.items().map(({ value }) => (typeof value === 'boolean' ? Number(value) : value));
  const whole = items.filter((one): one is number => typeof one === 'number' && one === (one | 0));
  return whole.length === items.length ? whole : undefined;
}

/** A regressor's decision: the scores as they are. */
export const asIs: Decision = { gives: ['scores'], transform: 'none', label: 'largest' };

export const withLabels = (decision: Decision, labels: readonly number[] | undefined): Decision =>
  labels === undefined ? decision : { ...decision, labels };

/** A parameter of the estimator, as it is. */
export const parameter = (step: Part, name: string): unknown => step.at('params').at(name).value;
