// What the routines for cores with 32-bit multiplications share: how a channel's sums become outputs, and how routines are defined.
import { add, and, call, cast, clampTo, int, long, max, min, mul, shl, shr, sub } from '../../kernel/expressions.ts';
import type { Expr, Fn, Instr, InstrParam, MemoryType, Region } from '../../kernel/ir.ts';
import { defineFn, defineInstr, type Writer } from '../../kernel/writer.ts';

/** How sums become outputs. */
export interface Finish {
  /** Outputs are -128 for sums up to 0 and grow to 127; else zero point and bounds are operands. */
  readonly relu: boolean;
}

/** What an output channel has in a table of requantisation: its bias and shift, then its multiplier. */
export const entryWords = 2;

/** The shift is stored with so much added. */
export const storedShift = 7;

/** A parameter in memory. */
export const memory = (
  name: string,
  type: MemoryType,
  access: 'read' | 'write' | 'update',
  lanes?: number,
): InstrParam => ({
  name,
  kind: 'region',
  type,
  access,
  in: 'memory',
  ...(lanes === undefined ? {} : { lanes }),
});

/** Parameters that are numbers. */
export const scalars = (...names: readonly string[]): readonly InstrParam[] =>
  names.map((name) => ({ name, kind: 'scalar', type: 'index' }));

/** An instruction that is a whole routine, with what its reader is told. */
export const routine = (note: string, ...definition: Parameters<typeof defineInstr>): Instr => ({
  ...defineInstr(...definition),
  routine: note,
});

/** The operand of a name; a routine has all that its parameters list. */
export function taker<T>(from: Readonly<Record<string, T>>): (name: string) => T {
  return (name) => {
    const found = from[name];
    if (found === undefined) throw new Error(`internal error: no operand ${name}`);
    return found;
  };
}

/** What a channel's sums are finished by. */
interface Finishing {
  readonly bias: Expr;
  readonly multiplier: Expr;
  readonly rounding: Expr;
  readonly right: Expr;
  readonly zero: Expr;
  readonly low: Expr;
  readonly high: Expr;
}

/** `requantiseDown` in one step: a half of either of its roundings is in what is added, and its shift is one more than `right`. */
const scaleRounded: Fn = defineFn(
  'scale_rounded',
  '(acc * multiplier + rounding) / 2^32 / 2^right.',
  { acc: 'i32', multiplier: 'i32', rounding: 'i64', right: 'i32' },
  (k, acc, multiplier, rounding, right) => {
    const product = k.let('product', mul(cast('i64', acc), cast('i64', multiplier)));
    return shr(cast('i32', shr(add(product, rounding), long(32))), right);
  },
);

/** The parts that multiplier, shift and the variant's bounds give. */
export function finishingBy(
  k: Writer,
  { multiplier, shift }: { readonly multiplier: Expr; readonly shift: Expr },
  relu: boolean,
  value: (name: string) => Expr,
): Omit<Finishing, 'bias'> {
  const operand = (name: string, fixed: number): Expr => (relu ? int(fixed) : k.let(name, cast('i32', value(name))));
  const right = k.let('right', sub(shift, storedShift + 1));
  return {
    multiplier: k.let('multiplier', multiplier),
    right,
    rounding: k.let('rounding', add(shl(cast('i64', shl(int(1), right)), long(31)), long(2 ** 30))),
    zero: operand('zero', -128),
    low: operand('low', -128),
    high: operand('high', 127),
  };
}

/** The same from an entry of a table. */
export function finishingOf(
  k: Writer,
  table: Region,
  at: Expr,
  relu: boolean,
  value: (name: string) => Expr,
): Finishing {
  const word = k.let('word', k.load(table, at));
  const factor = { multiplier: k.load(table, add(at, 1)), shift: and(word, int(255)) };
  return { ...finishingBy(k, factor, relu, value), bias: k.let('bias', shr(word, 8)) };
}

/** The output of a sum. */
export function finished(k: Writer, { bias, rounding, ...by }: Finishing, sum: Expr): Expr {
  const acc = k.let('acc', add(sum, bias));
  if (by.low.kind === 'const')
    return add(clampTo(call(scaleRounded, acc, by.multiplier, rounding, by.right), 0, 255), by.zero);
  // Halves are rounded away from zero: below it by one unit of the first rounding less.
  const signed = add(rounding, shl(cast('i64', shr(acc, 31)), long(31)));
  return min(max(add(call(scaleRounded, acc, by.multiplier, signed, by.right), by.zero), by.low), by.high);
}

/** Operands for what a variant does not fix. */
export const boundNames = ({ relu }: Finish): readonly string[] => (relu ? [] : ['zero', 'low', 'high']);

/** Taps that a compiler is shown in one turn of the loop. */
const tapsPerTurn = 4;

/** All taps, some at a time, then one by one. */
export function forTaps(k: Writer, taps: Expr, body: (first: Expr, count: number) => void): void {
  const whole = k.let('whole', cast('index', and(cast('i32', taps), int(-tapsPerTurn))));
  k.for('tap', 0, whole, (tap) => body(tap, tapsPerTurn), tapsPerTurn);
  k.for('last_tap', whole, taps, (tap) => body(tap, 1));
}
