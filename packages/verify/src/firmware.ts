// Builds the program that runs a model on a board. The harness is compiled once per board, the model for each run.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Board } from './boards.ts';
import { type Elf, readElf } from './elf.ts';
import { firmwareDirectory, glueName, modelFlags, renderGlue, sourceNames } from './glue.ts';
import { RunError } from './run-error.ts';
import type { CodeSizes, CProgram, RunOptions } from './runner.ts';
import type { Workspace } from './workspace.ts';

export interface Firmware {
  readonly path: string;
  readonly elf: Elf;
  readonly sizes: CodeSizes;
}

/** Builds a program in a directory of its own. @throws {RunError} `compile-failed`, `does-not-fit`, `missing-tool` */
export type BuildFirmware = (program: CProgram, options: RunOptions, directory: string) => Promise<Firmware>;

const compileTimeoutMs = 300_000;
const stackPaint = '0xa5c35aa5';
const sources = {
  arm: ['harness.c', 'semihosting.c', 'arm/start.c', 'arm/measure.S'],
  riscv: ['harness.c', 'semihosting.c', 'riscv/start.S'],
} as const;

/** Runs a compiler. @throws {RunError} `compile-failed` with what it said */
export async function compile(
  workspace: Workspace,
  compiler: string,
  parameters: readonly string[],
  directory: string,
): Promise<void> {
  const { code, stdout, stderr, timedOut } = await workspace.execute(compiler, parameters, {
    cwd: directory,
    timeoutMs: compileTimeoutMs,
  });
  if (code === 0) return;
  const output = timedOut ? `no end after ${compileTimeoutMs / 1000} s` : `${stdout}${stderr}`.trim();
  throw new RunError({ code: 'compile-failed', command: [compiler, ...parameters].join(' '), output });
}

/** Writes a program's files. */
export async function writeSources(program: CProgram, directory: string): Promise<void> {
  for (const [name, text] of program.files) await writeFile(join(directory, name), text);
}

const hex = (value: number): string => `0x${value.toString(16)}`;

/** What the firmware's sources must know of the counter, as definitions. */
function counterDefinitions({ counter }: Board): string[] {
  switch (counter.kind) {
    case 'cmsdk-dualtimer':
      return [
        `-DCOUNTER_DUALTIMER=${hex(counter.base)}`,
        `-DCOUNTER_LOW=${hex(counter.base + 0x04)}`,
        `-DCOUNTER_HIGH=${hex(counter.base + 0x24)}`,
      ];
    case 'sse-counter':
      return [
        `-DCOUNTER_SSE=${hex(counter.control)}`,
        `-DCOUNTER_LOW=${hex(counter.base)}`,
        `-DCOUNTER_HIGH=${hex(counter.base + 4)}`,
      ];
    case 'host':
      return ['-DCOUNTER_HOST'];
    case 'minstret':
      return [];
  }
}

/** The board's part of the linker script. */
function renderMemory({ vectors, flash, ram, stackBytes }: Board): string {
  const region = (name: string, rights: string, memory: { origin: number; bytes: number }): string =>
    `    ${name} (${rights}) : ORIGIN = ${hex(memory.origin)}, LENGTH = ${memory.bytes}`;
  return [
    'MEMORY',
    '{',
    ...(vectors === undefined ? [] : [region('VECTORS', 'rx', vectors)]),
    region('FLASH', 'rx', flash),
    region('RAM', 'rwx', ram),
    '}',
    ...(vectors === undefined ? ['REGION_ALIAS("VECTORS", FLASH)'] : []),
    `stack_bytes = ${stackBytes};`,
    '',
  ].join('\n');
}

