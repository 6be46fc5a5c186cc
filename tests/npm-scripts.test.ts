// `npm start` and `npm test` on made-up machines: what they run, what they end with, and the closing line.
import { realpathSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Machine, makeMachine, noOtherUser } from './made-up-machine.ts';

let machine: Machine;

beforeEach(({ skip }) => {
  if (noOtherUser !== null) skip(noOtherUser);
  machine = makeMachine();
});

afterEach(() => machine?.remove());

test('npm start runs the main job where the user is, and ends with its exit code', () => {
  machine.write(
    'packages/cli/bin/anymote.js',
    'console.log(JSON.stringify([process.cwd(), ...process.argv.slice(2)])); process.exit(7);',
  );
  const { status, stdout } = machine.run('start.mjs', ['model.tflite', '--target', 'wasm']);
  expect(status).toBe(7);
  expect(JSON.parse(stdout)).toEqual([realpathSync(machine.folder), 'demo', 'model.tflite', '--target', 'wasm']);
});

describe('npm test', () => {
  /** Stand-ins for the tools of the steps; the unit tests write `summary` and end with `code`. */
  function addTools(summary: unknown, code: number): void {
    machine.write('node_modules/@biomejs/biome/bin/biome', '');
    machine.write('node_modules/typescript/index.js', 'module.exports = {};');
    const text = JSON.stringify(JSON.stringify(summary));
    machine.write(
      'node_modules/vitest/vitest.mjs',
      `import { writeFileSync } from 'node:fs';
if (${summary !== null}) writeFileSync(process.env.ANYMOTE_TEST_SUMMARY, ${text});
console.log('arguments', ...process.argv.slice(-1));
process.exit(${code});`,
    );
  }
  const lastLine = (stdout: string) => stdout.trimEnd().split('\n').at(-1);

  test('closes with the numbers, after the reasons of what was skipped', () => {
    const skipped = [
      { file: 'tests/a.test.ts', name: 'one', reason: 'needs ../shared' },
      { file: 'tests/b.test.ts', name: 'two (needs qemu-system-arm)', reason: null },
      { file: 'tests/a.test.ts', name: 'three', reason: 'needs ../shared' },
    ];
    addTools({ passed: 12, failed: 0, skipped }, 0);
    const { status, stdout } = machine.run('test.mjs', ['packages/compiler']);
    expect(status).toBe(0);
    expect(stdout).toContain('arguments packages/compiler');
    expect(stdout).toMatch(/\b2 {2}needs \.\.\/shared \(tests\/a\.test\.ts\)\n +1 {2}needs qemu-system-arm/);
    expect(lastLine(stdout)).toBe('12 passed, 0 failed, 3 skipped');
  });

  test('fails with failing tests, and where the run itself broke', () => {
    addTools({ passed: 3, failed: 2, skipped: [] }, 1);
    const failing = machine.run('test.mjs', []);
    expect([failing.status, lastLine(failing.stdout)]).toEqual([1, '3 passed, 2 failed']);
    addTools(null, 1);
    const broken = machine.run('test.mjs', []);
    expect([broken.status, lastLine(broken.stdout)]).toEqual([1, '0 passed, 1 failed']);
    addTools({ passed: 3, failed: 0, skipped: [] }, 1);
    const odd = machine.run('test.mjs', []);
    expect([odd.status, lastLine(odd.stdout)]).toEqual([1, '3 passed, 1 failed']);
  });

  test('stops at the first step that fails', () => {
    addTools({ passed: 3, failed: 0, skipped: [] }, 0);
    machine.write('node_modules/@biomejs/biome/bin/biome', 'console.log("a lint error"); process.exit(1);');
    const { status, stdout } = machine.run('test.mjs', []);
    expect(stdout).toContain('a lint error');
    expect(stdout).not.toContain('== types');
    expect([status, lastLine(stdout)]).toEqual([1, '0 passed, 1 failed']);
  });
});
