// Set-up in one script that depends on nothing: npm packages, compilers and emulators, and the build.
// Does nothing twice, never asks, and says exactly what is missing where it may not install.
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installAptPackages, installCommand, installer, packagesFor } from './setup/apt-packages.mjs';
import { installNpmPackages, npmProblem } from './setup/npm-packages.mjs';
import { findPrograms } from './setup/programs.mjs';
import { lastLines, runCommand, say, secondsSince } from './setup/progress.mjs';

/** The repository's folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const neededNode = [20, 19];

const usage = `Usage: npm run setup -- [options]

Installs what anymote needs: npm packages, compilers and emulators (apt, as root or with sudo), and builds it.

  --check     only report what is there and what is missing
  --json      with --check: report as JSON
  --strict    exit with 1 where a compiler or an emulator is missing
  --no-apt    install no system packages
  --offline   use no network: no system packages, npm packages from npm's cache
  --verbose   show the output of npm, apt and tsc
  --help      this text
`;

/** The sentence for a Node that is too old to go on with, or null. */
export function nodeProblem(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  if (major > neededNode[0] || (major === neededNode[0] && minor >= neededNode[1])) return null;
  return `anymote needs Node ${neededNode.join('.')} or newer, and this is Node ${version} (${process.execPath}).
Debian 12's own nodejs package is too old; newer ones: https://nodejs.org/en/download`;
}

/** What is missing, what each is for, why it was not installed, what to type, and what works all the same. */
export function missingReport(missing, reason) {
  if (missing.length === 0) return '';
  const how = installer();
  const width = Math.max(...missing.map((program) => program.name.length));
  const rows = missing.map(({ name, problem, purpose, optional }) => {
    const state = problem === 'not found' ? '' : ` (${problem})`;
    return `  ${name.padEnd(width)}  ${purpose}${optional ? '; optional' : ''}${state}`;
  });
  const packages = packagesFor(missing);
  // Nothing refused and nothing failed: this is a mere report.
  const canInstall = how.obstacle === null && reason === null;
  const asRoot = how.obstacle !== null && how.prefix.length === 0 ? ', as root' : '';
  const toDo = how.apt
    ? `To install${asRoot}: ${canInstall ? 'npm run setup, or ' : ''}${installCommand(packages, how)}`
    : `To install: bring these programs with this system's package manager (on Debian: ${packages.join(' ')}).`;
  return [
    'Missing on this machine:',
    ...rows,
    ...(reason ? [`Not installed: ${reason}.`] : []),
    toDo,
    'Everything else works without them: WebAssembly, the interpreter, and compiling models to C.',
  ].join('\n');
}

/** The state of this machine as plain data; changes nothing. */
export function checkSetup() {
  const found = findPrograms();
  const missing = found.filter((program) => program.problem !== null);
  const { obstacle } = installer();
  const npm = npmProblem(root);
  const node = nodeProblem();
  return {
    node: { version: process.versions.node, problem: node },
    npm: { problem: npm },
    programs: found,
    missing: missing.map((program) => program.name),
    packages: packagesFor(missing),
    canInstall: obstacle === null,
    obstacle,
    command: missing.length === 0 ? null : installCommand(packagesFor(missing), installer()),
    complete: node === null && npm === null && missing.every((program) => program.optional),
    message: missingReport(missing, obstacle),
  };
}

/** Builds the packages; `tsc -b` itself sees what is out of date. Resolves to true where that worked. */
async function buildPackages(verbose) {
  const folders = readdirSync(join(root, 'packages')).filter((name) =>
    existsSync(join(root, 'packages', name, 'tsconfig.json')),
  );
  const args = [join(root, 'node_modules/typescript/bin/tsc'), '-b', ...folders.map((name) => `packages/${name}`)];
  const result = await runCommand('build', 'compiling', process.execPath, args, { cwd: root, verbose });
  say('build', result.ok ? 'up to date' : 'failed', result.seconds);
  if (!result.ok && !verbose) process.stderr.write(`${lastLines(result.output).join('\n')}\n`);
  return result.ok;
}

/**
 * Sets this checkout up. `optional` also installs what only tests use; `insist` tries again what failed a short
 * while ago. Resolves to `{ ok, missing }`: `ok` is false where Node, the npm packages or the build stand in the
 * way; missing programs (rows of `findPrograms`) do not, they are reported on stderr and listed.
 */
export async function setUp(options = {}) {
  const { offline = false, apt = true, build = true, optional = true, insist = false, verbose = false } = options;
  const start = performance.now();
  const node = nodeProblem();
  if (node !== null) {
    process.stderr.write(`${node}\n`);
    return { ok: false, missing: [] };
  }
  if (!(await installNpmPackages(root, { offline, verbose }))) return { ok: false, missing: [] };

  const findMissing = () =>
    findPrograms().filter((program) => program.problem !== null && (optional || !program.optional));
  let missing = findMissing();
  let reason = offline ? '--offline' : apt ? null : '--no-apt';
  if (missing.length > 0 && reason === null) {
    reason = await installAptPackages(root, missing, { insist, verbose });
    missing = findMissing();
    reason ??= 'apt-get reported success, but these are still not usable';
  }
  if (missing.length > 0) process.stderr.write(`${missingReport(missing, reason)}\n`);

  const ok = !build || (await buildPackages(verbose));
  if (ok) say('done', missing.length === 0 ? 'everything is in place' : 'as far as possible', secondsSince(start));
  return { ok, missing };
}

async function main(args) {
  const known = ['--check', '--json', '--strict', '--no-apt', '--offline', '--verbose', '--help'];
  const unknown = args.find((arg) => !known.includes(arg));
  const has = (flag) => args.includes(flag);
  if (unknown !== undefined || (has('--json') && !has('--check'))) {
    process.stderr.write(
      `${unknown === undefined ? '--json goes with --check' : `unknown option ${unknown}`}\n\n${usage}`,
    );
    return 2;
  }
  if (has('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  if (has('--check')) {
    const state = checkSetup();
    const lines = [state.node.problem, state.npm.problem && `npm packages: ${state.npm.problem}`, state.message];
    const text = lines.filter(Boolean).join('\n') || 'Everything is in place.';
    process.stdout.write(has('--json') ? `${JSON.stringify(state, null, 2)}\n` : `${text}\n`);
    return state.node.problem !== null || (has('--strict') && !state.complete) ? 1 : 0;
  }
  const verbose = has('--verbose');
  const { ok, missing } = await setUp({ offline: has('--offline'), apt: !has('--no-apt'), insist: true, verbose });
  return ok && !(has('--strict') && missing.some((program) => !program.optional)) ? 0 : 1;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2));
}
