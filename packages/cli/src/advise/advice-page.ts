// Advice as one self-contained HTML page: the recommendation and its reasons, three ways side by side, cost over time, latency, chips, and
// what would change the advice. No scripts, nothing loaded.
import {
  type Advice,
  type CostLine,
  costsUntil,
  digits,
  type FitResult,
  formatBytes,
  formatHours,
  formatMicrojoules,
  formatMs,
  formatUsd,
  usualPrice,
  type Way,
  type WayName,
  wayTitle,
} from '@anymote/advise';
import { escapeText, htmlPage } from '../report/figure.ts';
import { answerLabel, consequence, titleOf } from './advice-text.ts';
import { type Dot, type Line, legend, plotSvg } from './plot.ts';

export interface AdvicePageContents {
  readonly model: string;
  readonly advice: Advice;
  /** All chips under the rate and battery of the answers, and no further demands. */
  readonly chips: FitResult;
}

const colours: Readonly<Record<WayName, string>> = { device: '#0072b2', gateway: '#d55e00', 'data centre': '#7a5195' };

const style = `
body{font:15px/1.5 system-ui,sans-serif;color:#1d2430;background:#fff;max-width:980px;margin:2em auto;padding:0 1em}
h1{font-size:1.5em;margin-bottom:0}h2{font-size:1.15em;margin-top:2em}p.about{color:#5b6675;margin-top:.2em}
.advice{border-left:4px solid #0072b2;background:#f3f7fb;padding:.8em 1.2em;border-radius:0 8px 8px 0}
.advice b{font-size:1.3em}.advice ul{margin:.4em 0 0;padding-left:1.2em}.none{border-color:#c0392b;background:#fdf3f2}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{padding:5px 10px;border-bottom:1px solid #e6eaf0;text-align:left;vertical-align:top}
th{font-weight:600;color:#5b6675}th.best,td.best{background:#f3f7fb}.no{color:#c0392b}.dim{color:#5b6675;font-size:.92em}
svg{width:100%;height:auto}svg text{font:11px system-ui,sans-serif;fill:#5b6675}.grid{stroke:#e6eaf0}.line{fill:none;stroke-width:2.2}
.mark{stroke:#1d2430;stroke-dasharray:3 4}svg .mark-text{fill:#1d2430}.dot{stroke:#fff;fill-opacity:.8}.dot:hover{stroke:#1d2430}
.legend span{margin-right:1.4em}.legend i{display:inline-block;width:14px;height:10px;border-radius:2px;margin-right:6px}.scroll{overflow-x:auto}
`;

/** The page. */
export function advicePage(contents: AdvicePageContents): string {
  const { model, advice } = contents;
  const title = advice.answers.title ?? model;
  return htmlPage(`Where ${title} should run`, style, [
    `<h1>${escapeText(title)}</h1>`,
    `<p class="about">${escapeText(`${model}; prices as of ${advice.pricesAsOf}; by anymote`)}</p>`,
    recommendation(advice),
    '<h2>Three ways</h2>',
    wayTable(advice),
    '<h2>Cost over time</h2>',
    costPlot(advice),
    '<h2>How long an answer takes</h2>',
    latencyPlot(advice),
    '<h2>Chips</h2>',
    chipPlot(contents),
    '<h2>What would change the advice</h2>',
    flipTable(advice),
    '<h2>Costs, line by line</h2>',
    costTable(advice),
  ]);
}

function recommendation(advice: Advice): string {
  const reasons = advice.reasons.map((reason) => `<li>${escapeText(reason)}</li>`).join('');
  const kind = advice.recommended === undefined ? 'advice none' : 'advice';
  return `<div class="${kind}" id="advice"><b>${escapeText(titleOf(advice))}</b><ul>${reasons}</ul></div>`;
}

