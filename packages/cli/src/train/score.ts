// How good a trained model is, by the code that will run: rows through WebAssembly, compared with what was to be learnt.
import { load, readModel } from '@anymote/compiler';
import type { Examples } from '@anymote/train';
import { isWholeName } from './fit.ts';

export interface Score {
  /** Classes: the share that is right. Numbers: R squared. */
  readonly value: number;
  /** Numbers: the mean absolute error. */
  readonly meanError?: number;
  /** Classes: by class that is, by class that was found. */
  readonly confusion?: readonly (readonly number[])[];
}

/** A model of the file's JSON, that runs here. */
export async function runnerOf(dump: unknown): Promise<(row: Float32Array) => readonly (readonly number[])[]> {
  const graph = readModel(new TextEncoder().encode(JSON.stringify(dump)));
  const model = await load(graph);
  return (row) => model.run(row).map((output) => Array.from(output as ArrayLike<number>, Number));
}

export async function scoreOf(
  dump: unknown,
  examples: Examples,
  classNames: readonly string[] | undefined,
): Promise<Score> {
  const run = await runnerOf(dump);
  const { count, features, x, y } = examples;
  const found = Array.from(
    { length: count },
    (_, row) => run(x.subarray(row * features, (row + 1) * features))[0]?.[0] ?? Number.NaN,
  );
  if (classNames === undefined) {
    const mean = y.reduce((a, b) => a + b, 0) / count;
    const error = found.reduce((sum, value, i) => sum + (value - (y[i] ?? 0)) ** 2, 0);
    const spread = y.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const meanError = found.reduce((sum, value, i) => sum + Math.abs(value - (y[i] ?? 0)), 0) / count;
    return { value: 1 - error / spread, meanError };
  }
  // Labels are the classes' own numbers where they are whole ones.
  const areNumbers = classNames.every(isWholeName);
  const positionOf = (label: number): number => (areNumbers ? classNames.indexOf(String(label)) : label);
  const confusion = classNames.map(() => classNames.map(() => 0));
  found.forEach((label, i) => {
    const row = confusion[y[i] ?? 0];
    const column = positionOf(label);
    if (row !== undefined) row[column] = (row[column] ?? 0) + 1;
  });
  const right = confusion.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
  return { value: right / count, confusion };
}
