// `anymote report`: the page holds what the plan says, whatever names a model has.
import { readFileSync, writeFileSync } from 'node:fs';
import { compile, readModel } from '@anymote/compiler';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { escapeText, niceTicks } from '../report/figure.ts';
import { readPeers } from '../report/read-peers.ts';
import { reportPage } from '../report/report-page.ts';
import { commandLine, gestures, temporaryFolder } from '../testing/command-line.ts';

const model = readModel(readFileSync(gestures));

describe('report', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  it('writes one page that needs nothing else, the same each time', async () => {
    const first = await commandLine('report', gestures, '-t', 'cortex-m4', '--out', folder.path('a.html'));
    expect(first).toMatchObject({ code: 0, stderr: '' });
    await commandLine('report', gestures, '-t', 'cortex-m4', '--out', folder.path('b.html'));
    const page = readFileSync(folder.path('a.html'), 'utf8');
    expect(readFileSync(folder.path('b.html'), 'utf8')).toBe(page);
    const { plan, report } = compile(model, { target: 'cortex-m4' });
    expect(page.match(/<rect class="block"/g)).toHaveLength(plan.blocks.length);
    expect(page.match(/<tr class="layer">/g)).toHaveLength(report.layers.length);
    expect(page).not.toMatch(/<script|<link|src=|href=/);
    expect(page).not.toContain(gestures);
  });

  it('shows other engines where their figures are known', async () => {
    const peers = folder.path('peers.json');
    const engine = {
      name: 'an engine',
      models: { gestures: { instructions: { 'cortex-m4': 123456 }, arenaBytes: 789 } },
    };
    writeFileSync(peers, JSON.stringify({ engines: [engine] }));
    await commandLine('report', gestures, '-o', folder.path('r.html'), '--peers', peers);
    expect(readFileSync(folder.path('r.html'), 'utf8')).toMatch(/an engine<\/td><td class="n">123,456<\/td>.*789/);
    writeFileSync(peers, '[1]');
    const wrong = await commandLine('report', gestures, '-o', folder.path('w.html'), '--peers', peers);
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("expected JSON with a list 'engines'") });
    expect(folder.files()).not.toContain('w.html');
  });

  it('says what it cannot do', async () => {
    expect(await commandLine('report', gestures, '-t', 'cortex-m4,wasm', '-o', folder.path('x'))).toMatchObject({
      code: 2,
    });
    const missing = await commandLine('report', folder.path('none.tflite'), '-o', folder.path('x'));
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('none.tflite') });
  });
});

it('names of tensors cannot become markup', () => {
  const { graph, report, plan } = compile(model, { target: 'cortex-m4' });
  const hostile = '</title><script>alert("1")</script>\u0000&';
  const page = reportPage({
    title: hostile,
    target: 'cortex-m4',
    optimize: 'balanced',
    graph: { ...graph, values: graph.values.map((value) => ({ ...value, name: hostile })) },
    report: { ...report, layers: report.layers.map((layer) => ({ ...layer, name: hostile, tactic: hostile })) },
    plan,
    peers: [{ name: hostile }],
  });
  expect(page).not.toContain('<script');
  expect(page).toContain(escapeText(hostile));
});

it('axes have round steps up to the most', () => {
  expect(niceTicks(8432)).toEqual([0, 2000, 4000, 6000, 8000]);
  expect(niceTicks(28)).toEqual([0, 10, 20]);
  expect(niceTicks(0)).toEqual([0]);
});

it('peers that lack a model or a count leave it out', () => {
  const text = JSON.stringify({ engines: [{ name: 'a', models: {} }, { name: 'b', models: { m: {} } }, 3] });
  expect(readPeers(text, 'p', 'x/m.tflite', 'cortex-m4')).toEqual([{ name: 'b' }]);
});
