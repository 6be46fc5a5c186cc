// `anymote advise` as a user runs it.
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cacheIn, commandLine, gestures, temporaryFolder } from '../testing/command-line.ts';

const folder = temporaryFolder();
const answers = folder.path('project.yaml');
let forget = (): void => undefined;
beforeAll(() => {
  forget = cacheIn(folder.path('cache'));
  writeFileSync(answers, 'devices: 20\nmonths: 24\nrate: 1/s\nlatency: 500ms\nnetwork: mobile\n');
});
afterAll(() => {
  forget();
  folder.remove();
});

describe('anymote advise', () => {
  it('recommends a way with its reasons and what would change it', async () => {
    const { code, stdout } = await commandLine('advise', gestures, '--answers', answers);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^On the device \(/);
    expect(stdout).toMatch(/cost over 24 months +\$[\d,.]+ +\$[\d,.]+ +\$[\d,.]+/);
    expect(stdout).toMatch(/What would change the advice:[\s\S]*the model learns +yearly → continual/);
  });

  it('writes the same page twice, with all of it, and JSON', async () => {
    const page = async (): Promise<string> => {
      const path = folder.path('advice.html');
      expect(await commandLine('advise', gestures, '--answers', answers, '--out', path)).toMatchObject({ code: 0 });
      return readFileSync(path, 'utf8');
    };
    const first = await page();
    for (const id of ['advice', 'ways', 'costs', 'latency', 'chips', 'flips', 'cost-lines'])
      expect(first).toContain(`id="${id}"`);
    expect(await page()).toBe(first);
    const { stdout } = await commandLine('advise', gestures, '--answers', answers, '--json');
    const parsed: unknown = JSON.parse(stdout);
    expect(parsed).toMatchObject({
      recommended: 'device',
      ways: [{ name: 'device' }, { name: 'gateway' }, { name: 'data centre' }],
    });
  });

  it('takes prices that differ from the list, and prints the list', async () => {
    const prices = folder.path('prices.yaml');
    const { stdout: list } = await commandLine('advise', '--list-prices');
    writeFileSync(prices, list.replace(/usdPerMonth: 1\.5/, 'usdPerMonth: 150'));
    const cost = async (...more: readonly string[]): Promise<number> => {
      const { stdout } = await commandLine('advise', gestures, '--answers', answers, '--json', ...more);
      const { ways }: { ways: { costs: { totalUsd: number } }[] } = JSON.parse(stdout);
      return ways[2]?.costs.totalUsd ?? 0;
    };
    // One hub for the place, 24 months, 148.50 more.
    expect((await cost('--prices', prices)) - (await cost())).toBeCloseTo(24 * 148.5, 3);
    writeFileSync(prices, 'gpuServer:\n  usdPerHour: much\n');
    expect(await commandLine('advise', gestures, '--answers', answers, '--prices', prices)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/prices\.yaml: gpuServer\.usdPerHour: /),
    });
  });

  it('names what is wrong with answers, and needs somebody to ask', async () => {
    const wrong = folder.path('wrong.yaml');
    writeFileSync(wrong, 'devices: 20\nmonths: 24\nrate: 1/s\nlatency: 500\nnetwork: none\ncollectData: true\n');
    expect(await commandLine('advise', gestures, '--answers', wrong)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/wrong\.yaml: latency: '500' has no unit: a latency is written 20ms/),
    });
    writeFileSync(wrong, 'devices: 20\nmonths: 24\nrate: 1/s\nlatency: 500ms\nnetwork: none\ncollectData: true\n');
    expect((await commandLine('advise', gestures, '--answers', wrong)).stderr).toMatch(
      /network: none and collectData: true/,
    );
    expect(await commandLine('advise', gestures)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/nobody is here to be asked/),
    });
    expect(await commandLine('advise')).toMatchObject({ code: 2, stderr: expect.stringMatching(/missing the model/) });
  });
});
