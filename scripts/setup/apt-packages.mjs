// Installs Debian packages as root or through a sudo that asks for no password; never waits for an answer, and
// for a lock or a server only so long. Where it may not install it says why, and what to type instead.
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { readMemo, writeMemo } from './npm-packages.mjs';
import { findProgram } from './programs.mjs';
import { lastLines, runCommand, say } from './progress.mjs';

const lockWaitSeconds = 120;
const retryAfterMinutes = 60;

/** How this process may install: the words to put before a command, and why it may not (null where it may). */
export function installer() {
  const isRoot = process.getuid?.() === 0;
  if (findProgram('apt-get') === null) {
    return {
      prefix: isRoot ? [] : ['sudo'],
      obstacle: 'this is not Debian or Ubuntu: there is no apt-get',
      apt: false,
    };
  }
  if (isRoot) return { prefix: [], obstacle: null, apt: true };
  if (findProgram('sudo') === null) return { prefix: [], obstacle: 'not root, and there is no sudo', apt: true };
  const allowed = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore', timeout: 10_000 }).status === 0;
  return { prefix: ['sudo'], obstacle: allowed ? null : 'sudo would ask for a password', apt: true };
}

/** The packages that bring the missing programs, each once, in a stable order. */
export const packagesFor = (missing) => [...new Set(missing.flatMap((program) => program.packages))].sort();

/** The command a person types to install the packages (as root, where there is no sudo). */
export function installCommand(packages, { prefix }) {
  const sudo = prefix.length > 0 ? 'sudo ' : '';
  return `${sudo}apt-get update && ${sudo}apt-get install --no-install-recommends ${packages.join(' ')}`;
}

async function aptGet(doing, prefix, args, limitSeconds, verbose) {
  const options = [
    `DPkg::Lock::Timeout=${lockWaitSeconds}`,
    'Acquire::Retries=2',
    'Acquire::http::Timeout=30',
    'Acquire::https::Timeout=30',
    // A question about a configuration file would end the installation half-way: keep what is there.
    'Dpkg::Options::=--force-confdef',
    'Dpkg::Options::=--force-confold',
    'Dpkg::Use-Pty=0',
  ].flatMap((option) => ['-o', option]);
  const sudo = prefix.length > 0 ? [...prefix, '-n'] : [];
  const [command, ...rest] = [
    ...sudo,
    ...['env', 'DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C'],
    // The limit lies inside sudo: a process of root cannot be ended from outside.
    ...['timeout', '--foreground', '--kill-after=10', String(limitSeconds)],
    ...['apt-get', '-y', '-q', ...options, ...args],
  ];
  // dpkg refuses to work where the folders of system programs are not on PATH.
  const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin` };
  const giveUp = performance.now() + lockWaitSeconds * 1000;
  for (;;) {
    const result = await runCommand('apt packages', doing, command, rest, {
      env,
      limitSeconds: limitSeconds + 30,
      verbose,
    });
    // apt waits for dpkg's lock by itself, not for those of its own lists and archives.
    if (result.ok || !result.output.includes('Could not get lock') || performance.now() > giveUp) return result;
    await sleep(5000);
  }
}

/** Those of the packages that no package list on this machine offers. */
function unavailable(packages) {
  const { stdout, status } = spawnSync('apt-cache', ['policy', ...packages], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  if (status !== 0) return packages;
  const offered = new Set(
    [...stdout.matchAll(/^(\S+):\n {2}Installed: .*\n {2}Candidate: (?!\(none\))/gm)].map((m) => m[1]),
  );
  return packages.filter((name) => !offered.has(name));
}

/** Minutes since the same packages could not be installed, where that was too recent to try again; else null. */
function recentFailure(root, packages) {
  const { aptFailure } = readMemo(root);
  if (!aptFailure || aptFailure.packages.join() !== packages.join()) return null;
  const minutes = (Date.now() - aptFailure.atMs) / 60_000;
  return minutes >= 0 && minutes < retryAfterMinutes ? Math.floor(minutes) : null;
}

/**
 * Installs what the missing programs need, updating the package lists once and only where that is needed.
 * Resolves to null, or to the reason why something could not be installed. A failure is not repeated for an hour
 * unless `insist` says so: with no network it can take minutes.
 */
export async function installAptPackages(root, missing, { insist, verbose }) {
  const { prefix, obstacle } = installer();
  if (obstacle !== null) return obstacle;
  const packages = packagesFor(missing);
  const minutesAgo = insist ? null : recentFailure(root, packages);
  if (minutesAgo !== null) return `apt-get failed ${minutesAgo} min ago; \`npm run setup\` tries again now`;

  let updated = false;
  const update = async () => {
    updated = true;
    const result = await aptGet('updating the package lists', prefix, ['update'], 300, verbose);
    say('apt packages', result.ok ? 'package lists updated' : 'package lists could not be updated', result.seconds);
  };
  if (unavailable(packages).length > 0) await update();
  const lacking = unavailable(packages);
  const offered = packages.filter((name) => !lacking.includes(name));
  const failures = lacking.length > 0 ? [`no package source offers ${lacking.join(', ')}`] : [];

  if (offered.length > 0) {
    const doing = `installing ${offered.join(' ')}`;
    const install = () => aptGet(doing, prefix, ['install', '--no-install-recommends', ...offered], 1800, verbose);
    let result = await install();
    if (!result.ok && !updated) {
      await update();
      result = await install();
    }
    say('apt packages', result.ok ? 'installed' : 'could not be installed', result.seconds);
    if (!result.ok) {
      process.stderr.write(`${lastLines(result.output).join('\n')}\n`);
      failures.push('apt-get failed (its last lines are above)');
    }
  }
  writeMemo(root, { aptFailure: failures.length > 0 ? { packages, atMs: Date.now() } : undefined });
  return failures.length > 0 ? failures.join('; ') : null;
}
