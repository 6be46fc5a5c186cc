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

/** Elements in one turn of the loop: counting costs as much as looking up. */
const unrolled = 4;

/** y[i] = table[x[i] + 128] for every element, in the shortest form that gives these results. */
export function lowerTable(k: Writer, x: Operand, y: Operand, table: Int8Array): void {
  const one = oneResult(k, x, table);
  const element = (i: Expr): void => k.store(y, i, one(i));
  const whole = x.length - (x.length % unrolled);
  k.for(
    'i',
    0,
    whole,
    (i) => {
      for (let n = 0; n < unrolled; n += 1) element(add(i, n));
    },
    unrolled,
  );
  k.for('last', whole, x.length, element);
}

/** In the order of the bytes as they stand, 0..127 and then -128..-1: no offset, no extension of the sign. */
export const byBytes = (table: Int8Array): Int8Array =>
  Int8Array.from([...table.subarray(128), ...table.subarray(0, 128)]);

/** The result for the element of x at a position. */
function oneResult(k: Writer, x: Operand, table: Int8Array): (at: Expr) => Expr {
  const [first = 0] = table;
  if (table.every((value) => value === first)) return () => int(first);
  const move = clampedMove(table);
  if (move === undefined) {
    const results = k.constant('table', byBytes(table));
    return (at) => k.load(results, cast('index', k.load(x, at, 'u8')));
  }
  const { offset, low, high } = move;
  return (at) => {
    const moved = add(k.load(x, at), offset);
    // A bound that no int8 value passes needs no test.
    if (-128 + offset >= low) return 127 + offset <= high ? moved : min(moved, high);
    return 127 + offset <= high ? max(moved, low) : clampTo(moved, low, high);
  };
}
