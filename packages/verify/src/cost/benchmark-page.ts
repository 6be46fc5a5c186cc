// docs/benchmarks.md from recorded costs and the figures of peers: the same bytes for the same figures.
import { resolveTarget, type Target } from '@anymote/compiler';
import { benchmarkModels, benchmarkTargets } from './benchmark-set.ts';
import type { RecordedCost, RecordedCosts } from './recorded-costs.ts';

/** What another engine needs for the same model; instructions and cycles by target. */
export interface PeerFigures {
  readonly instructions: Readonly<Record<string, number>>;
  readonly estimatedCycles?: Readonly<Record<string, number>>;
  readonly arenaBytes?: number;
  readonly stackBytes?: number;
  readonly codeBytes?: number;
  readonly initInstructions?: number;
}

export interface Peers {
  /** The first is the one that tables compare with. */
  readonly engines: readonly {
    readonly name: string;
    readonly short: string;
    readonly conditions: string;
    readonly models: Readonly<Record<string, PeerFigures>>;
  }[];
  /** Cycles on hardware, in the order of `models`. */
  readonly published: {
    readonly conditions: string;
    readonly models: readonly string[];
    readonly cycles: Readonly<Record<string, readonly number[]>>;
  };
}

/** What the page is made of. */
export interface BenchmarkPage {
  readonly costs: RecordedCosts;
  readonly peers: Peers;
}

const count = (value: number | undefined): string =>
  value === undefined ? '–' : String(value).replace(/\B(?=(\d{3})+$)/g, ',');
const ratio = (a: number | undefined, b: number | undefined): string =>
  a === undefined || b === undefined || b === 0 ? '–' : (a / b).toFixed(2);

/** A Markdown table; all columns but the first to the right. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), `|---|${'---:|'.repeat(header.length - 1)}`, ...rows.map(line)];
}

/** The page's text. */
export function renderBenchmarkPage(page: BenchmarkPage): string {
  return `${[
    '# Benchmarks',
    '',
    'Written by `npm run bench`, from `tests/golden/instructions.json` and `docs/peers.json`; not to be edited.',
    '',
    `One inference on the input \`lcg\` of the golden file, compiled as \`anymote compile\` does unless told otherwise. Every layer's bytes equal those of TensorFlow Lite Micro's reference kernels (\`npm run verify:golden\`). \`anymote bench MODEL --target T\` gives the same figures for any model, layer by layer.`,
    '',
    '- **Instructions** are executed ones of the run function, from its first to its return, counted by the emulators; they repeat to the last one. They are no times: emulators know no caches, pipelines or wait states.',
    '- **Cycles** are estimated: on Cortex-M4 from what was executed and the instruction timings of its manual, on Cortex-M0+ by rp2040js; memory without wait states. There is no model of the other cores.',
    '- **per MAC**: instructions for each multiply-accumulate of the model as it is given; those that need not be done are done by nobody, and count.',
    '- **init**: instructions before the first inference. **stack**: the most that the run function uses.',
    "- **code**: all flash but weights and biases: instructions, tables, requantisation constants, padding, what packing adds to weights, and the functions of the C library and of libgcc that the model calls. **weights**: weights and biases, as the model has them. **arena**: all tensors and scratch memory; it is the model's only RAM beside the stack.",
    '',
    '[WebAssembly and native code](benchmarks-wasm.md) · [where it goes, and how near the wall it is](performance.md)',
    ...benchmarkTargets.flatMap((name) => renderTarget(page, resolveTarget(name))),
    ...renderPeers(page),
  ].join('\n')}\n`;
}

type Row = { readonly name: string; readonly title: string; readonly macs: number; readonly cost: RecordedCost };

const rowsOf = ({ costs }: BenchmarkPage, target: string): readonly Row[] =>
  benchmarkModels.flatMap(({ name, title }) => {
    const model = costs.models[name];
    const cost = model?.costs[target];
    return model === undefined || cost === undefined ? [] : [{ name, title, macs: model.macs, cost }];
  });

function renderTarget(page: BenchmarkPage, { name, description }: Target): readonly string[] {
  const rows = rowsOf(page, name);
  const compiler = page.costs.targets[name];
  if (rows.length === 0 || compiler === undefined) return [];
  const [peer] = page.peers.engines;
  const hasCycles = rows.some(({ cost }) => cost.estimatedCycles !== undefined);
  const figures = ({ name: model }: Row): PeerFigures | undefined => peer?.models[model];
  const hasPeer = rows.some((row) => figures(row)?.instructions[name] !== undefined);
  const hasPeerCycles = rows.some((row) => figures(row)?.estimatedCycles?.[name] !== undefined);
  const short = peer?.short ?? '';
  const header = [
    'model',
    'MACs',
    'instructions',
    'per MAC',
    ...(hasPeer ? [short, 'ratio'] : []),
    ...(hasCycles ? ['est. cycles'] : []),
    ...(hasPeerCycles ? [short, 'ratio'] : []),
    ...['init', 'arena', 'stack', 'code', 'weights'],
  ];
  const cells = (row: Row): readonly string[] => {
    const { title, macs, cost } = row;
    const other = figures(row);
    return [
      title,
      count(macs),
      count(cost.instructions),
      ratio(cost.instructions, macs),
      ...(hasPeer ? [count(other?.instructions[name]), ratio(other?.instructions[name], cost.instructions)] : []),
      ...(hasCycles ? [count(cost.estimatedCycles)] : []),
      ...(hasPeerCycles
        ? [count(other?.estimatedCycles?.[name]), ratio(other?.estimatedCycles?.[name], cost.estimatedCycles)]
        : []),
      count(cost.initInstructions),
      count(cost.arenaBytes),
      count(cost.stackBytes),
      count(cost.codeBytes),
      count(cost.weightBytes),
    ];
  };
  return [
    '',
    `## ${name}`,
    '',
    `${description}. ${compiler.compiler}: \`${compiler.options}\``,
    '',
    ...table(header, rows.map(cells)),
  ];
}

