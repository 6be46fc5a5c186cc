// Estimators of scikit-learn by name, each as nodes of the graph.
import type { TabularGraph } from '../trees/tabular-graph.ts';
import type { Part } from '../wire/document.ts';
import { addGaussian, addNaiveBayes, addNeighbours } from './densities.ts';
import { addClusters, addLayers, addLinear, addPrincipalComponents, addScaler } from './linear.ts';
import { addMachine } from './machines.ts';
import type { Builder, Stage } from './step.ts';
import { addForest, addHistogramBoosting, addIsolationForest } from './trees.ts';

const builders: Readonly<Record<string, Builder>> = {
  ...Object.fromEntries(
    ['DecisionTree', 'ExtraTree', 'RandomForest', 'ExtraTrees', 'GradientBoosting'].flatMap((name) => [
      [`${name}Classifier`, addForest],
      [`${name}Regressor`, addForest],
    ]),
  ),
  HistGradientBoostingClassifier: addHistogramBoosting,
  HistGradientBoostingRegressor: addHistogramBoosting,
  IsolationForest: addIsolationForest,
  ...Object.fromEntries(
    [
      'LinearRegression',
      'Ridge',
      'Lasso',
      'ElasticNet',
      'LinearSVR',
      'LinearSVC',
      'LogisticRegression',
      'RidgeClassifier',
      'SGDRegressor',
    ].map((name) => [name, addLinear]),
  ),
  StandardScaler: addScaler,
  MinMaxScaler: addScaler,
  PCA: addPrincipalComponents,
  KMeans: addClusters,
  MLPClassifier: addLayers,
  MLPRegressor: addLayers,
  SVC: addMachine,
  SVR: addMachine,
  NuSVC: addMachine,
  NuSVR: addMachine,
  OneClassSVM: addMachine,
  GaussianMixture: addGaussian,
  GaussianNB: addNaiveBayes,
  KNeighborsClassifier: addNeighbours,
  KNeighborsRegressor: addNeighbours,
};

export const estimators: readonly string[] = Object.keys(builders);

/** A step of a pipeline; the last gives its outputs to the graph. */
export function addEstimator(graph: TabularGraph, step: Part, stage: Stage, isLast: boolean): Stage | undefined {
  const type = step.at('type').text();
  const features = step.at('n_features').count(1);
  if (features !== stage.features) step.at('n_features').fault(`${stage.features} features come here, not ${features}`);
  const result = builders[type]?.({ graph, step, type, features, input: stage.value });
  if (result === undefined) return undefined;
  if (isLast) graph.give(...result.outputs);
  const [first] = result.outputs;
  if (!isLast && (result.features === undefined || first === undefined)) {
    step.at('type').fault(`${type} gives no features, and is not the last step`);
    return undefined;
  }
  return first === undefined ? undefined : { value: first, features: result.features ?? 0 };
}
