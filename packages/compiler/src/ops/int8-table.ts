// Functions of one int8 value as loops: a table of all 256 results, or plain arithmetic where the results are only the
// value moved by a constant and clamped.
import { add, cast, clampTo, int, max, min } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import { clamp } from '../tensor/fixed-point.ts';
import type { Operand } from './op.ts';

/** The results of `definition` for -128..127, in this order. */
export const tableOf = (definition: (value: number) => number): Int8Array =>
  Int8Array.from({ length: 256 }, (_, i) => definition(i - 128));

/** `y = clamp(x + offset, low, high)` for all x in -128..127, if a table says no more than that. */
interface ClampedMove {
  readonly offset: number;
  readonly low: number;
  readonly high: number;
}

function clampedMove(table: Int8Array): ClampedMove | undefined {
  const [low = 0] = table;
  const high = table.at(-1) ?? low;
  // The first value above `low` shows the offset.
  const first = table.findIndex((value) => value > low);
  const offset = first < 0 ? 0 : (table[first] ?? 0) - (first - 128);
  const found = { offset, low, high };
  return table.every((value, i) => value === clamp(i - 128 + offset, low, high)) ? found : undefined;
}

/** y[i] = table[x[i] + 128] for every element, in the shortest form that gives these results. */
export function lowerTable(k: Writer, x: Operand, y: Operand, table: Int8Array): void {
  const one = oneResult(k, table);
  k.for('i', 0, x.length, (i) => k.store(y, i, one(k.load(x, i))));
}

function oneResult(k: Writer, table: Int8Array): (value: Expr) => Expr {
  const [first = 0] = table;
  if (table.every((value) => value === first)) return () => int(first);
  const move = clampedMove(table);
  if (move === undefined) {
    const results = k.constant('table', table);
    return (value) => k.load(results, add(cast('index', value), 128));
  }
  const { offset, low, high } = move;
  return (value) => {
    const moved = add(value, offset);
    // A bound that no int8 value passes needs no test.
    if (-128 + offset >= low) return 127 + offset <= high ? moved : min(moved, high);
    return 127 + offset <= high ? max(moved, low) : clampTo(moved, low, high);
  };
}