function wayTable({ ways, recommended, answers }: Advice): string {
  const row = (name: string, cell: (way: Way) => string): string =>
    `<tr><th>${name}</th>${ways.map((way) => `<td${way.name === recommended ? ' class="best"' : ''}>${cell(way)}</td>`).join('')}</tr>`;
  const list = (texts: readonly string[], kind: string): string =>
    texts.map((text) => `<div class="${kind}">${escapeText(text)}</div>`).join('');
  const rows = [
    row('possible', ({ obstacles }) => (obstacles.length === 0 ? 'yes' : list(obstacles, 'no'))),
    row('answer, half of them within', ({ latency }) => (latency === undefined ? '–' : formatMs(latency.median))),
    row('99 % within', ({ latency }) => (latency === undefined ? '–' : formatMs(latency.p99))),
    row(`within ${escapeText(formatMs(answers.latency))}`, ({ inTime }) => `${(100 * inTime).toFixed(2)} %`),
    row('leaves the site', ({ leavesBytesPerDay }) =>
      leavesBytesPerDay === 0 ? 'nothing' : `${formatBytes(leavesBytesPerDay)} a day`,
    ),
    row(`cost over ${answers.months} months`, ({ costs }) => formatUsd(costs.totalUsd)),
    row('energy', ({ kilowattHoursPerMonth }) => `${digits(kilowattHoursPerMonth)} kWh a month`),
    ...(answers.battery === undefined
      ? []
      : [row('a battery lasts', ({ lifeHours }) => (lifeHours === undefined ? '–' : formatHours(lifeHours)))]),
    row('given up', ({ givenUp }) => list(givenUp, 'dim')),
  ];
  const head = ways.map(
    ({ name, fitting }) =>
      `<th${name === recommended ? ' class="best"' : ''}>${wayTitle(name)}${fitting === undefined ? '' : `<div class="dim">${escapeText(fitting.chip.name)}</div>`}</th>`,
  );
  return `<div class="scroll"><table id="ways"><thead><tr><th></th>${head.join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

function costPlot({ ways, answers, breakEvens }: Advice): string {
  const months = Array.from({ length: 61 }, (_, i) => (i * answers.months) / 60);
  const lines = ways
    .filter(({ costs }) => costs.totalUsd > 0)
    .map(
      ({ name, costs, obstacles }): Line => ({
        name: wayTitle(name),
        colour: colours[name],
        points: months.map((month) => [month, costsUntil(costs, month)]),
        dashed: obstacles.length > 0,
      }),
    );
  const all = lines.flatMap(({ points }) => points.map(([, usd]) => usd)).filter((usd) => usd > 0);
  if (all.length === 0) return '<p>Nothing costs anything.</p>';
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const logarithmic =
    most > 50 * least || most > 50 * Math.min(...lines.map(({ points }) => points.at(-1)?.[1] ?? most));
  const even = breakEvens.filter((one) => one.months < answers.months);
  const svg = plotSvg({
    id: 'costs',
    title: 'Cost over time',
    x: { label: 'months', from: 0, to: answers.months, logarithmic: false, text: (value) => String(Math.round(value)) },
    y: {
      label: 'US dollars, all in all',
      from: logarithmic ? least * 0.8 : 0,
      to: most * 1.05,
      logarithmic,
      text: formatUsd,
    },
    lines,
    marks: even.map(({ between, months: at }) => ({
      axis: 'x',
      at,
      label: `${between.join(' = ')} at ${at.toFixed(1)}`,
    })),
  });
  const words = even.map(
    ({ between: [a, b], months: at }) =>
      `${wayTitle(a)} and ${wayTitle(b).toLowerCase()} have cost the same after ${at.toFixed(1)} months.`,
  );
  return `${legend(lines)}${svg}<p class="dim">${escapeText([...words, ...(lines.some(({ dashed }) => dashed) ? ['Dashed: not possible.'] : [])].join(' '))}</p>`;
}

function latencyPlot({ ways, answers }: Advice): string {
  const known = ways.filter(({ distribution }) => distribution !== undefined);
  const lines = known.map(
    ({ name, distribution = [] }): Line => ({
      name: wayTitle(name),
      colour: colours[name],
      points: distribution.map((ms, percent) => [Math.max(ms, 1e-6), percent]),
    }),
  );
  const all = lines.flatMap(({ points }) => points.map(([ms]) => ms));
  if (all.length === 0) return '<p>There is no way to an answer.</p>';
  const [from, to] = [Math.min(...all, answers.latency) * 0.7, Math.max(...all, answers.latency) * 1.4];
  const svg = plotSvg({
    id: 'latency',
    title: 'How long an answer takes',
    x: { label: 'time to the answer', from, to, logarithmic: true, text: formatMs },
    y: { label: 'per cent of answers within it', from: 0, to: 100, logarithmic: false, text: (value) => `${value} %` },
    lines,
    marks: [{ axis: 'x', at: answers.latency, label: `demanded: ${formatMs(answers.latency)}` }],
  });
  return `${legend(lines)}${svg}<p class="dim">10,000 random cases each: inference, round trip with jitter, transfer, outages.</p>`;
}

function chipPlot({ advice, chips: { fits } }: AdvicePageContents): string {
  if (fits.length === 0) return '<p>No chip carries the model.</p>';
  const { latency, chipPrice, battery } = advice.answers;
  const taken = advice.ways.find(({ name }) => name === 'device')?.fitting?.chip.id;
  const lives = fits.map(({ lifeHours }) => lifeHours?.middle ?? 0);
  const longest = Math.max(1, ...lives);
  const dots = fits.map(({ chip, estimate, lifeHours }): Dot => {
    const price = usualPrice(chip);
    const slow = estimate.latencyMs.middle > latency;
    const life = lifeHours === undefined ? '' : `, battery ${formatHours(lifeHours.middle)}`;
    return {
      x: price,
      y: estimate.latencyMs.middle,
      radius: 4 + 8 * Math.sqrt((lifeHours?.middle ?? 0) / longest),
      colour: chip.id === taken ? '#d55e00' : slow ? '#b8c0cc' : '#0072b2',
      title: `${chip.name}: ${formatUsd(price)}, ${formatMs(estimate.latencyMs.middle)}, ${formatMicrojoules(estimate.microjoules.middle)}${life}`,
      ...(chip.id === taken ? { label: chip.name } : {}),
    };
  });
  const prices = dots.map(({ x }) => x);
  const times = dots.map(({ y }) => y);
  return `${plotSvg({
    id: 'chips',
    title: 'Chips by price and latency',
    x: {
      label: 'price of one, US dollars',
      from: Math.min(...prices) * 0.7,
      to: Math.max(...prices) * 1.5,
      logarithmic: true,
      text: formatUsd,
    },
    y: {
      label: 'latency',
      from: Math.min(...times, latency) * 0.6,
      to: Math.max(...times) * 1.6,
      logarithmic: true,
      text: formatMs,
    },
    dots,
    marks: [
      { axis: 'y', at: latency, label: `demanded: ${formatMs(latency)}` },
      ...(chipPrice === undefined
        ? []
        : [{ axis: 'x' as const, at: chipPrice, label: `at most ${formatUsd(chipPrice)}` }]),
    ],
  })}<p class="dim">${battery === undefined ? '' : 'Larger: the battery lasts longer. '}Grey: too slow. Prices are the middle of a band, of 2025, recalled; latency is an estimate.</p>`;
}

function flipTable({ flips }: Advice): string {
  if (flips.length === 0) return '<p>No single answer changes it.</p>';
  const rows = flips.map(
    (flip) =>
      `<tr class="flip"><td>${escapeText(answerLabel(flip.answer))}</td><td>${escapeText(flip.from)}</td><td>${escapeText(flip.to)}</td><td>${escapeText(consequence(flip))}</td></tr>`,
  );
  return `<div class="scroll"><table id="flips"><thead><tr><th>answer</th><th>now</th><th>if it were</th><th>then</th></tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

function costTable({ ways, answers }: Advice): string {
  const lines = (list: readonly CostLine[]): string =>
    list.map(({ what, usd }) => `<div>${escapeText(what)} <span class="dim">${formatUsd(usd)}</span></div>`).join('') ||
    '–';
  const head = ways.map(({ name }) => `<th>${wayTitle(name)}</th>`).join('');
  const row = (name: string, cell: (way: Way) => string): string =>
    `<tr><th>${name}</th>${ways.map((way) => `<td>${cell(way)}</td>`).join('')}</tr>`;
  return `<div class="scroll"><table id="cost-lines"><thead><tr><th></th>${head}</tr></thead><tbody>${row('once', ({ costs }) => lines(costs.once))}${row('a month', ({ costs }) => lines(costs.monthly))}${row(`${answers.months} months`, ({ costs }) => formatUsd(costs.totalUsd))}</tbody></table></div>`;
}
