// The contract at the optimisation levels that firmware is built with: what a compiler makes of the generated C must not
// change a bit. And the same program past every compiler's warnings, and from C++.
import { afterAll, describe, expect, it } from 'vitest';
import { checkHeaderFromCpp, checkWarnings, type SourceCheck } from '../../packages/verify/src/check-source.ts';
import { createCRunner } from '../../packages/verify/src/executor.ts';
import { createHostRunner } from '../../packages/verify/src/host-runner.ts';
import { openWorkspace } from '../../packages/verify/src/workspace.ts';
import { cTargetOf, orSkipped, programOf, wrongLayers } from './compare-layers.ts';
import { contractOfAllCases } from './side-by-side.ts';

const workspace = openWorkspace();
afterAll(() => workspace.close());

const contract = contractOfAllCases();

const machines = [
  { target: cTargetOf('host'), runner: createHostRunner(workspace, { sanitize: false }) },
  { target: cTargetOf('cortex-m4'), runner: createCRunner(cTargetOf('cortex-m4'), workspace) },
];

for (const { target, runner } of machines) {
  if (runner === undefined) throw new Error(`no machine runs ${target.name}`);
  const available = await runner.available();
  describe.skipIf(!available.ok)(`${target.name} gives what the interpreter gives${orSkipped(available)}`, () => {
    it.each(['-O0', '-O3', '-Os'])('at %s', async (level) => {
      expect(await wrongLayers(contract, programOf(contract, target), runner, { optimise: [level] })).toEqual([]);
    });
  });
}

/** What compilers that are here complain of. */
const complaints = (checks: readonly SourceCheck[]): readonly SourceCheck[] =>
  checks.filter((check) => 'ok' in check && !check.ok);

describe('the source of every case', () => {
  const program = programOf(contract, cTargetOf('host'));

  // Warnings that need data flow come at higher levels, and there stop the runs above.
  it('makes no compiler warn', async () => {
    const checks = await checkWarnings(program, workspace, ['-O0']);
    expect(checks.length).toBeGreaterThan(0);
    expect(complaints(checks)).toEqual([]);
  });

  it('can be used from C++', async () => {
    expect(complaints(await checkHeaderFromCpp(program, workspace))).toEqual([]);
  });
});
