// Set-up on made-up machines: what it finds, says, installs, and does not do twice.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isRoot, type Machine, makeMachine, noOtherUser, scripts } from './made-up-machine.ts';

const hasCoreutils = existsSync('/usr/bin/timeout');
const requiredPrograms = [
  'gcc',
  'make',
  'arm-none-eabi-gcc',
  'qemu-system-arm',
  'riscv64-unknown-elf-gcc',
  'qemu-system-riscv32',
];
const allPrograms = [...requiredPrograms, 'g++', 'clang'];

let machine: Machine;

beforeEach(({ skip }) => {
  if (noOtherUser !== null) skip(noOtherUser);
  machine = makeMachine();
});

afterEach(() => machine?.remove());

const setUp = (args: string[], as?: { asRoot: boolean }) => machine.run('setup.mjs', args, as);

describe('--check on a machine with nothing but Node', () => {
  test('lists what is missing, what it is for and what still works, and is no failure', () => {
    const { status, stdout } = setUp(['--check']);
    expect(status).toBe(0);
    for (const name of allPrograms) expect(stdout).toContain(name);
    expect(stdout).toContain('emulates the RISC-V board');
    expect(stdout).toContain('Everything else works without them: WebAssembly');
    expect(stdout).toContain('there is no apt-get');
  });

  test('--json has the same as data; --strict makes it a failure', () => {
    const { status, stdout } = setUp(['--check', '--json', '--strict']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      node: { version: process.versions.node, problem: null },
      npm: { problem: null },
      missing: allPrograms,
      canInstall: false,
      complete: false,
    });
  });

  test('only optional programs missing is complete', () => {
    machine.addCompilers(requiredPrograms);
    const { status, stdout } = setUp(['--check', '--json', '--strict']);
    expect(JSON.parse(stdout)).toMatchObject({ missing: ['g++', 'clang'], complete: true });
    expect(status).toBe(0);
  });

  test('a compiler without its library counts as missing', () => {
    machine.addCompilers(allPrograms);
    machine.addProgram('riscv64-unknown-elf-gcc', 'echo picolibc.specs');
    machine.addProgram('gcc', 'exit 1');
    const { stdout } = setUp(['--check']);
    expect(stdout).toMatch(/gcc .*\(does not link with -fsanitize=address,undefined\)/);
    expect(stdout).toMatch(/riscv64-unknown-elf-gcc .*\(has no C library \(picolibc\)\)/);
  });
});

describe('where it may not install', () => {
  test('no root and no sudo: goes on, and names the command to type as root', () => {
    machine.addProgram('apt-get');
    const { status, stderr, calls } = setUp([]);
    expect(status).toBe(0);
    expect(stderr).toContain('Not installed: not root, and there is no sudo.');
    expect(stderr).toMatch(
      /To install, as root: apt-get update && apt-get install --no-install-recommends .*qemu-system-arm/,
    );
    expect(stderr).toContain('as far as possible');
    expect(calls).not.toContain('apt-get');
  });

  test('a sudo that wants a password is not asked twice', () => {
    machine.addProgram('apt-get');
    machine.addProgram('sudo', 'exit 1');
    const { status, stderr, calls } = setUp(['--strict']);
    expect(status).toBe(1);
    expect(stderr).toContain('sudo would ask for a password');
    expect(stderr).toContain('To install: sudo apt-get update && sudo apt-get install');
    expect(new Set(calls)).toEqual(new Set(['sudo -n true']));
  });

  test('--no-apt and --offline leave apt alone', () => {
    machine.addProgram('apt-get');
    machine.addProgram('sudo');
    for (const flag of ['--no-apt', '--offline']) {
      const { status, stderr, calls } = setUp([flag]);
      expect(status).toBe(0);
      expect(stderr).toContain(`Not installed: ${flag}.`);
      expect(calls.filter((call) => call.startsWith('apt-get'))).toEqual([]);
    }
  });
});

