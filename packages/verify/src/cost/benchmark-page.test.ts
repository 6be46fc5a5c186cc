// The page of benchmarks on made-up figures; tests/golden-instructions.test.ts holds the real one to its sources.
import { expect, it } from 'vitest';
import { type Peers, renderBenchmarkPage } from './benchmark-page.ts';
import type { RecordedCost, RecordedCosts } from './recorded-costs.ts';

const cost: RecordedCost = {
  macs: 1000,
  instructions: 1_500,
  initInstructions: 1,
  arenaBytes: 64,
  stackBytes: 8,
  codeBytes: 2_000,
  weightBytes: 30,
  layers: [1_500],
};
const compiler = { compiler: 'gcc 1', options: '-O2' };
const costs: RecordedCosts = {
  targets: { 'cortex-m4': compiler, rv32imc: compiler },
  models: {
    gestures: { macs: 1000, costs: { 'cortex-m4': { ...cost, estimatedCycles: 2_000 }, rv32imc: cost } },
    kws_ref_model: { macs: 1000, costs: { 'cortex-m4': { ...cost, estimatedCycles: 2_000 } } },
  },
};
const peers: Peers = {
  engines: [
    {
      name: 'Another',
      short: 'another',
      conditions: 'Built so.',
      models: {
        kws_ref_model: {
          instructions: { 'cortex-m4': 3_000 },
          estimatedCycles: { 'cortex-m4': 5_000 },
          arenaBytes: 128,
        },
      },
    },
  ],
  published: { conditions: 'Measured so.', models: ['kws_ref_model'], cycles: { 'A closed one': [4_000] } },
};

it('has a table for each target, peers beside where there are figures', () => {
  const page = renderBenchmarkPage({ costs, peers });
  expect(page).toMatch(/^# Benchmarks\n/);
  expect(page).toContain(
    [
      '| model | MACs | instructions | per MAC | another | ratio | est. cycles | another | ratio | init | arena | stack | code | weights |',
      '|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|',
      '| gestures | 1,000 | 1,500 | 1.50 | – | – | 2,000 | – | – | 1 | 64 | 8 | 2,000 | 30 |',
      '| KWS | 1,000 | 1,500 | 1.50 | 3,000 | 2.00 | 2,000 | 5,000 | 2.50 | 1 | 64 | 8 | 2,000 | 30 |',
      '',
    ].join('\n'),
  );
  expect(page).toContain('gcc 1: `-O2`');
  expect(page).toContain(
    [
      '| model | MACs | instructions | per MAC | init | arena | stack | code | weights |',
      '|---|---:|---:|---:|---:|---:|---:|---:|---:|',
      '| gestures | 1,000 | 1,500 | 1.50 | 1 | 64 | 8 | 2,000 | 30 |',
    ].join('\n'),
  );
  expect(page).toContain('| KWS | 64 / 128 | 8 / – | 2,000 / – | 1 / – |');
  expect(page).toContain('| anymote, estimated | 2,000 |\n| A closed one | 4,000 |\n');
  expect(page).toContain('- **Another**: Built so.');
  expect(page).not.toContain('## cortex-m3');
  expect(renderBenchmarkPage({ costs, peers })).toBe(page);
});
