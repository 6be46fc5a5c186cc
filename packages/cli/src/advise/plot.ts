// Plots as SVG of their own: axes with round numbers, straight or logarithmic, lines and points that name themselves.
import { escapeText, niceTicks } from '../report/figure.ts';

export interface Axis {
  readonly label: string;
  /** 0 where it is not logarithmic. */
  readonly from: number;
  readonly to: number;
  readonly logarithmic: boolean;
  readonly text: (value: number) => string;
}

export interface Line {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly dashed?: boolean;
}

export interface Dot {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly colour: string;
  /** Shown when pointed at. */
  readonly title: string;
  /** Written beside it. */
  readonly label?: string;
}

/** A line across at a value, with a few words. */
export interface Mark {
  readonly axis: 'x' | 'y';
  readonly at: number;
  readonly label: string;
}

export interface Plot {
  readonly id: string;
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines?: readonly Line[];
  readonly dots?: readonly Dot[];
  readonly marks?: readonly Mark[];
}

const [width, height] = [900, 380];
const margin = { left: 84, right: 24, top: 18, bottom: 52 };

/** The plot. The same contents give the same bytes. */
export function plotSvg({ id, title, x, y, lines = [], dots = [], marks = [] }: Plot): string {
  const across = scale(x, margin.left, width - margin.right);
  const up = scale(y, height - margin.bottom, margin.top);
  const at = (value: number): string => value.toFixed(1);
  const inside = (value: number, { from, to }: Axis): boolean => value >= from && value <= to;
  const ticks = [
    ...ticksOf(x).map(
      (value) =>
        `<line class="grid" x1="${at(across(value))}" x2="${at(across(value))}" y1="${margin.top}" y2="${height - margin.bottom}"/>` +
        `<text x="${at(across(value))}" y="${height - margin.bottom + 18}" text-anchor="middle">${escapeText(x.text(value))}</text>`,
    ),
    ...ticksOf(y).map(
      (value) =>
        `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${at(up(value))}" y2="${at(up(value))}"/>` +
        `<text x="${margin.left - 8}" y="${at(up(value) + 4)}" text-anchor="end">${escapeText(y.text(value))}</text>`,
    ),
  ];
  const drawn = lines.map(({ name, colour, points, dashed }) => {
    const path = points.map(([px, py]) => `${at(across(px))},${at(up(py))}`).join(' ');
    const dash = dashed ? ' stroke-dasharray="6 4"' : '';
    return `<polyline class="line" points="${path}" stroke="${colour}"${dash}><title>${escapeText(name)}</title></polyline>`;
  });
  const spots = dots.map(({ x: px, y: py, radius, colour, title: own, label }) => {
    const words =
      label === undefined
        ? ''
        : `<text x="${at(across(px) + radius + 4)}" y="${at(up(py) + 4)}">${escapeText(label)}</text>`;
    return `<circle class="dot" cx="${at(across(px))}" cy="${at(up(py))}" r="${radius.toFixed(1)}" fill="${colour}"><title>${escapeText(own)}</title></circle>${words}`;
  });
  const marked = marks
    .filter((mark) => inside(mark.at, mark.axis === 'x' ? x : y))
    .map(({ axis, at: value, label }) =>
      axis === 'x'
        ? `<line class="mark" x1="${at(across(value))}" x2="${at(across(value))}" y1="${margin.top}" y2="${height - margin.bottom}"/><text class="mark-text" x="${at(across(value) + 5)}" y="${margin.top + 12}">${escapeText(label)}</text>`
        : `<line class="mark" x1="${margin.left}" x2="${width - margin.right}" y1="${at(up(value))}" y2="${at(up(value))}"/><text class="mark-text" x="${width - margin.right - 4}" y="${at(up(value) - 5)}" text-anchor="end">${escapeText(label)}</text>`,
    );
  return [
    `<svg id="${id}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(title)}">`,
    ...ticks,
    ...marked,
    ...drawn,
    ...spots,
    `<text x="${(margin.left + width - margin.right) / 2}" y="${height - 10}" text-anchor="middle">${escapeText(x.label)}</text>`,
    `<text transform="translate(16 ${(margin.top + height - margin.bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeText(y.label)}</text>`,
    '</svg>',
  ].join('\n');
}

/** A value's place between two. Values outside lie on the edge. */
function scale({ from, to, logarithmic }: Axis, start: number, end: number): (value: number) => number {
  const place = (value: number): number => (logarithmic ? Math.log(value) : value);
  const [low, high] = [place(from), place(to)];
  return (value) => {
    const inside = Math.min(Math.max(value, from), to);
    return high === low ? start : start + ((place(inside) - low) / (high - low)) * (end - start);
  };
}

/** Round values of an axis; one that is not logarithmic begins at 0. */
function ticksOf({ from, to, logarithmic }: Axis): readonly number[] {
  if (!logarithmic) return niceTicks(to);
  const first = Math.floor(Math.log10(from));
  const decades = Math.ceil(Math.log10(to)) - first + 1;
  const steps = decades > 4 ? [1] : [1, 2, 5];
  return Array.from({ length: decades }, (_, i) => steps.map((step) => step * 10 ** (first + i)))
    .flat()
    .filter((value) => value >= from * 0.999 && value <= to * 1.001);
}

/** A legend of lines, as markup. */
export const legend = (lines: readonly Pick<Line, 'name' | 'colour'>[]): string =>
  `<p class="legend">${lines.map(({ name, colour }) => `<span><i style="background:${colour}"></i>${escapeText(name)}</span>`).join('')}</p>`;