describe('where it may install', () => {
  /** apt as it is on a machine that knows every package once `update` ran; installing makes the compilers. */
  function addApt(): void {
    const makeCompilers = allPrograms.map((name) => `cp '${machine.bin}/compiler' '${machine.bin}/${name}'`).join('\n');
    machine.addProgram('compiler', `echo '${process.execPath}'`);
    machine.addProgram(
      'apt-cache',
      `test -e '${machine.folder}/updated' || exit 0
shift
for name in "$@"; do printf '%s:\\n  Installed: (none)\\n  Candidate: 1.0\\n' "$name"; done`,
    );
    machine.addProgram(
      'apt-get',
      `case "$*" in
*update*) : > '${machine.folder}/updated' ;;
*) ${makeCompilers} ;;
esac`,
    );
    machine.addRealPrograms(['cp', 'env', 'timeout', 'true'].map((name) => `/usr/bin/${name}`));
  }
  const aptRuns = (calls: string[]) =>
    calls.filter((call) => call.startsWith('apt-get')).map((call) => call.replace(/ -o \S+/g, ''));

  test('through sudo: updates once, installs once, and never again', ({ skip }) => {
    skip(!hasCoreutils, 'needs the timeout program');
    addApt();
    machine.addProgram('sudo', 'shift; exec "$@"');
    const first = setUp(['--strict']);
    expect(first.stderr).toContain('everything is in place');
    expect(first.status).toBe(0);
    const packages =
      'clang g++ gcc gcc-arm-none-eabi gcc-riscv64-unknown-elf libc6-dev libnewlib-arm-none-eabi make picolibc-riscv64-unknown-elf qemu-system-arm qemu-system-misc';
    const expected = ['apt-get -y -q update', `apt-get -y -q install --no-install-recommends ${packages}`];
    expect(aptRuns(first.calls)).toEqual(expected);
    expect(aptRuns(setUp([]).calls)).toEqual(expected);
  });

  test('as root: without sudo', ({ skip }) => {
    skip(!isRoot || !hasCoreutils, 'needs root');
    addApt();
    const { status, calls } = setUp(['--strict'], { asRoot: true });
    expect(status).toBe(0);
    expect(aptRuns(calls)).toHaveLength(2);
    expect(calls.some((call) => call.startsWith('sudo'))).toBe(false);
  });

  test('a failing apt-get is shown, and is no failure of set-up', ({ skip }) => {
    skip(!hasCoreutils, 'needs the timeout program');
    addApt();
    machine.addProgram('apt-get', 'echo "E: Temporary failure resolving deb.debian.org"; exit 100');
    machine.addProgram('apt-cache', 'exit 0');
    machine.addProgram('sudo', 'shift; exec "$@"');
    const { status, stderr } = setUp([]);
    expect(status).toBe(0);
    expect(stderr).toContain('package lists could not be updated');
    expect(stderr).toContain('Not installed: no package source offers clang');

    // What failed a moment ago is not tried again on every `npm start`.
    machine.write('packages/cli/bin/anymote.js', '');
    const before = aptRuns(machine.run('start.mjs', []).calls).length;
    const again = machine.run('start.mjs', []);
    expect(again.stderr).toContain('apt-get failed 0 min ago');
    expect(aptRuns(again.calls)).toHaveLength(before);
  });
});

describe('npm packages', () => {
  const npm = () => `mkdir -p node_modules/typescript/bin
echo '{"version": "2.0.0"}' > node_modules/typescript/package.json
: > node_modules/typescript/bin/tsc
echo '{"packages": {"node_modules/typescript": {"version": "2.0.0"}}}' > node_modules/.package-lock.json`;
  const npmRuns = (calls: string[]) => calls.filter((call) => call.startsWith('npm '));
  const wanted = JSON.stringify({ packages: { '': {}, 'node_modules/typescript': { version: '2.0.0' } } });

  beforeEach(() => {
    machine.addCompilers(allPrograms);
    machine.addRealPrograms(['/bin/mkdir']);
    machine.addProgram('npm', npm());
    machine.write('package-lock.json', wanted);
  });

  test('are installed when the lockfile asks for others, then left alone', () => {
    expect(npmRuns(setUp([]).calls)).toEqual([
      'npm ci --include=dev --ignore-scripts --no-audit --no-fund --prefer-offline',
    ]);
    const second = setUp([]);
    expect(second.status).toBe(0);
    expect(npmRuns(second.calls)).toHaveLength(1);
  });

  test('are installed again when one of them is gone', () => {
    setUp([]);
    rmSync(join(machine.checkout, 'node_modules/typescript'), { recursive: true });
    const { status, calls } = setUp([]);
    expect(status).toBe(0);
    expect(npmRuns(calls)).toHaveLength(2);
  });

  test('are installed again after an installation that was broken off', () => {
    setUp([]);
    rmSync(join(machine.checkout, 'node_modules/.package-lock.json'));
    expect(npmRuns(setUp([]).calls)).toHaveLength(2);
  });

  test('that cannot be installed stop set-up, with what npm said', () => {
    machine.addProgram('npm', 'echo "npm error network getaddrinfo ENOTFOUND" >&2; exit 1');
    const { status, stderr } = setUp([]);
    expect(status).toBe(1);
    expect(stderr).toContain('npm packages: could not be installed');
    expect(stderr).toContain('getaddrinfo ENOTFOUND');
  });
});

test('a Node that is too old is refused with the version it needs', () => {
  const module = JSON.stringify(pathToFileURL(join(scripts, 'setup.mjs')).href);
  const versions = ['18.19.0', '20.18.3', '20.19.0', '22.1.0'];
  const code = `const { nodeProblem } = await import(${module}); console.log(JSON.stringify(${JSON.stringify(versions)}.map((v) => nodeProblem(v))));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  const problems: unknown[] = JSON.parse(stdout);
  expect(problems.map((problem) => problem === null)).toEqual([false, false, true, true]);
  expect(problems[0]).toContain('anymote needs Node 20.19 or newer, and this is Node 18.19.0');
});

test('an unknown option is wrong usage', () => {
  const { status, stderr } = setUp(['--chekc']);
  expect(status).toBe(2);
  expect(stderr).toContain('unknown option --chekc');
});
