// `anymote verify`: the same inputs through the definition and every target; any difference is named.
import type { Optimize } from '@anymote/compiler';
import type { TargetReport, VerifyProgress } from '@anymote/verify';
import type { Command } from 'commander';
import { Failure } from '../failure.ts';
import { flashOption, type MemoryFlags, memoryOf, memoryOption, ramOption } from '../memory-options.ts';
import { type ModelFlags, withModelOptions } from '../model-options.ts';
import { optimizeOption } from '../optimize-option.ts';
import { createProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { parseIdeas, withoutOption } from '../without-option.ts';

interface VerifyFlags extends MemoryFlags, ModelFlags {
  readonly target: string;
  readonly inputs: string;
  readonly optimize: Optimize;
  readonly without?: string;
  readonly cflags?: string;
  readonly interpret?: true;
  readonly json?: true;
}

const examples = `
Examples:
  anymote verify model.tflite
  anymote verify model.tflite --target cortex-m0plus,cortex-m4,cortex-m55,rv32imc,wasm,host
  anymote verify model.tflite --target cortex-m4 --ram 24K
  anymote verify model.tflite --target cortex-m4 --inputs 16 --optimize speed --cflags=-O3 --json

Exit code 1 when any target differs or fails. Targets whose compiler or emulator is missing are skipped, and say so.
`;

/** Adds the command to a program. */
export function addVerifyCommand(program: Command, terminal: Terminal): void {
  withModelOptions(program.command('verify'))
    .summary('compare a model on targets, bit for bit')
    .description(
      "Run a model on targets and compare every layer with the operators' definitions: integers to the last bit, floats bit-equal on all targets and within 1e-5 of the definition.",
    )
    .argument('<model>', 'model file (.tflite, .onnx, .json, .ubj)')
    .option('-t, --target <names>', 'targets, separated by commas', 'all')
    .option('-n, --inputs <count>', 'pseudo-random inputs, beside zeros', '3')
    .option(...optimizeOption)
    .option(...withoutOption)
    .option(...ramOption)
    .option(...flashOption)
    .option(...memoryOption)
    .option('--cflags <flags>', 'optimisation flags of the C compiler, such as --cflags=-Os')
    .option('--interpret', 'run the kernel interpreter on integer layers as well (slow)')
    .option('--json', 'report as JSON')
    .addHelpText('after', examples)
    .action((model: string, flags: VerifyFlags) => verify(terminal, model, flags));
}

/** What a step of verification is, in a line. */
export function describeProgress(progress: VerifyProgress): string {
  if (progress.step === 'reference') return `computing what is right: input ${progress.done + 1} of ${progress.total}`;
  return progress.state === 'started'
    ? `running on ${progress.target} …`
    : `${progress.target}: ${progress.report.outcome.status}`;
}

/** Which of the model's layers were compared, where that is not all of them whole; passes are the same for all targets. */
function describeCoverage(reports: readonly TargetReport[]): readonly string[] {
  const layers = reports.find((report) => report.layers !== undefined)?.layers;
  if (layers === undefined || (layers.inPart === 0 && layers.removed.length === 0)) return [];
  const { compared, inPart, removed } = layers;
  const part = inPart === 0 ? '' : `, ${inPart} of them less channels that are constant (compared as well) or not read`;
  const gone = removed.map(({ from, op, by }) => `${from || op} by ${by}`).join(', ');
  return ['', `layers compared: ${compared}${part}`, ...(gone === '' ? [] : [`taken out by passes: ${gone}`])];
}

async function verify(terminal: Terminal, path: string, flags: VerifyFlags): Promise<void> {
  const { parseTargets } = await import('../target-list.ts');
  const { readModelFile } = await import('../model-file.ts');
  const { defaultSamples, explainDifference, explainOutcome, verifyModel } = await import('@anymote/verify');
  const { installHints, reportTable } = await import('../report-table.ts');

  const targets = parseTargets(flags.target);
  const without = parseIdeas(flags.without, (await import('@anymote/compiler')).ideas);
  const inputs = Number(flags.inputs);
  if (!Number.isInteger(inputs) || inputs < 0 || inputs > 10_000) {
    throw new Failure(`--inputs ${flags.inputs}: expected a number of inputs`, 2);
  }
  const { graph } = await readModelFile(path, flags);
  const progress = createProgress(terminal);
  const samples = defaultSamples(graph, inputs);
  const report = await verifyModel(graph, {
    targets,
    samples,
    interpret: flags.interpret ? 'all' : 'float',
    optimize: flags.optimize,
    without,
    memory: memoryOf(flags),
    ...(flags.cflags === undefined ? {} : { optimise: flags.cflags.split(/\s+/) }),
    onProgress: (one) => progress.show(describeProgress(one)),
  }).finally(() => progress.clear());

  if (flags.json) {
    const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
    terminal.write(`${JSON.stringify(report, plain, 2)}\n`);
  } else {
    const { colours, write } = terminal;
    const reason = ({ target, outcome }: TargetReport): string[] => {
      if (outcome.status === 'ok') return [];
      return [
        `${target}: ${outcome.status === 'different' ? explainDifference(outcome.difference) : explainOutcome(outcome)}`,
      ];
    };
    const counted = inputs > 0 ? 1 : 0;
    write(`${path}: ${samples.length} inputs (${report.samples.join(', ')}), ${graph.nodes.length} layers\n\n`);
    write(`${reportTable(report.targets, counted, colours).join('\n')}\n`);
    for (const line of describeCoverage(report.targets)) write(`${line}\n`);
    const lines = report.targets.flatMap(reason);
    if (report.reference.status === 'different')
      lines.unshift(`the interpreter leaves the definition: ${explainDifference(report.reference.difference)}`);
    if (lines.length > 0) write(`\n${lines.map((line) => line.replaceAll('\n', '\n  ')).join('\n')}\n`);
    const hints = installHints(report.targets);
    if (hints.length > 0) write(`\nto verify on the targets left out:\n${hints.map((hint) => `  ${hint}\n`).join('')}`);
  }
  if (!report.ok) throw new Failure(`${path}: not the same everywhere`);
}
