// Support vector machines of scikit-learn. dual_coef and intercept are libsvm's own, whose signs differ from the public ones for two
// classes.
import type { Decision } from '../../ops/decision.ts';
import type { KernelMachineAttrs, SvmKernel } from '../../ops/kernel-machine.ts';
import type { Part } from '../wire/document.ts';
import { asIs, type Builder, labelsOf, outputNames, withLabels } from './step.ts';

const kernels = ['linear', 'rbf', 'poly', 'sigmoid'] as const;

function kernelOf(step: Part): SvmKernel {
  const params = step.at('params');
  const kind = kernels.find((one) => one === params.at('kernel').value);
  if (kind === undefined)
    params.at('kernel').fault(`${String(params.at('kernel').value)} is not known`, `known are ${kernels.join(', ')}`);
  const degree = kind === 'poly' ? params.at('degree').count() : 1;
  if (degree > 32) params.at('degree').fault(`a degree of ${degree}`);
  return {
    kind: kind ?? 'linear',
    gamma: kind === 'linear' ? 1 : step.at('gamma').number(),
    coef0: params.at('coef0').exists ? params.at('coef0').number() : 0,
    degree,
  };
}

export const addMachine: Builder = ({ graph, step, type, features, input }) => {
  const { rows: vectors, data } = step.at('support_vectors').matrix(undefined, features);
  const isClassifier = type.endsWith('SVC');
  const labels = labelsOf(step);
  const support = isClassifier ? Array.from(step.at('n_support').integers()) : [vectors];
  const classes = support.length;
  if (support.reduce((a, b) => a + b, 0) !== vectors || support.some((one) => one < 0))
    step.at('n_support').fault(`${vectors} support vectors are due, found ${support.join(' + ')}`);
  if (isClassifier && classes < 2) step.at('n_support').fault('a classifier of fewer than two classes');
  const coefficients = step.at('dual_coef').matrix(Math.max(1, classes - 1), vectors).data;
  const decisions = isClassifier ? (classes * (classes - 1)) / 2 : 1;
  const intercepts = step.at('intercept').numbers(decisions);
  const shape = step.at('params').at('decision_function_shape').value;
  const hasProbabilities = isClassifier && step.at('probA').exists && step.at('probA').items().length > 0;
  const pairs = classes > 2 ? (shape === 'ovo' ? 'pairs' : 'classes') : 'negated';
  const attrs: KernelMachineAttrs = {
    features,
    support,
    vectors: data,
    coefficients,
    intercepts,
    kernel: kernelOf(step),
    scores: isClassifier ? pairs : 'decision',
    ...(hasProbabilities
      ? { platt: { a: step.at('probA').numbers(decisions), b: step.at('probB').numbers(decisions) } }
      : {}),
    decision: decisionOf(type, classes, hasProbabilities, labels),
  };
  const scores = attrs.scores === 'classes' ? classes : attrs.scores === 'pairs' ? decisions : 1;
  const names = isClassifier || type === 'OneClassSVM' ? outputNames : { scores: 'predict' };
  const outputs = graph.decide(
    { op: 'kernelMachine', attrs },
    scores,
    names,
    type,
    input,
    hasProbabilities ? classes : undefined,
  );
  return { outputs };
};

function decisionOf(
  type: string,
  classes: number,
  hasProbabilities: boolean,
  labels: readonly number[] | undefined,
): Decision {
  if (type === 'OneClassSVM')
    return { gives: ['label', 'scores'], transform: 'none', label: 'positive', labels: [-1, 1] };
  if (!type.endsWith('SVC')) return asIs;
  const gives = hasProbabilities ? (['label', 'scores', 'transformed'] as const) : (['label', 'scores'] as const);
  return withLabels({ gives, transform: 'none', label: classes > 2 ? 'largest' : 'positive' }, labels);
}
