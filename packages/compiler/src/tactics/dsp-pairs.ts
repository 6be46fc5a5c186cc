// Weights and requantisation constants as the routines of Armv7E-M and Armv8-M read them: channels in pairs, the weights of two in
// a half word.
import type { FinishForm, FinishVariant } from '../targets/instructions/arm-dsp-finish.ts';
import type { Multiplier } from '../tensor/fixed-point.ts';
import { reference } from '../tensor/step-requantisation.ts';
import { stepTable } from './step-requantise.ts';
import type { WeightedLayer } from './weighted-layer.ts';

/** Units of four taps. */
export const unitsOf = ({ taps }: WeightedLayer): number => Math.ceil(taps / 4);

/**
 * Two channels in the half words they are read as: a + 256 b, the channel after the last taken as 0; of each block of pairs, unit by
 * unit, pair by pair. Undefined where that does not fit into a half word (b = -128 with a below 0), or sums of b could leave 24
 * bits.
 */
export function packPairs(
  layer: WeightedLayer,
  pairsInBlock: number,
  placeOf: (tap: number) => readonly [pair: number, half: number],
): Int8Array | undefined {
  const { channels, taps, weightAt } = layer;
  const row = unitsOf(layer) * 8;
  const pairs = Math.ceil(channels / (2 * pairsInBlock)) * pairsInBlock;
  const packed = new Int8Array(pairs * row);
  for (let channel = 0; channel < channels; channel += 2) {
    const block = Math.floor(channel / (2 * pairsInBlock));
    const pairOfBlock = (channel / 2) % pairsInBlock;
    let most = 0;
    for (let tap = 0; tap < taps; tap += 1) {
      const [a, b] = [weightAt(channel, tap), channel + 1 < channels ? weightAt(channel + 1, tap) : 0];
      const both = a + 256 * b;
      if (both < -32768) return undefined;
      most += Math.abs(b) * 128;
      const [pair, half] = placeOf(tap);
      const unit = pair >> 1;
      const word = ((block * unitsOf(layer) + unit) * pairsInBlock + pairOfBlock) * 2 + (pair & 1);
      packed[word * 4 + half * 2] = both;
      packed[word * 4 + half * 2 + 1] = both >> 8;
    }
    if (most >= 2 ** 23) return undefined;
  }
  return packed;
}

/** How a layer's sums end: the variant, the table of all channels, and the number that they share. */
export interface Finish {
  readonly variant: FinishVariant;
  readonly table: Int32Array;
  readonly shared: number;
  /** Of `single`: the factor of all channels. */
  readonly multiplier?: number;
}

/** The constants of a layer in a form, if it has them there. */
export function finishOf(layer: WeightedLayer, form: FinishForm): Finish | undefined {
  const { channels, low, high, yZero } = layer;
  const common = { clamped: low > -128 || high < 127, odd: channels % 2 === 1 };
  const tableOf = (entries: readonly (readonly number[])[], none: readonly number[]): Int32Array =>
    Int32Array.from((common.odd ? [...entries, none] : entries).flat());
  if (form !== 'steps') {
    const entries = layer.factors.flatMap((factor, channel) => {
      const entry = constantEntry(layer, channel) ?? compactEntry(factor, layer.biases[channel] ?? 0);
      return entry === undefined ? [] : [entry];
    });
    if (entries.length < channels) return undefined;
    const [multiplier = 0] = layer.factors.map((factor) => factor.multiplier);
    const single = form === 'single';
    if (single && layer.factors.some((factor) => factor.multiplier !== multiplier)) return undefined;
    const words = single ? entries.map(([word = 0]) => [word]) : entries;
    // Below zero nothing matters where all of it is cut off.
    return {
      variant: { form, signed: low < yZero, ...common },
      table: tableOf(words, single ? [0] : [0, 0]),
      shared: 2 * yZero + 1,
      ...(single ? { multiplier } : {}),
    };
  }
  const steps = stepTable({ ...layer, zeroPoint: yZero });
  if (steps === undefined || steps.signed || steps.shift < 32) return undefined;
  return {
    variant: { form, signed: false, ...common },
    table: tableOf(steps.entries, [0, 0, 0]),
    shared: steps.shift - 32,
  };
}

/** An entry that gives the output of a channel whose sum can only be one: factor 1/8, eight times the output for a bias. */
function constantEntry({ ranges, factors, biases, taps, weightAt, yZero, low, high }: WeightedLayer, channel: number) {
  const { least = 0, most = 1 } = ranges[channel] ?? {};
  const [factor, bias] = [factors[channel], biases[channel] ?? 0];
  // Within the limits of other channels its own entry does, and shares their factor.
  if (least !== most || factor === undefined || compactEntry(factor, bias) !== undefined) return undefined;
  for (let tap = 0; tap < taps; tap += 1) if (weightAt(channel, tap) !== 0) return undefined;
  return [8 * (reference({ factor, zeroPoint: yZero, low, high }, least) - yZero) * 32 + 1, 2 ** 30];
}

/**
 * 32 * bias + s and m: the reference's factor is m * 2^-(32 + s), its two roundings are 2^30 and half of the shift. Undefined where the
 * bias has more than 27 bits, or s is not within 1 to 22, so that twice the zero point fits above it.
 */
function compactEntry({ multiplier, shift }: Multiplier, bias: number): readonly number[] | undefined {
  const own = multiplier === 0 ? 1 : -shift - 1;
  if (own < 1 || own > 22 || multiplier < 0 || Math.abs(bias) >= 2 ** 26) return undefined;
  return [bias * 32 + own, multiplier];
}
