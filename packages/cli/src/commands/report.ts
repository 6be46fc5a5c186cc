// `anymote report`: one self-contained page about a compiled model, to be looked at in a browser.
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Optimize } from '@anymote/compiler';
import type { BenchReport } from '@anymote/verify';
import type { Command } from 'commander';
import { formatCount } from '../byte-size.ts';
import { describeProof, describeRows } from '../describe-arena.ts';
import { Failure, fileFailure } from '../failure.ts';
import { measureModel } from '../measure-model.ts';
import { flashOption, type MemoryFlags, memoryOf, memoryOption, ramOption } from '../memory-options.ts';
import { type ModelFlags, withModelOptions } from '../model-options.ts';
import { optimizeOption } from '../optimize-option.ts';
import type { Measured } from '../report/report-page.ts';
import type { Terminal } from '../terminal.ts';
import { parseIdeas, withoutOption } from '../without-option.ts';

interface ReportFlags extends MemoryFlags, ModelFlags {
  readonly target: string;
  readonly out: string;
  readonly optimize: Optimize;
  readonly without?: string;
  readonly measure?: true;
  readonly peers?: string;
}

const examples = `
Examples:
  anymote report model.tflite --target cortex-m4 --out report.html
  anymote report model.tflite --ram 24K              layers by rows, until they fit
  anymote report model.tflite --measure              instructions and code as measured on the emulated core
  anymote report model.tflite --peers peers.json     beside other engines' figures

Without --measure, instructions and code are those the compiler predicts; memory is exact either way. Figures of other
engines are matched by the model's file name; docs/peers.json of the repository shows the form.
`;

/** Adds the command to a program. */
export function addReportCommand(program: Command, terminal: Terminal): void {
  withModelOptions(program.command('report'))
    .summary('write a page with memory over time and costs by layer')
    .description('Write one HTML page: who lives where in memory and when, instructions and flash by layer.')
    .argument('<model>', 'model file (.tflite, .onnx, .json, .ubj)')
    .option('-t, --target <name>', 'the target', 'cortex-m4')
    .option('-o, --out <file>', 'where to write the page', 'report.html')
    .option(...optimizeOption)
    .option(...withoutOption)
    .option(...ramOption)
    .option(...flashOption)
    .option(...memoryOption)
    .option('--measure', 'measure instructions and code on the emulated core')
    .option('--peers <file>', "other engines' figures, as JSON")
    .addHelpText('after', examples)
    .action((model: string, flags: ReportFlags) => report(terminal, model, flags));
}

async function report(terminal: Terminal, path: string, flags: ReportFlags): Promise<void> {
  const { compile, ideas } = await import('@anymote/compiler');
  const { aboutFile, readModelFile } = await import('../model-file.ts');
  const { parseTargets } = await import('../target-list.ts');
  const { readPeers } = await import('../report/read-peers.ts');
  const { reportPage } = await import('../report/report-page.ts');
  const { writeFiles } = await import('../write-files.ts');
  const [target, another] = parseTargets(flags.target);
  if (target === undefined || another !== undefined) throw new Failure('--target: one target to report on', 2);
  const without = parseIdeas(flags.without, ideas);
  const { optimize } = flags;
  const peers = flags.peers === undefined ? [] : readPeers(await textOf(flags.peers), flags.peers, path, target.name);
  const { graph } = await readModelFile(path, flags);
  // What does not fit can be looked at all the same.
  const memory = memoryOf(flags, Number.POSITIVE_INFINITY);
  const artifact = aboutFile(path, () => compile(graph, { target, memory, optimize, without }));
  const measured = flags.measure
    ? measuredOf(await measureModel(terminal, path, graph, { target, memory, optimize, without }))
    : undefined;
  const page = reportPage({
    title: basename(path),
    target: target.name,
    optimize,
    graph: artifact.graph,
    report: artifact.report,
    plan: artifact.plan,
    ...(measured === undefined ? {} : { measured }),
    peers,
  });
  await writeFiles(dirname(flags.out), new Map([[basename(flags.out), page]]));
  terminal.write(
    [
      `${flags.out}: ${formatCount(artifact.report.arenaBytes)} bytes of RAM, ${describeProof(artifact.report)}; ${formatCount(artifact.report.constantBytes)} bytes of constants`,
      ...describeRows(artifact.report),
      '',
    ].join('\n'),
  );
}

const textOf = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    throw fileFailure('read', path, error);
  });

/** What the page shows of a measurement. */
const measuredOf = ({ instructions, codeBytes, stackBytes, layers }: BenchReport): Measured => ({
  ...(instructions === undefined ? {} : { instructions }),
  ...(codeBytes === undefined ? {} : { codeBytes }),
  ...(stackBytes === undefined ? {} : { stackBytes }),
  layerInstructions: layers.map((layer) => layer.instructions),
});
