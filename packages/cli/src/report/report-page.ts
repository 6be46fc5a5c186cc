// A compiled model as one self-contained HTML page: totals, the arena over time, instructions and flash by layer, what passes took
// out, the planner's bound, and the figures of other engines where they are known. No scripts, nothing loaded.
import type { Graph, LayerReport, Plan, Report } from '@anymote/compiler';
import { formatCount } from '../byte-size.ts';
import { describeProof, describeRows } from '../describe-arena.ts';
import { groupsOf, loopsOf, mostOf, nameOf, rangeOf, sumOf } from '../layer-groups.ts';
import { escapeText, htmlPage } from './figure.ts';
import { memoryFigure } from './memory-figure.ts';

/** What one engine needs for the model on the target; counts that are not known are absent. */
export interface EnginePoint {
  readonly name: string;
  readonly instructions?: number;
  readonly arenaBytes?: number;
  readonly codeBytes?: number;
}

/** Measured counts; what is absent was not measured. */
export interface Measured {
  readonly instructions?: number;
  readonly codeBytes?: number;
  readonly stackBytes?: number;
  readonly layerInstructions: readonly (number | undefined)[];
}

export interface ReportContents {
  readonly title: string;
  readonly target: string;
  readonly optimize: string;
  readonly graph: Graph;
  readonly report: Report;
  readonly plan: Plan;
  /** Absent where instructions are only predicted. */
  readonly measured?: Measured;
  readonly peers: readonly EnginePoint[];
}

const style = `
body{font:15px/1.5 system-ui,sans-serif;color:#1d2430;background:#fff;max-width:1000px;margin:2em auto;padding:0 1em}
h1{font-size:1.5em;margin-bottom:0}h2{font-size:1.15em;margin-top:2em}p.about{color:#5b6675;margin-top:.2em}
.totals{display:flex;flex-wrap:wrap;gap:12px}.totals div{border:1px solid #d9dfe7;border-radius:8px;padding:8px 14px}
.totals b{display:block;font-size:1.35em;font-variant-numeric:tabular-nums}.totals span{color:#5b6675;font-size:.9em}
svg{width:100%;height:auto}svg text{font:11px system-ui,sans-serif;fill:#5b6675}
.grid{stroke:#e6eaf0}.block{stroke:#fff;stroke-width:.6}.block:hover{stroke:#1d2430;stroke-width:1.5}
.in-use{fill:none;stroke:#1d2430;stroke-width:1.5}.bound{stroke:#c0392b;stroke-width:1.5;stroke-dasharray:6 4}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th{font-weight:600;text-align:left;color:#5b6675}th,td{padding:3px 8px;border-bottom:1px solid #e6eaf0}
td.n,th.n{text-align:right}td.bar{width:22%}td.bar i{display:block;height:11px;border-radius:2px;background:#3b82c4}
td.bar i.flash{background:#d08c3a;margin-top:2px}.scroll{overflow-x:auto}
`;

const count = (value: number | undefined): string => (value === undefined ? '–' : formatCount(value));

/** The page. */
export function reportPage(contents: ReportContents): string {
  const { title, target, optimize, graph, report, plan } = contents;
  const sections = [
    totals(contents),
    '<h2>Memory over time</h2>',
    `<p>${proof(report, plan)} Line: bytes in use. Dashed: the bound. Hatched: scratch memory. Rectangles name what they hold.</p>`,
    memoryFigure(graph, plan),
    '<h2>Layers</h2>',
    layerTable(contents),
    '<h2>What the passes took out</h2>',
    passTable(report),
    ...peerSection(contents),
  ];
  return htmlPage(`${title} on ${target}`, style, [
    `<h1>${escapeText(title)}</h1>`,
    `<p class="about">on ${escapeText(target)}, optimised for ${escapeText(optimize)}; by anymote</p>`,
    ...sections,
  ]);
}

/** Where the peak is, and how near it is to the least possible. */
function proof(report: Report, plan: Plan): string {
  const peak = report.layers.reduce<LayerReport | undefined>(
    (a, b) => (a === undefined || b.liveBytes > a.liveBytes ? b : a),
    undefined,
  );
  const where = peak === undefined ? '' : ` Layer ${escapeText(peak.name)} holds the peak.`;
  const rows = describeRows(report).map((line) => ` ${escapeText(line[0]?.toUpperCase() + line.slice(1))}.`);
  return `Arena: <b id="arena">${formatCount(plan.arenaBytes)}</b> bytes, ${escapeText(describeProof(report))}.${where}${rows}`;
}

function totals({ report, plan, measured }: ReportContents): string {
  const predicted = report.layers.reduce((total, layer) => total + (chosenOf(layer)?.instructions ?? 0), 0);
  const facts: readonly (readonly [string, string])[] = [
    measured?.instructions === undefined
      ? ['instructions, predicted', count(predicted)]
      : ['instructions, measured', count(measured.instructions)],
    ['bytes of RAM (arena)', count(plan.arenaBytes)],
    ['bytes of constants', count(report.constantBytes)],
    ['bytes of weights', count(report.weightBytes)],
    ...(measured?.codeBytes === undefined ? [] : ([['bytes of code and tables', count(measured.codeBytes)]] as const)),
    ...(measured?.stackBytes === undefined ? [] : ([['bytes of stack', count(measured.stackBytes)]] as const)),
    ['multiply-accumulates', count(report.macs)],
  ];
  return `<div class="totals">${facts.map(([name, value]) => `<div><b>${value}</b><span>${name}</span></div>`).join('')}</div>`;
}

