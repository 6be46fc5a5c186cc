// `anymote compile`: a model becomes C or WebAssembly in a folder. Either all files are there afterwards, or none is new.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifact, Optimize, Target } from '@anymote/compiler';
import type { Command } from 'commander';
import { formatBytes, formatCount } from '../byte-size.ts';
import { describeProof, describeRows } from '../describe-arena.ts';
import { flashOption, type MemoryFlags, memoryOf, memoryOption, ramOption } from '../memory-options.ts';
import type { ModelFile } from '../model-file.ts';
import { type ModelFlags, withModelOptions } from '../model-options.ts';
import { optimizeOption } from '../optimize-option.ts';
import { alignColumns } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { parseIdeas, withoutOption } from '../without-option.ts';

interface CompileFlags extends MemoryFlags, ModelFlags {
  readonly target: string;
  readonly out: string;
  readonly prefix?: string;
  readonly optimize: Optimize;
  readonly without?: string;
  readonly json?: true;
  readonly force?: true;
}

const examples = `
Examples:
  anymote compile model.tflite --target cortex-m4 --out build/
  anymote compile model.tflite --target cortex-m4 --optimize speed --out build/
  anymote compile model.tflite --target cortex-m0plus --ram 16K --flash 128K --prefix kws --out src/kws/
  anymote compile model.tflite --target cortex-m7 --memory dtcm=64K,sram=256K --out build/
  anymote compile model.tflite --target wasm,cortex-m33 --out build/     (a folder for each target)
  anymote compile forest.json --target cortex-m0plus --outputs predict --features int16 --calibrate rows.csv --out build/
`;

/** The files a user makes their own: not replaced unless forced. */
const userFiles = ['main.c', 'Makefile'];

/** Adds the command to a program. */
export function addCompileCommand(program: Command, terminal: Terminal): void {
  withModelOptions(program.command('compile'))
    .summary('write C or WebAssembly for a model')
    .description(
      'Compile a model to self-contained C99 (PREFIX.h, PREFIX.c, an example and its Makefile) or WebAssembly.',
    )
    .argument('<model>', 'model file (.tflite, .onnx, .json, .ubj)')
    .requiredOption('-t, --target <names>', 'what to compile for; several separated by commas (see: anymote targets)')
    .requiredOption('-o, --out <folder>', 'where to write; made if need be')
    .option('-p, --prefix <name>', 'prefix of all names in the code (from the file name unless given)')
    .option(...optimizeOption)
    .option(...withoutOption)
    .option(...ramOption)
    .option(...flashOption)
    .option(...memoryOption)
    .option('--force', `replace ${userFiles.join(' and ')} as well, which are kept where they are`)
    .option('--json', 'report as JSON')
    .addHelpText('after', examples)
    .action((model: string, flags: CompileFlags) => compileModel(terminal, model, flags));
}

async function compileModel(terminal: Terminal, path: string, flags: CompileFlags): Promise<void> {
  const { compile, ideas } = await import('@anymote/compiler');
  const { aboutFile, readModelFile } = await import('../model-file.ts');
  const { parseTargets } = await import('../target-list.ts');
  const { writeFiles } = await import('../write-files.ts');

  const targets = parseTargets(flags.target);
  const without = parseIdeas(flags.without, ideas);
  const { graph, features } = await readModelFile(path, flags);
  const memory = memoryOf(flags);
  const prefix = flags.prefix === undefined ? {} : { prefix: flags.prefix };
  const compiled = targets.map((target) => {
    const { optimize } = flags;
    const artifact = aboutFile(path, () => compile(graph, { target, memory, optimize, without, ...prefix }));
    return { artifact, folder: targets.length === 1 ? '' : target.name };
  });

  const wanted = compiled.flatMap(({ artifact, folder }) =>
    [...filesOf(artifact)].map(([name, content]) => ({ target: artifact.target, name: join(folder, name), content })),
  );
  const kept = flags.force ? [] : await keptFiles(flags.out, wanted);
  const written = wanted.filter(({ name }) => !kept.includes(name));
  await writeFiles(flags.out, new Map(written.map(({ name, content }) => [name, content])));

  const listed = (target: Target) =>
    written
      .filter((file) => file.target === target)
      .map(({ name, content }) => ({ path: join(flags.out, name), bytes: Buffer.byteLength(content) }));
  if (flags.json) {
    const reports = compiled.map(({ artifact: { target, prefix, report } }) => ({
      target: target.name,
      prefix,
      files: listed(target),
      ...report,
    }));
    terminal.write(
      `${JSON.stringify({ model: path, ...(features === undefined ? {} : { features }), targets: reports, kept }, null, 2)}\n`,
    );
    return;
  }
  if (features !== undefined) terminal.write(describeFeatures(features));
  for (const { artifact } of compiled) printReport(terminal, path, artifact, listed(artifact.target));
  if (kept.length > 0)
    terminal.write(
      `kept as they were: ${kept.map((name) => join(flags.out, name)).join(', ')} (--force replaces them)\n`,
    );
}

/** What became of features that are integers now. */
function describeFeatures({ scales, changedRows, movedThresholds, rows }: NonNullable<ModelFile['features']>): string {
  const shown = scales.map((scale) => (scale === 1 ? '1' : scale.toPrecision(6)));
  const moved = movedThresholds === 0 ? '' : `; ${movedThresholds} comparisons tell rows apart in another way`;
  return `features as integers: ${changedRows} of ${rows} rows change${moved}\n  integer = value / scale; scales ${shown.join(', ')}\n`;
}

function filesOf(artifact: Artifact): ReadonlyMap<string, string | Uint8Array> {
  return artifact.kind === 'c' ? artifact.files : new Map([[`${artifact.prefix}.wasm`, artifact.bytes]]);
}

/** Files that may have been edited, and are there with another content. */
async function keptFiles(
  folder: string,
  wanted: readonly { readonly name: string; readonly content: string | Uint8Array }[],
): Promise<readonly string[]> {
  const candidates = wanted.filter(({ name }) => userFiles.some((file) => name === file || name.endsWith(`/${file}`)));
  const present = await Promise.all(
    candidates.map(({ name }) => readFile(join(folder, name), 'utf8').catch(() => undefined)),
  );
  return candidates.flatMap(({ name, content }, i) =>
    present[i] === undefined || present[i] === content ? [] : [name],
  );
}

function printReport(
  { write, colours }: Terminal,
  path: string,
  { target, report, kind, prefix }: Artifact,
  files: readonly { readonly path: string; readonly bytes: number }[],
): void {
  const { arenaBytes, constantBytes, macs, modelMacs } = report;
  const rows = files.map((file) => [`  ${file.path}`, formatBytes(file.bytes)]);
  const load =
    kind === 'c'
      ? []
      : [
          `  load: const { memory, init, run, input, output } = (await WebAssembly.instantiate(bytes)).instance.exports;`,
          `        init(); write input 0 at input(0) in memory.buffer; run(); read output 0 at output(0)`,
        ];
  write(
    `${[
      `${path} as ${colours.bold(prefix)} for ${colours.bold(target.name)}`,
      ...alignColumns(rows, 'lr'),
      `  arena ${formatCount(arenaBytes)} bytes (${describeProof(report)}), weights and other constants ${formatCount(constantBytes)} bytes, ${formatCount(macs)} multiply-accumulates${macs === modelMacs ? '' : ` of the model’s ${formatCount(modelMacs)}`}`,
      ...describeRows(report).map((line) => `  ${line}`),
      ...load,
    ].join('\n')}\n`,
  );
}
