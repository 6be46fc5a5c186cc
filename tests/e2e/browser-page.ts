// A page in Debian's Chromium, with everything it complains of or loads.
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';

const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

/** Why there is no browser; undefined where there is one. */
export const noBrowser = browserPath === undefined ? 'needs chromium: apt-get install chromium' : undefined;

/** Opens a file, and gives what the work gives with what was complained of and loaded beside the file itself. */
export async function openPage<Result>(
  path: string,
  work: (page: Page) => Promise<Result>,
): Promise<{ readonly result: Result; readonly complaints: readonly string[]; readonly loaded: readonly string[] }> {
  const browser = await chromium.launch({
    ...(browserPath === undefined ? {} : { executablePath: browserPath }),
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1040, height: 900 } });
    const complaints: string[] = [];
    const loaded: string[] = [];
    const { href } = pathToFileURL(path);
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      if (request.url() !== href) loaded.push(request.url());
    });
    await page.goto(href);
    return { result: await work(page), complaints, loaded };
  } finally {
    await browser.close();
  }
}
