import { readFileSync } from 'node:fs';
import { compile, type Report, readModel } from '@anymote/compiler';
import { expect, it } from 'vitest';
import { describeProof, describeRows } from './describe-arena.ts';
import { gestures } from './testing/command-line.ts';

const model = readModel(readFileSync(gestures));
const { report } = compile(model, { target: 'cortex-m4' });

it('says how near an arena is to the least possible', () => {
  expect(describeProof(report)).toBe('the least possible for these tensors');
  const above: Report = { ...report, arenaBytes: 1100, arenaLowerBoundBytes: 1000, arenaProven: false };
  expect(describeProof(above)).toBe('at least 1,000, 100 above it (10.0 %)');
});

it('says what rows save and cost, and nothing where there are none', () => {
  expect(describeRows(report)).toEqual([]);
  const byRows = (instructions: number): Report => ({
    ...report,
    arenaBytes: 1000,
    byRows: { wholeArenaBytes: 3000, instructions },
  });
  expect(describeRows(byRows(1.021))[0]).toContain('2,000 bytes of RAM less, 2.1 % more instructions');
  expect(describeRows(byRows(0.99))[0]).toContain('1.0 % fewer instructions');
  expect(describeRows(byRows(1))[0]).toContain('as many instructions');
});

it('a budget brings rows', () => {
  const { report: small } = compile(model, { target: 'cortex-m4', memory: { ramBytes: 1000 } });
  expect(small.byRows?.wholeArenaBytes).toBe(report.arenaBytes);
  expect(describeRows(small)).toHaveLength(1);
});
