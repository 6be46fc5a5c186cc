// Advice in the terminal: the recommendation, three ways side by side, and what would change it.
import {
  type Advice,
  type Answers,
  digits,
  type Flip,
  formatBytes,
  formatHours,
  formatMs,
  formatUsd,
  type Way,
  wayTitle,
} from '@anymote/advise';
import { alignColumns } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** The recommendation in one line. */
export const titleOf = ({ recommended, ways }: Advice): string => {
  if (recommended === undefined) return 'No way meets all answers';
  const chip = ways.find(({ name }) => name === recommended)?.fitting?.chip.name;
  return `${wayTitle(recommended)}${chip === undefined ? '' : ` (${chip})`}`;
};

const labels: Readonly<Partial<Record<keyof Answers, string>>> = {
  devices: 'devices',
  months: 'months',
  rate: 'inferences of a device',
  latency: 'answer within',
  budget: 'budget',
  life: 'battery must last',
  network: 'network',
  learning: 'the model learns',
  dataMustStay: 'data must stay',
  collectData: 'inputs are collected',
  anySize: 'model of any size',
};

export const answerLabel = (answer: keyof Answers): string => labels[answer] ?? answer;

export const consequence = ({ advised }: Flip): string =>
  advised === undefined ? 'no way is left' : wayTitle(advised).toLowerCase();

/** Advice for people. */
export function adviceText(advice: Advice, { colours }: Terminal): string {
  const { ways, answers, recommended, reasons, flips, breakEvens, pricesAsOf } = advice;
  const row = (name: string, cell: (way: Way) => string): readonly string[] => [
    `  ${colours.dim(name)}`,
    ...ways.map((way) => (way.name === recommended ? colours.bold(cell(way)) : cell(way))),
  ];
  const table = [
    ['', ...ways.map(({ name }) => (name === recommended ? colours.green(wayTitle(name)) : wayTitle(name)))],
    row('possible', ({ obstacles }) => (obstacles.length === 0 ? 'yes' : 'no')),
    row('half the answers within', ({ latency }) => (latency === undefined ? '–' : formatMs(latency.median))),
    row('99 % of them', ({ latency }) => (latency === undefined ? '–' : formatMs(latency.p99))),
    row(`within ${formatMs(answers.latency)}`, ({ inTime }) => `${(100 * inTime).toFixed(2)} %`),
    row('leaves the site, a day', ({ leavesBytesPerDay }) =>
      leavesBytesPerDay === 0 ? 'nothing' : formatBytes(leavesBytesPerDay),
    ),
    row(`cost over ${answers.months} months`, ({ costs }) => formatUsd(costs.totalUsd)),
    row('energy, a month', ({ kilowattHoursPerMonth }) => `${digits(kilowattHoursPerMonth)} kWh`),
    ...(answers.battery === undefined
      ? []
      : [row('a battery lasts', ({ lifeHours }) => (lifeHours === undefined ? '–' : formatHours(lifeHours)))]),
  ];
  const changes = flips.map((flip) => [
    `  ${answerLabel(flip.answer)}`,
    `${flip.from} → ${flip.to}`,
    flip.advised === undefined ? colours.red(consequence(flip)) : colours.yellow(consequence(flip)),
  ]);
  const given = ways.find(({ name }) => name === recommended)?.givenUp ?? [];
  return [
    `${colours.bold(titleOf(advice))}`,
    ...reasons.map((reason) => `  ${reason}`),
    ...(given.length === 0 ? [] : [`  Given up: ${given.join('; ')}.`]),
    '',
    ...alignColumns(table),
    '',
    ...breakEvens
      .filter(({ months }) => months < answers.months)
      .map(
        ({ between: [a, b], months }) =>
          `  ${wayTitle(a)} and ${wayTitle(b).toLowerCase()} have cost the same after ${months.toFixed(1)} months.`,
      ),
    ...(flips.length === 0
      ? ['No single answer changes the advice.']
      : [colours.dim('What would change the advice:'), ...alignColumns(changes)]),
    '',
    colours.dim(`Prices as of ${pricesAsOf}, orders of magnitude; --prices replaces them.`),
    '',
  ].join('\n');
}
