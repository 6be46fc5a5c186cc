// Text in columns. Widths ignore colours.
import { stripVTControlCharacters } from 'node:util';

const widthOf = (text: string): number => [...stripVTControlCharacters(text)].length;

/** Lines of aligned cells, two spaces between; `align` has a letter a column, l or r (left unless given). */
export function alignColumns(rows: readonly (readonly string[])[], align = ''): readonly string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const padding = ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell)));
        return align[column] === 'r' ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Text cut to a width, with a mark where something is missing. */
export const shorten = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
