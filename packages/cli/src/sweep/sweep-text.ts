// A sweep as text: a line a build, and what other engines take.
import { formatCount } from '../byte-size.ts';
import { alignColumns } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import type { Build, Point } from './pareto.ts';

const count = (value: number | undefined): string => (value === undefined ? '–' : formatCount(value));

/** The table for people; peers' flash is without weights, as they state it. */
export function sweepText(
  title: string,
  builds: readonly Build[],
  peers: readonly (Point & { readonly codeBytes?: number })[],
  { colours }: Terminal,
): string {
  const titles = ['', '  goal', 'RAM asked', 'RAM', 'instructions', 'code', 'all flash'];
  const rows = builds.map(({ optimize, ramBytes, arenaBytes, instructions, codeBytes, flashBytes, front }) => [
    front ? '  front' : '',
    `  ${colours.bold(optimize)}`,
    ramBytes === undefined ? '' : formatCount(ramBytes),
    ...[arenaBytes, instructions, codeBytes, flashBytes].map(count),
  ]);
  const others = peers.map((peer) => [
    '',
    `  ${peer.name}`,
    '',
    ...[peer.arenaBytes, peer.instructions, peer.codeBytes, undefined].map(count),
  ]);
  return [
    colours.bold(title),
    ...alignColumns([titles.map((one) => colours.dim(one)), ...rows, ...others], 'llrrrrr'),
    '',
  ].join('\n');
}
