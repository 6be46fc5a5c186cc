// The end of every integer accumulation, written once: accumulator → factor of its channel → zero point → clamp.

import { assert } from '../errors.ts';
import { add, and, call, clampTo, int, max, min, mul, shr, sub } from '../kernel/expressions.ts';
import { requantise, requantiseBy, requantiseDown } from '../kernel/fixed-point.ts';
import type { Expr } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Multiplier } from '../tensor/fixed-point.ts';
import type { NarrowStep } from '../tensor/narrow-step.ts';

/** Prepares the factors, one for all channels or one for each, once per kernel; the result scales an accumulator of a channel. */
export function channelRequantisation(
  k: Writer,
  multipliers: readonly Multiplier[],
): (acc: Expr, channel: Expr) => Expr {
  const [first] = multipliers;
  assert(first !== undefined, 'no channels');
  if (multipliers.every((m) => m.multiplier === first.multiplier && m.shift === first.shift)) {
    return (acc) => requantiseBy(acc, first);
  }
  const multiplier = k.constant(
    'multiplier',
    Int32Array.from(multipliers, (m) => m.multiplier),
  );
  if (multipliers.every((m) => m.shift <= 0)) {
    const right = k.constant(
      'right_shift',
      Int8Array.from(multipliers, (m) => -m.shift),
    );
    return (acc, channel) => call(requantiseDown, acc, k.load(multiplier, channel), k.load(right, channel));
  }
  const shift = k.constant(
    'shift',
    Int8Array.from(multipliers, (m) => m.shift),
  );
  return (acc, channel) => call(requantise, acc, k.load(multiplier, channel), k.load(shift, channel));
}

/**
 * clamp(value + zeroPoint, low, high), clamped before the zero point is added, so that nothing can wrap: the result is
 * that of unbounded integers.
 */
export const toQuantised = (value: Expr, zeroPoint: number, [low, high]: readonly [number, number]): Expr =>
  add(clampTo(value, low - zeroPoint, high - zeroPoint), int(zeroPoint));

/** clamp(value, low, high), by no more than is needed for values between `least` and `most`. */
export function clampBetween(
  value: Expr,
  { least, most }: { readonly least: number; readonly most: number },
  [low, high]: readonly [number, number],
): Expr {
  const raised = least < low ? max(value, low) : value;
  return most > high ? min(raised, high) : raised;
}

/** A step function of 32 bits (tensor/narrow-step.ts), its clamp with it. */
export function narrowRequantised(acc: Expr, step: NarrowStep, range: readonly [number, number]): Expr {
  const { coarse, fine, fineShift, lessBelowZero, offset, shift } = step;
  const product = mul(acc, coarse);
  const whole = fine === 0 ? product : add(product, shr(mul(acc, fine), fineShift));
  const moved = add(whole, offset);
  const signed = lessBelowZero === 0 ? moved : sub(moved, and(shr(acc, 31), int(lessBelowZero)));
  return clampBetween(shr(signed, shift), step, range);
}
