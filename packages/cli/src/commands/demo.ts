// `anymote demo`: the main job from end to end on one model, as a report: what it is, what it says, the C it becomes, and
// that this C gives the same bits on every target this machine can emulate.
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CArtifact, Graph, LoadedModel } from '@anymote/compiler';
import type { Sample } from '@anymote/verify';
import type { Command } from 'commander';
import { formatBytes, formatCount } from '../byte-size.ts';
import { describeProof } from '../describe-arena.ts';
import { Failure } from '../failure.ts';
import type { ModelFile } from '../model-file.ts';
import type { ModelSample } from '../model-samples.ts';
import { createProgress } from '../progress.ts';
import { alignColumns, shorten } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { describeProgress } from './verify.ts';

const examples = `
Examples:
  anymote demo
  anymote demo path/to/model.tflite
  anymote demo --target cortex-m0plus,cortex-m4,wasm
`;

/** The model that comes with the repository. */
const ownModel = fileURLToPath(new URL('../../../../tests/models/gestures/gestures.tflite', import.meta.url));

/** The C that is written and shown is this target's. */
const shownTarget = 'cortex-m4';

/** Adds the command to a program. */
export function addDemoCommand(program: Command, terminal: Terminal): void {
  program
    .command('demo')
    .summary('the whole way of a model, as a report')
    .description(
      'Run a model, compile it to C and verify that C on all targets; with no model, on the one that comes with anymote.',
    )
    .argument('[model]', 'model file (.tflite)')
    .option('-t, --target <names>', 'targets to verify on, separated by commas', 'all')
    .addHelpText('after', examples)
    .action((model: string | undefined, flags: { readonly target: string }) => demo(terminal, model, flags.target));
}

async function demo(terminal: Terminal, given: string | undefined, targetList: string): Promise<void> {
  const { compile, load } = await import('@anymote/compiler');
  const { readModelFile, aboutFile } = await import('../model-file.ts');
  const { readModelSamples } = await import('../model-samples.ts');
  const { parseTargets } = await import('../target-list.ts');
  const { writeFiles } = await import('../write-files.ts');

  const targets = parseTargets(targetList);
  if (given === undefined && !existsSync(ownModel)) {
    throw new Failure(
      `the model that comes with anymote is not here (${ownModel}): name one, as in: anymote demo model.tflite`,
    );
  }
  const path = given ?? relative(process.cwd(), ownModel);
  const file = await readModelFile(path);
  const { graph } = file;
  const unlimited = { flashBytes: Number.POSITIVE_INFINITY, ramBytes: Number.POSITIVE_INFINITY };
  const artifact = aboutFile(path, () => compile(graph, { target: shownTarget, memory: unlimited }));
  if (artifact.kind !== 'c') throw new Error(`internal error: ${shownTarget} is no C target`);
  describeModel(terminal, file, artifact);

  const model = await load(graph);
  const samples = await readModelSamples(path, model.inputs);
  await showPredictions(terminal, path, model, samples);

  const folder = join('build', artifact.prefix);
  await writeFiles(folder, artifact.files);
  describeCode(terminal, artifact, folder);

  const ok = await verify(terminal, graph, targets, samples);
  describeNextSteps(terminal, path, artifact, folder);
  if (!ok) throw new Failure(`${path}: not the same everywhere`);
}

function describeModel({ write, colours }: Terminal, { path, bytes, graph }: ModelFile, { report }: CArtifact): void {
  const port = (role: string) => (id: number) => {
    const value = graph.values[id];
    return value === undefined
      ? []
      : [[`  ${role}`, shorten(value.name, 40), `${value.type.dtype} [${value.type.shape.join(', ')}]`]];
  };
  write(
    `${[
      `${colours.bold(graph.name)}  ${path}, ${formatCount(bytes.length)} bytes`,
      `  ${graph.nodes.length} layers, ${formatCount(report.modelMacs)} multiply-accumulates${report.macs === report.modelMacs ? '' : ` (${formatCount(report.macs)} of them needed)`}, ${formatCount(report.constantBytes)} bytes of weights and other constants`,
      ...alignColumns([...graph.inputs.flatMap(port('input')), ...graph.outputs.flatMap(port('output'))]),
    ].join('\n')}\n\n`,
  );
}

