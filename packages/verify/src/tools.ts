// The programs the runners call, and the Debian packages that bring them.
import { RunError } from './run-error.ts';
import type { Available } from './runner.ts';
import type { Workspace } from './workspace.ts';

const packages: Readonly<Record<string, string>> = {
  'arm-none-eabi-gcc': 'gcc-arm-none-eabi libnewlib-arm-none-eabi',
  'riscv64-unknown-elf-gcc': 'gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf',
  'qemu-system-arm': 'qemu-system-arm',
  'qemu-system-riscv32': 'qemu-system-misc',
  gcc: 'gcc libc6-dev',
  clang: 'clang',
  'g++': 'g++',
  'clang++': 'clang',
  'gcc-sanitizers': 'libasan8 libubsan1',
  'clang-sanitizers': 'libclang-rt-dev',
};

/** What to type to get a tool. */
export function installHint(tool: string): string {
  return `apt-get install ${packages[tool] ?? tool}`;
}

/** Whether all the tools are there; the version is each tool's own first line, joined. */
export async function findTools(workspace: Workspace, tools: readonly string[]): Promise<Available> {
  const versions: string[] = [];
  for (const tool of tools) {
    try {
      const { code, stdout } = await workspace.execute(tool, ['--version'], { timeoutMs: 20_000 });
      if (code !== 0) return { ok: false, missing: tool, install: installHint(tool) };
      versions.push(stdout.split('\n', 1)[0] ?? tool);
    } catch (error) {
      if (!(error instanceof RunError) || error.problem.code !== 'missing-tool') throw error;
      return { ok: false, missing: tool, install: installHint(tool) };
    }
  }
  return { ok: true, version: versions.join(', ') };
}
