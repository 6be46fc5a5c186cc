// Mutated models, judged: the robustness that is promised for any file. `npm run fuzz` runs more of them, by the variables
// below, and prints the report that this test writes for it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { openWorkspace } from '../../packages/verify/src/workspace.ts';
import { limits, runCampaign } from './campaign.ts';
import { explainReport } from './explain-report.ts';
import { seedGroups } from './seed-models.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const shared = process.env.ANYMOTE_SHARED ?? join(root, '..', 'shared');
const number = (name: string, otherwise: number): number => Number(process.env[`ANYMOTE_FUZZ_${name}`] ?? otherwise);

const seed = number('SEED', 1);
const count = number('COUNT', 1000);
const only = process.env.ANYMOTE_FUZZ_CASE;
const folder = process.env.ANYMOTE_FUZZ_FOLDER;

const workspace = openWorkspace();
afterAll(() => workspace.close());

describe('mutated models', () => {
  test(`${count} mutants of seed ${seed} are refused with reasons or compile to what runs in bounds`, async () => {
    const report = await runCampaign(
      seedGroups(shared),
      {
        seed,
        count,
        cSample: number('C', 4),
        folder: join(root, 'build', 'fuzz'),
        ...(only !== undefined && { only: Number(only) }),
        // A mutant that never ends leaves its number here.
        ...(folder !== undefined && { onCase: (at: number) => writeFileSync(join(folder, 'case'), String(at)) }),
      },
      workspace,
    );
    const text = explainReport(report);
    if (folder !== undefined) writeFileSync(join(folder, 'report'), text);
    expect(report.failures, text).toEqual([]);
    expect(report.memoryGrowthBytes).toBeLessThan(limits.memoryBytes);
    if (only !== undefined || count < 500) return;
    // Both ways are taken often, or the mutants would test little.
    const total = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((a, b) => a + b, 0);
    expect(total(report.refused)).toBeGreaterThan(count / 5);
    expect(report.accepted.get('equal') ?? 0).toBeGreaterThan(count / 5);
  }, 7_200_000);
});
