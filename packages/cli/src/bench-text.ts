// A benchmark's report as text: totals, then a line a layer with a bar for its share.
import type { BenchLayer, BenchReport, InstructionMix } from '@anymote/verify';
import { bar } from './arena-map.ts';
import { formatCount } from './byte-size.ts';
import { groupsOf, type LayerGroup, loopsOf, nameOf, rangeOf, sumOf } from './layer-groups.ts';
import { alignColumns } from './table.ts';
import type { Terminal } from './terminal.ts';

const barWidth = 24;

const count = (value: number | undefined): string => (value === undefined ? '' : formatCount(value));
const ratio = (value: number): string => value.toFixed(2);

/** `13.2 %` of a whole. */
export const percent = (part: number, whole: number): string =>
  whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`;

/** The report for people. */
export function benchText(path: string, report: BenchReport, { colours }: Terminal): string {
  const { instructions, estimatedCycles, microseconds } = report;
  const without = report.without.length === 0 ? '' : `, without ${report.without.join(', ')}`;
  const facts: (readonly string[])[] = [];
  const fact = (name: string, value: number | undefined, remark = ''): void => {
    if (value !== undefined) facts.push([`  ${name}`, colours.bold(formatCount(value)), colours.dim(remark)]);
  };
  const perMac = report.instructionsPerMac;
  fact('instructions', instructions, perMac === undefined ? '' : `${perMac.toFixed(2)} for each multiply-accumulate`);
  fact('estimated cycles', estimatedCycles, report.cycleModel);
  if (microseconds !== undefined) {
    facts.push(['  microseconds', colours.bold(microseconds.toFixed(1)), colours.dim('median on this machine')]);
  }
  fact('multiply-accumulates', report.macs);
  fact('init instructions', report.initInstructions);
  fact('arena bytes', report.arenaBytes);
  fact('stack bytes', report.stackBytes, 'of the run function and what it calls');
  fact('code bytes', report.codeBytes, 'all flash but weights and biases');
  fact('weight bytes', report.weightBytes);
  return [
    `${colours.bold(path)} on ${colours.bold(report.target)}, ${report.optimize}${without}, input ${report.input}`,
    colours.dim(`  ${report.tools}`),
    ...(report.compilerOptions.length === 0 ? [] : [colours.dim(`  ${report.compilerOptions.join(' ')}`)]),
    '',
    ...alignColumns(facts, 'lr'),
    ...(report.mix === undefined ? [] : ['', `  ${describeMix(report.mix)}`]),
    '',
    ...layerTable(report, colours),
    ...report.notes.map((note) => `\n${note}`),
    '',
  ].join('\n');
}

/** `loads 31 %, stores 4 %, …`; kinds that do not occur are left out. */
function describeMix(mix: InstructionMix): string {
  const whole = Object.values(mix).reduce((total, one) => total + one, 0);
  const kinds = Object.entries(mix).filter(([, times]) => times > 0);
  return kinds.map(([kind, times]) => `${kind} ${percent(times, whole)}`).join(', ');
}

function layerTable(report: BenchReport, colours: Terminal['colours']): readonly string[] {
  const { layers, instructions, restInstructions, estimatedCycles } = report;
  const counted = instructions !== undefined;
  const groups = groupsOf(layers);
  const instructionsOf = (group: LayerGroup<BenchLayer>): number => sumOf(group, (layer) => layer.instructions ?? 0);
  const most = Math.max(0, ...groups.map(instructionsOf));
  const rows = groups.map((group) => {
    const macs = sumOf(group, (layer) => layer.macs);
    const own = instructionsOf(group);
    const about = [
      `  ${rangeOf(group)}`,
      colours.bold(nameOf(group)),
      loopsOf(group),
      macs === 0 ? '' : formatCount(macs),
    ];
    if (!counted) return about;
    return [
      ...about,
      formatCount(own),
      macs === 0 ? '' : ratio(own / macs),
      ...(estimatedCycles === undefined ? [] : [count(sumOf(group, (layer) => layer.estimatedCycles ?? 0))]),
      percent(own, instructions ?? 0),
      bar(own, most, barWidth),
    ];
  });
  const titles = ['', 'layer', 'loops', 'MACs'];
  if (counted) {
    titles.push('instructions', 'per MAC', ...(estimatedCycles === undefined ? [] : ['cycles']), 'share', '');
    rows.push(['', 'rest', '', '', count(restInstructions)]);
  }
  const align = `rllr${counted ? 'rr' : ''}${estimatedCycles === undefined ? '' : 'r'}rl`;
  return alignColumns([titles.map((title) => colours.dim(title)), ...rows], align);
}