const chosenOf = ({ options, tactic }: LayerReport): LayerReport['options'][number]['predicted'] | undefined =>
  options.find((option) => option.tactic === tactic)?.predicted;

function layerTable({ graph, report, measured }: ReportContents): string {
  const rows = groupsOf(report.layers).map((group) => {
    const instructions = group.positions.reduce((total, position) => {
      const layer = report.layers[position];
      return total + (measured?.layerInstructions[position] ?? (layer && chosenOf(layer)?.instructions) ?? 0);
    }, 0);
    const code = sumOf(group, (layer) => chosenOf(layer)?.codeBytes ?? 0);
    const flash = code + mostOf(group, (layer) => layer.constantBytes);
    const value = graph.values[graph.nodes[group.positions[0] ?? -1]?.outputs[0] ?? -1];
    const whole = value?.rowsOf === undefined ? value : graph.values[value.rowsOf.value];
    const output = whole === undefined ? '' : `${whole.type.dtype} [${whole.type.shape.join(', ')}]`;
    return { group, output, instructions, flash };
  });
  const most = Math.max(1, ...rows.map(({ instructions }) => instructions));
  const mostFlash = Math.max(1, ...rows.map(({ flash }) => flash));
  const bar = (value: number, whole: number, kind: string): string =>
    `<i class="${kind}" style="width:${((100 * value) / whole).toFixed(1)}%"></i>`;
  const body = rows.map(
    ({ group, output, instructions, flash }) =>
      `<tr class="layer"><td class="n">${rangeOf(group)}</td><td>${escapeText(nameOf(group))}</td><td>${escapeText(output)}</td><td>${escapeText(loopsOf(group))}</td>` +
      `<td class="n">${count(sumOf(group, ({ macs }) => macs))}</td><td class="n">${count(instructions)}</td><td class="n">${count(flash)}</td><td class="n">${count(mostOf(group, ({ liveBytes }) => liveBytes))}</td>` +
      `<td class="bar">${bar(instructions, most, 'instructions')}${bar(flash, mostFlash, 'flash')}</td></tr>`,
  );
  const kind = measured === undefined ? 'predicted' : 'measured';
  return [
    '<div class="scroll"><table id="layers"><thead><tr><th class="n"></th><th>op</th><th>output</th><th>loops</th><th class="n">MACs</th>',
    `<th class="n">instructions, ${kind}</th><th class="n">flash</th><th class="n">RAM</th><th>instructions, flash</th></tr></thead><tbody>`,
    ...body,
    '</tbody></table></div>',
  ].join('\n');
}

function passTable({ passes, macs, modelMacs }: Report): string {
  const rows = passes
    .filter(({ nodes, channels, weights }) => nodes + channels + weights > 0)
    .map(
      (pass) =>
        `<tr><td>${escapeText(pass.name)}</td><td class="n">${count(pass.nodes)}</td><td class="n">${count(pass.channels)}</td><td class="n">${count(pass.weights)}</td><td class="n">${count(pass.macs)}</td><td>${escapeText(pass.note)}</td></tr>`,
    );
  if (rows.length === 0) return '<p>Nothing: every layer is needed as it is.</p>';
  return [
    `<p>${count(modelMacs - macs)} of ${count(modelMacs)} multiply-accumulates, with the same results to the last bit.</p>`,
    '<div class="scroll"><table><thead><tr><th>pass</th><th class="n">layers</th><th class="n">channels</th><th class="n">weights</th><th class="n">MACs</th><th>what it does</th></tr></thead><tbody>',
    ...rows,
    '</tbody></table></div>',
  ].join('\n');
}

function peerSection({ peers, plan, measured }: ReportContents): readonly string[] {
  if (peers.length === 0) return [];
  const own: EnginePoint = {
    name: 'anymote',
    arenaBytes: plan.arenaBytes,
    ...(measured?.instructions === undefined ? {} : { instructions: measured.instructions }),
    ...(measured?.codeBytes === undefined ? {} : { codeBytes: measured.codeBytes }),
  };
  return [
    '<h2>Beside other engines</h2>',
    '<div class="scroll"><table id="peers"><thead><tr><th>engine</th><th class="n">instructions</th><th class="n">bytes of RAM</th><th class="n">code and tables</th></tr></thead><tbody>',
    ...[own, ...peers].map(
      (point) =>
        `<tr><td>${escapeText(point.name)}</td><td class="n">${count(point.instructions)}</td><td class="n">${count(point.arenaBytes)}</td><td class="n">${count(point.codeBytes)}</td></tr>`,
    ),
    '</tbody></table></div>',
  ];
}
