// Predicted instructions and code beside those recorded on emulated cores. Estimates of latency rest on them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chips, cores, estimate } from '@anymote/advise';
import { compile, instructionsOf, readModel } from '@anymote/compiler';
import { describe, expect, it } from 'vitest';

const here = import.meta.dirname;
const model = readModel(readFileSync(join(here, 'models/gestures/gestures.tflite')));
interface Recorded {
  readonly models: Readonly<
    Record<
      string,
      { readonly costs: Readonly<Record<string, { readonly instructions: number; readonly codeBytes: number }>> }
    >
  >;
}
// Written by the benchmark, in this form.
const recorded = JSON.parse(readFileSync(join(here, 'golden/instructions.json'), 'utf8')) as Recorded;

describe('predictions for the gestures', () => {
  it.each(Object.entries(recorded.models.gestures?.costs ?? {}))('%s', (target, { instructions, codeBytes }) => {
    const { report } = compile(model, { target, memory: { ramBytes: Infinity, flashBytes: Infinity } });
    const predicted = instructionsOf(report.predicted.mix) / instructions;
    // Plain C is predicted without what compilers move out of loops; routines in assembly are counted.
    const plain = ['cortex-m3', 'rv32imc'].includes(target);
    expect(predicted).toBeGreaterThan(0.95);
    expect(predicted).toBeLessThan(plain ? 1.25 : 1.12);
    // It is such a network as estimates are calibrated on.
    for (const chip of chips.filter(({ core }) => cores[core].target === target))
      expect(
        estimate(report.predicted, chip)?.outside.filter((reason) => !reason.startsWith('no chip with')),
        chip.id,
      ).toEqual([]);
    const tables = report.constantBytes - report.weightBytes;
    const code = report.predicted.codeBytes / (codeBytes - tables);
    expect(code).toBeGreaterThan(0.8);
    expect(code).toBeLessThan(1.25);
  });
});
