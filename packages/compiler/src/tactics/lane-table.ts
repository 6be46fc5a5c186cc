// The tables that vector routines finish sums with: constants of four lanes side by side.
import { and, index, le, lt } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import type { FinishVariant } from '../targets/instructions/arm-mve-requantise.ts';
import type { LaneRequantisation, LaneWanted } from '../tensor/lane-requantisation.ts';
import type { WeightedLayer } from './weighted-layer.ts';

/** What a layer's channels are to reproduce; their sums lack the bias. */
export const lanesWanted = ({ factors, biases, ranges, yZero, low, high }: WeightedLayer): readonly LaneWanted[] =>
  factors.flatMap((factor, channel) => {
    const [bias, range] = [biases[channel], ranges[channel]];
    return bias === undefined || range === undefined ? [] : [{ factor, zeroPoint: yZero, low, high, bias, range }];
  });

/** Groups of four lanes for channels in an order: offsets, multipliers, what negative ones are less by, shifts: what the layer has of them. */
export function laneTable({ signed, shift, channels }: LaneRequantisation, order: readonly number[]): Int32Array {
  const words: number[] = [];
  for (let first = 0; first < order.length; first += 4) {
    const group = order.slice(first, first + 4).map((channel) => channels[channel]);
    words.push(...group.map((channel) => channel?.offset ?? 0), ...group.map((channel) => channel?.multiplier ?? 0));
    if (signed) words.push(...group.map((channel) => channel?.lessBelowZero ?? 0));
    if (shift === undefined) words.push(...group.map((channel) => channel?.shift ?? 0));
  }
  return Int32Array.from(words);
}

/** The variant of the routines that a layer takes, and the scalars that end its operands. */
export function finishOf(
  { signed, shift, zero }: LaneRequantisation,
  { low, high }: WeightedLayer,
): { readonly variant: FinishVariant; readonly scalars: readonly Expr[] } {
  const variant = { signed, clamped: low > -128 || high < 127, shifts: shift === undefined };
  const scalars = [
    ...(shift === undefined ? [] : [index(shift)]),
    ...(variant.signed ? [index(zero)] : []),
    ...(variant.clamped ? [index(low), index(high)] : []),
  ];
  return { variant, scalars };
}

/** Whether a row or column that may lie outside lies within 0..size. */
export const inside = (position: Expr, size: number): Expr => and(le(index(0), position), lt(position, index(size)));
