// Requantisation by the step function (tensor/step-requantisation.ts) in kernel arithmetic: one 64-bit multiply-accumulate, a
// shift and a clamp, with the bias, the zero point and the rounding in the constant that is added. Exact, or not offered.
import { add, cast, clampTo, int, long, mul, shr, ushr } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Multiplier } from '../tensor/fixed-point.ts';
import { type AccumulatorRange, stepRequantisation } from '../tensor/step-requantisation.ts';

/** What a layer's accumulators become. */
export interface LayerRequantisation {
  readonly factors: readonly Multiplier[];
  readonly biases: readonly number[];
  /** Accumulators that can occur in each channel, bias included. */
  readonly ranges: readonly AccumulatorRange[];
  readonly zeroPoint: number;
  readonly low: number;
  readonly high: number;
}

/** Output of a channel from its accumulator, which started at 0. */
export type FinishStep = (acc: Expr, channel: Expr) => Expr;

const words = (value: bigint): readonly number[] => [
  Number(BigInt.asIntN(32, value)),
  Number(BigInt.asIntN(32, value >> 32n)),
];

/** A layer's constants: `shift` is common to all channels. */
export interface StepTable {
  readonly shift: number;
  /** The offset differs where the accumulator, bias included, is negative. */
  readonly signed: boolean;
  /**
   * By channel, in words: the multiplier and the offset (64 bits) with the bias in it, for an accumulator that started at 0; where
   * `signed`: the bias, the multiplier, the offset for accumulators from 0 on, and the one below.
   */
  readonly entries: readonly (readonly number[])[];
}

/** The constants of all channels; undefined where some channel has no exact cheap form. */
export function stepTable(layer: LayerRequantisation): StepTable | undefined {
  const { factors, biases, ranges, zeroPoint, low, high } = layer;
  const shifts = factors.filter(({ multiplier }) => multiplier !== 0).map((factor) => 31 - factor.shift);
  const shift = shifts.length === 0 ? 32 : Math.min(...shifts);
  if (shift < 31 || shift > 61) return undefined;
  const found = factors.flatMap((factor, channel) => {
    const range = ranges[channel];
    const step = range && stepRequantisation({ factor, zeroPoint, low, high }, range, shift);
    return step === undefined ? [] : [step];
  });
  if (found.length < factors.length) return undefined;
  const signed = found.some(({ lessBelowZero }) => lessBelowZero !== 0n);
  const entries = found.map(({ multiplier, offset, lessBelowZero }, channel) => {
    const bias = biases[channel] ?? 0;
    return signed
      ? [bias, multiplier, ...words(offset), ...words(offset - lessBelowZero)]
      : [multiplier, ...words(offset + BigInt(bias) * BigInt(multiplier))];
  });
  return { shift, signed, entries };
}

/** Writes the constants, and gives the way from an accumulator to its output. */
export function finishSteps(
  k: Writer,
  { shift, signed, entries }: StepTable,
  { low, high }: Pick<LayerRequantisation, 'low' | 'high'>,
): FinishStep {
  const region = k.constant('requantisation', Int32Array.from(entries.flat()));
  const scaled = (acc: Expr, multiplier: Expr, offset: Expr): Expr => {
    const sum = k.let('scaled', add(mul(cast('i64', acc), cast('i64', multiplier)), offset));
    const high32 = shift < 32 ? cast('i32', shr(sum, long(shift))) : shr(cast('i32', shr(sum, long(32))), shift - 32);
    return clampTo(high32, low, high);
  };
  if (!signed) {
    return (acc, channel) => {
      const at = mul(channel, 3);
      return scaled(acc, k.load(region, at), k.load(region, add(at, 1), 'i64'));
    };
  }
  return (acc, channel) => {
    const at = mul(channel, 6);
    const full = k.let('biased', add(acc, k.load(region, at)));
    const side = mul(cast('index', ushr(full, int(31))), 2);
    return scaled(full, k.load(region, add(at, 1)), k.load(region, add(add(at, side), 2), 'i64'));
  };
}
