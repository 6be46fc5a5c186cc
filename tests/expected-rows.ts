// Rows of other people's tabular models with what their libraries gave for them, from the files beside the models.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ExpectedRows {
  readonly file: string;
  readonly rows: readonly Float32Array[];
  /** By name of an output, by row. */
  readonly expected: Readonly<Record<string, readonly (readonly number[])[]>>;
}

/** The files of a folder that hold models: XGBoost's as JSON, scikit-learn's, ONNX. */
export const modelsIn = (folder: string): readonly string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => /^(xgb|sk)_.*\.json$|\.onnx$/.test(name)) : [];

export function expectedRows(folder: string, file: string): ExpectedRows {
  return file.startsWith('sk_') ? fromDump(folder, file) : fromTable(folder, file);
}

const numberOf = (value: unknown): number =>
  value === 'nan' ? Number.NaN : value === 'inf' ? Infinity : value === '-inf' ? -Infinity : Number(value);

function fromDump(folder: string, file: string): ExpectedRows {
  const { test } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { test: Record<string, unknown[]> };
  const listOf = (value: unknown): number[] => (Array.isArray(value) ? value : [value]).map(numberOf);
  const { X = [], ...others } = test;
  return {
    file,
    rows: X.map((row) => Float32Array.from(listOf(row))),
    expected: Object.fromEntries(Object.entries(others).map(([name, values]) => [name, values.map(listOf)])),
  };
}

function fromTable(folder: string, file: string): ExpectedRows {
  const text = readFileSync(join(folder, file.replace(/\.\w+$/, '.csv')), 'utf8');
  const [head = [], ...lines] = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(','));
  const columns = new Map<string, number[]>();
  head.forEach((name, i) => {
    const key = /^f\d+$/.test(name) ? 'x' : name.replace(/\d+$/, '');
    columns.set(key, [...(columns.get(key) ?? []), i]);
  });
  const rows = (of: readonly number[]): number[][] => lines.map((line) => of.map((i) => numberOf(line[i])));
  const { x = [], ...others } = Object.fromEntries(columns);
  return {
    file,
    rows: rows(x).map((row) => Float32Array.from(row)),
    expected: Object.fromEntries(Object.entries(others).map(([name, of]) => [name, rows(of)])),
  };
}
