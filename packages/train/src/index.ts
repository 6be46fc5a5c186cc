// The public API of train: small models from rows of features, in the arrays that the documented JSON of scikit-learn's models has.
export { partsOf, withoutPart } from './folds.ts';
export { type ForestOptions, type TrainedForest, trainForest } from './forest.ts';
export { type IsolationOptions, type TrainedIsolation, trainIsolationForest } from './isolation-forest.ts';
export { type KmeansOptions, type TrainedKmeans, trainKmeans } from './kmeans.ts';
export { type LogisticOptions, type TrainedLogistic, trainLogistic } from './logistic.ts';
export { type Examples, type Rows, rowsAt } from './rows.ts';
export type { Tree } from './tree.ts';
