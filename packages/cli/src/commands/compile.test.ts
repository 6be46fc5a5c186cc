// `anymote compile`: what is written, what is printed, and that bad input leaves nothing behind.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandLine, gestures, temporaryFolder } from '../testing/command-line.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const cFiles = ['Makefile', 'gestures.c', 'gestures.h', 'main.c'];

describe('compile', () => {
  it('writes C', async () => {
    const { code, stdout, stderr } = await commandLine(
      'compile',
      gestures,
      '-t',
      'cortex-m4',
      '-o',
      folder.path('out'),
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(folder.files()).toEqual(cFiles.map((name) => `out/${name}`));
    expect(readFileSync(folder.path('out/gestures.h'), 'utf8')).toContain('#define GESTURES_ARENA_BYTES');
    for (const name of cFiles) expect(stdout).toContain(folder.path('out', name));
    expect(stdout).toMatch(
      /arena [\d,]+ bytes \(the least possible for these tensors\), weights and other constants [\d,]+ bytes, 45,696 multiply-accumulates\n/,
    );
  });

  it('writes WebAssembly that runs', async () => {
    const { stdout } = await commandLine('compile', gestures, '-t', 'wasm', '-o', folder.path(), '--prefix', 'moves');
    expect(folder.files()).toEqual(['moves.wasm']);
    expect(WebAssembly.validate(readFileSync(folder.path('moves.wasm')))).toBe(true);
    expect(stdout).toContain('WebAssembly.instantiate');
  });

  it('writes a folder for each of several targets, and reports as JSON', async () => {
    const { stdout } = await commandLine('compile', gestures, '-t', 'wasm,host', '-o', folder.path(), '--json');
    expect(folder.files()).toEqual([...cFiles.map((name) => `host/${name}`), 'wasm/gestures.wasm']);
    const report: unknown = JSON.parse(stdout);
    expect(report).toMatchObject({
      targets: [{ target: 'wasm', prefix: 'gestures', macs: 42368, modelMacs: 45696 }, { target: 'host' }],
    });
  });

  it('keeps an example that was changed, unless forced', async () => {
    const compile = ['compile', gestures, '-t', 'host', '-o', folder.path()];
    await commandLine(...compile);
    appendFileSync(folder.path('main.c'), '/* mine */\n');
    expect((await commandLine(...compile)).stdout).toContain(`kept as they were: ${folder.path('main.c')}`);
    expect(readFileSync(folder.path('main.c'), 'utf8')).toContain('mine');
    expect((await commandLine(...compile, '--force')).stdout).not.toContain('kept');
    expect(readFileSync(folder.path('main.c'), 'utf8')).not.toContain('mine');
  });

  it('gives the same bytes every time', async () => {
    const texts: string[] = [];
    for (const name of ['a', 'b']) {
      await commandLine('compile', gestures, '-t', 'cortex-m0plus', '-o', folder.path(name));
      texts.push(readFileSync(folder.path(name, 'gestures.c'), 'utf8'));
    }
    expect(texts[0]).toBe(texts[1]);
  });

  it('leaves out what is named, and says what can be named', async () => {
    const compile = ['compile', gestures, '-t', 'host', '-o', folder.path()];
    expect((await commandLine(...compile)).stdout).toContain(', 42,368 multiply-accumulates of the model’s 45,696\n');
    const { stdout } = await commandLine(...compile, '--without', 'eliminate-channels,fold-padding');
    expect(stdout).toContain(', 45,696 multiply-accumulates\n');
    const { code, stderr } = await commandLine(...compile, '--without', 'eliminate-channel');
    expect(code).toBe(2);
    expect(stderr).toContain('there is no such pass or loop; did you mean eliminate-channels? (fold-constants, ');
  });
});

describe('compile refuses', () => {
  const refused = async (model: string, ...flags: readonly string[]): Promise<string> => {
    const argv = ['compile', model, '-t', 'cortex-m4', '-o', folder.path('out'), ...flags];
    const { code, stdout, stderr } = await commandLine(...argv);
    expect([code, stdout]).toEqual([1, '']);
    expect(existsSync(folder.path('out'))).toBe(false);
    expect(stderr).not.toMatch(/\n\s+at /);
    return stderr;
  };
  const fileOf = (content: string | Uint8Array): string => {
    writeFileSync(folder.path('model.tflite'), content);
    return folder.path('model.tflite');
  };

  it('a file that is not there, and a folder', async () => {
    expect(await refused('nowhere.tflite')).toBe('error: cannot read nowhere.tflite: there is no such file\n');
    mkdirSync(folder.path('model'));
    expect(await refused(folder.path('model'))).toContain('it is a folder');
  });

  it('what is not a model', async () => {
    const file = fileOf('hello');
    expect(await refused(file)).toMatch(/^error: .*model\.tflite: not a readable model file: .*\n$/);
    expect(await refused(fileOf(''))).toContain('it is empty');
    expect(await refused(fileOf('PK\x03\x04'))).toContain('it seems to be a zip archive');
  });

  it('a truncated model, with a line for each problem', async () => {
    const whole = readFileSync(gestures);
    const message = await refused(fileOf(whole.subarray(0, whole.length / 2)));
    for (const line of message.trimEnd().split('\n')) expect(line).toMatch(/^error: .*model\.tflite/);
  });

  it('a model that is too large, saying need and have', async () => {
    const message = await refused(gestures, '--ram', '512', '--flash', '2K');
    expect(message).toMatch(/gestures\.tflite: needs \d+ bytes of flash, cortex-m4 has 2048/);
    expect(message).toMatch(/gestures\.tflite: needs \d+ bytes of ram, cortex-m4 has 512/);
  });

  it('pieces of memory that are not named, or have no size', async () => {
    const wrong = (memory: string) =>
      commandLine('compile', gestures, '-t', 'cortex-m7', '-o', folder.path('o'), '--memory', memory);
    for (const given of ['64K', 'dtcm=64K,', 'dtcm=64K=2', '=64K']) {
      const { code, stderr } = await wrong(given);
      expect([code, stderr]).toEqual([2, expect.stringContaining('expected NAME=SIZE, separated by commas')]);
    }
    expect((await wrong('dtcm=lots')).stderr).toContain("'lots' is no amount of memory");
    expect(await wrong('9=64K')).toMatchObject({ code: 1, stderr: expect.stringContaining('name of a memory') });
  });

  it('a prefix that is none', async () => {
    expect(await refused(gestures, '--prefix', '9 lives')).toContain('prefix: expected a lower-case C identifier');
  });

  it('a place that cannot be written', async () => {
    writeFileSync(folder.path('file'), 'in the way');
    const out = folder.path('file', 'out');
    const { code, stderr } = await commandLine('compile', gestures, '-t', 'wasm', '-o', out);
    expect([code, stderr]).toEqual([1, `error: cannot write ${out}: a part of the path is a file\n`]);
    expect(folder.files()).toEqual(['file']);
  });
});
