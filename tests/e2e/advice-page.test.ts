// The page of advice as a browser draws it, in Debian's Chromium: plots have their lines and points inside the figure, nothing is
// loaded or complained of, nothing overflows. UPDATE=1 renews the screenshot in docs/.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheIn, commandLine } from '../../packages/cli/src/testing/command-line.ts';
import { noBrowser, openPage } from './browser-page.ts';

const root = join(import.meta.dirname, '../..');
const model = join(root, 'tests/models/gestures/gestures.tflite');

interface Seen {
  readonly advice: string;
  readonly lines: readonly number[];
  readonly dots: number;
  readonly outside: number;
  readonly scrolls: boolean;
}

describe('the page of advice (needs Chromium)', () => {
  it('is drawn, and loads nothing', async (context) => {
    context.skip(noBrowser !== undefined, noBrowser);
    const folder = mkdtempSync(join(tmpdir(), 'anymote-advice-'));
    const path = join(folder, 'advice.html');
    const forget = cacheIn(folder);
    const answers = join(root, 'docs/cases/smart-speaker.yaml');
    expect(await commandLine('advise', model, '--answers', answers, '--out', path)).toMatchObject({ code: 0 });
    forget();
    try {
      const {
        result: seen,
        complaints,
        loaded,
      } = await openPage(path, async (page) => {
        // A string, because the page's types are not those of the tests.
        const found = (await page.evaluate(`(() => {
        const box = (element) => element.getBoundingClientRect();
        const plots = ['costs', 'latency', 'chips'].map((id) => document.getElementById(id));
        const outside = plots.flatMap((plot) => [...plot.querySelectorAll('.line, .dot, text')].filter((mark) => {
          const [inner, outer] = [box(mark), box(plot)];
          return inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1;
        }));
        return {
          advice: document.querySelector('#advice b').textContent,
          lines: plots.slice(0, 2).map((plot) => plot.querySelectorAll('.line').length),
          dots: document.querySelectorAll('#chips .dot').length,
          outside: outside.length,
          scrolls: document.documentElement.scrollWidth > document.documentElement.clientWidth,
        };
      })()`)) as Seen;
        if (process.env.UPDATE) await page.screenshot({ path: join(root, 'docs/advice.png'), fullPage: true });
        return found;
      });
      expect(seen).toMatchObject({ lines: [3, 3], outside: 0, scrolls: false });
      expect(seen.advice).toMatch(/^On the device/);
      expect(seen.dots).toBeGreaterThan(40);
      expect(loaded).toEqual([]);
      expect(complaints).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
