// The import check on small made-up repositories: each rule broken once must be named with file and line.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../scripts/check-imports.mjs', import.meta.url));
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'anymote-imports-'));
  for (const [folder, name] of [
    ['compiler', '@anymote/compiler'],
    ['verify', '@anymote/verify'],
    ['apps', '@anymote/apps'],
    ['cli', 'anymote'],
  ]) {
    write(`packages/${folder}/package.json`, JSON.stringify({ name }));
    write(`packages/${folder}/src/index.ts`, 'export {};\n');
  }
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** The check's exit code and its lines without the closing one. */
function check(): { code: number | null; lines: string[] } {
  const { status, stdout } = spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
  return { code: status, lines: stdout.trimEnd().split('\n').slice(0, -1) };
}

test('a repository that keeps the rules passes', () => {
  write('packages/compiler/src/tensor/shape.ts', 'export type Shape = readonly number[];\n');
  write('packages/compiler/src/errors.ts', 'export const issue = 1;\n');
  write(
    'packages/compiler/src/graph/types.ts',
    "import type { Shape } from '../tensor/shape.ts';\nexport type T = Shape;\n",
  );
  write('packages/compiler/src/graph/print.ts', "import type { T } from './types.ts';\nexport type P = T;\n");
  write(
    'packages/compiler/src/plan/plan-memory.ts',
    "import { issue } from '../errors.ts';\nexport const p = issue;\n",
  );
  write('packages/compiler/src/compile.ts', "export { p } from './plan/plan-memory.ts';\n");
  write('packages/compiler/src/index.ts', "export { p } from './compile.ts';\n");
  write('packages/compiler/src/tensor/shape.test.ts', "import 'node:fs';\nimport '../compile.ts';\nimport 'vitest';\n");
  write('packages/compiler/src/ops/testing/contract.ts', "import 'vitest';\nimport '../../plan/plan-memory.ts';\n");
  write('packages/verify/src/index.ts', "import 'node:fs';\nimport '@anymote/compiler';\nimport 'rp2040js';\n");
  write('packages/cli/src/index.ts', "import '@anymote/compiler';\nimport '@anymote/verify';\nimport 'commander';\n");
  // A text that only looks like an import.
  write(
    'packages/compiler/src/tensor/text.ts',
    "// import '../compile.ts'\nexport const text = \"import 'node:fs'\";\n",
  );
  expect(check()).toEqual({ code: 0, lines: [] });
});

test('inside the compiler: higher ranks, equal ranks, unknown folders, testing code', () => {
  write('packages/compiler/src/plan/plan.ts', 'export type Plan = 1;\n');
  write(
    'packages/compiler/src/formats/read.ts',
    "\nimport type { Plan } from '../plan/plan.ts';\nexport type P = Plan;\n",
  );
  write('packages/compiler/src/kernel/types.ts', "export type K = import('../render/c.ts').C;\n");
  write('packages/compiler/src/render/c.ts', 'export type C = 1;\n');
  write('packages/compiler/src/ops/testing/contract.ts', 'export const contract = 1;\n');
  write('packages/compiler/src/ops/clip.ts', "export * from './testing/contract.ts';\n");
  write('packages/compiler/src/extras/x.ts', "import '../errors.ts';\n");
  write('packages/compiler/src/errors.ts', "const load = () => import('./index.ts');\nexport { load };\n");
  const { code, lines } = check();
  expect(code).toBe(1);
  expect(lines).toEqual([
    'packages/compiler/src/errors.ts:1: errors (rank 0) may not import the top level, of rank 4: only lower ranks and its own folder',
    'packages/compiler/src/extras/x.ts:1: extras/ has no rank: give it one in scripts/check-imports.mjs',
    'packages/compiler/src/formats/read.ts:2: formats (rank 3) may not import plan, of the same rank: only lower ranks and its own folder',
    'packages/compiler/src/kernel/types.ts:1: kernel (rank 1) may not import render, of rank 2: only lower ranks and its own folder',
    'packages/compiler/src/ops/clip.ts:1: only tests may import ops/testing/contract.ts',
  ]);
});

test('between packages: direction, deep imports, Node and dependencies where code runs anywhere', () => {
  write(
    'packages/compiler/src/index.ts',
    "/// <reference types=\"node\" />\nimport 'node:fs';\nimport 'path';\nimport 'zod';\nimport '@anymote/verify';\n",
  );
  write('packages/apps/src/index.ts', "import 'node:fs';\nimport 'fft.js';\nimport '@anymote/compiler';\n");
  write('packages/verify/src/index.ts', "import '@anymote/compiler/src/errors.ts';\nimport 'anymote';\n");
  write('packages/cli/src/index.ts', "import '../../compiler/src/index.ts';\nimport 'anymote';\n");
  write('packages/gadget/package.json', JSON.stringify({ name: '@anymote/gadget' }));
  write('packages/gadget/src/index.ts', 'export {};\n');
  const { code, lines } = check();
  expect(code).toBe(1);
  expect(lines).toEqual([
    'packages/apps/src/index.ts:1: apps runs anywhere, so it may not import node:fs of Node',
    'packages/cli/src/index.ts:1: a relative import may not leave the src folder of its package',
    'packages/cli/src/index.ts:2: a package imports its own files by relative paths, not as anymote',
    'packages/compiler/src/index.ts:1: compiler runs anywhere, so it may not refer to the types of node',
    'packages/compiler/src/index.ts:2: compiler runs anywhere, so it may not import node:fs of Node',
    'packages/compiler/src/index.ts:3: compiler runs anywhere, so it may not import path of Node',
    'packages/compiler/src/index.ts:4: compiler depends on nothing, so it may not import zod',
    'packages/compiler/src/index.ts:5: compiler may not import verify, only itself',
    'packages/gadget/package.json:1: package gadget is not in the table of scripts/check-imports.mjs',
    'packages/verify/src/index.ts:1: deep import: compiler is imported as @anymote/compiler only',
    'packages/verify/src/index.ts:2: verify may not import cli, only compiler',
  ]);
});

test('a cycle between files is shown whole; types may point back', () => {
  write('packages/cli/src/a.ts', "import './b.ts';\n");
  write('packages/cli/src/b.ts', "\nexport * from './c.ts';\n");
  write('packages/cli/src/c.ts', "import './a.ts';\n");
  write('packages/cli/src/d.ts', "import './e.ts';\nexport type D = 1;\n");
  write('packages/cli/src/e.ts', "import type { D } from './d.ts';\nexport type E = D;\n");
  const { code, lines } = check();
  expect(code).toBe(1);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => `packages/cli/src/${name}.ts`);
  expect(lines).toEqual([`${a}:1: import cycle: ${a} → ${b} → ${c} → ${a}`]);
});
