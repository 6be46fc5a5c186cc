// `npm test [-- vitest arguments]`: set-up, lint, import check, type check, unit tests, in this order; stops at the
// first step that fails. The last line reads `N passed, N failed` with `, N skipped` where tests were skipped.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';

const tool = (path) => join(root, 'node_modules', path);

// Colour codes make a log that is read as a file hard to read.
const plain = process.stdout.isTTY || process.env.FORCE_COLOR ? {} : { NO_COLOR: '1' };

/** Runs a step of the tests in the open; true where it passed. */
function runStep(name, path, args, env = {}) {
  console.log(`\n== ${name}`);
  const start = performance.now();
  const { status } = spawnSync(process.execPath, [path, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...plain, ...env },
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`== ${name}: ${status === 0 ? 'passed' : 'failed'} (${seconds} s)`);
  return status === 0;
}

/** Why a test was skipped: its note, or what the title of the test or its suites says in parentheses. */
function skipReason({ name, reason }) {
  return reason ?? name.match(/\(((?:needs|skipped|without|no) [^)]*)\)/)?.[1] ?? 'no reason given';
}

function printSkipped(skipped) {
  const byReason = new Map();
  for (const test of skipped) {
    const reason = skipReason(test);
    byReason.set(reason, [...(byReason.get(reason) ?? []), test]);
  }
  console.log('\nSkipped:');
  for (const [reason, tests] of [...byReason].sort((a, b) => b[1].length - a[1].length)) {
    const files = new Set(tests.map((test) => test.file));
    console.log(
      `  ${String(tests.length).padStart(5)}  ${reason} (${[...files].slice(0, 3).join(', ')}${files.size > 3 ? ', …' : ''})`,
    );
  }
}

/** Runs the unit tests and returns what they came to; a run that ended without a summary is one failure. */
function runUnitTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'anymote-test-'));
  const path = join(folder, 'summary.json');
  try {
    const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts/test-summary.mjs')}`];
    const ok = runStep('unit tests', tool('vitest/vitest.mjs'), ['run', ...reporters, ...args], {
      ANYMOTE_TEST_SUMMARY: path,
    });
    const summary = readSummary(path);
    return ok || summary.failed > 0 ? summary : { ...summary, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readSummary(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: [] };
  }
}

/** Runs every step; a step before the unit tests that fails is the one failure there is. */
async function runTests(vitestArgs) {
  const stopped = { passed: 0, failed: 1, skipped: [] };
  const { ok } = await setUp({ build: false });
  if (!ok) return stopped;
  const passed =
    runStep('lint', tool('@biomejs/biome/bin/biome'), ['check', '.']) &&
    runStep('imports', join(root, 'scripts/check-imports.mjs'), []) &&
    runStep('types', tool('typescript/bin/tsc'), ['-b']);
  return passed ? runUnitTests(vitestArgs) : stopped;
}

const { passed, failed, skipped } = await runTests(process.argv.slice(2));
if (skipped.length > 0) printSkipped(skipped);
console.log(`\n${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
