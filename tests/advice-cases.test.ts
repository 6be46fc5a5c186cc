// The worked cases of docs/advice-cases.md: what `anymote advise` says to the answers in docs/cases. To renew the page:
// UPDATE=1 npx vitest run tests/advice-cases.test.ts
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheIn, commandLine } from '../packages/cli/src/testing/command-line.ts';

const root = join(import.meta.dirname, '..');
const shared = process.env.ANYMOTE_SHARED ?? join(root, '../shared');
const pagePath = join(root, 'docs/advice-cases.md');

const cases = [
  { name: 'mine-pump', model: 'monitoring/mlperf-tiny/ad01_int8.tflite', recommended: 'device' },
  { name: 'door-lock', model: 'vision/mlperf-tiny/vww_96_int8.tflite', recommended: 'device' },
  { name: 'smart-speaker', model: 'assistant/mlperf-tiny/kws_ref_model.tflite', recommended: 'device' },
  { name: 'sorting-line', model: 'vision/mlperf-tiny/pretrainedResnet_quant.tflite', recommended: 'data centre' },
] as const;

const missing = cases.map(({ model }) => join(shared, 'models', model)).filter((path) => !existsSync(path));

const introduction = `# Four cases

What \`anymote advise MODEL --answers FILE\` says, with the answers of \`docs/cases/\` and the networks of MLPerf Tiny in the place of the application's own. Written by a test; [advice.md](advice.md) says how it is found.
`;

describe('worked cases', () => {
  it('give what the page says', async (context) => {
    context.skip(missing.length > 0, `not found: ${missing.join(', ')}`);
    const folder = mkdtempSync(join(tmpdir(), 'anymote-cases-'));
    const forget = cacheIn(folder);
    const sections: string[] = [];
    try {
      for (const { name, model, recommended } of cases) {
        const answers = join(root, 'docs/cases', `${name}.yaml`);
        const argv = ['advise', join(shared, 'models', model), '--answers', answers];
        const { code, stdout } = await commandLine(...argv);
        expect(code).toBe(0);
        expect(JSON.parse((await commandLine(...argv, '--json')).stdout)).toMatchObject({ recommended });
        const text = readFileSync(answers, 'utf8');
        const [, about = ''] = /^# (.*)\n/.exec(text) ?? [];
        const [, title = ''] = /^title: (.*)$/m.exec(text) ?? [];
        const given = text.replace(/^#.*\n/, '').replace(/^title:.*\n/m, '');
        sections.push(
          `## ${title}\n\n${about}\n\n\`\`\`yaml\n${given}\`\`\`\n\nWith \`${model.replace(/.*\//, '')}\`:\n\n\`\`\`\n${stdout.trimEnd()}\n\`\`\`\n`,
        );
      }
    } finally {
      forget();
      rmSync(folder, { recursive: true, force: true });
    }
    const page = [introduction, ...sections].join('\n');
    if (process.env.UPDATE === '1') writeFileSync(pagePath, page);
    expect(page).toBe(readFileSync(pagePath, 'utf8'));
    // Four models are compiled for every kind of core.
  }, 480_000);
});
