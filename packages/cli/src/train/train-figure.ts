// What a trained model looks at and where it errs, as an SVG: importances of features as bars, classes against classes as a grid.
import { escapeText } from '../report/figure.ts';

const barHeight = 18;
const mostBars = 24;
const cell = 34;

export interface TrainFigure {
  readonly title: string;
  readonly importances?: readonly { readonly name: string; readonly share: number }[];
  readonly classes?: readonly string[];
  readonly confusion?: readonly (readonly number[])[];
}

export function trainFigure({ title, importances = [], classes = [], confusion = [] }: TrainFigure): string {
  const bars = [...importances].sort((a, b) => b.share - a.share).slice(0, mostBars);
  const most = Math.max(1e-9, ...bars.map(({ share }) => share));
  const grid = confusion.length <= 20 ? confusion : [];
  const barsBottom = 50 + bars.length * barHeight;
  const height = barsBottom + (grid.length === 0 ? 10 : 60 + grid.length * cell);
  const width = Math.max(620, 200 + grid.length * cell);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeText(title)}">`,
    '<style>text{font:12px system-ui,sans-serif;fill:#444}.title{font-size:15px;font-weight:600}.bar{fill:#0072b2}</style>',
    `<text class="title" x="14" y="24">${escapeText(title)}</text>`,
    ...bars.flatMap(({ name, share }, i) => {
      const y = 40 + i * barHeight;
      const length = (share / most) * (width - 280);
      return [
        `<text x="170" y="${y + 13}" text-anchor="end">${escapeText(name)}</text>`,
        `<rect class="bar" x="178" y="${y + 2}" width="${length.toFixed(1)}" height="${barHeight - 5}"/>`,
        `<text x="${(184 + length).toFixed(1)}" y="${y + 13}">${(100 * share).toFixed(1)} %</text>`,
      ];
    }),
    ...gridOf(grid, classes, barsBottom + 20),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

function gridOf(confusion: readonly (readonly number[])[], classes: readonly string[], top: number): readonly string[] {
  if (confusion.length === 0) return [];
  const left = 178;
  const head = `<text x="${left}" y="${top}">rows: what it is; columns: what was found</text>`;
  const cells = confusion.flatMap((row, i) => {
    const total = row.reduce((a, b) => a + b, 0) || 1;
    const y = top + 26 + i * cell;
    const name = escapeText(classes[i] ?? String(i));
    return [
      `<text x="${left - 8}" y="${y + 21}" text-anchor="end">${name}</text>`,
      `<text x="${left + i * cell + cell / 2}" y="${top + 20}" text-anchor="middle">${name}</text>`,
      ...row.map((count, j) => {
        const colour = i === j ? '#0072b2' : '#d55e00';
        const x = left + j * cell;
        return (
          `<rect x="${x}" y="${y}" width="${cell - 2}" height="${cell - 2}" fill="${colour}" fill-opacity="${(0.08 + (0.6 * count) / total).toFixed(2)}"/>` +
          `<text x="${x + cell / 2}" y="${y + 21}" text-anchor="middle">${count === 0 ? '' : count}</text>`
        );
      }),
    ];
  });
  return [head, ...cells];
}
