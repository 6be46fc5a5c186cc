// `npm run fuzz`: mutated models by the thousand, each read, compiled and run. Watches the run from outside: a mutant that
// never ends, or takes the process with it, is told by its number too.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';

const usage = `Usage: npm run fuzz -- [options]

  --count n   so many mutants (10000)
  --seed n    of this seed (1)
  --case n    only this one of them
  --c n       compile and run the C text of so many of the accepted ones, spread over all (count / 200)
  --help      this text

Files of mutants that fail are left in build/fuzz.
`;

const names = ['--count', '--seed', '--case', '--c'];

/** Options by name, as numbers; or what is wrong with them. */
function readOptions(args) {
  const options = {};
  for (let i = 0; i < args.length; i += 2) {
    if (!names.includes(args[i])) return { problem: `unknown option ${args[i]}` };
    const value = Number(args[i + 1] || Number.NaN);
    if (!Number.isSafeInteger(value) || value < 0) return { problem: `${args[i]} needs a whole number` };
    options[args[i].slice(2)] = value;
  }
  return { options };
}

/** Far longer than a mutant may take, also where other work slows the machine down. */
const patienceMs = 180_000;

const readText = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** Runs the campaign in a process of its own; resolves with its report, or with what it was at when it came to grief. */
function runCampaign(folder, { count, seed, only, c }) {
  const variables = { FOLDER: folder, COUNT: count, SEED: seed, C: c, ...(only === undefined ? {} : { CASE: only }) };
  const env = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [`ANYMOTE_FUZZ_${name}`, `${value}`]),
  );
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', 'tests/fuzz/fuzz.test.ts', '--reporter=dot'], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-20_000);
    });
  }
  const current = () => readText(join(folder, 'case'));
  let last = { at: '', since: performance.now() };
  let hung = false;
  const timer = setInterval(() => {
    if (current() !== last.at) last = { at: current(), since: performance.now() };
    else if (performance.now() - last.since > patienceMs) {
      hung = true;
      child.kill('SIGKILL');
    }
    if (process.stderr.isTTY && last.at !== '') process.stderr.write(`\r${last.at} of ${count} `);
  }, 1000);
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearInterval(timer);
      if (process.stderr.isTTY) process.stderr.write('\r');
      const report = readText(join(folder, 'report'));
      resolve({ code, report, hung, at: current(), said });
    });
  });
}

async function main(args) {
  if (args.includes('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  const { problem, options } = readOptions(args);
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n\n${usage}`);
    return 2;
  }
  if (!(await setUp({ build: false })).ok) return 1;
  const { seed = 1, case: only } = options;
  const count = Math.max(options.count ?? 10_000, (only ?? 0) + 1);
  const c = options.c ?? (only === undefined ? Math.ceil(count / 200) : 1);
  const folder = mkdtempSync(join(tmpdir(), 'anymote-fuzz-'));
  try {
    const { code, report, hung, at, said } = await runCampaign(folder, { count, seed, only, c });
    if (report !== '') process.stdout.write(report);
    else if (at === '') process.stdout.write(`nothing was run:\n${said}\n`);
    else {
      const what = hung ? `did not end within ${patienceMs / 1000} s` : 'took the whole run with it';
      process.stdout.write(
        `case ${at} of seed ${seed} ${what}\n  again  npm run fuzz -- --seed ${seed} --case ${at}\n${said}\n`,
      );
    }
    return code === 0 && report !== '' ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));
