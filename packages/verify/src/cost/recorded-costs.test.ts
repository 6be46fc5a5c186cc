// Recorded costs: what is kept of a report, what counts as a change, and the file's text.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readModel } from '@anymote/compiler';
import { describe, expect, it } from 'vitest';
import type { BenchReport } from './bench-report.ts';
import { describeChanges, formatRecordedCosts, noCosts, recordedCostOf, withReport } from './recorded-costs.ts';

const report: BenchReport = {
  model: 'gestures',
  target: 'cortex-m4',
  optimize: 'balanced',
  without: [],
  input: 'lcg',
  tools: 'arm-none-eabi-gcc 12.2.1, QEMU 7.2',
  compilerOptions: ['-mthumb', '-O2'],
  macs: 40,
  instructions: 100,
  instructionsPerMac: 2.5,
  restInstructions: 10,
  initInstructions: 1,
  estimatedCycles: 150,
  cycleModel: 'a model',
  arenaBytes: 64,
  stackBytes: 8,
  weightBytes: 30,
  codeBytes: 200,
  layers: [
    { name: '00_conv2d', op: 'conv2d', tactic: 'plain', macs: 40, modelLayer: 0, instructions: 80 },
    { name: '01_relu', op: 'relu', tactic: 'plain', macs: 0, modelLayer: 1, instructions: 10 },
  ],
  notes: [],
};

const path = join(resolve(import.meta.dirname, '../../../..'), 'tests/models/gestures/gestures.tflite');
const graph = readModel(Uint8Array.from(readFileSync(path)), { file: path });

describe('recordedCostOf', () => {
  it('keeps the counts', () => {
    expect(recordedCostOf(report)).toEqual({
      macs: 40,
      instructions: 100,
      estimatedCycles: 150,
      initInstructions: 1,
      arenaBytes: 64,
      stackBytes: 8,
      codeBytes: 200,
      weightBytes: 30,
      layers: [80, 10],
    });
  });

  it('keeps nothing where nothing was counted', () => {
    const { instructions: _, ...timed } = report;
    expect(() => recordedCostOf(timed)).toThrow('nothing is counted on cortex-m4');
  });
});

describe('describeChanges', () => {
  const before = recordedCostOf(report);

  it('finds none where all is the same', () => expect(describeChanges(before, recordedCostOf(report))).toEqual([]));

  it('names what grew and what shrank', () => {
    const after = { ...before, instructions: 110, codeBytes: 150, layers: [90, 10] };
    expect(describeChanges(before, after)).toEqual([
      'instructions 100 -> 110 (+10.00 %)',
      'codeBytes 200 -> 150 (-25.00 %)',
      'instructions of layer 0 80 -> 90 (+12.50 %)',
    ]);
  });

  it('sees an estimate that is gone, other layers, and a model that is new', () => {
    const { estimatedCycles: _, ...without } = before;
    expect(describeChanges(before, without)).toEqual(['estimatedCycles 150 -> none']);
    expect(describeChanges(before, { ...before, layers: [90] })).toEqual(['number of layers 2 -> 1 (-50.00 %)']);
    expect(describeChanges(undefined, before)).toEqual(['is not recorded']);
  });
});

describe('formatRecordedCosts', () => {
  it('gives a text that reads back, in an order that does not depend on that of the measurements', () => {
    const m3 = { ...report, target: 'cortex-m3' };
    const one = withReport(withReport(noCosts, graph, 'gestures', m3), graph, 'gestures', report);
    const other = withReport(withReport(noCosts, graph, 'gestures', report), graph, 'gestures', m3);
    const text = formatRecordedCosts(one);
    expect(text).toBe(formatRecordedCosts(other));
    expect(JSON.parse(text)).toEqual(one);
    expect(one.models.gestures?.macs).toBe(45_696);
    expect(one.targets['cortex-m4']).toEqual({ compiler: 'arm-none-eabi-gcc 12.2.1', options: '-mthumb -O2' });
    expect(text.indexOf('cortex-m4')).toBeLessThan(text.indexOf('cortex-m3'));
  });
});
