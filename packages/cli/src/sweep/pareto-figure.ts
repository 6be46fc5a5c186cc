// RAM against instructions as an SVG of its own: builds by goal, the front as a line, other engines beside them; what is larger takes
// more flash. Logarithmic both ways, so that equal ratios are equal distances.
import { formatCount } from '../byte-size.ts';
import { escapeText } from '../report/figure.ts';
import type { Build, Point } from './pareto.ts';

const width = 860;
const height = 520;
const margin = { left: 110, right: 30, top: 56, bottom: 62 };

/** Colours that differ for everyone, and shapes. */
const looks: Readonly<Record<string, { readonly colour: string; readonly shape: 'circle' | 'square' | 'diamond' }>> = {
  speed: { colour: '#d55e00', shape: 'diamond' },
  balanced: { colour: '#0072b2', shape: 'circle' },
  size: { colour: '#009e73', shape: 'square' },
};
const other = { colour: '#7b8494', shape: 'circle' } as const;

type Placed = Point & Required<Pick<Point, 'arenaBytes' | 'instructions'>>;

/** The figure. The same points give the same bytes. */
export function paretoFigure(title: string, builds: readonly Build[], peers: readonly Point[]): string {
  const known = peers.filter(
    (peer): peer is Placed => peer.arenaBytes !== undefined && peer.instructions !== undefined,
  );
  const points: readonly Placed[] = [...builds, ...known];
  const across = axis(
    points.map(({ arenaBytes }) => arenaBytes),
    margin.left,
    width - margin.right,
  );
  const up = axis(
    points.map(({ instructions }) => instructions),
    height - margin.bottom,
    margin.top,
  );
  const [x, y] = [across.at, up.at];
  const mostFlash = Math.max(1, ...builds.map(({ flashBytes }) => flashBytes));
  const leastFlash = Math.min(mostFlash, ...builds.map(({ flashBytes }) => flashBytes));
  const radius = (flashBytes: number): number =>
    mostFlash === leastFlash ? 6 : 5 + (5 * (flashBytes - leastFlash)) / (mostFlash - leastFlash);
  const front = frontOf(builds);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(title)}: RAM against instructions">`,
    '<style>text{font:12px system-ui,sans-serif;fill:#5b6675}.title{font-size:15px;font-weight:600}.grid{stroke:#8b95a5;stroke-opacity:.25}.front{fill:none;stroke:#8b95a5;stroke-width:1.5;stroke-dasharray:5 4}</style>',
    `<text class="title" x="${margin.left}" y="24">${escapeText(title)}</text>`,
    ...across.ticks.map(
      (tick) =>
        `<line class="grid" x1="${at(x(tick))}" x2="${at(x(tick))}" y1="${margin.top}" y2="${height - margin.bottom}"/><text x="${at(x(tick))}" y="${height - margin.bottom + 18}" text-anchor="middle">${formatCount(tick)}</text>`,
    ),
    ...up.ticks.map(
      (tick) =>
        `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${at(y(tick))}" y2="${at(y(tick))}"/><text x="${margin.left - 8}" y="${at(y(tick) + 4)}" text-anchor="end">${formatCount(tick)}</text>`,
    ),
    `<text x="${(margin.left + width - margin.right) / 2}" y="${height - 12}" text-anchor="middle">RAM without stack, bytes (logarithmic)</text>`,
    `<text transform="translate(16 ${(margin.top + height - margin.bottom) / 2}) rotate(-90)" text-anchor="middle">instructions of one inference (logarithmic)</text>`,
    `<polyline class="front" points="${front.map((point) => `${at(x(point.arenaBytes))},${at(y(point.instructions))}`).join(' ')}"/>`,
    ...known.map((peer) => mark(peer, other, x(peer.arenaBytes), y(peer.instructions), 5)),
    ...known.map((peer) => label(peer.name, x(peer.arenaBytes), y(peer.instructions))),
    ...builds.map((build) =>
      mark(build, looks[build.optimize] ?? other, x(build.arenaBytes), y(build.instructions), radius(build.flashBytes)),
    ),
    ...legend(),
    '</svg>',
  ].join('\n')}\n`;
}

const at = (value: number): string => value.toFixed(1);

/** Of the builds that are best in RAM and instructions alone, the way from one to the next. */
function frontOf(builds: readonly Build[]): readonly Build[] {
  const sorted = [...builds].sort((a, b) => a.arenaBytes - b.arenaBytes || a.instructions - b.instructions);
  let least = Number.POSITIVE_INFINITY;
  return sorted.filter(({ instructions }) => {
    if (instructions >= least) return false;
    least = instructions;
    return true;
  });
}

/** A logarithmic axis around the values, with round ticks. */
function axis(values: readonly number[], start: number, end: number) {
  const low = Math.log(Math.max(1, Math.min(...values)) / 1.15);
  const high = Math.log(Math.max(1, ...values) * 1.15);
  const place = (value: number): number => start + ((Math.log(value) - low) / (high - low)) * (end - start);
  const round = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((factor) => factor * 10 ** power)).flat();
  return { at: place, ticks: round.filter((tick) => Math.log(tick) >= low && Math.log(tick) <= high) };
}

function mark(point: Placed, look: (typeof looks)[string], x: number, y: number, size: number): string {
  const flash = point.flashBytes === undefined ? '' : `, ${formatCount(point.flashBytes)} bytes of flash`;
  const about = `<title>${escapeText(`${point.name}: ${formatCount(point.arenaBytes)} bytes of RAM, ${formatCount(point.instructions)} instructions${flash}`)}</title>`;
  const paint = `fill="${look.colour}" fill-opacity=".8" stroke="#fff" stroke-width="1"`;
  if (look.shape === 'circle') return `<circle cx="${at(x)}" cy="${at(y)}" r="${at(size)}" ${paint}>${about}</circle>`;
  const turn = look.shape === 'diamond' ? ` transform="rotate(45 ${at(x)} ${at(y)})"` : '';
  const side = 1.7 * size;
  return `<rect x="${at(x - side / 2)}" y="${at(y - side / 2)}" width="${at(side)}" height="${at(side)}"${turn} ${paint}>${about}</rect>`;
}

/** To the left of points on the right. */
function label(text: string, x: number, y: number): string {
  const [anchor, shift] = x > (width * 2) / 3 ? ['end', -9] : ['start', 9];
  return `<text x="${at(x + shift)}" y="${at(y + 4)}" text-anchor="${anchor}">${escapeText(text)}</text>`;
}

function legend(): readonly string[] {
  const entries = [...Object.entries(looks), ['other engines', other] as const];
  const size = `<text x="${margin.left + 8 + entries.length * 110 + 24}" y="46">the larger a mark, the more flash</text>`;
  return [
    ...entries.map(([name, look], i) => {
      const x = margin.left + 8 + i * 110;
      const point = { name, arenaBytes: 0, instructions: 0 };
      return `<g>${mark(point, look, x, 42, 5).replace(/<title>.*<\/title>/, '')}<text x="${x + 12}" y="46">${escapeText(name)}</text></g>`;
    }),
    size,
  ];
}
