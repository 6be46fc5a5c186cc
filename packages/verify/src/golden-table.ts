// Golden results as text: verdicts, then what it costs, then the reasons.

import { explainDifference } from './difference.ts';
import type { GoldenRow } from './golden.ts';
import { explainOutcome, type LayerCoverage, type Outcome, type TargetReport } from './verify-report.ts';

const marks: Readonly<Record<Outcome['status'], string>> = { ok: '✓', different: '✗', failed: '✗', skipped: '–' };

/** The report in parts; numbers are instructions of one inference on `lcg`. */
export function renderGoldenTable(rows: readonly GoldenRow[]): string {
  const columns = rows[0]?.cells.map(({ target }) => target) ?? [];
  const verdicts = rows.map(({ model, cells }) => [model, ...cells.map(({ outcome }) => marks[outcome.status])]);
  const counted = columns.filter((_, i) => rows.some(({ cells }) => cells[i]?.instructions !== undefined));
  const costs = rows.map(({ model, cells }) => {
    const sizes =
      cells.find(({ target, sizes }) => target === 'cortex-m4' && sizes !== undefined) ??
      cells.find((cell) => cell.sizes !== undefined);
    const known = cells.find((cell) => cell.arenaBytes !== undefined);
    return [
      model,
      number(known?.arenaBytes),
      number(known?.constantBytes),
      sizes === undefined ? '' : `${number(sizes.sizes?.modelCodeBytes)} (${sizes.target})`,
      ...counted.map((column) => number(cells.find(({ target }) => target === column)?.instructions?.[0])),
    ];
  });
  const coverage = rows.flatMap(({ model, cells }) => {
    const layers = cells.find((cell) => cell.layers !== undefined)?.layers;
    return layers === undefined ? [] : coverageLines(model, layers);
  });
  const reasons = rows.flatMap(({ model, cells }) =>
    cells.flatMap((cell) => {
      const reason = reasonOf(cell);
      return reason === undefined ? [] : [`${marks[cell.outcome.status]} ${model} on ${cell.target}: ${reason}`];
    }),
  );
  return [
    ...aligned([['model', ...columns], ...verdicts]),
    '',
    ...aligned([['model', 'arena B', 'constants B', 'code B', ...counted], ...costs]),
    ...(coverage.length === 0 ? [] : ['', ...coverage]),
    ...(reasons.length === 0 ? [] : ['', ...reasons]),
    '',
  ].join('\n');
}

/** What of a model was compared other than layer for layer. */
function coverageLines(model: string, { compared, inPart, removed }: LayerCoverage): readonly string[] {
  const gone = removed.map(({ from, op, by }) => `${from || op} (${by})`).join(', ');
  const part = inPart === 0 ? [] : [`${inPart} less channels that are constant (compared as well) or not read`];
  const parts = [...part, ...(gone === '' ? [] : [`not there any more: ${gone}`])];
  return parts.length === 0 ? [] : [`${model}: ${compared} layers compared; ${parts.join('; ')}`];
}

function reasonOf({ outcome }: TargetReport): string | undefined {
  if (outcome.status === 'ok') return undefined;
  return outcome.status === 'different' ? explainDifference(outcome.difference) : explainOutcome(outcome);
}

const number = (value: number | undefined): string => (value === undefined ? '' : value.toLocaleString('en'));

/** Lines of cells in columns: the first to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
