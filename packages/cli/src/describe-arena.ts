// What is said of an arena: how near it is to the least possible, and what computing by rows costs.
import type { Report } from '@anymote/compiler';
import { formatCount } from './byte-size.ts';

/** `the least possible`, or how far above the least that there could be; of several memories, what is in each. */
export function describeProof({ arenaBytes, arenaLowerBoundBytes, arenaProven, memories }: Report): string {
  if (memories !== undefined) return memories.map(({ name, bytes }) => `${formatCount(bytes)} in ${name}`).join(', ');
  if (arenaProven) return 'the least possible for these tensors';
  const above = arenaBytes - arenaLowerBoundBytes;
  const share = ((100 * above) / Math.max(1, arenaLowerBoundBytes)).toFixed(1);
  return `at least ${formatCount(arenaLowerBoundBytes)}, ${formatCount(above)} above it (${share} %)`;
}

/** What computing by rows saves and costs; nothing where layers are whole. */
export function describeRows({ arenaBytes, byRows }: Report): readonly string[] {
  if (byRows === undefined) return [];
  const change = 100 * (byRows.instructions - 1);
  const cost =
    Math.abs(change) < 0.05
      ? 'as many instructions'
      : `${Math.abs(change).toFixed(1)} % ${change > 0 ? 'more' : 'fewer'} instructions`;
  return [
    `some layers are computed by rows: ${formatCount(byRows.wholeArenaBytes - arenaBytes)} bytes of RAM less, ${cost} as predicted`,
  ];
}
