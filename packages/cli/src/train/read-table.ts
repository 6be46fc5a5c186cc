// A CSV file → rows of features, and what is to be learnt. Columns with texts cannot be features; what is not a number is named.
import { readFile } from 'node:fs/promises';
import type { Examples } from '@anymote/train';
import { Failure, fileFailure } from '../failure.ts';

export interface Table {
  readonly features: readonly string[];
  readonly examples: Examples;
  /** Names of classes; undefined where numbers are learnt, or nothing. */
  readonly classes?: readonly string[];
}

/** What the target column is taken for. */
export type Learning = 'classes' | 'numbers' | 'either' | 'nothing';

/** @throws Failure with the line and column of what cannot be read */
export async function readTable(path: string, target: string | undefined, learning: Learning): Promise<Table> {
  const { parse } = await import('csv-parse/sync');
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileFailure('read', path, error);
  });
  let records: readonly string[][];
  try {
    records = parse(text, { bom: true, skip_empty_lines: true, trim: true }) as string[][];
  } catch (error) {
    throw new Failure(`${path} is no table of commas: ${error instanceof Error ? error.message : String(error)}`);
  }
  const [header = [], ...lines] = records;
  if (lines.length < 2) throw new Failure(`${path} has ${lines.length} rows; a header and at least two rows are due`);
  const at = target === undefined ? -1 : header.indexOf(target);
  if (target !== undefined && at < 0)
    throw new Failure(`${path} has no column ${target}; columns are ${header.join(', ')}`);
  if (learning !== 'nothing' && at < 0) throw new Failure('--target COLUMN says what is to be learnt', 2);
  const columns = header.map((_, i) => i).filter((i) => i !== at);
  if (columns.length === 0) throw new Failure(`${path} has no features`);
  const x = new Float32Array(lines.length * columns.length);
  lines.forEach((line, row) => {
    columns.forEach((column, i) => {
      const cell = line[column] ?? '';
      const value = cell === '' ? Number.NaN : Number(cell);
      if (!Number.isFinite(value))
        throw new Failure(
          `${path}, row ${row + 2}, column ${header[column]}: a number is due, found ${JSON.stringify(cell)}`,
        );
      x[row * columns.length + i] = value;
    });
  });
  const rows = { count: lines.length, features: columns.length, x };
  const features = columns.map((column) => header[column] ?? '');
  if (learning === 'nothing') return { features, examples: { ...rows, y: new Float64Array(rows.count) } };
  const given = lines.map((line) => line[at] ?? '');
  const numbers = given.map(Number);
  const areNumbers = given.every((cell) => cell !== '' && Number.isFinite(Number(cell)));
  const distinct = [...new Set(given)];
  // Whole numbers that come often are classes.
  const areClasses =
    learning === 'classes' ||
    (learning === 'either' &&
      (!areNumbers || (numbers.every(Number.isInteger) && distinct.length <= Math.min(50, rows.count / 5))));
  if (!areClasses) {
    if (!areNumbers) throw new Failure(`${path}: column ${target} has values that are no numbers`);
    return { features, examples: { ...rows, y: Float64Array.from(numbers) } };
  }
  const classes = distinct.sort((a, b) => (areNumbers ? Number(a) - Number(b) : a < b ? -1 : 1));
  if (classes.length < 2 || classes.length > 256)
    throw new Failure(`${path}: column ${target} has ${classes.length} classes; 2 to 256 are due`);
  const position = new Map(classes.map((name, i) => [name, i]));
  return { features, examples: { ...rows, y: Float64Array.from(given, (name) => position.get(name) ?? 0) }, classes };
}
