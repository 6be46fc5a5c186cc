// Temporary directories and the life of child processes.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openWorkspace } from './workspace.ts';

it('keeps directories apart and removes them', async () => {
  const workspace = openWorkspace();
  const [one, two] = [await workspace.newDirectory('same'), await workspace.newDirectory('same')];
  expect(one).not.toBe(two);
  await writeFile(join(one, 'file'), 'text');
  workspace.close();
  expect(existsSync(workspace.directory)).toBe(false);
});

it('returns what a command said and how it ended', async () => {
  const workspace = openWorkspace();
  const run = (script: string, timeoutMs?: number) =>
    workspace.execute(process.execPath, ['-e', script], timeoutMs === undefined ? {} : { timeoutMs });
  expect(await run('console.log("out"); console.error("err"); process.exit(3)')).toEqual({
    code: 3,
    signal: null,
    stdout: 'out\n',
    stderr: 'err\n',
    timedOut: false,
  });
  expect(await run('setInterval(() => {}, 1000)', 200)).toMatchObject({ signal: 'SIGKILL', timedOut: true });
  await expect(workspace.execute('no-such-tool', [])).rejects.toThrow(
    'no-such-tool is not installed (apt-get install no-such-tool)',
  );
  workspace.close();
});

it('kills what still runs when it closes', async () => {
  const workspace = openWorkspace();
  const run = workspace.execute(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  setTimeout(() => workspace.close(), 200);
  expect((await run).signal).toBe('SIGKILL');
});
