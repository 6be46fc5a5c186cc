// The arena over time as an SVG: across, the layers in order; upwards, addresses; each block a rectangle over its life, the bytes
// in use as a line, the bound that no placement undercuts as another.
import type { Graph, Plan } from '@anymote/compiler';
import { formatCount } from '../byte-size.ts';
import { escapeText, hueOf, niceTicks } from './figure.ts';

const width = 960;
const height = 380;
const margin = { left: 70, right: 16, top: 14, bottom: 42 };

/** The figure, as markup of its own. Blocks have titles that say what they hold, where and how long. */
export function memoryFigure(graph: Graph, plan: Plan): string {
  const layers = Math.max(1, graph.nodes.length);
  const most = Math.max(1, plan.arenaBytes);
  const x = (layer: number): number => margin.left + (layer * (width - margin.left - margin.right)) / layers;
  const y = (bytes: number): number => height - margin.bottom - (bytes * (height - margin.top - margin.bottom)) / most;
  const at = (value: number): string => value.toFixed(1);
  const blocks = plan.blocks.map(({ values, offset, bytes, from, to }, i) => {
    const last = Math.min(to, layers - 1);
    const names = values.map((id) => graph.values[id]?.name ?? '').join(' = ') || 'scratch';
    const title = `${names}: ${formatCount(bytes)} bytes at ${formatCount(offset)}, layers ${from} to ${last}`;
    const fill = values.length === 0 ? 'fill="url(#scratch)"' : `fill="hsl(${hueOf(i)} 62% 62%)"`;
    const box = `x="${at(x(from))}" y="${at(y(offset + bytes))}" width="${at(x(last + 1) - x(from))}" height="${at(y(offset) - y(offset + bytes))}"`;
    return `<rect class="block" ${box} ${fill}><title>${escapeText(title)}</title></rect>`;
  });
  const ticks = niceTicks(most).map(
    (bytes) =>
      `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${at(y(bytes))}" y2="${at(y(bytes))}"/>` +
      `<text x="${margin.left - 8}" y="${at(y(bytes) + 4)}" text-anchor="end">${formatCount(bytes)}</text>`,
  );
  const every = Math.ceil(layers / 24);
  const names = graph.nodes.flatMap((_, layer) =>
    layer % every === 0
      ? [
          `<text x="${at((x(layer) + x(layer + 1)) / 2)}" y="${height - margin.bottom + 16}" text-anchor="middle">${layer}</text>`,
        ]
      : [],
  );
  const inUse = plan.liveBytes.flatMap((bytes, layer) => [
    `${at(x(layer))},${at(y(bytes))}`,
    `${at(x(layer + 1))},${at(y(bytes))}`,
  ]);
  return [
    `<svg id="memory" viewBox="0 0 ${width} ${height}" role="img" aria-label="Arena over time: ${formatCount(plan.arenaBytes)} bytes, at least ${formatCount(plan.lowerBoundBytes)}">`,
    '<defs><pattern id="scratch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#cbd2dc"/><rect width="2" height="6" fill="#8d97a6"/></pattern></defs>',
    ...ticks,
    ...blocks,
    `<polyline class="in-use" points="${inUse.join(' ')}"/>`,
    `<line class="bound" x1="${margin.left}" x2="${width - margin.right}" y1="${at(y(plan.lowerBoundBytes))}" y2="${at(y(plan.lowerBoundBytes))}"><title>at least ${formatCount(plan.lowerBoundBytes)} bytes</title></line>`,
    ...names,
    `<text x="${width / 2}" y="${height - 6}" text-anchor="middle">layer</text>`,
    '</svg>',
  ].join('\n');
}
