// `anymote train`: tables become models that other commands read, with scores; what cannot be learnt is said.
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandLine, temporaryFolder } from '../testing/command-line.ts';

/** Rows of three features: the first two tell the state, the third nothing. */
function table(count: number): string {
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const lines = Array.from({ length: count }, () => {
    const [a, b, c] = [next(), next(), next()].map((value) => (10 * value).toFixed(3));
    const name = Number(a) > 5 ? (Number(b) > 5 ? 'run' : 'idle') : 'off';
    return `${a},${b},${c},${name},${(2 * Number(a) - Number(b)).toFixed(3)}`;
  });
  return ['speed,current,noise,state,load', ...lines].join('\n');
}

describe('train', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    folder = temporaryFolder();
    writeFileSync(folder.path('all.csv'), table(240));
    const columns = (keep: (i: number) => boolean): string =>
      table(240)
        .split('\n')
        .map((line) =>
          line
            .split(',')
            .filter((_, i) => keep(i))
            .join(),
        )
        .join('\n');
    writeFileSync(
      folder.path('states.csv'),
      columns((i) => i !== 4),
    );
    writeFileSync(
      folder.path('loads.csv'),
      columns((i) => i !== 3),
    );
    writeFileSync(
      folder.path('plain.csv'),
      columns((i) => i < 3),
    );
  });
  afterEach(() => folder.remove());

  it('learns classes by a forest, says how well, and draws it', async () => {
    const [model, plot] = [folder.path('model.json'), folder.path('model.svg')];
    const { code, stdout } = await commandLine(
      'train',
      'forest',
      folder.path('states.csv'),
      '--target',
      'state',
      '--out',
      model,
      '--plot',
      plot,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/240 rows, 3 features, 3 classes/);
    expect(Number(stdout.match(/held out +([\d.]+) %/)?.[1])).toBeGreaterThan(90);
    expect(readFileSync(plot, 'utf8')).toMatch(/^<svg[\s\S]*speed[\s\S]*idle/);
    const compiled = await commandLine(
      'compile',
      model,
      '--target',
      'cortex-m4',
      '--out',
      folder.path('c'),
      '--outputs',
      'predict',
    );
    expect(compiled.code).toBe(0);
  });

  it('learns numbers, and is the same again', async () => {
    const files = ['a.json', 'b.json'].map((name) => folder.path(name));
    for (const out of files) {
      const { code, stdout } = await commandLine(
        'train',
        'forest',
        folder.path('loads.csv'),
        '--target',
        'load',
        '--out',
        out,
        '--json',
      );
      expect(code).toBe(0);
      const report = JSON.parse(stdout) as { heldOut: { value: number }; crossValidation: number[] };
      expect(report.heldOut.value).toBeGreaterThan(0.9);
      expect(report.crossValidation).toHaveLength(5);
    }
    const [first, second] = files.map((path) => readFileSync(path, 'utf8'));
    expect(first).toBe(second);
  });

  it.each([
    ['logistic', 'states.csv', ['--target', 'state']],
    ['isolation-forest', 'plain.csv', ['--contamination', '0.05']],
    ['kmeans', 'plain.csv', ['--clusters', '3']],
  ])('%s gives a model that runs', async (kind, csv, more) => {
    const model = folder.path('model.json');
    expect(await commandLine('train', kind, folder.path(csv), ...more, '--out', model)).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(await commandLine('run', model, '--input', 'random')).toMatchObject({ code: 0 });
  });

  it('says what is wrong with a table', async () => {
    const bad = folder.path('bad.csv');
    writeFileSync(bad, 'a,b,c\n1,2,x\n1,oops,y\n');
    const out = folder.path('m.json');
    expect((await commandLine('train', 'forest', bad, '--target', 'c', '--out', out)).stderr).toMatch(
      /row 3, column b: a number is due, found "oops"/,
    );
    expect((await commandLine('train', 'forest', bad, '--target', 'd', '--out', out)).stderr).toMatch(
      /no column d; columns are a, b, c/,
    );
    expect((await commandLine('train', 'boosting', bad, '--out', out)).code).toBe(2);
    expect(
      (await commandLine('train', 'forest', folder.path('none.csv'), '--target', 'c', '--out', out)).stderr,
    ).toMatch(/no such file/);
  });
});
