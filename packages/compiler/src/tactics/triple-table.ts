// The table of requantisation of targets/instructions/triples.ts: two words a channel, bias and shift, multiplier. The routines apply the
// reference's formula to accumulators of at most 20 bits (signed ones within 2^19), and take larger ones as saturated: a channel for which
// that could be wrong, or whose numbers do not fit, has no entry.

import { storedShift } from '../targets/instructions/packed-sums.ts';
import { clamp, type Multiplier, multiplyByQuantisedMultiplier } from '../tensor/fixed-point.ts';
import type { WeightedLayer } from './weighted-layer.ts';

type Quantised = Pick<WeightedLayer, 'yZero' | 'low' | 'high'>;

/** True where outputs are -128 for accumulators up to 0 and grow from there to 127. */
export const isRelu = ({ yZero, low, high }: Quantised): boolean => yZero === -128 && low === -128 && high === 127;

/** Accumulators from here on, and below the negative of it where there are negative outputs, are taken as saturated. */
const saturatedFrom = (relu: boolean): number => (relu ? 2 ** 20 : 2 ** 19);

/** Room for the bias beside the shift. */
const largestBias = 2 ** 23 - 1;
const largestShift = 24;

export interface Entry {
  readonly bias: number;
  /** Of the factor, to the right; 1 to 24. */
  readonly shift: number;
  readonly multiplier: number;
}

/** Bias and shift in a word. */
export const entryWordsOf = ({ bias, shift, multiplier }: Entry): readonly number[] => [
  bias * 256 + shift + storedShift,
  multiplier,
];

/** The entry of a channel; undefined where there is none. */
export function entryOf(layer: WeightedLayer, channel: number): Entry | undefined {
  const factor = layer.factors[channel];
  const bias = layer.biases[channel];
  const range = layer.ranges[channel];
  if (factor === undefined || bias === undefined || range === undefined) return undefined;
  const { least, most } = range;
  const entry = { bias, shift: -factor.shift, multiplier: factor.multiplier };
  if (entry.shift >= 1 && entry.shift <= largestShift && Math.abs(bias) <= largestBias && factor.multiplier > 0) {
    const relu = isRelu(layer);
    const saturated = saturatedFrom(relu);
    const above = most < saturated || outputOf(layer, factor, saturated) === layer.high;
    const below = relu || least > -saturated || outputOf(layer, factor, -saturated) === layer.low;
    if (above && below) return entry;
  }
  const [first, last] = [outputOf(layer, factor, least), outputOf(layer, factor, most)];
  return first === last ? constantEntry(layer, first, { least: least - bias, most: most - bias }) : undefined;
}

const outputOf = ({ yZero, low, high }: Quantised, factor: Multiplier, acc: number): number =>
  clamp(multiplyByQuantisedMultiplier(acc, factor) + yZero, low, high);

/** An entry for an output that is the same for every sum: the widest step whose outputs stay within reach, its middle at the output. */
function constantEntry(
  layer: Quantised,
  output: number,
  sums: { readonly least: number; readonly most: number },
): Entry | undefined {
  const relu = isRelu(layer);
  const steps = output - layer.yZero;
  for (let shift = 18; shift >= 1; shift -= 1) {
    // With a multiplier of 2^30 an output has 2^(shift + 1) accumulators, half of them on either side of its middle.
    const half = 2 ** shift;
    const middle = steps * 2 * half;
    const bias = middle - Math.ceil((sums.least + sums.most) / 2);
    const entry = { bias, shift, multiplier: 2 ** 30 };
    const [least, most] = [sums.least + bias, sums.most + bias];
    const same = [least, most].every((acc) => outputOf(layer, { multiplier: 2 ** 30, shift: -shift }, acc) === output);
    const reach = saturatedFrom(relu);
    if (same && most < reach && least > -reach && Math.abs(bias) <= largestBias) return entry;
  }
  return undefined;
}

/** The entries of all channels, or undefined where one has none. */
export function entriesOf(layer: WeightedLayer): readonly Entry[] | undefined {
  const entries: Entry[] = [];
  for (let channel = 0; channel < layer.channels; channel += 1) {
    const entry = entryOf(layer, channel);
    if (entry === undefined) return undefined;
    entries.push(entry);
  }
  return entries;
}
