// `anymote run`: predictions, files, and inputs that do not fit.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readNpy, writeNpy } from '../npy.ts';
import { commandLine, gestureSample, gestures, temporaryFolder } from '../testing/command-line.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const wave = gestureSample('wave-1.npy');

describe('run', () => {
  it('prints the best classes by their labels', async () => {
    const { code, stdout, stderr } = await commandLine('run', gestures, '--input', wave, '--top', '2');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^probabilities {2}i8 \[1, 4\]\n {2}2 {2}wave +0\.\d+ +\(\d+\)\n {2}\d .*\n {2}… 2 more\n$/);
  });

  it('takes labels from a file', async () => {
    writeFileSync(folder.path('names.txt'), 'eight\nlift\nswing\nrest\n');
    const { stdout } = await commandLine('run', gestures, '-i', wave, '--labels', folder.path('names.txt'));
    expect(stdout).toContain('swing');
  });

  it('writes outputs as stored and as real numbers', async () => {
    const stored = folder.path('y.npy');
    expect((await commandLine('run', gestures, '-i', wave, '-o', stored)).stdout).toContain(`written: ${stored}`);
    const { type, shape, data } = readNpy(readFileSync(stored));
    expect([type, shape]).toEqual(['i1', [1, 4]]);
    await commandLine('run', gestures, '-i', wave, '--out', folder.path('all'), '--real');
    const real = readNpy(readFileSync(folder.path('all', 'output_0.npy')));
    expect(real.type).toBe('f4');
    expect(Array.from(real.data, Number)).toEqual(Array.from(data as Int8Array, (element) => (element + 128) / 256));
  });

  it('quantises real numbers', async () => {
    const { data } = readNpy(readFileSync(wave));
    const real = Float32Array.from(data as Int8Array, (element) => element * 0.015625);
    writeFileSync(folder.path('x.npy'), writeNpy({ type: 'f4', shape: [64, 3], data: real }));
    const quantised = await commandLine('run', gestures, '-i', folder.path('x.npy'));
    expect(quantised.stdout).toBe((await commandLine('run', gestures, '-i', wave)).stdout);
  });

  it('prints JSON', async () => {
    const { stdout } = await commandLine('run', gestures, '-i', `acceleration=${wave}`, '--json', '--real');
    const { inputs, outputs }: { inputs: unknown; outputs: { values: number[] }[] } = JSON.parse(stdout);
    expect(inputs).toMatchObject([{ name: 'acceleration', dtype: 'i8', shape: [1, 64, 3], source: 'wave-1.npy' }]);
    expect(outputs[0]?.values).toHaveLength(4);
    expect(Math.max(...(outputs[0]?.values ?? []))).toBeLessThanOrEqual(1);
  });

  it('makes up inputs on request', async () => {
    const zero = await commandLine('run', gestures, '--input', 'zero');
    expect(zero.code).toBe(0);
    expect(await commandLine('run', gestures, '--input', 'zero')).toEqual(zero);
    expect((await commandLine('run', gestures, '--input', 'random')).code).toBe(0);
  });
});

describe('run refuses', () => {
  const refused = async (...argv: readonly string[]): Promise<string> => {
    const out = folder.path('y.npy');
    const { code, stdout, stderr } = await commandLine('run', gestures, ...argv, '--output', out);
    expect([code, stdout]).toEqual([1, '']);
    expect(existsSync(out)).toBe(false);
    return stderr;
  };
  const fileOf = (...parameters: Parameters<typeof writeNpy>): string => {
    writeFileSync(folder.path('x.npy'), writeNpy(...parameters));
    return folder.path('x.npy');
  };

  it('to guess an input, and says what is needed', async () => {
    const message = await refused();
    expect(message).toContain(
      'the model takes one input:\n  --input x.npy   acceleration: i8 [1, 64, 3], or real numbers',
    );
    expect(await refused('-i', wave, '-i', wave)).toMatch(/^error: 2 of 1 inputs given; the model takes one input/);
  });

  it('an input of another shape or type', async () => {
    const shape = fileOf({ type: 'i1', shape: [3, 64], data: new Int8Array(192) });
    expect(await refused('-i', shape)).toMatch(
      /x\.npy, tensor acceleration: input: expected i8 \[1, 64, 3\].*found i1 \[3, 64\]/,
    );
    const type = fileOf({ type: 'u1', shape: [1, 64, 3], data: new Uint8Array(192) });
    expect(await refused('-i', type)).toContain('found u1 [1, 64, 3]');
  });

  it('files that are no arrays, or not there', async () => {
    writeFileSync(folder.path('x.npy'), 'text');
    expect(await refused('-i', folder.path('x.npy'))).toContain('x.npy: not a readable NumPy .npy file');
    expect(await refused('-i', 'gone.npy')).toBe('error: cannot read gone.npy: there is no such file\n');
    expect(await refused('-i', wave, '--labels', 'gone.txt')).toContain('cannot read gone.txt');
  });

  it('more files than outputs as wrong usage', async () => {
    const { code } = await commandLine('run', gestures, '-i', wave, '-o', folder.path('a'), '-o', folder.path('b'));
    expect(code).toBe(2);
    expect(folder.files()).toEqual([]);
  });
});
