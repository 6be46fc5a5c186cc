// Which loops were chosen for each layer and what they were predicted to take, beside what else there was.
import type { LayerReport } from '@anymote/compiler';
import { formatCount } from './byte-size.ts';
import { groupsOf, type LayerGroup, loopsOf, mostOf, nameOf, rangeOf, sumOf } from './layer-groups.ts';
import { alignColumns } from './table.ts';
import type { Terminal } from './terminal.ts';

type Option = LayerReport['options'][number];

/** Bytes of flash an option takes for itself; routines that layers share are counted apart. */
const ownBytes = ({ predicted }: Option): number => predicted.codeBytes + predicted.constantBytes;

/** The options of a layer as JSON has them. */
export const optionsAsJson = (options: readonly Option[]) =>
  options.map(({ tactic, predicted }) => ({
    tactic,
    ...predicted,
    definitions: Object.fromEntries(predicted.definitions),
  }));

/** A line a layer: the loops, their prediction, and the price of the others. */
export function describeLoops(
  layers: readonly LayerReport[],
  target: string,
  { colours }: Terminal,
): readonly string[] {
  const rows = groupsOf(layers).map((group) => {
    const sums = optionsOf(group);
    const chosen = chosenOf(group);
    const names = loopsOf(group);
    const others = sums
      .filter(({ tactic }) => tactic !== names)
      .map(({ tactic, instructions, bytes }) => `${tactic} ${formatCount(instructions)}, ${formatCount(bytes)} B`);
    const scratch = mostOf(group, (layer) => optionOf(layer)?.predicted.scratchBytes ?? 0);
    return [
      rangeOf(group),
      colours.bold(nameOf(group)),
      names,
      formatCount(chosen.instructions),
      formatCount(chosen.bytes),
      scratch === 0 ? '' : formatCount(scratch),
      colours.dim(others.join('; ')),
    ];
  });
  const header = ['', 'op', 'loops', 'instructions', 'flash', 'scratch', 'instead of'].map((title) =>
    colours.dim(title),
  );
  return [
    `loops for ${target}, as predicted (anymote bench measures them):`,
    ...alignColumns([header, ...rows], 'rllrrrl'),
    ...routines(layers),
  ];
}

/** The option that was chosen. */
const optionOf = ({ options, tactic }: LayerReport): Option | undefined =>
  options.find((option) => option.tactic === tactic);

/** What the chosen loops of all parts take, copies between them included. */
const chosenOf = (group: LayerGroup<LayerReport>) => ({
  instructions: sumOf(group, (layer) => optionOf(layer)?.predicted.instructions ?? 0),
  bytes: sumOf(group, (layer) => {
    const option = optionOf(layer);
    return option === undefined ? 0 : ownBytes(option);
  }),
});

/** What all parts that compute would take by loops that each of them could have. */
function optionsOf({ op, parts, computed }: LayerGroup<LayerReport>) {
  const options = parts.filter((part) => part.op === op).flatMap((part) => part.options);
  return [...new Set(options.map(({ tactic }) => tactic))].flatMap((tactic) => {
    const own = options.filter((option) => option.tactic === tactic);
    if (own.length < computed) return [];
    const instructions = own.reduce((total, { predicted }) => total + predicted.instructions, 0);
    return [{ tactic, instructions, bytes: own.reduce((total, option) => total + ownBytes(option), 0) }];
  });
}

/** Routines that the chosen loops call, which stand in a program once. */
function routines(layers: readonly LayerReport[]): readonly string[] {
  const called = new Map(
    layers.flatMap(({ tactic, options }) =>
      options.flatMap((option) => (option.tactic === tactic ? [...option.predicted.definitions] : [])),
    ),
  );
  if (called.size === 0) return [];
  const total = [...called.values()].reduce((sum, bytes) => sum + bytes, 0);
  return [`  and ${called.size} routine${called.size === 1 ? '' : 's'} that they call, ${formatCount(total)} bytes`];
}
