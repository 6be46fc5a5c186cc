// How the dot product routines of Armv7E-M and Armv8-M end: from the sums of two channels, a and a + 256 b, to int8 results.
import { add, and, cast, int, long, lt, max, min, mul, shl, shr, sub, ushr } from '../../kernel/expressions.ts';
import type { Expr, InstrParam, Region } from '../../kernel/ir.ts';
import type { Writer } from '../../kernel/writer.ts';

/**
 * The constants a channel has. `steps`: the factor and an offset of 64 bits, found for the sums that can occur, under a shift that all
 * channels share; fewest instructions. `compact`: the bias, the factor and its own shift in two words; exact for every sum. `single`:
 * the same, where all channels share the factor, which is an operand: a word of bias and shift is left.
 */
export type FinishForm = 'steps' | 'compact' | 'single';

export interface FinishVariant {
  readonly form: FinishForm;
  /** Negative sums, bias included, matter: halves are rounded away from zero below it. Of `steps`, none. */
  readonly signed: boolean;
  /** Results are clamped to less than int8. */
  readonly clamped: boolean;
  /** The number of channels is odd: the last pair has no second. */
  readonly odd: boolean;
}

export const suffixOf = ({ form, signed, clamped, odd }: FinishVariant): string =>
  `${form === 'steps' ? '' : `_${form}`}${signed ? '_signed' : ''}${clamped ? '_clamped' : ''}${odd ? '_odd' : ''}`;

const variantsOf = (form: FinishForm): readonly FinishVariant[] =>
  (form === 'steps' ? [false] : [false, true]).flatMap((signed) =>
    [false, true].flatMap((clamped) => [false, true].map((odd) => ({ form, signed, clamped, odd }))),
  );

/** All variants of the forms that have constants by channel, and those of `single`. */
export const finishVariants: readonly FinishVariant[] = [...variantsOf('steps'), ...variantsOf('compact')];
export const singleVariants: readonly FinishVariant[] = variantsOf('single');

const wordsOf: Readonly<Record<FinishForm, number>> = { steps: 3, compact: 2, single: 1 };

/** Words that a channel has in the table of requantisation. */
export const tableWords = ({ form }: Pick<FinishVariant, 'form'>): number => wordsOf[form];

/** What the routines call the number that all channels share: the shift, or 2 * zero point + 1. */
export const sharedNumber = ({ form }: FinishVariant): string => (form === 'steps' ? 'shift' : 'doubled_zero');

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
  /** See `sharedNumber`. */
  readonly shared: Expr;
  /** Of `single`. */
  readonly multiplier?: Expr | undefined;
  readonly channels: Expr;
  readonly low: Expr | undefined;
  readonly high: Expr | undefined;
}

/**
 * The results of a channel and the next, at `offset` of y, saturated. A channel's part of the table is
 *
 * - `steps`: m, k (64 bits), for (sum * m + k) >> (32 + shift);
 * - `compact`: 32 * bias + s, m, for ((sum + bias) * m + k) >> (32 + s), where k = (2 * zero point + 1) << (31 + s), plus 2^30, less
 *   2^31 below zero: the reference's two roundings;
 * - `single`: the first word of these, m is the same for all.
 */
