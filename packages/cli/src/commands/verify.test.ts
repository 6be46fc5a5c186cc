// `anymote verify` and `anymote demo` where no tools are needed, and where they are missing.
import { mkdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandLine, gestures, temporaryFolder } from '../testing/command-line.ts';

const path = process.env.PATH;
const cwd = process.cwd();
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
  process.chdir(folder.path());
});
afterEach(() => {
  process.env.PATH = path;
  process.chdir(cwd);
  folder.remove();
});

describe('verify', () => {
  it('finds WebAssembly right', async () => {
    const { code, stdout, stderr } = await commandLine('verify', gestures, '-t', 'wasm,wasm-scalar', '-n', '1');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('2 inputs (zero, lcg), 11 layers');
    expect(stdout).toMatch(/^✓ {2}wasm /m);
    expect(stdout).toMatch(/^✓ {2}wasm-scalar /m);
  });

  it('leaves out what is not installed, and says how to get it', async () => {
    process.env.PATH = '/nonexistent';
    const { code, stdout } = await commandLine('verify', gestures, '-t', 'cortex-m4,host,wasm');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^– {2}cortex-m4 /m);
    expect(stdout).toContain('host: gcc is not installed (apt-get install gcc libc6-dev)');
    expect(stdout).toMatch(
      /to verify on the targets left out:\n {2}apt-get install .*gcc-arm-none-eabi.* gcc libc6-dev\n/,
    );
  });

  it('reports as JSON', async () => {
    const { stdout } = await commandLine('verify', gestures, '-t', 'wasm', '--json');
    const report: unknown = JSON.parse(stdout);
    expect(report).toMatchObject({ ok: true, targets: [{ target: 'wasm', outcome: { status: 'ok' } }] });
  });
});

describe('demo', () => {
  it('tells the whole story without any tool', async () => {
    process.env.PATH = '/nonexistent';
    const { code, stdout, stderr } = await commandLine('demo');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('45,696 multiply-accumulates');
    expect(stdout).toMatch(/12 samples, .* 12 of 12 right/);
    expect(stdout).toMatch(/^ {2}wave-1\.npy +wave +0\.\d+ +✓$/m);
    expect(stdout).toContain('The same bits in every layer on 2 of 10 targets');
    expect(stdout).toContain('to verify on the others as well:\n    apt-get install ');
    expect(stdout).toContain('make -C build/gestures run');
    expect(folder.files()).toEqual(
      ['Makefile', 'gestures.c', 'gestures.h', 'main.c'].map((name) => `build/gestures/${name}`),
    );
  });

  it('takes a model and targets', async () => {
    const { code, stdout } = await commandLine('demo', gestures, '--target', 'wasm');
    expect(code).toBe(0);
    expect(stdout).toContain('on 1 of 1 targets');
  });

  it('says what is wrong with a model', async () => {
    mkdirSync(folder.path('model.tflite'));
    const { code, stderr } = await commandLine('demo', 'model.tflite');
    expect([code, stderr]).toEqual([1, 'error: cannot read model.tflite: it is a folder\n']);
  });
});
