// Checks of generated C that need no run: silence under strict warnings on every compiler here, and use from C++.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { boards } from './boards.ts';
import { compile, writeSources } from './firmware.ts';
import { sourceNames, strictFlags } from './glue.ts';
import { RunError } from './run-error.ts';
import type { CProgram, Skipped } from './runner.ts';
import type { Workspace } from './workspace.ts';

/** What one compiler said; `output` is empty when all is well. */
export type SourceCheck =
  | { readonly compiler: string; readonly ok: boolean; readonly output: string }
  | ({ readonly compiler: string } & Skipped);

const compilers: readonly { name: string; command: string; flags: readonly string[] }[] = [
  { name: 'gcc', command: 'gcc', flags: [] },
  { name: 'clang', command: 'clang', flags: [] },
  ...Object.values(boards).map(({ name, compiler, coreFlags }) => ({
    name: `${compiler} ${name}`,
    command: compiler,
    flags: coreFlags,
  })),
];

async function attempt(compiler: string, check: () => Promise<void>): Promise<SourceCheck> {
  try {
    await check();
    return { compiler, ok: true, output: '' };
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    const { problem } = error;
    if (problem.code === 'missing-tool') return { compiler, skipped: problem };
    if (problem.code === 'compile-failed') return { compiler, ok: false, output: problem.output };
    throw error;
  }
}

/** Compiles a program's files with every compiler and core known, under `strictFlags` and the optimisation flags. */
export async function checkWarnings(
  program: CProgram,
  workspace: Workspace,
  optimise: readonly string[] = ['-O2'],
): Promise<readonly SourceCheck[]> {
  const directory = await workspace.newDirectory('warnings');
  await writeSources(program, directory);
  const checks: SourceCheck[] = [];
  for (const { name, command, flags } of compilers) {
    const parameters = [...flags, ...strictFlags, ...optimise, '-c', ...sourceNames(program)];
    checks.push(await attempt(name, () => compile(workspace, command, parameters, directory)));
  }
  return checks;
}

/** Compiles a C++ file that uses the whole interface and links it with the program, with g++ and with clang++. */
export async function checkHeaderFromCpp(program: CProgram, workspace: Workspace): Promise<readonly SourceCheck[]> {
  const { prefix } = program;
  const directory = await workspace.newDirectory('cpp');
  await writeSources(program, directory);
  const include = `#include "${prefix}.h"`;
  const uses = [
    // Twice: the header must guard itself.
    include,
    include,
    `static ${prefix}_t model;`,
    'int main() {',
    `    ${prefix}_init(&model);`,
    `    void *input = ${prefix}_input(&model, 0);`,
    `    ${prefix}_run(&model);`,
    `    return input != nullptr && ${prefix}_output(&model, 0) != nullptr ? 0 : 1;`,
    '}',
    '',
  ];
  await writeFile(join(directory, 'main.cpp'), uses.join('\n'));
  const warnings = ['-Wall', '-Wextra', '-Wpedantic', '-Werror'];
  const checks: SourceCheck[] = [];
  for (const [c, cpp] of [
    ['gcc', 'g++'],
    ['clang', 'clang++'],
  ] as const) {
    const check = async (): Promise<void> => {
      await compile(workspace, cpp, ['-std=c++11', ...warnings, '-c', 'main.cpp', '-o', 'main.o'], directory);
      const objects: string[] = [];
      for (const source of sourceNames(program)) {
        const object = `${source.slice(0, -2)}.o`;
        await compile(workspace, c, ['-std=c99', '-c', source, '-o', object], directory);
        objects.push(object);
      }
      await compile(workspace, cpp, ['main.o', ...objects, '-o', 'main'], directory);
    };
    checks.push(await attempt(cpp, check));
  }
  return checks;
}
