// Calibration from the public results of MLPerf Tiny: boards that were left out are predicted as well as docs/estimates.md says, and the
// committed coefficients are what calibration gives.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as advise from '@anymote/advise/calibrate';
import * as compiler from '@anymote/compiler';
import { describe, expect, it } from 'vitest';
import { calibration } from '../packages/advise/src/estimate/calibration.ts';
// @ts-expect-error: a script without types
import { missingInputs, observationsOf } from '../scripts/calibration-inputs.mjs';

const missing = missingInputs() as string | undefined;
const observations: readonly advise.Observation[] = missing === undefined ? observationsOf(compiler, advise) : [];

describe('each board predicted from the others', () => {
  it('keeps the limits, on every engine and on the fastest of each board', (context) => {
    context.skip(missing !== undefined, missing);
    expect(observations.length).toBeGreaterThan(180);
    const { latency, energy } = advise.validate(observations, advise.chips);
    for (const rows of [latency, advise.fastest(latency)]) {
      const { median, percentile90, covered } = advise.errorsOf(rows);
      expect(median).toBeLessThanOrEqual(0.2);
      expect(percentile90).toBeLessThanOrEqual(0.45);
      expect(covered).toBeGreaterThanOrEqual(0.85);
    }
    for (const rows of [energy, advise.fastest(energy)]) {
      const { median, covered } = advise.errorsOf(rows);
      expect(median).toBeLessThanOrEqual(0.3);
      expect(covered).toBeGreaterThanOrEqual(0.85);
    }
    // What is committed was calibrated from these.
    const again = advise.calibrate(observations, advise.chips, Object.entries(calibration.instructions));
    expect(again).toEqual(calibration);
    const page = readFileSync(join(import.meta.dirname, '../docs/estimates.md'), 'utf8');
    expect(advise.estimatesPage(observations, again)).toBe(page);
  });

  it('no board helps to predict itself', (context) => {
    context.skip(missing !== undefined, missing);
    const [board = ''] = observations.map((own) => own.board);
    // A board measured ten times slower is not predicted any slower by itself.
    const slower = observations.map((own) => (own.board === board ? { ...own, latencyMs: own.latencyMs * 10 } : own));
    const predicted = (rows: typeof observations): readonly number[] =>
      advise
        .leaveOneBoardOut(rows)
        .filter(({ observation }) => observation.board === board)
        .map(({ predictedMs }) => predictedMs);
    expect(predicted(slower)).toEqual(predicted(observations));
  });
});
