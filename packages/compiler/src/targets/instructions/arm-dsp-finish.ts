// How the dot product routines of Armv7E-M and Armv8-M end: from the sums of two channels, a and a + 256 b, to int8 results.
import { add, cast, int, long, lt, max, min, mul, shr, sub, ushr } from '../../kernel/expressions.ts';
import type { Expr, InstrParam, Region } from '../../kernel/ir.ts';
import type { Writer } from '../../kernel/writer.ts';

export interface FinishVariant {
  /** The offset differs where the accumulator, bias included, is negative. */
  readonly signed: boolean;
  /** Results are clamped to less than int8. */
  readonly clamped: boolean;
  /** The number of channels is odd: the last pair has no second. */
  readonly odd: boolean;
}

export const suffixOf = ({ signed, clamped, odd }: FinishVariant): string =>
  `${signed ? '_signed' : ''}${clamped ? '_clamped' : ''}${odd ? '_odd' : ''}`;

/** All variants. */
export const finishVariants: readonly FinishVariant[] = [false, true].flatMap((signed) =>
  [false, true].flatMap((clamped) => [false, true].map((odd) => ({ signed, clamped, odd }))),
);

/** Words that a channel has in the table of requantisation. */
export const tableWords = ({ signed }: Pick<FinishVariant, 'signed'>): number => (signed ? 6 : 3);

export const memory = (name: string, type: 'i8' | 'i16' | 'i32', access: 'read' | 'write' | 'update'): InstrParam => ({
  name,
  kind: 'region',
  type,
  access,
  in: 'memory',
});

export const scalar = (name: string): InstrParam => ({ name, kind: 'scalar', type: 'index' });

export interface Finishing {
  readonly table: Region;
  readonly y: Region;
  readonly shift: Expr;
  readonly channels: Expr;
  readonly low: Expr | undefined;
  readonly high: Expr | undefined;
}

/**
 * The results of a channel and the next, at `offset` of y: (sum * m + k) >> (32 + shift), saturated. A channel's part of the table
 * is m, k (64 bits); where `signed`: bias, m, k from 0 on, k below 0.
 */
export function storePair(
  k: Writer,
  { signed, odd }: FinishVariant,
  { table, y, shift, channels, low, high }: Finishing,
  sums: { readonly a: Expr; readonly both: Expr },
  { channel, offset }: { readonly channel: Expr; readonly offset: Expr },
): void {
  const result = (sum: Expr, own: Expr): Expr => {
    const at = k.let('entry', mul(own, signed ? 6 : 3));
    const full = signed ? k.let('full', add(sum, k.load(table, at))) : sum;
    const [m, k64] = signed
      ? [add(at, 1), add(add(at, 2), mul(cast('index', ushr(full, int(31))), 2))]
      : [at, add(at, 1)];
    const scaled = add(mul(cast('i64', full), cast('i64', k.load(table, m))), k.load(table, k64, 'i64'));
    const shifted = shr(cast('i32', shr(scaled, long(32))), cast('i32', shift));
    const saturated = min(max(shifted, int(-128)), int(127));
    if (low === undefined || high === undefined) return saturated;
    return min(max(saturated, cast('i32', low)), cast('i32', high));
  };
  k.store(y, add(offset, channel), result(sums.a, channel));
  const next = k.let('next', add(channel, 1));
  const second = (): void => k.store(y, add(offset, next), result(shr(sub(sums.both, sums.a), 8), next));
  if (odd) k.if(lt(next, channels), second);
  else second();
}

/** Where a routine keeps what finishing needs, in bytes from the stack pointer. */
export interface FinishFrame {
  readonly low: number;
  readonly high: number;
  /** Place of the last channel of y, where the number of channels is odd. */
  readonly last: number;
}

/** One result from the sum in a register: r0 the table, r3 the shift, r6 and lr are used up; the result is in lr. */
function resultLines(
  { signed, clamped }: FinishVariant,
  frame: FinishFrame,
  sum: string,
  m: string,
  entry: number,
): readonly string[] {
  const clamp = (bound: number, condition: string): readonly string[] => [
    `ldr r6, [sp, #${bound}]`,
    'cmp lr, r6',
    `it ${condition}`,
    `mov${condition} lr, r6`,
  ];
  return [
    ...(signed
      ? [`lsr r6, ${sum}, #31`, 'add r6, r0, r6, lsl #3', `ldrd r6, lr, [r6, #${entry + 8}]`]
      : [`ldrd r6, lr, [r0, #${entry + 4}]`]),
    `smlal r6, lr, ${sum}, ${m}`,
    'asr lr, lr, r3',
    'ssat lr, #8, lr',
    ...(clamped ? [...clamp(frame.low, 'lt'), ...clamp(frame.high, 'gt')] : []),
  ];
}

/** The factors of a pair of channels into r4 and r5; `pair` counts from the table's place in r0. */
export function factorLines({ signed }: FinishVariant, pair = 0): readonly string[] {
  const entry = 4 * tableWords({ signed });
  const at = 2 * pair * entry + (signed ? 4 : 0);
  return [`ldr r4, [r0, #${at}]`, `ldr r5, [r0, #${at + entry}]`];
}

/**
 * The results of a pair of channels to where `place` points, from the sums in two registers. r0: the table, r2: y at this pair, r3:
 * the shift, r4 and r5: the factors. `offset` is what leads from r2 to the place, in bytes or as a place of the frame.
 */
export function pairLines(
  variant: FinishVariant,
  frame: FinishFrame,
  [a, both]: readonly [a: string, both: string],
  { pair = 0, offset }: { readonly pair?: number; readonly offset?: { readonly frame: number } },
): readonly string[] {
  const { signed, odd } = variant;
  const entry = 4 * tableWords(variant);
  const first = 2 * pair * entry;
  const [base, at] = offset === undefined ? ['r2', 2 * pair] : [a, 0];
  return [
    `sub ${both}, ${both}, ${a}`,
    `asr ${both}, ${both}, #8`,
    ...(signed
      ? [`ldr r6, [r0, #${first}]`, `add ${a}, ${a}, r6`, `ldr r6, [r0, #${first + entry}]`, `add ${both}, ${both}, r6`]
      : []),
    ...resultLines(variant, frame, a, 'r4', first),
    ...(offset === undefined ? [] : [`ldr ${a}, [sp, #${offset.frame}]`, `add ${a}, ${a}, r2`]),
    `strb lr, [${base}, #${at}]`,
    ...resultLines(variant, frame, both, 'r5', first + entry),
    ...(odd
      ? [`ldr r6, [sp, #${frame.last}]`, 'cmp r2, r6', 'it ne', `strbne lr, [${base}, #${at + 1}]`]
      : [`strb lr, [${base}, #${at + 1}]`]),
  ];
}