/** The linker's complaint about a full region, as a problem. */
function doesNotFit(board: Board, error: unknown): RunError | undefined {
  if (!(error instanceof RunError) || error.problem.code !== 'compile-failed') return undefined;
  const full = /region `(FLASH|RAM)' overflowed by (\d+) bytes/.exec(error.problem.output);
  if (full === null) return undefined;
  const memory = full[1] === 'FLASH' ? 'flash' : 'ram';
  const haveBytes = board[memory].bytes;
  return new RunError({
    code: 'does-not-fit',
    board: board.name,
    memory,
    needBytes: haveBytes + Number(full[2]),
    haveBytes,
  });
}

const sum = (elf: Elf, kind: (section: Elf['sections'][number]) => boolean): number =>
  elf.sections.filter(kind).reduce((total, section) => total + section.bytes, 0);

/** A builder for a board; the harness's objects stay in the workspace. */
export function createFirmwareBuilder(board: Board, workspace: Workspace): BuildFirmware {
  const core = [...board.coreFlags, '-ffunction-sections', '-fdata-sections'];
  const libraries = ['-Wl,--gc-sections', '-Wl,--start-group', '-lc', '-lgcc', '-Wl,--end-group'];
  const scripts = ['-nostartfiles', '-L', firmwareDirectory, '-T', 'sections.ld'];

  const buildHarness = async (): Promise<{ directory: string; objects: string[] }> => {
    const directory = await workspace.newDirectory(board.name);
    await writeFile(join(directory, 'memory.ld'), renderMemory(board));
    const objects: string[] = [];
    for (const source of sources[board.architecture]) {
      const object = join(directory, `${source.replaceAll(/\W/g, '-')}.o`);
      // Control registers of RV32 are an extension of their own to the assembler, and to it alone.
      const flags = core.map((flag) => (source.endsWith('.S') ? flag.replace('rv32imc', 'rv32imc_zicsr') : flag));
      const definitions = [`-DSTACK_PAINT=${stackPaint}`, ...counterDefinitions(board)];
      const parameters = [
        ...flags,
        '-O2',
        '-Wall',
        ...definitions,
        '-c',
        join(firmwareDirectory, source),
        '-o',
        object,
      ];
      await compile(workspace, board.compiler, parameters, directory);
      objects.push(object);
    }
    return { directory, objects };
  };
  // Remembered when it worked; a compiler that was missing may be there next time.
  let harness: ReturnType<typeof buildHarness> | undefined;
  const harnessOnce = (): ReturnType<typeof buildHarness> => {
    harness ??= buildHarness().catch((error: unknown) => {
      harness = undefined;
      throw error;
    });
    return harness;
  };

  return async (program, options, directory) => {
    const { directory: memory, objects } = await harnessOnce();
    await writeSources(program, directory);
    await writeFile(join(directory, glueName), renderGlue(program, options));
    const models: string[] = [];
    for (const name of sourceNames(program)) {
      const object = `${name.slice(0, -2)}.o`;
      const parameters = [...board.coreFlags, ...modelFlags(program, options), '-c', name, '-o', object];
      await compile(workspace, board.compiler, parameters, directory);
      models.push(object);
    }
    const link = ['-I', firmwareDirectory, glueName, ...models, ...objects, '-L', memory, ...scripts, ...libraries];
    try {
      await compile(workspace, board.compiler, [...core, '-O2', ...link, '-o', 'program.elf'], directory);
    } catch (error) {
      throw doesNotFit(board, error) ?? error;
    }
    // The model alone with the library functions it calls: what it adds to an application's code.
    const roots = ['init', 'input', 'run', 'output'].map((name) => `-Wl,-u,${program.prefix}_${name}`);
    const alone = [
      ...core,
      ...['-L', memory, ...scripts],
      `-Wl,-e,${program.prefix}_run`,
      ...roots,
      // Some address near by, so that a jump reaches it; nothing runs here.
      ...['harness_on_layer', 'harness_mark'].map((name) => `-Wl,--defsym=${name}=${program.prefix}_run`),
      ...models,
      ...libraries,
      '-o',
      'alone.elf',
    ];
    await compile(workspace, board.compiler, alone, directory);

    const read = async (name: string): Promise<Elf> => readElf(await readFile(join(directory, name)));
    const model = await Promise.all(models.map(read));
    const linked = await read('alone.elf');
    const total = (kind: (section: Elf['sections'][number]) => boolean): number =>
      model.reduce((bytes, elf) => bytes + sum(elf, kind), 0);
    return {
      path: join(directory, 'program.elf'),
      elf: await read('program.elf'),
      sizes: {
        textBytes: total((section) => section.executable),
        rodataBytes: total((section) => section.stored && !section.executable && !section.writable),
        dataBytes: total((section) => section.stored && section.writable),
        bssBytes: total((section) => !section.stored),
        modelCodeBytes: sum(linked, (section) => section.executable),
        flashBytes: sum(linked, (section) => section.stored),
      },
    };
  };
}
