// Features of a row moved and scaled, each by numbers of its own: (x - offset) / divisor as standard scalers do, x * factor + offset as
// scalers to a range do; missing ones may be replaced first.
import { add, cast, clampTo, div, mul, ne, select, sub } from '../kernel/expressions.ts';
import { doublesConstant } from './doubles.ts';
import { checkCounts, checkFeatureRows } from './feature-rows.ts';
import { defineOp } from './op.ts';

export interface ScaleFeaturesAttrs {
  readonly features: number;
  readonly kind: 'subtractDivide' | 'subtractMultiply' | 'multiplyAdd';
  readonly offset: Float64Array;
  readonly factor: Float64Array;
  /** Results stay within. */
  readonly range?: readonly [low: number, high: number];
  /** By feature, what stands for NaN. */
  readonly replacement?: Float64Array;
}

export const scaleFeatures = defineOp({
  name: 'scaleFeatures',
  inputs: ['x'],

  infer({ x }, { features, offset, factor, replacement }: ScaleFeaturesAttrs, [y], complain) {
    if (y.dtype !== 'f32') complain('type of the output', 'f32', y.dtype);
    checkFeatureRows(x, features, complain);
    for (const numbers of [offset, factor, replacement ?? offset])
      checkCounts(complain, ['numbers by feature', features, numbers.length]);
    return [x.shape];
  },

  evaluate({ x }, { features, kind, offset, factor, range, replacement }) {
    return [
      Float32Array.from(x.data as Float32Array, (given, at) => {
        const i = at % features;
        const value = replacement !== undefined && Number.isNaN(given) ? (replacement[i] ?? 0) : given;
        const [o, f] = [offset[i] ?? 0, factor[i] ?? 1];
        const scaled =
          kind === 'multiplyAdd' ? value * f + o : kind === 'subtractDivide' ? (value - o) / f : (value - o) * f;
        if (range === undefined) return scaled;
        const [low, high] = range;
        const raised = scaled > low ? scaled : low;
        return raised < high ? raised : high;
      }),
    ];
  },

  lower(k, { x }, { features, kind, offset, factor, range, replacement }, [y]) {
    const [rows = 0] = x.tensor.shape;
    const offsets = doublesConstant(k, 'offset', offset);
    const factors = doublesConstant(k, 'factor', factor);
    const replacements = replacement === undefined ? undefined : doublesConstant(k, 'replacement', replacement);
    k.for('row', 0, rows, (row) => {
      k.for('i', 0, features, (i) => {
        const at = add(mul(row, features), i);
        const given = k.let('value', cast('f64', k.load(x, at)));
        const value = replacements === undefined ? given : select(ne(given, given), replacements(i), given);
        const scaled =
          kind === 'multiplyAdd'
            ? add(mul(value, factors(i)), offsets(i))
            : (kind === 'subtractDivide' ? div : mul)(sub(value, offsets(i)), factors(i));
        k.store(y, at, cast('f32', range === undefined ? scaled : clampTo(scaled, ...range)));
      });
    });
  },

  inPlace: () => ['x'],
});
