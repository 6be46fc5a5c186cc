// Brings node_modules to what package-lock.json says, and leaves it alone where it already is.
// "Already" is read from the installed packages themselves, so a partial or damaged node_modules is noticed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findProgram } from './programs.mjs';
import { lastLines, runCommand, say } from './progress.mjs';

const memoPath = (root) => join(root, 'node_modules/.cache/anymote-setup.json');

/** What earlier runs left to remember; empty where there is nothing readable. */
export function readMemo(root) {
  try {
    return JSON.parse(readFileSync(memoPath(root), 'utf8'));
  } catch {
    return {};
  }
}

/** Adds to what later runs remember. It only saves time, so a folder that cannot be written is no failure. */
export function writeMemo(root, entries) {
  try {
    mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
    writeFileSync(memoPath(root), `${JSON.stringify({ ...readMemo(root), ...entries }, null, 2)}\n`);
  } catch {
    // The next run looks again.
  }
}

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const lockfileHash = (root) =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');

/** The C library of this Linux as the lockfile names it, or null elsewhere. */
function libcName() {
  if (process.platform !== 'linux') return null;
  return process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
}

/** True for a package that npm always installs here: not optional, or optional and made for this very platform. */
function isExpected(entry, libc) {
  if (!entry.optional) return true;
  if (!entry.os && !entry.cpu) return false;
  const fits = (list, value) => !list || list.includes(value);
  return fits(entry.os, process.platform) && fits(entry.cpu, process.arch) && fits(entry.libc, libc);
}

/** The packages of the lockfile that are missing from node_modules or there in another version. */
function missingPackages(root, lockfile) {
  const libc = libcName();
  const missing = [];
  for (const [path, entry] of Object.entries(lockfile.packages)) {
    if (!path.includes('node_modules/') || !isExpected(entry, libc)) continue;
    try {
      const { version } = readJson(join(root, path, 'package.json'));
      if (!entry.link && version !== entry.version) missing.push(path);
    } catch {
      missing.push(path);
    }
  }
  return missing;
}

/** True where npm's own record of what it installed names the same archives as the lockfile. */
function recordMatches(root, lockfile) {
  try {
    const installed = readJson(join(root, 'node_modules/.package-lock.json')).packages;
    return Object.entries(installed).every(([path, entry]) => {
      const wanted = lockfile.packages[path];
      return wanted !== undefined && wanted.integrity === entry.integrity;
    });
  } catch {
    return false;
  }
}

/** Why node_modules is not what the lockfile says, in words, or null where it is. */
export function npmProblem(root) {
  // Written last by npm: without it an installation was broken off.
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return 'not installed';
  const lockfile = readJson(join(root, 'package-lock.json'));
  const memo = readMemo(root);
  const missing = missingPackages(root, lockfile).filter((path) => !(memo.absentPackages ?? []).includes(path));
  if (missing.length > 0) {
    const shown = missing.slice(0, 3).map((path) => path.replace(/^.*node_modules\//, ''));
    return `missing or outdated: ${shown.join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''}`;
  }
  if (memo.lockfileSha256 === lockfileHash(root) || recordMatches(root, lockfile)) return null;
  return 'package-lock.json changed';
}

/** npm as the one that is running this, else the one on PATH: command and first arguments, or null. */
function npmCommand() {
  const running = process.env.npm_execpath;
  if (running && basename(running) === 'npm-cli.js' && existsSync(running)) return [process.execPath, running];
  const found = findProgram('npm');
  return found === null ? null : [found];
}

/** What npm gave as the error: its first lines, since long help may follow; the last lines where it gave none. */
function npmErrors(output) {
  const lines = output.split('\n').filter((line) => /^npm (error|ERR!) *\S/.test(line));
  return lines.length > 0 ? lines.slice(0, 12).map((line) => `    ${line}`) : lastLines(output);
}

/** Installs what the lockfile says where it is not installed yet. Resolves to true where node_modules is complete. */
export async function installNpmPackages(root, { offline, verbose }) {
  const problem = npmProblem(root);
  if (problem === null) {
    const lockfileSha256 = lockfileHash(root);
    if (readMemo(root).lockfileSha256 !== lockfileSha256) writeMemo(root, { lockfileSha256 });
    return true;
  }
  const npm = npmCommand();
  if (npm === null) {
    say('npm packages', `${problem}, and there is no npm on PATH to install them: see https://nodejs.org/en/download`);
    return false;
  }
  // devDependencies by name: NODE_ENV=production or an `omit` setting would leave the compiler out.
  const args = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  const [command, ...first] = npm;
  const result = await runCommand(
    'npm packages',
    `installing (${problem})`,
    command,
    [...first, ...args, offline ? '--offline' : '--prefer-offline'],
    { cwd: root, limitSeconds: 900, verbose },
  );
  const lockfile = readJson(join(root, 'package-lock.json'));
  const absent = result.ok ? missingPackages(root, lockfile) : [];
  const absentNeeded = absent.filter((path) => !lockfile.packages[path].optional);
  if (!result.ok || absentNeeded.length > 0) {
    say('npm packages', 'could not be installed', result.seconds);
    const why = result.ok
      ? [`    npm reported success but left out: ${absentNeeded.join(', ')}`]
      : npmErrors(result.output);
    process.stderr.write(`${why.join('\n')}\n  To try again by hand: npm ${args.slice(0, 2).join(' ')}\n`);
    return false;
  }
  writeMemo(root, { lockfileSha256: lockfileHash(root), absentPackages: absent });
  say('npm packages', 'installed', result.seconds);
  return true;
}
