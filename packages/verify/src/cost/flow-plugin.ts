// Brings the plugin that records where a program goes: compiled here for each measurement, and tried on the emulator.
// Where that cannot be, the reason is given and everything else goes on without.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Board } from '../boards.ts';
import { type Elf, readElf } from '../elf.ts';
import { RunError } from '../run-error.ts';
import type { Workspace } from '../workspace.ts';
import { type Interval, parseFlow } from './flow.ts';

const source = fileURLToPath(new URL('../../plugin/flow.c', import.meta.url));
const libraryName = 'libflow.so';
const timeoutMs = 60_000;

/** The compiled plugin, or why there is none. */
export type FlowPlugin =
  | { readonly ok: true; readonly library: string }
  | { readonly ok: false; readonly reason: string };

/** Compiles the plugin and lets a board's emulator load it. */
export async function buildFlowPlugin(workspace: Workspace, { qemu }: Board): Promise<FlowPlugin> {
  if (qemu === undefined) return { ok: false, reason: 'this board is not emulated by QEMU' };
  const library = join(await workspace.newDirectory('flow'), libraryName);
  const no = (reason: string): FlowPlugin => ({ ok: false, reason });
  try {
    const gcc = ['-O2', '-shared', '-fPIC', '-o', library, source];
    const built = await workspace.execute('gcc', gcc, { timeoutMs });
    if (built.code !== 0) return no('gcc cannot build the QEMU plugin that records the executed code');
    const probe = ['-M', 'none', '-display', 'none', '-plugin', `${library},probe=on`];
    const { stdout } = await workspace.execute(qemu.program, probe, { timeoutMs });
    return stdout.startsWith('flow')
      ? { ok: true, library }
      : no(`this ${qemu.program} does not load plugins like ours`);
  } catch (error) {
    if (error instanceof RunError && error.problem.code === 'missing-tool')
      return no(`needs ${error.problem.tool} (${error.problem.install})`);
    throw error;
  }
}

/** A run's program and where it went. */
export interface RecordedFlow {
  readonly elf: Elf;
  readonly intervals: readonly Interval[];
}

export interface FlowRecorder {
  /** QEMU's further arguments for a program, as QemuOptions.extra. */
  readonly extra: (elfPath: string) => Promise<readonly string[]>;
  /** What the latest run did. */
  read(): Promise<RecordedFlow>;
}

/** Records runs; intervals start at the functions named. */
export function createFlowRecorder(library: string, starts: readonly string[]): FlowRecorder {
  const file = join(dirname(library), 'flow.txt');
  let elf: Elf | undefined;
  return {
    extra: async (path) => {
      elf = readElf(await readFile(path));
      const addresses = starts.flatMap((name) => (elf === undefined ? [] : functionOf(elf, name).address));
      return ['-plugin', [`${library},out=${file}`, ...addresses.map((one) => `at=0x${one.toString(16)}`)].join(',')];
    },
    read: async () => {
      if (elf === undefined) throw new Error('internal error: nothing was recorded');
      return { elf, intervals: parseFlow(await readFile(file, 'utf8')) };
    },
  };
}

/** A function of a program by its name. */
export function functionOf({ functions }: Elf, name: string): Elf['functions'][number] {
  const found = functions.find((one) => one.name === name);
  if (found === undefined) throw new Error(`internal error: the program has no function ${name}`);
  return found;
}
