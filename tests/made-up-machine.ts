// A machine made for one test of set-up: a copy of the scripts in a small checkout, and a PATH with nothing on it but
// node and what the test adds. Stand-ins for apt-get, sudo, npm and compilers note how they were called; nothing is
// installed anywhere.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the scripts under test. */
export const scripts = fileURLToPath(new URL('../scripts', import.meta.url));
export const isRoot = process.getuid?.() === 0;

const nobody = { uid: 65534, gid: 65534 };

/** Why scripts cannot be run here as someone who is not root, or null where they can. */
export const noOtherUser =
  isRoot && spawnSync(process.execPath, ['-e', ''], nobody).status !== 0
    ? 'needs a node that every user may run'
    : null;

export type Machine = ReturnType<typeof makeMachine>;

/** A machine whose checkout has its npm packages; `remove` deletes it. */
export function makeMachine() {
  const folder = mkdtempSync(join(tmpdir(), 'anymote-machine-'));
  const checkout = join(folder, 'checkout');
  const bin = join(folder, 'bin');
  const calls = join(folder, 'calls');
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  cpSync(scripts, join(checkout, 'scripts'), { recursive: true });
  mkdirSync(join(checkout, 'packages'));
  writeFileSync(calls, '');

  /** Writes a file of the checkout. */
  function write(path: string, text: string): void {
    mkdirSync(dirname(join(checkout, path)), { recursive: true });
    writeFileSync(join(checkout, path), text);
  }

  // What npm leaves behind: one package, here a compiler that does nothing, and npm's own record.
  const packages = { 'node_modules/typescript': { version: '1.0.0' } };
  write('package-lock.json', JSON.stringify({ packages: { '': {}, ...packages } }));
  write('node_modules/typescript/package.json', JSON.stringify({ version: '1.0.0' }));
  write('node_modules/typescript/bin/tsc', '');
  write('node_modules/.package-lock.json', JSON.stringify({ packages }));

  /** Puts a shell script on the machine's PATH; it notes its name and arguments, then runs `body`. */
  function addProgram(name: string, body = 'exit 0'): void {
    const path = join(bin, name);
    writeFileSync(path, `#!/bin/sh\necho "${name} $*" >> '${calls}'\n${body}\n`);
    chmodSync(path, 0o755);
  }

  /** Puts compilers on PATH that link anything and name an existing file for every file of their libraries. */
  function addCompilers(names: readonly string[]): void {
    for (const name of names) addProgram(name, `echo '${process.execPath}'`);
  }

  /** Puts programs of this machine on PATH as they are. */
  function addRealPrograms(paths: readonly string[]): void {
    for (const path of paths) symlinkSync(path, join(bin, path.split('/').at(-1) ?? path));
  }

  /** Runs a script of the checkout; as a user who is not root unless `asRoot`. `calls` are all calls so far. */
  function run(script: string, args: readonly string[], { asRoot = false } = {}) {
    spawnSync('chmod', ['-R', 'a+rwX', folder]);
    const result = spawnSync(process.execPath, [join(checkout, 'scripts', script), ...args], {
      encoding: 'utf8',
      env: { PATH: bin, TMPDIR: tmpdir() },
      cwd: folder,
      ...(isRoot && !asRoot ? nobody : {}),
    });
    return { ...result, calls: readFileSync(calls, 'utf8').trimEnd().split('\n') };
  }

  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { folder, checkout, bin, write, addProgram, addCompilers, addRealPrograms, run, remove };
}
