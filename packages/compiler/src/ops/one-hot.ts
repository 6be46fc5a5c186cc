// Each feature of a row as zeros and a one: a column for every category, in their order, 1 where the feature is that number.
import { add, eq, float, mul, select } from '../kernel/expressions.ts';
import { checkFeatureRows } from './feature-rows.ts';
import { defineOp } from './op.ts';

export interface OneHotAttrs {
  readonly features: number;
  /** What a feature may be; a row has a column for each feature and category. */
  readonly categories: Float32Array;
}

export const oneHot = defineOp({
  name: 'oneHot',
  inputs: ['x'],

  infer({ x }, { features, categories }: OneHotAttrs, [y], complain) {
    if (y.dtype !== 'f32') complain('type of the output', 'f32', y.dtype);
    if (categories.length === 0) complain('categories', 'at least one', 'none');
    if (!checkFeatureRows(x, features, complain)) return [];
    return [[x.shape[0] ?? 0, features * categories.length]];
  },

  evaluate: ({ x }, { categories }) => [
    Float32Array.from(
      Array.from(x.data as Float32Array).flatMap((value) => Array.from(categories, (one) => Number(value === one))),
    ),
  ],

  lower(k, { x }, { categories }, [y]) {
    const table = k.constant('categories', categories);
    k.for('i', 0, x.length, (i) => {
      const value = k.let('value', k.load(x, i));
      k.for('category', 0, categories.length, (category) => {
        const isIt = eq(value, k.load(table, category));
        k.store(y, add(mul(i, categories.length), category), select(isIt, float(1), float(0)));
      });
    });
  },
});
