// Verification reports as tables.
import type { TargetReport } from '@anymote/verify';
import { formatCount } from './byte-size.ts';
import { alignColumns } from './table.ts';
import type { Colours } from './terminal.ts';

const count = (value: number | undefined): string => (value === undefined ? '' : formatCount(value));

/** The mark of an outcome. */
export function markOf({ outcome }: TargetReport, colours: Colours): string {
  if (outcome.status === 'ok') return colours.green('✓');
  return outcome.status === 'skipped' ? colours.yellow('–') : colours.red('✗');
}

/** A row for each target. `sample` is the one whose instructions are shown. */
export function reportTable(reports: readonly TargetReport[], sample: number, colours: Colours): readonly string[] {
  const header = ['', 'target', 'instructions', 'code bytes', 'constants', 'arena', 'stack'];
  const rows = reports.map((report) => [
    markOf(report, colours),
    report.target,
    count(report.instructions?.[sample]),
    count(report.sizes?.modelCodeBytes ?? report.moduleBytes),
    count(report.constantBytes),
    count(report.arenaBytes),
    count(report.stackBytes),
  ]);
  return alignColumns([header.map((title) => colours.dim(title)), ...rows], 'llrrrrr');
}

/** Commands that install what skipped targets need, packages of one manager in one command. */
export function installHints(reports: readonly TargetReport[]): readonly string[] {
  const hints = reports.flatMap(({ outcome }) => (outcome.status === 'skipped' ? (outcome.install ?? []) : []));
  const packages = new Map<string, Set<string>>();
  for (const hint of hints) {
    const [manager, verb, ...names] = hint.split(' ');
    const command = `${manager} ${verb}`;
    packages.set(command, new Set([...(packages.get(command) ?? []), ...names]));
  }
  return [...packages].map(([command, names]) => `${command} ${[...names].join(' ')}`);
}
