// `anymote train`: a table of features becomes a model that every other command reads, with scores on rows it has not seen.
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { Failure, fileFailure } from '../failure.ts';
import { createProgress } from '../progress.ts';
import { alignColumns } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import type { FitOptions, Fitted, Kind } from '../train/fit.ts';
import type { Score } from '../train/score.ts';

interface TrainFlags extends Pick<FitOptions, 'trees' | 'depth' | 'minLeaf' | 'clusters' | 'penalty' | 'seed'> {
  readonly target?: string;
  readonly out: string;
  readonly contamination: number;
  readonly folds: number;
  readonly heldOut: number;
  readonly regression?: true;
  readonly plot?: string;
  readonly json?: true;
}

const kinds: readonly Kind[] = ['forest', 'isolation-forest', 'kmeans', 'logistic'];

const examples = `
Examples:
  anymote train forest sensors.csv --target state --out model.json
  anymote train forest sensors.csv --target load --regression --trees 50 --depth 6 --out model.json --plot model.svg
  anymote train isolation-forest normal.csv --contamination 0.02 --out model.json
  anymote train kmeans sensors.csv --clusters 5 --out model.json
  anymote train logistic sensors.csv --target state --out model.json

The model is read by every other command: anymote compile model.json --target cortex-m4 --out build/
`;

const wholeNumber =
  (name: string, least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most)
      throw new Failure(`${name}: a whole number of ${least} to ${most} is due, found ${text}`, 2);
    return value;
  };

const share =
  (name: string, least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!(value >= least && value <= most))
      throw new Failure(`${name}: a number of ${least} to ${most} is due, found ${text}`, 2);
    return value;
  };

/** Adds the command to a program. */
export function addTrainCommand(program: Command, terminal: Terminal): void {
  program
    .command('train')
    .summary('train a small model on a table of features')
    .description(
      'Train a forest, an isolation forest, k-means or logistic regression on a CSV file, and say how good it is.',
    )
    .argument('<kind>', kinds.join(', '))
    .argument('<table>', 'CSV file with a header; all columns but the target are features')
    .requiredOption('-o, --out <file>', 'where to write the model (.json)')
    .option('-t, --target <column>', 'what is to be learnt')
    .option('--regression', 'learn numbers even where they look like classes')
    .option('--trees <n>', 'trees of a forest', wholeNumber('--trees', 1, 1000), 20)
    .option('--depth <n>', 'levels of a tree', wholeNumber('--depth', 1, 30), 8)
    .option('--min-leaf <n>', 'examples at a leaf', wholeNumber('--min-leaf', 1, 1e6), 1)
    .option('--clusters <n>', 'clusters of k-means', wholeNumber('--clusters', 1, 256), 4)
    .option(
      '--contamination <share>',
      'share of the table that counts as anomalous',
      share('--contamination', 0, 0.5),
      0,
    )
    .option('--penalty <number>', 'of squared weights in logistic regression', share('--penalty', 0, 1e6), 1e-3)
    .option('--folds <n>', 'parts for cross-validation; 0 for none', wholeNumber('--folds', 0, 20), 5)
    .option('--held-out <share>', 'share of the rows that is kept for the last score', share('--held-out', 0, 0.9), 0.2)
    .option('--seed <n>', 'of everything random', wholeNumber('--seed', 0, 1e9), 1)
    .option('--plot <file>', 'an SVG of what the model looks at and where it errs')
    .option('--json', 'report as JSON')
    .addHelpText('after', examples)
    .action((kind: string, table: string, flags: TrainFlags) => train(terminal, kind, table, flags));
}

interface Report {
  readonly kind: Kind;
  readonly rows: number;
  readonly features: number;
  readonly classes?: readonly string[];
  readonly crossValidation?: readonly number[];
  readonly heldOut?: Score;
  readonly threshold?: number;
  readonly inertia?: number;
  readonly importances?: readonly { readonly name: string; readonly share: number }[];
}

async function train(terminal: Terminal, given: string, path: string, flags: TrainFlags): Promise<void> {
  const kind = kinds.find((one) => one === given);
  if (kind === undefined) throw new Failure(`there is no kind ${given}; kinds are ${kinds.join(', ')}`, 2);
  const { readTable } = await import('../train/read-table.ts');
  const learning =
    kind === 'forest' ? (flags.regression ? 'numbers' : 'either') : kind === 'logistic' ? 'classes' : 'nothing';
  const table = await readTable(path, flags.target, learning);
  const { classes } = table;
  const options: FitOptions = { ...flags, kind, classes: classes?.length ?? 0, classNames: classes };
  const learns = learning !== 'nothing';
  const progress = createProgress(terminal);
  try {
    const { report, fitted } = learns
      ? await supervised(table, options, flags, progress.show)
      : await unsupervised(table, options, flags);
    await write(flags.out, `${JSON.stringify(fitted.dump)}\n`);
    if (flags.plot !== undefined) {
      const { trainFigure } = await import('../train/train-figure.ts');
      const { importances, heldOut } = report;
      const figure = trainFigure({
        title: `${kind} on ${path.replace(/^.*[\\/]/, '')}`,
        ...(importances === undefined ? {} : { importances }),
        ...(classes === undefined ? {} : { classes }),
        ...(heldOut?.confusion === undefined ? {} : { confusion: heldOut.confusion }),
      });
      await write(flags.plot, figure);
    }
    progress.clear();
    if (flags.json) terminal.write(`${JSON.stringify({ table: path, model: flags.out, ...report }, null, 2)}\n`);
    else print(terminal, path, flags, report);
  } finally {
    progress.clear();
  }
}

