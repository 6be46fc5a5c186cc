// Recorded instruction counts, so that a slower kernel shows in review: the small models on every core here. The larger ones
// are measured by `npm run bench`, and compared by `npm run bench -- --check`. To accept what is counted now:
// UPDATE=1 npx vitest run tests/golden-instructions.test.ts
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Graph, readModel } from '@anymote/compiler';
import {
  type BoardName,
  benchModel,
  benchmarkTargets,
  createRunner,
  describeChanges,
  formatRecordedCosts,
  openWorkspace,
  type RecordedCosts,
  recordedCostOf,
  renderBenchmarkPage,
  withReport,
} from '@anymote/verify';
import { afterAll, describe, expect, it } from 'vitest';

const repository = join(import.meta.dirname, '..');
const costsPath = join(import.meta.dirname, 'golden/instructions.json');
const pagePath = join(repository, 'docs/benchmarks.md');
const update = process.env.UPDATE === '1';
const shared = process.env.ANYMOTE_SHARED ?? join(repository, '../shared');

const recorded: RecordedCosts = JSON.parse(readFileSync(costsPath, 'utf8'));
let measured = recorded;

const paths = {
  gestures: join(import.meta.dirname, 'models/gestures/gestures.tflite'),
  hello_world_int8: join(shared, 'models/tflm/hello_world_int8.tflite'),
};

const workspace = openWorkspace();
afterAll(() => {
  workspace.close();
  if (update) writeFileSync(costsPath, formatRecordedCosts(measured));
});

/** Why a target's counts cannot be compared here: a tool that is missing, or another compiler. */
async function reasonAgainst(target: string): Promise<string | undefined> {
  const available = await createRunner(target as BoardName, workspace).available();
  if (!available.ok) return `needs ${available.missing}`;
  const compiler = recorded.targets[target]?.compiler ?? '';
  return update || available.version.startsWith(compiler) ? undefined : `needs ${compiler}`;
}

const reasons = new Map<string, string | undefined>();
for (const target of benchmarkTargets) reasons.set(target, await reasonAgainst(target));

describe.each(Object.entries(paths))('%s', (name, path) => {
  const present = existsSync(path);
  const graph = (): Graph => readModel(Uint8Array.from(readFileSync(path)), { file: path });
  for (const target of benchmarkTargets) {
    const reason = present ? reasons.get(target) : 'needs shared/models';
    it.skipIf(reason !== undefined)(`costs on ${target} what is recorded${reason ? ` (${reason})` : ''}`, async () => {
      const report = await benchModel(graph(), workspace, { target });
      measured = withReport(measured, graph(), name, report);
      const after = update ? measured : recorded;
      expect(describeChanges(after.models[name]?.costs[target], recordedCostOf(report))).toEqual([]);
      expect(report.initInstructions).toBeLessThanOrEqual(100);
    });
  }
});

it('is what the page of benchmarks shows', () => {
  const peers = JSON.parse(readFileSync(join(repository, 'docs/peers.json'), 'utf8'));
  const page = renderBenchmarkPage({ costs: measured, peers });
  if (update) writeFileSync(pagePath, page);
  expect(readFileSync(pagePath, 'utf8')).toBe(page);
});
