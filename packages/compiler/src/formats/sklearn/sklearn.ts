// scikit-learn models in the documented JSON that tools/export_sklearn.py writes beside scikit-learn: nothing is ever unpickled. One
// builder per estimator; a pipeline is its steps one after the other. What a row gives are predict's and predict_proba's results (or
// decision_function's, score_samples', transform's), in the doubles scikit-learn computes in.
import type { Graph } from '../../ops/index.ts';
import type { Format } from '../format.ts';
import { TabularGraph } from '../trees/tabular-graph.ts';
import { Part } from '../wire/document.ts';
import { FileReport } from '../wire/file-report.ts';
import { looksLikeJson, parseJson } from '../wire/parse-json.ts';
import { addEstimator, estimators } from './estimators.ts';

const formatName = 'scikit-learn';
const version = 'sklearn-dump-1';

export const sklearnFormat: Format = {
  name: formatName,
  extensions: ['.json'],
  recognises: (bytes) => looksLikeJson(bytes, 'format', 'type') && looksLikeJson(bytes.subarray(0, 4096), version),
  read: (bytes, file) => importSklearn(bytes, file),
};

/** @throws CompileError with all that is wrong with the file */
export function importSklearn(bytes: Uint8Array, file?: string): Graph {
  const report = new FileReport(formatName, file);
  const parsed = parseJson(bytes);
  if (parsed.reason !== undefined) report.fault({ byte: parsed.byte }, '', parsed.reason);
  report.throwIfAny();
  const root = new Part(parsed.value, '', report);
  const format = root.at('format').text();
  if (format !== version) root.at('format').fault(`${JSON.stringify(format)} is not ${version}`);
  const steps = root.at('type').value === 'Pipeline' ? root.at('steps').items() : [root];
  const features = (steps[0] ?? root).at('n_features').count(1);
  if (steps.length === 0) root.at('steps').fault('a pipeline without steps');
  for (const step of steps) {
    const type = step.at('type').text();
    if (type !== '' && !estimators.includes(type))
      step.at('type').fault(`${type} is not supported`, `supported are ${estimators.join(', ')} and Pipeline`);
  }
  report.throwIfAny();
  const graph = new TabularGraph(features, file);
  let at = { value: graph.x, features };
  steps.forEach((step, i) => {
    const next = addEstimator(graph, step, at, i === steps.length - 1);
    if (next !== undefined) at = next;
  });
  report.throwIfAny();
  return graph.build();
}