const write = (path: string, text: string): Promise<void> =>
  writeFile(path, text).catch((error: unknown) => {
    throw fileFailure('write', path, error);
  });

type Table = Awaited<ReturnType<typeof import('../train/read-table.ts').readTable>>;

/** Cross-validated, scored on what was held out, then trained on everything but that. */
async function supervised(
  table: Table,
  options: FitOptions,
  flags: TrainFlags,
  show: (text: string) => void,
): Promise<{ readonly report: Report; readonly fitted: Fitted }> {
  const { partsOf, rowsAt, withoutPart } = await import('@anymote/train');
  const { fit, fitPart } = await import('../train/fit.ts');
  const { scoreOf } = await import('../train/score.ts');
  const { examples, classes, features } = table;
  const held = flags.heldOut > 0 ? partsOf(examples.y, Math.max(2, Math.round(1 / flags.heldOut)), options.seed) : [];
  const training = held.length === 0 ? examples : rowsAt(examples, withoutPart(held, 0));
  const scores: number[] = [];
  if (flags.folds >= 2) {
    const parts = partsOf(training.y, flags.folds, options.seed + 1);
    for (const [i, part] of parts.entries()) {
      show(`cross-validation ${i + 1} of ${parts.length}`);
      const { dump } = fitPart(training, withoutPart(parts, i), options);
      scores.push((await scoreOf(dump, rowsAt(training, part), classes)).value);
    }
  }
  const fitted = fit(training, { ...options, onTree: (done) => show(`tree ${done} of ${options.trees}`) });
  const heldOut = held[0] === undefined ? undefined : await scoreOf(fitted.dump, rowsAt(examples, held[0]), classes);
  const importances = fitted.importances?.map((one, i) => ({ name: features[i] ?? String(i), share: one }));
  return {
    fitted,
    report: {
      kind: options.kind,
      rows: examples.count,
      features: examples.features,
      ...(classes === undefined ? {} : { classes }),
      ...(scores.length === 0 ? {} : { crossValidation: scores }),
      ...(heldOut === undefined ? {} : { heldOut }),
      ...(importances === undefined ? {} : { importances }),
    },
  };
}

/** Trained on everything; an isolation forest's threshold leaves the given share of the table below it. */
async function unsupervised(
  table: Table,
  options: FitOptions,
  flags: TrainFlags,
): Promise<{ readonly report: Report; readonly fitted: Fitted }> {
  const { fit } = await import('../train/fit.ts');
  const { runnerOf } = await import('../train/score.ts');
  const { examples } = table;
  if (options.kind === 'kmeans' && options.clusters > examples.count)
    throw new Failure(`${options.clusters} clusters of ${examples.count} rows`);
  const fitted = fit(examples, options);
  const report: Report = { kind: options.kind, rows: examples.count, features: examples.features };
  if (options.kind === 'kmeans') return { fitted, report: { ...report, inertia: Number(fitted.dump.inertia) } };
  if (flags.contamination === 0) return { fitted, report: { ...report, threshold: -0.5 } };
  const run = await runnerOf(fitted.dump);
  const { count, features, x } = examples;
  const scores = Array.from(
    { length: count },
    (_, row) => run(x.subarray(row * features, (row + 1) * features))[1]?.[0] ?? 0,
  ).sort((a, b) => a - b);
  const offset = scores[Math.floor(flags.contamination * count)] ?? -0.5;
  return { fitted: { ...fitted, dump: { ...fitted.dump, offset } }, report: { ...report, threshold: offset } };
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

function print(
  { write: out, colours }: Terminal,
  path: string,
  { out: model, plot }: TrainFlags,
  report: Report,
): void {
  const { kind, rows, features, classes, crossValidation = [], heldOut, importances = [], threshold, inertia } = report;
  const shown = (value: number): string => (classes === undefined ? value.toFixed(3) : percent(value));
  const mean = crossValidation.reduce((a, b) => a + b, 0) / Math.max(1, crossValidation.length);
  const deviation = Math.sqrt(
    crossValidation.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, crossValidation.length),
  );
  const what = classes === undefined ? 'R squared' : 'right';
  const best = [...importances].sort((a, b) => b.share - a.share).slice(0, 12);
  const most = Math.max(1e-9, ...best.map((one) => one.share));
  const lines = [
    `${colours.bold(kind)} on ${path}: ${rows} rows, ${features} features${classes === undefined ? '' : `, ${classes.length} classes`}`,
    ...(crossValidation.length === 0
      ? []
      : [`  cross-validation  ${shown(mean)} ${what}, ± ${shown(deviation)} over ${crossValidation.length} parts`]),
    ...(heldOut === undefined
      ? []
      : [
          `  held out          ${shown(heldOut.value)} ${what}${heldOut.meanError === undefined ? '' : `, mean error ${heldOut.meanError.toPrecision(4)}`}`,
        ]),
    ...(threshold === undefined ? [] : [`  threshold         scores below ${threshold.toFixed(4)} are anomalies`]),
    ...(inertia === undefined ? [] : [`  inertia           ${inertia.toPrecision(6)}`]),
    ...(best.length === 0 ? [] : ['', '  what it looks at']),
    ...alignColumns(
      best.map((one) => [
        `  ${one.name}`,
        percent(one.share),
        colours.cyan('█'.repeat(Math.round((24 * one.share) / most))),
      ]),
      'lrl',
    ),
    '',
    `model in ${model}${plot === undefined ? '' : `, picture in ${plot}`}; next: anymote compile ${model} --target cortex-m4 --out build/`,
  ];
  out(`${lines.join('\n')}\n`);
}
