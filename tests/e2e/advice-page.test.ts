// The page of advice as a browser draws it, in Debian's Chromium: plots have their lines and points inside the figure, nothing is
// loaded or complained of, nothing overflows. UPDATE=1 renews the screenshot in docs/.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../packages/cli/src/testing/command-line.ts';

const root = join(import.meta.dirname, '../..');
const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
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
    context.skip(browserPath === undefined, 'needs chromium: apt-get install chromium');
    const folder = mkdtempSync(join(tmpdir(), 'anymote-advice-'));
    const path = join(folder, 'advice.html');
    const cacheBefore = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = folder;
    const answers = join(root, 'docs/cases/smart-speaker.yaml');
    expect(await commandLine('advise', model, '--answers', answers, '--out', path)).toMatchObject({ code: 0 });
    if (cacheBefore === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = cacheBefore;
    const browser = await chromium.launch({
      ...(browserPath === undefined ? {} : { executablePath: browserPath }),
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'],
    });
    try {
      const page = await browser.newPage({ viewport: { width: 1040, height: 900 } });
      const complaints: string[] = [];
      const requests: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(pathToFileURL(path).href);
      // A string, because the page's types are not those of the tests.
      const seen = (await page.evaluate(`(() => {
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
      expect(seen).toMatchObject({ lines: [3, 3], outside: 0, scrolls: false });
      expect(seen.advice).toMatch(/^On the device/);
      expect(seen.dots).toBeGreaterThan(40);
      expect(requests).toEqual([pathToFileURL(path).href]);
      expect(complaints).toEqual([]);
      if (process.env.UPDATE) await page.screenshot({ path: join(root, 'docs/advice.png'), fullPage: true });
    } finally {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
