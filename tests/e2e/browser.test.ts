// The package as a browser sees it: the built modules served as they are, a model read, compiled and run on a page of Debian's
// Chromium, its result that of the definition.
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { evaluateGraph, readModel } from '@anymote/compiler';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const browserPath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const built = join(root, 'packages/compiler/dist/index.js');
const modelFile = 'tests/models/gestures/gestures.tflite';

const types: Readonly<Record<string, string>> = { js: 'text/javascript', html: 'text/html' };

function serve(): Promise<Server> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    if (path === '/') {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>anymote</title>');
      return;
    }
    const file = join(root, path);
    if (!existsSync(file)) {
      response.statusCode = 404;
      response.end();
      return;
    }
    response.setHeader('content-type', types[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream');
    response.end(readFileSync(file));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

describe('a browser (needs Chromium)', () => {
  let server: Server;
  beforeAll(async () => {
    server = await serve();
  });
  afterAll(() => {
    server.close();
  });

  it('reads, compiles and runs a model', async (context) => {
    context.skip(browserPath === undefined, 'needs chromium: apt-get install chromium');
    context.skip(!existsSync(built), 'needs the built packages: npm run build');
    const graph = readModel(readFileSync(join(root, modelFile)));
    const input = Int8Array.from({ length: 192 }, (_, i) => ((i * 37) % 256) - 128);
    const expected = evaluateGraph(graph, [input]).get(graph.outputs[0] ?? -1);

    const browser = await chromium.launch({
      ...(browserPath === undefined ? {} : { executablePath: browserPath }),
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'],
    });
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      // A string, because the page's types are not those of the tests.
      const output = await page.evaluate(`(async () => {
        const { load, compile, readModel } = await import('/packages/compiler/dist/index.js');
        const bytes = new Uint8Array(await (await fetch('/${modelFile}')).arrayBuffer());
        const graph = readModel(bytes);
        const model = await load(graph);
        const [y] = model.run(Int8Array.from(${JSON.stringify(Array.from(input))}));
        return { y: Array.from(y), files: [...compile(graph, { target: 'cortex-m4', prefix: 'gestures' }).files.keys()] };
      })()`);
      expect(output).toEqual({
        y: Array.from(expected as Int8Array),
        files: ['gestures.h', 'gestures.c', 'main.c', 'Makefile'],
      });
    } finally {
      await browser.close();
    }
  });
});
