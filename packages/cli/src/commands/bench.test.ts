// `anymote bench` from the command line: reports, their JSON, and what can go wrong.
import { readFileSync } from 'node:fs';
import { tacticNames } from '@anymote/compiler';
import { createRunner, openWorkspace } from '@anymote/verify';
import { afterAll, describe, expect, it } from 'vitest';
import type { Build } from '../sweep/pareto.ts';
import { commandLine, gestures, temporaryFolder } from '../testing/command-line.ts';

const workspace = openWorkspace();
afterAll(() => workspace.close());
const available = await createRunner('cortex-m4', workspace).available();
const title = available.ok ? 'cortex-m4' : `cortex-m4 (needs ${available.missing})`;

describe.skipIf(!available.ok)(title, () => {
  it('reports as JSON', async () => {
    const { code, stdout, stderr } = await commandLine('bench', gestures, '-t', 'cortex-m4', '--json');
    expect([code, stderr]).toEqual([0, '']);
    const report: unknown = JSON.parse(stdout);
    const count = expect.any(Number);
    expect(report).toMatchObject({
      target: 'cortex-m4',
      optimize: 'balanced',
      instructions: count,
      arenaBytes: count,
      stackBytes: count,
      codeBytes: count,
      weightBytes: count,
      macs: 45_696,
      initInstructions: 1,
    });
    const { layers }: { layers: readonly unknown[] } = JSON.parse(stdout);
    expect(layers).toHaveLength(11);
    for (const layer of layers)
      expect(layer).toMatchObject({
        name: expect.any(String),
        op: expect.any(String),
        tactic: expect.any(String),
        instructions: count,
        macs: count,
      });
  });

  it('measures with as much memory as it is given', async () => {
    const { code, stdout } = await commandLine('bench', gestures, '--ram', '1000', '--json');
    expect(code).toBe(0);
    const report: { arenaBytes: number; layers: readonly unknown[]; instructions: number } = JSON.parse(stdout);
    expect(report.arenaBytes).toBeLessThanOrEqual(1000);
    expect(report.layers.length).toBeGreaterThan(11);
    expect(report.instructions).toBeGreaterThan(10_000);
  });

  it('sweeps over goals and amounts of memory, and draws them', async () => {
    const folder = temporaryFolder();
    try {
      const out = folder.path('pareto.svg');
      const { code, stdout } = await commandLine('bench', gestures, '--sweep', '--json', '--out', out);
      expect(code).toBe(0);
      const { builds }: { builds: readonly Build[] } = JSON.parse(stdout);
      expect(new Set(builds.map(({ optimize }) => optimize))).toEqual(new Set(['speed', 'balanced', 'size']));
      expect(builds.some(({ ramBytes }) => ramBytes !== undefined)).toBe(true);
      for (const { ramBytes, arenaBytes } of builds) expect(arenaBytes).toBeLessThanOrEqual(ramBytes ?? arenaBytes);
      expect(builds.some(({ front }) => front)).toBe(true);
      expect(readFileSync(out, 'utf8').match(/<title>/g)).toHaveLength(builds.length);
    } finally {
      folder.remove();
    }
  });

  it('shows where it goes', async () => {
    const fast = tacticNames.filter((name) => name !== 'plain').join(', ');
    const { code, stdout } = await commandLine('bench', gestures, '--without', fast, '--cflags=-O1');
    expect(code).toBe(0);
    expect(stdout).toContain(`on cortex-m4, balanced, without ${fast}, input lcg\n`);
    expect(stdout).toMatch(/ -O1\n/);
    expect(stdout).toMatch(/^ {2}instructions +[\d,]+ {2}\d+\.\d\d for each multiply-accumulate$/m);
    expect(stdout).toMatch(/^ {2}code bytes +[\d,]+ {2}all flash but weights and biases$/m);
    expect(stdout).toMatch(/^ +1 {2}conv2d +plain +7,680 +[\d,]+ +\d+\.\d\d .* % {2}█+/m);
    expect(stdout).toMatch(/^ +rest +-?\d+$/m);
  });
});

describe('bench', () => {
  it('times WebAssembly', async () => {
    const { code, stdout } = await commandLine('bench', gestures, '-t', 'wasm');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}microseconds +\d+\.\d/m);
    expect(stdout).toContain('instructions cannot be counted in WebAssembly');
  });

  it('says what is missing', async () => {
    const path = process.env.PATH;
    process.env.PATH = '/nonexistent';
    try {
      const { code, stdout, stderr } = await commandLine('bench', gestures, '-t', 'cortex-m4');
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/on cortex-m4: arm-none-eabi-gcc is not installed \(apt-get install .*\)\n$/);
    } finally {
      process.env.PATH = path;
    }
  });

  it('sweeps only where instructions are counted', async () => {
    const { code, stderr } = await commandLine('bench', gestures, '-t', 'wasm', '--sweep');
    expect(code).toBe(2);
    expect(stderr).toContain('--sweep counts instructions, which wasm does not');
  });

  it('refuses loops that do not exist, and models that are not there', async () => {
    const unknown = await commandLine('bench', gestures, '--without', 'plan');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('--without plan: there is no such pass or loop; did you mean ');
    expect(unknown.stderr).toContain('? (fold-constants, ');
    const absent = await commandLine('bench', 'nowhere.tflite');
    expect([absent.code, absent.stderr]).toEqual([1, 'error: cannot read nowhere.tflite: there is no such file\n']);
  });
});
