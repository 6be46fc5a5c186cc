// Which loops were chosen for each layer and what they were predicted to take, beside what else there was.
import type { LayerReport } from '@anymote/compiler';
import { formatCount } from './byte-size.ts';
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
  const rows = layers.map(({ op, tactic, options }, layer) => {
    const chosen = options.find((option) => option.tactic === tactic);
    const others = options
      .filter((option) => option.tactic !== tactic)
      .map(
        (option) =>
          `${option.tactic} ${formatCount(option.predicted.instructions)}, ${formatCount(ownBytes(option))} B`,
      );
    return [
      String(layer),
      colours.bold(op),
      tactic,
      formatCount(chosen?.predicted.instructions ?? 0),
      formatCount(chosen === undefined ? 0 : ownBytes(chosen)),
      chosen === undefined || chosen.predicted.scratchBytes === 0 ? '' : formatCount(chosen.predicted.scratchBytes),
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