async function showPredictions(
  { write, colours }: Terminal,
  path: string,
  model: LoadedModel,
  samples: readonly ModelSample[],
): Promise<void> {
  const { readLabels } = await import('../labels.ts');
  const { formatReal, isVector, rankClasses } = await import('../predictions.ts');
  const [output] = model.outputs;
  if (samples.length === 0 || output === undefined || !isVector(output.type)) return;
  const labels = await readLabels(path);
  const start = performance.now();
  const results = samples.map(({ data }) => model.run(data)[0]);
  const milliseconds = (performance.now() - start) / samples.length;
  let right = 0;
  const rows = samples.map(({ file, label }, i) => {
    const data = results[i];
    const [best] = data === undefined ? [] : rankClasses(output.type, data, labels);
    const name = best?.label ?? String(best?.index ?? '');
    if (label !== undefined && label === name) right += 1;
    const mark = label === undefined ? '' : label === name ? colours.green('✓') : colours.red(`✗ it is ${label}`);
    return [`  ${file}`, colours.bold(name), formatReal(best?.value ?? Number.NaN), mark];
  });
  const labelled = samples.filter(({ label }) => label !== undefined).length;
  const score = labelled === 0 ? '' : `, ${right} of ${labelled} right`;
  write(
    `${[
      `In WebAssembly, here: ${samples.length} samples, ${formatReal(Number(milliseconds.toPrecision(2)))} ms each${score}`,
      ...alignColumns(rows, 'llrl'),
    ].join('\n')}\n\n`,
  );
}

function describeCode({ write, colours }: Terminal, { files, report, prefix }: CArtifact, folder: string): void {
  const rows = [...files].map(([name, text]) => [`  ${join(folder, name)}`, formatBytes(Buffer.byteLength(text))]);
  write(
    `${[
      `As self-contained C99: ${colours.bold(`${prefix}_init`)}, ${colours.bold(`${prefix}_input`)}, ${colours.bold(`${prefix}_run`)}, ${colours.bold(`${prefix}_output`)}`,
      ...alignColumns(rows, 'lr'),
      `  arena ${formatCount(report.arenaBytes)} bytes (${describeProof(report)}); no heap, no libm, nothing to link`,
    ].join('\n')}\n\n`,
  );
}

async function verify(
  terminal: Terminal,
  graph: Graph,
  targets: Parameters<typeof import('@anymote/verify').verifyModel>[1]['targets'],
  own: readonly ModelSample[],
): Promise<boolean> {
  const { defaultSamples, explainDifference, explainOutcome, verifyModel } = await import('@anymote/verify');
  const { installHints, reportTable } = await import('../report-table.ts');
  const { colours, write } = terminal;
  // The pseudo-random sample comes second: its instructions are shown.
  const samples: readonly Sample[] = [
    ...defaultSamples(graph, 1),
    ...own.map(({ file, data }) => ({ name: file, inputs: [data] })),
  ];
  const progress = createProgress(terminal);
  const start = performance.now();
  const report = await verifyModel(graph, {
    targets,
    samples,
    onProgress: (one) => progress.show(describeProgress(one)),
  }).finally(() => progress.clear());
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const problems = report.targets.flatMap(({ target, outcome }) => {
    if (outcome.status === 'ok') return [];
    if (outcome.status === 'different') return [`${target}: ${explainDifference(outcome.difference)}`];
    return [`${target}: ${explainOutcome(outcome)}`];
  });
  if (report.reference.status === 'different') {
    problems.unshift(`the interpreter leaves the definition: ${explainDifference(report.reference.difference)}`);
  }
  const verified = report.targets.filter(({ outcome }) => outcome.status === 'ok').length;
  const hints = installHints(report.targets);
  write(
    `${[
      `The same bits in every layer on ${verified} of ${targets.length} targets: ${samples.length} inputs, ${seconds} s`,
      ...reportTable(report.targets, 1, colours).map((line) => `  ${line}`),
      colours.dim('  instructions: executed in one inference, counted by the emulator; code bytes: with all it calls'),
      ...problems.map((problem) => `  ${problem.replaceAll('\n', '\n    ')}`),
      ...(hints.length === 0 ? [] : ['  to verify on the others as well:', ...hints.map((hint) => `    ${hint}`)]),
    ].join('\n')}\n\n`,
  );
  return report.ok;
}

function describeNextSteps({ write, colours }: Terminal, path: string, { prefix }: CArtifact, folder: string): void {
  const rows = [
    [`  make -C ${folder} run`, 'build that C for this machine and run it once'],
    [`  npx anymote compile ${path} --target cortex-m33 --out src/${prefix}/`, 'the same for a core of your choice'],
    [`  npx anymote run ${path} --input x.npy`, 'predictions for inputs of your own'],
    [`  npx anymote inspect ${path}`, 'layers, costs, memory over time'],
    ['  npm start -- path/to/model.tflite', 'this report on any model'],
  ].map(([command = '', purpose = '']) => [command, colours.dim(purpose)]);
  write(`Next\n${alignColumns(rows).join('\n')}\n`);
}
