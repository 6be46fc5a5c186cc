// The contract every operator keeps on machines: as C for each target, run on this machine under the sanitizers and on
// the emulated boards, each case gives the bytes that the interpreter gives, floats too.
import { afterAll, expect, it } from 'vitest';
import { createCRunner } from '../../packages/verify/src/executor.ts';
import { openWorkspace } from '../../packages/verify/src/workspace.ts';
import { cTargets, optimiseFor, orSkipped, programOf, wrongLayers } from './compare-layers.ts';
import { contractOfAllCases } from './side-by-side.ts';

const workspace = openWorkspace();
afterAll(() => workspace.close());

const contract = contractOfAllCases();

// Side by side, as almost all of the time goes to the C compilers.
const concurrently = { concurrent: true, timeout: 600_000 };

for (const target of cTargets) {
  const runner = createCRunner(target, workspace);
  if (runner === undefined) throw new Error(`no machine runs ${target.name}`);
  const available = await runner.available();
  it.skipIf(!available.ok)(
    `${target.name} gives what the interpreter gives${orSkipped(available)}`,
    concurrently,
    async () => {
      expect(
        await wrongLayers(contract, programOf(contract, target), runner, { optimise: optimiseFor(target) }),
      ).toEqual([]);
    },
  );
}
