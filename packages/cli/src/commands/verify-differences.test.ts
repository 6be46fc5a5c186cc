// What `anymote verify` says and returns when targets differ; the report is made up, as nothing here is broken.
import type { Difference, VerifyReport } from '@anymote/verify';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { commandLine, gestures, temporaryFolder } from '../testing/command-line.ts';

const difference: Difference = {
  sample: 'lcg',
  layer: 3,
  op: 'conv2d',
  node: '3 (CONV_2D)',
  tensor: 'shape_mix',
  output: 0,
  element: 5,
  position: [0, 0, 0, 5],
  expected: 12,
  got: -7n,
};

const made: VerifyReport = {
  model: 'gestures',
  samples: ['zero', 'lcg'],
  reference: { status: 'different', difference: { ...difference, layer: 1 } },
  targets: [
    { target: 'cortex-m4', outcome: { status: 'different', difference }, instructions: [1000, 2000], stackBytes: 64 },
    { target: 'host', outcome: { status: 'failed', message: 'host: the program ended abnormally:\nline two' } },
    { target: 'wasm', outcome: { status: 'ok' } },
  ],
  ok: false,
};

vi.mock('@anymote/verify', async (original) => ({ ...(await original<object>()), verifyModel: async () => made }));

const folder = temporaryFolder();
const cwd = process.cwd();
beforeAll(() => process.chdir(folder.path()));
afterAll(() => {
  process.chdir(cwd);
  folder.remove();
});

const line = 'layer 3 conv2d, node 3 (CONV_2D): element 5 [0, 0, 0, 5] is -7, expected 12 (sample lcg)';

it('names differences and failures, and ends with 1', async () => {
  const { code, stdout, stderr } = await commandLine('verify', gestures, '-t', 'cortex-m4,host,wasm', '-n', '1');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^✗ {2}cortex-m4 +2,000 +64$/m);
  expect(stdout).toContain(`\ncortex-m4: ${line}\n`);
  expect(stdout).toContain('\nhost: host: the program ended abnormally:\n  line two\n');
  expect(stdout).toContain('the interpreter leaves the definition: layer 1 conv2d');
  expect(stderr).toBe(`error: ${gestures}: not the same everywhere\n`);
});

it('writes them as JSON, 64-bit numbers as text', async () => {
  const { code, stdout } = await commandLine('verify', gestures, '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    targets: [{ outcome: { difference: { got: '-7', expected: 12 } } }, {}, {}],
  });
});

it('names them in the demo', async () => {
  const { code, stdout } = await commandLine('demo', gestures);
  expect(code).toBe(1);
  expect(stdout).toContain(`  cortex-m4: ${line}`);
  expect(stdout).toContain('on 1 of 10 targets');
});