function renderPeers({ peers, costs }: BenchmarkPage): readonly string[] {
  const target = 'cortex-m4';
  const rows = benchmarkModels.filter(({ name }) => peers.engines.some((engine) => engine.models[name] !== undefined));
  const own = (name: string): RecordedCost | undefined => costs.models[name]?.costs[target];
  const instructions = table(
    ['model', 'anymote', ...peers.engines.map(({ short }) => short)],
    rows.map(({ name, title }) => [
      title,
      count(own(name)?.instructions),
      ...peers.engines.map((engine) => count(engine.models[name]?.instructions[target])),
    ]),
  );
  const [peer] = peers.engines;
  const pair = (mine: number | undefined, other: number | undefined): string => `${count(mine)} / ${count(other)}`;
  const memory = table(
    ['anymote / TFLM + CMSIS-NN', 'arena', 'stack', 'code', 'init'],
    rows.map(({ name, title }) => {
      const [mine, other] = [own(name), peer?.models[name]];
      return [
        title,
        pair(mine?.arenaBytes, other?.arenaBytes),
        pair(mine?.stackBytes, other?.stackBytes),
        pair(mine?.codeBytes, other?.codeBytes),
        pair(mine?.initInstructions, other?.initInstructions),
      ];
    }),
  );
  const { published } = peers;
  const titleOf = (name: string): string => benchmarkModels.find((model) => model.name === name)?.title ?? name;
  const hardware = table(
    ['cycles', ...published.models.map(titleOf)],
    [
      ['anymote, estimated', ...published.models.map((name) => count(own(name)?.estimatedCycles))],
      ...Object.entries(published.cycles).map(([name, cycles]) => [name, ...cycles.map(count)]),
    ],
  );
  return [
    '',
    '## Peers',
    '',
    'Instructions of one inference on Cortex-M4:',
    '',
    ...instructions,
    '',
    'Bytes on Cortex-M4, and instructions before the first inference:',
    '',
    ...memory,
    '',
    published.conditions,
    '',
    ...hardware,
    '',
    'How the figures of the peers came about:',
    '',
    ...peers.engines.map(({ name, conditions }) => `- **${name}**: ${conditions}`),
  ];
}
