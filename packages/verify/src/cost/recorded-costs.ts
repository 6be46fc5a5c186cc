// Costs that are kept in the repository, so that a slower kernel shows in review: what a benchmark measured, model by
// model and target by target, and what has changed since.
import { type Graph, macsOf } from '@anymote/compiler';
import type { BenchReport } from './bench-report.ts';
import { benchmarkModels, benchmarkTargets } from './benchmark-set.ts';

/** The counts of one model on one target; `macs` are those that are done there, `layers` instructions in the order of the
 * layers. */
export interface RecordedCost {
  readonly macs: number;
  readonly instructions: number;
  readonly estimatedCycles?: number;
  readonly initInstructions: number;
  readonly arenaBytes: number;
  readonly stackBytes: number;
  readonly codeBytes: number;
  readonly weightBytes: number;
  readonly layers: readonly number[];
}

export interface RecordedCosts {
  /** What the counts depend on, by target. */
  readonly targets: Readonly<Record<string, { readonly compiler: string; readonly options: string }>>;
  readonly models: Readonly<Record<string, RecordedModel>>;
}

export interface RecordedModel {
  /** Multiply-accumulates of the model as it is given. */
  readonly macs: number;
  /** By target. */
  readonly costs: Readonly<Record<string, RecordedCost>>;
}

/** Where nothing was measured yet. */
export const noCosts: RecordedCosts = { targets: {}, models: {} };

/** The compiler of a report, as it is recorded. */
export const compilerOf = ({ tools, compilerOptions }: BenchReport): { compiler: string; options: string } => ({
  compiler: tools.split(', ')[0] ?? '',
  options: compilerOptions.join(' '),
});

/** What is kept of a report. @throws when it has no counts */
export function recordedCostOf(report: BenchReport): RecordedCost {
  const { macs, instructions, estimatedCycles, initInstructions, arenaBytes, stackBytes, codeBytes, weightBytes } =
    report;
  if (
    instructions === undefined ||
    initInstructions === undefined ||
    stackBytes === undefined ||
    codeBytes === undefined
  )
    throw new Error(`internal error: nothing is counted on ${report.target}`);
  return {
    macs,
    instructions,
    ...(estimatedCycles === undefined ? {} : { estimatedCycles }),
    initInstructions,
    arenaBytes,
    stackBytes,
    codeBytes,
    weightBytes,
    layers: report.layers.map((layer) => layer.instructions ?? 0),
  };
}

/** The costs with a report's in their place. */
export function withReport(costs: RecordedCosts, graph: Graph, model: string, report: BenchReport): RecordedCosts {
  const { target } = report;
  const macs = graph.nodes.reduce((total, node) => total + macsOf(graph, node), 0);
  const others = costs.models[model]?.costs ?? {};
  return {
    targets: { ...costs.targets, [target]: compilerOf(report) },
    models: { ...costs.models, [model]: { macs, costs: { ...others, [target]: recordedCostOf(report) } } },
  };
}

const facts = [
  'instructions',
  'estimatedCycles',
  'initInstructions',
  'macs',
  'arenaBytes',
  'stackBytes',
  'codeBytes',
  'weightBytes',
] as const;

/** What differs between recorded and measured costs, in words; nothing where all is the same. */
export function describeChanges(before: RecordedCost | undefined, after: RecordedCost): readonly string[] {
  if (before === undefined) return ['is not recorded'];
  const change = (name: string, was: number | undefined, is: number | undefined): string[] => {
    if (was === is) return [];
    const share = was === undefined || is === undefined || was === 0 ? '' : ` (${signed((100 * (is - was)) / was)} %)`;
    return [`${name} ${was ?? 'none'} -> ${is ?? 'none'}${share}`];
  };
  const layers = before.layers.length === after.layers.length ? after.layers : [];
  return [
    ...facts.flatMap((name) => change(name, before[name], after[name])),
    ...change('number of layers', before.layers.length, after.layers.length),
    ...layers.flatMap((is, i) => change(`instructions of layer ${i}`, before.layers[i], is)),
  ];
}

const signed = (value: number): string => `${value > 0 ? '+' : ''}${value.toFixed(2)}`;

/** The file's text: a line for each model on each target. */
export function formatRecordedCosts({ targets, models }: RecordedCosts): string {
  const order = [...benchmarkTargets, ...benchmarkModels.map(({ name }) => name)];
  const lines = <T>(record: Readonly<Record<string, T>>, indent: string, text: (value: T) => string): string =>
    Object.entries(record)
      .sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
      .map(([name, value]) => `${indent}${JSON.stringify(name)}: ${text(value)}`)
      .join(',\n');
  const byTarget = lines(targets, '    ', (compiler) => JSON.stringify(compiler));
  const costsOf = ({ macs, costs }: RecordedModel): string =>
    `{\n      "macs": ${macs},\n      "costs": {\n${lines(costs, '        ', (cost) => JSON.stringify(cost))}\n      }\n    }`;
  return `{\n  "targets": {\n${byTarget}\n  },\n  "models": {\n${lines(models, '    ', costsOf)}\n  }\n}\n`;
}
