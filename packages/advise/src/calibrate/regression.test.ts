// Least squares with priors: against values worked by hand, and on made-up data with known effects.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Effect, fitEffects } from './regression.ts';

describe('least squares with priors', () => {
  it('is the mean where the prior is wide', () => {
    const all: readonly Effect[] = [['all', 1e6]];
    const model = fitEffects(
      [1, 2, 6].map((value) => ({ value, effects: all })),
      1,
    );
    const { mean, sd } = model.predict(all);
    expect(mean).toBeCloseTo(3, 6);
    expect(sd).toBeCloseTo(1 / Math.sqrt(3), 6);
  });

  it('lies between prior and data in proportion to their precision', () => {
    const effects: readonly Effect[] = [['one', 2]];
    // Posterior mean: (5/1) / (1/1 + 1/4) = 4, variance 1 / 1.25.
    const { mean, sd } = fitEffects([{ value: 5, effects }], 1).predict(effects);
    expect(mean).toBeCloseTo(4, 10);
    expect(sd).toBeCloseTo(Math.sqrt(0.8), 10);
  });

  it('gives an unknown effect its prior', () => {
    const model = fitEffects([{ value: 1, effects: [['all', 1e3]] }], 0.001);
    const { mean, sd } = model.predict([
      ['all', 1e3],
      ['never seen', 0.5],
    ]);
    expect(mean).toBeCloseTo(1, 3);
    expect(sd).toBeCloseTo(0.5, 3);
  });

  it('finds effects that made the data', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 5 }),
        fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 2, maxLength: 4 }),
        (rows, columns) => {
          const effects = (i: number, j: number): readonly Effect[] => [
            [`row ${i}`, 1e4],
            [`column ${j}`, 1e4],
          ];
          const data = rows.flatMap((row, i) =>
            columns.map((column, j) => ({ value: row + column, effects: effects(i, j) })),
          );
          const model = fitEffects(data, 0.01);
          for (const [n, { value }] of data.entries())
            expect(model.predict(effects(Math.floor(n / columns.length), n % columns.length)).mean).toBeCloseTo(
              value,
              3,
            );
        },
      ),
    );
  });
});
