// The compiler checks: clean programs pass everywhere, unclean ones nowhere.
import { afterAll, expect, it } from 'vitest';
import { checkHeaderFromCpp, checkWarnings, type SourceCheck } from './check-source.ts';
import { fixtureProgram } from './fixture-program.ts';
import { openWorkspace } from './workspace.ts';

const workspace = openWorkspace();
afterAll(() => workspace.close());

const done = (checks: readonly SourceCheck[]) => checks.filter((check) => 'ok' in check);

it('finds nothing to warn of in a clean program', async () => {
  const checks = await checkWarnings(fixtureProgram(), workspace);
  expect(checks).toHaveLength(9);
  expect(done(checks).filter((check) => !check.ok)).toEqual([]);
});

it('hands on warnings of every compiler', async () => {
  const checks = done(await checkWarnings(fixtureProgram({ work: '    self->arena[0] = self->memory;' }), workspace));
  for (const check of checks) expect(check).toMatchObject({ ok: false, output: expect.stringContaining('conversion') });
});

it('uses the header from C++', async () => {
  const program = fixtureProgram();
  expect(done(await checkHeaderFromCpp(program, workspace)).filter((check) => !check.ok)).toEqual([]);
  const header = program.files.get('tiny.h')!.replaceAll('extern "C" {', 'namespace broken {');
  const broken = { ...program, files: new Map([...program.files, ['tiny.h', header]]) };
  for (const check of done(await checkHeaderFromCpp(broken, workspace))) expect(check).toMatchObject({ ok: false });
});

it('skips compilers that are not there', async () => {
  const empty = openWorkspace({ path: '/nonexistent' });
  for (const check of await checkWarnings(fixtureProgram(), empty))
    expect(check).toMatchObject({ skipped: { code: 'missing-tool' } });
  empty.close();
});
