// The programs outside npm that anymote calls, what each is for, and whether this machine has them.
// Everything is found by asking the machine (PATH, then a probe), never by asking the package manager.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';

/** True where the compiler at `path` has a file of that name in its own library folders. */
function compilerHas(path, fileName) {
  const { stdout, status } = spawnSync(path, [`-print-file-name=${fileName}`], { encoding: 'utf8' });
  // A file that is not found is answered by its bare name.
  return status === 0 && isAbsolute(stdout.trim()) && existsSync(stdout.trim());
}

/** True where gcc builds a program against libc with the sanitizers: neither comes with every installation of gcc. */
function linksWithSanitizers(path) {
  const folder = mkdtempSync(join(tmpdir(), 'anymote-setup-'));
  try {
    const source = join(folder, 'probe.c');
    writeFileSync(source, '#include <string.h>\nint main(int n, char **s) { return (int)strlen(s[n - 1]) * 0; }\n');
    const args = ['-fsanitize=address,undefined', source, '-o', join(folder, 'probe')];
    return spawnSync(path, args, { stdio: 'ignore' }).status === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * One row a program: the Debian packages that bring it, what it is for, and a probe for what must come with it.
 * Optional programs widen the tests; nothing a user does needs them.
 */
export const programs = [
  {
    name: 'gcc',
    packages: ['gcc', 'libc6-dev'],
    purpose: 'runs generated C on this machine, with address and undefined-behaviour sanitizers',
    probe: linksWithSanitizers,
    lacking: 'does not link with -fsanitize=address,undefined',
  },
  { name: 'make', packages: ['make'], purpose: 'builds generated code with the Makefile that comes with it' },
  {
    name: 'arm-none-eabi-gcc',
    packages: ['gcc-arm-none-eabi', 'libnewlib-arm-none-eabi'],
    purpose: 'compiles generated C for RP2040 and the Cortex-M boards',
    probe: (path) => compilerHas(path, 'libc.a'),
    lacking: 'has no C library (newlib)',
  },
  {
    name: 'qemu-system-arm',
    packages: ['qemu-system-arm'],
    purpose: 'emulates the Cortex-M3, M4, M7, M33 and M55 boards',
  },
  {
    name: 'riscv64-unknown-elf-gcc',
    packages: ['gcc-riscv64-unknown-elf', 'picolibc-riscv64-unknown-elf'],
    purpose: 'compiles generated C for RISC-V',
    probe: (path) => compilerHas(path, 'picolibc.specs'),
    lacking: 'has no C library (picolibc)',
  },
  { name: 'qemu-system-riscv32', packages: ['qemu-system-misc'], purpose: 'emulates the RISC-V board' },
  { name: 'g++', packages: ['g++'], purpose: 'tests that generated headers work from C++', optional: true },
  { name: 'clang', packages: ['clang'], purpose: 'tests generated C with a second compiler', optional: true },
];

/** The full path of a program on PATH, or null. */
export function findProgram(name, path = process.env.PATH ?? '') {
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder || '.', name);
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

/** Every program with `path` (null: not found) and `problem` (null: usable). */
export function findPrograms() {
  return programs.map(({ name, packages, purpose, probe, lacking, optional = false }) => {
    const path = findProgram(name);
    const problem = path === null ? 'not found' : probe && !probe(path) ? lacking : null;
    return { name, packages, purpose, optional, path, problem };
  });
}
