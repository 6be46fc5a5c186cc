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

// Side by side, as almost all of the time goes to the C compilers.
const concurrently = { concurrent: true, timeout: 600_000 };

const machines = [
  { target: cTargetOf('host'), runner: createHostRunner(workspace, { sanitize: false }) },
  { target: cTargetOf('cortex-m4'), runner: createCRunner(cTargetOf('cortex-m4'), workspace) },
];

for (const { target, runner } of machines) {
  if (runner === undefined) throw new Error(`no machine runs ${target.name}`);
  const available = await runner.available();
  describe.skipIf(!available.ok)(`${target.name} gives what the interpreter gives${orSkipped(available)}`, () => {
    it.each(['-O0', '-O3', '-Os'])('at %s', concurrently, async (level) => {
      expect(await wrongLayers(contract, programOf(contract, target), runner, { optimise: [level] })).toEqual([]);
    });

    it('with code that is to be small', concurrently, async () => {
      const small = programOf(contract, target, 'size');
      expect(await wrongLayers(contract, small, runner, { optimise: ['-Os'] })).toEqual([]);
    });
  });
}

/** What compilers that are here complain of. */
const complaints = (checks: readonly SourceCheck[]): readonly SourceCheck[] =>
  checks.filter((check) => 'ok' in check && !check.ok);

const compilers = await createHostRunner(workspace, { sanitize: false }).available();

describe.skipIf(!compilers.ok)(`the source of every case${orSkipped(compilers)}`, () => {
  // Warnings that need data flow come at higher levels, and there stop the runs above.
  it.each(['balanced', 'size'] as const)('makes no compiler warn, %s', concurrently, async (optimize) => {
    const program = programOf(contract, cTargetOf('host'), optimize);
    expect(complaints(await checkWarnings(program, workspace, ['-O0']))).toEqual([]);
  });

  it('can be used from C++', concurrently, async () => {
    const program = programOf(contract, cTargetOf('host'));
    expect(complaints(await checkHeaderFromCpp(program, workspace))).toEqual([]);
  });
});
