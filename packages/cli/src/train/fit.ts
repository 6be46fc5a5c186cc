// Training by kind of model: examples → the documented JSON of scikit-learn's models, which every command reads.
import { type Examples, rowsAt, trainForest, trainIsolationForest, trainKmeans, trainLogistic } from '@anymote/train';

export type Kind = 'forest' | 'isolation-forest' | 'kmeans' | 'logistic';

export interface FitOptions {
  readonly kind: Kind;
  /** 0 where numbers are learnt, or nothing. */
  readonly classes: number;
  readonly classNames: readonly string[] | undefined;
  readonly trees: number;
  readonly depth: number;
  readonly minLeaf: number;
  readonly clusters: number;
  readonly penalty: number;
  readonly seed: number;
  readonly onTree?: (done: number) => void;
}

export interface Fitted {
  /** As the file has it. */
  readonly dump: Readonly<Record<string, unknown>>;
  readonly importances?: readonly number[];
}

const common = { format: 'sklearn-dump-1', note: 'trained by anymote' };

/** Whether a class's name is a whole number, which then is its label. */
export const isWholeName = (name: string): boolean => /^-?\d{1,9}$/.test(name);

/** Whole numbers stay numbers, other names are kept as texts. */
const classesOf = (names: readonly string[] | undefined): readonly (string | number)[] =>
  (names ?? []).map((name) => (isWholeName(name) ? Number(name) : name));

export function fit(examples: Examples, options: FitOptions): Fitted {
  const { kind, classes, classNames, seed } = options;
  const head = { ...common, n_features: examples.features, params: {} };
  switch (kind) {
    case 'forest': {
      const { trees, depth: maxDepth, minLeaf, onTree } = options;
      const { trees: grown, importances } = trainForest(examples, {
        classes,
        trees,
        maxDepth,
        minLeaf,
        seed,
        ...(onTree === undefined ? {} : { onTree }),
      });
      const type = classes === 0 ? 'RandomForestRegressor' : 'RandomForestClassifier';
      return {
        dump: { ...head, type, ...(classes === 0 ? {} : { classes: classesOf(classNames) }), trees: grown },
        importances,
      };
    }
    case 'isolation-forest': {
      const { trees, samples } = trainIsolationForest(examples, { trees: options.trees, samples: 256, seed });
      const all = Array.from({ length: examples.features }, (_, i) => i);
      const dump = {
        ...head,
        type: 'IsolationForest',
        trees,
        estimators_features: trees.map(() => all),
        max_samples: samples,
        offset: -0.5,
      };
      return { dump };
    }
    case 'kmeans': {
      const { centres, inertia } = trainKmeans(examples, { clusters: options.clusters, seed, starts: 10 });
      return { dump: { ...head, type: 'KMeans', cluster_centers: centres, inertia } };
    }
    case 'logistic': {
      const { weights, bias } = trainLogistic(examples, { classes, penalty: options.penalty, iterations: 2000 });
      return {
        dump: { ...head, type: 'LogisticRegression', classes: classesOf(classNames), coef: weights, intercept: bias },
      };
    }
  }
}

/** The same on some of the examples. */
export const fitPart = (examples: Examples, positions: Int32Array, options: FitOptions): Fitted =>
  fit(rowsAt(examples, positions), options);
