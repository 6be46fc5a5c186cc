// The report page as a browser draws it, in Debian's Chromium: every block of the plan is visible and inside the figure, tables
// have their rows, nothing is loaded or complained of. UPDATE=1 renews the screenshot in docs/.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile, readModel } from '@anymote/compiler';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../packages/cli/src/testing/command-line.ts';
import { noBrowser, openPage } from './browser-page.ts';

const root = join(import.meta.dirname, '../..');
const model = join(root, 'tests/models/gestures/gestures.tflite');

interface Seen {
  readonly blocks: number;
  readonly outside: number;
  readonly flat: number;
  readonly rows: number;
  readonly arena: string;
  readonly scrolls: boolean;
}

describe('the report page (needs Chromium)', () => {
  it('is drawn as the plan says', async (context) => {
    context.skip(noBrowser !== undefined, noBrowser);
    const folder = mkdtempSync(join(tmpdir(), 'anymote-report-'));
    const path = join(folder, 'report.html');
    expect(await commandLine('report', model, '-t', 'cortex-m4', '-o', path)).toMatchObject({ code: 0 });
    const { plan, report } = compile(readModel(readFileSync(model)), { target: 'cortex-m4' });
    try {
      const {
        result: seen,
        complaints,
        loaded,
      } = await openPage(path, async (page) => {
        // A string, because the page's types are not those of the tests.
        const found = (await page.evaluate(`(() => {
        const figure = document.querySelector('#memory').getBoundingClientRect();
        const boxes = [...document.querySelectorAll('#memory .block')].map((block) => block.getBoundingClientRect());
        return {
          blocks: boxes.length,
          outside: boxes.filter((box) => box.left < figure.left || box.right > figure.right || box.top < figure.top || box.bottom > figure.bottom).length,
          flat: boxes.filter((box) => box.width < 1 || box.height <= 0).length,
          rows: document.querySelectorAll('#layers tr.layer').length,
          arena: document.querySelector('#arena').textContent,
          scrolls: document.documentElement.scrollWidth > document.documentElement.clientWidth,
        };
      })()`)) as Seen;
        if (process.env.UPDATE) await page.screenshot({ path: join(root, 'docs/report.png'), fullPage: true });
        return found;
      });
      expect(seen).toEqual({
        blocks: plan.blocks.length,
        outside: 0,
        flat: 0,
        rows: report.layers.length,
        arena: plan.arenaBytes.toLocaleString('en-US'),
        scrolls: false,
      });
      expect(loaded).toEqual([]);
      expect(complaints).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