export function storePair(
  k: Writer,
  { form, signed, odd }: FinishVariant,
  { table, y, shared, multiplier, channels, low, high }: Finishing,
  sums: { readonly a: Expr; readonly both: Expr },
  { channel, offset }: { readonly channel: Expr; readonly offset: Expr },
): void {
  const shifted = (sum: Expr, own: Expr): Expr => {
    const high32 = (scaled: Expr): Expr => cast('i32', shr(scaled, long(32)));
    if (form === 'steps') {
      const at = k.let('entry', mul(own, 3));
      const product = mul(cast('i64', sum), cast('i64', k.load(table, at)));
      return shr(high32(add(product, k.load(table, add(at, 1), 'i64'))), cast('i32', shared));
    }
    const at = k.let('entry', mul(own, tableWords({ form })));
    const word = k.let('word', k.load(table, at));
    const shift = k.let('own_shift', and(word, int(31)));
    const full = k.let('full', add(sum, shr(word, 5)));
    const zero = shr(shl(cast('i32', shared), shift), 1);
    const rounding = add(mul(cast('i64', zero), long(2 ** 32)), long(2 ** 30));
    const less = mul(cast('i64', ushr(full, int(31))), long(2 ** 31));
    const factor = multiplier === undefined ? k.load(table, add(at, 1)) : cast('i32', multiplier);
    const product = mul(cast('i64', full), cast('i64', factor));
    return shr(high32(add(product, signed ? sub(rounding, less) : rounding)), shift);
  };
  const result = (sum: Expr, own: Expr): Expr => {
    const saturated = min(max(shifted(sum, own), int(-128)), int(127));
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
  /** See `sharedNumber`. */
  readonly shared: number;
  /** Of `single`. */
  readonly multiplier?: number;
  readonly low: number;
  readonly high: number;
  /** Place of the last channel of y, where the number of channels is odd. */
  readonly last: number;
}

/** The sums of an output in registers, and where in the frame the way from the first output to it is; for the first, nowhere. */
export interface OutputSums {
  readonly a: string;
  readonly both: string;
  readonly offset?: number;
}

const clampLines = ({ clamped }: FinishVariant, frame: FinishFrame): readonly string[] => {
  const clamp = (bound: number, condition: string): readonly string[] => [
    `ldr r6, [sp, #${bound}]`,
    'cmp lr, r6',
    `it ${condition}`,
    `mov${condition} lr, r6`,
  ];
  return clamped ? [...clamp(frame.low, 'lt'), ...clamp(frame.high, 'gt')] : [];
};

/** The result in lr to its place; the register of the sum is used up. */
const storeLines = (sum: string, offset: number | undefined, place: number): readonly string[] =>
  offset === undefined
    ? [`strb lr, [r2, #${place}]`]
    : [`ldr ${sum}, [sp, #${offset}]`, `add ${sum}, ${sum}, r2`, `strb lr, [${sum}, #${place}]`];

/**
 * The results of a pair of channels for some outputs, the first of which is written last. r0: the table, r2: y; r3 to r6 and lr are
 * used up. `pair` counts pairs from where r0 and r2 point.
 */
export function pairLines(
  variant: FinishVariant,
  frame: FinishFrame,
  outputs: readonly OutputSums[],
  pair = 0,
): readonly string[] {
  const { odd } = variant;
  const backwards = [...outputs].reverse();
  const entry = 4 * tableWords(variant);
  const channel = variant.form === 'steps' ? stepLines : compactLines;
  const one = (n: 0 | 1): readonly string[] =>
    channel(variant, frame, {
      entry: (2 * pair + n) * entry,
      place: 2 * pair + n,
      sums: backwards.map(({ a, both, offset }) => ({ sum: n === 0 ? a : both, offset })),
    });
  return [
    ...backwards.flatMap(({ a, both }) => [`sub ${both}, ${both}, ${a}`, `asr ${both}, ${both}, #8`]),
    ...one(0),
    ...(odd ? [`ldr r6, [sp, #${frame.last}]`, 'cmp r2, r6', 'beq 4f'] : []),
    ...one(1),
    ...(odd ? ['4:'] : []),
  ];
}

interface ChannelLines {
  /** Bytes from r0 to the channel's part of the table, and from r2 to its place. */
  readonly entry: number;
  readonly place: number;
  readonly sums: readonly { readonly sum: string; readonly offset: number | undefined }[];
}

function stepLines(
  variant: FinishVariant,
  frame: FinishFrame,
  { entry, place, sums }: ChannelLines,
): readonly string[] {
  return [
    `ldr r4, [r0, #${entry}]`,
    `ldr r3, [sp, #${frame.shared}]`,
    ...sums.flatMap(({ sum, offset }) => [
      `ldrd r6, lr, [r0, #${entry + 4}]`,
      `smlal r6, lr, ${sum}, r4`,
      'asr lr, lr, r3',
      'ssat lr, #8, lr',
      ...clampLines(variant, frame),
      ...storeLines(sum, offset, place),
    ]),
  ];
}

function compactLines(
  variant: FinishVariant,
  frame: FinishFrame,
  { entry, place, sums }: ChannelLines,
): readonly string[] {
  const { form, signed } = variant;
  return [
    ...(form === 'single'
      ? [`ldr r3, [r0, #${entry}]`, `ldr r4, [sp, #${frame.multiplier}]`]
      : [`ldrd r3, r4, [r0, #${entry}]`]),
    'asr r5, r3, #5',
    ...sums.map(({ sum }) => `add ${sum}, ${sum}, r5`),
    'and r3, r3, #31',
    `ldr r5, [sp, #${frame.shared}]`,
    'lsl r5, r5, r3',
    'asr r5, r5, #1',
    ...sums.flatMap(({ sum, offset }) => [
      ...(signed
        ? [`and r6, ${sum}, #0x80000000`, 'orr r6, r6, #0x40000000', `add lr, r5, ${sum}, asr #31`]
        : ['mov r6, #0x40000000', 'mov lr, r5']),
      `smlal r6, lr, ${sum}, r4`,
      'asr lr, lr, r3',
      'ssat lr, #8, lr',
      ...clampLines(variant, frame),
      ...storeLines(sum, offset, place),
    ]),
  ];
}
