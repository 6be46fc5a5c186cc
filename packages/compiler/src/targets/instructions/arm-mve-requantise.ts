// How the vector routines of Armv8.1-M end: four sums at a time become int8 (tensor/lane-requantisation.ts), exact. As a meaning
// in kernel expressions, and as lines of assembly.
import {
  add,
  and,
  cast,
  clampTo,
  int,
  long,
  lt,
  max,
  min,
  mul,
  select,
  shl,
  shr,
  sub,
} from '../../kernel/expressions.ts';
import type { Expr, InstrParam, Region } from '../../kernel/ir.ts';
import type { Writer } from '../../kernel/writer.ts';
import { fractionBits } from '../../tensor/lane-requantisation.ts';

/** Which of its steps a layer needs. */
export interface FinishVariant {
  /** Results of negative sums are lessened: see `LaneRequantisation`. */
  readonly signed: boolean;
  /** Results are clamped to less than int8. */
  readonly clamped: boolean;
  /** Each channel has a shift of its own. */
  readonly shifts: boolean;
}

/** A variant as numbers, by which a family of routines knows its members, and back. */
export const finishNumbers = ({ signed, clamped, shifts }: FinishVariant): Readonly<Record<string, number>> => ({
  signed: Number(signed),
  clamped: Number(clamped),
  shifts: Number(shifts),
});

export const finishFrom = ({ signed, clamped, shifts }: Readonly<Record<string, number>>): FinishVariant => ({
  signed: signed === 1,
  clamped: clamped === 1,
  shifts: shifts === 1,
});

export const finishSuffix = ({ signed, clamped, shifts }: FinishVariant): string =>
  `${signed ? '_signed' : ''}${clamped ? '_clamped' : ''}${shifts ? '_shifts' : ''}`;

/** Sums that are finished at a time. */
export const lanes = 4;

/** Constants of four lanes, in the order of the table. */
const partsOf = ({ signed, shifts }: FinishVariant): readonly (keyof TableRegisters)[] => [
  'offsets',
  'multipliers',
  ...(signed ? (['less'] as const) : []),
  ...(shifts ? (['shifts'] as const) : []),
];

/** Words of the table for four lanes. */
export const groupWords = (variant: FinishVariant): number => lanes * partsOf(variant).length;

/** Names of the scalars that come last in a routine's parameters. */
export const finishScalars = ({ signed, clamped, shifts }: FinishVariant): readonly string[] => [
  ...(shifts ? [] : ['shift']),
  ...(signed ? ['zero'] : []),
  ...(clamped ? ['low', 'high'] : []),
];

export interface Finishing {
  readonly table: Region;
  /** Word of the table where the four lanes' part begins. */
  readonly group: Expr;
  readonly lane: Expr;
  readonly scalars: Readonly<Record<string, Expr>>;
}

/** The int8 result of a sum. */
export function finishLane(
  k: Writer,
  variant: FinishVariant,
  sum: Expr,
  { table, group, lane, scalars }: Finishing,
): Expr {
  const { signed, clamped, shifts } = variant;
  const { zero = int(0), low = int(0), high = int(0) } = scalars;
  const parts = partsOf(variant);
  const entry = (part: keyof TableRegisters): Expr => k.load(table, add(add(group, parts.indexOf(part) * lanes), lane));
  const shift = shifts ? entry('shifts') : cast('i32', scalars.shift ?? int(0));
  const saturate = (value: Expr): Expr => min(max(value, long(-(2n ** 31n))), long(2n ** 31n - 1n));
  const shifted = saturate(shl(cast('i64', sum), cast('i64', shift)));
  const moved = k.let('moved', saturate(add(shifted, cast('i64', entry('offsets')))));
  const result = k.let('result', cast('i32', shr(mul(moved, cast('i64', entry('multipliers'))), 31)));
  const corrected = signed ? select(lt(result, cast('i32', zero)), sub(result, entry('less')), result) : result;
  // Rounded by the bit below, which cannot wrap where the sum of both might.
  const rounded = add(shr(corrected, fractionBits), and(shr(corrected, fractionBits - 1), 1));
  const narrowed = clampTo(rounded, -128, 127);
  return clamped ? min(max(narrowed, cast('i32', low)), cast('i32', high)) : narrowed;
}

/** The registers that hold the constants of four lanes. */
export interface TableRegisters {
  readonly offsets: string;
  readonly multipliers: string;
  /** What the results of negative sums are less by. */
  readonly less: string;
  readonly shifts: string;
}

/** Reads the constants of four lanes, the address of each part given. */
export const readTable = (
  variant: FinishVariant,
  registers: TableRegisters,
  address: (part: number) => string,
): readonly string[] => partsOf(variant).map((part, n) => `vldrw.u32 ${registers[part]}, ${address(n)}`);

/** From sums to results with their fraction. */
export const scaleLines = (
  { signed, shifts }: FinishVariant,
  sums: readonly string[],
  scalars: { readonly shift: string; readonly zero: string },
  registers: TableRegisters,
): readonly string[] => [
  ...sums.map((sum) => `vqshl.s32 ${sum}, ${shifts ? `${sum}, ${registers.shifts}` : scalars.shift}`),
  ...sums.map((sum) => `vqadd.s32 ${sum}, ${sum}, ${registers.offsets}`),
  ...sums.map((sum) => `vqdmulh.s32 ${sum}, ${sum}, ${registers.multipliers}`),
  ...(signed
    ? sums.flatMap((sum) => [`vpt.s32 lt, ${sum}, ${scalars.zero}`, `vsubt.i32 ${sum}, ${sum}, ${registers.less}`])
    : []),
];

export const memory = (name: string, type: 'i8' | 'i32', access: 'read' | 'write'): InstrParam => ({
  name,
  kind: 'region',
  type,
  access,
  in: 'memory',
});

export const scalar = (name: string): InstrParam => ({ name, kind: 'scalar', type: 'index' });
