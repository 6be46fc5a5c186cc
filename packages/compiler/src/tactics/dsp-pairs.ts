// Weights and requantisation constants as the routines of Armv7E-M and Armv8-M read them: channels in pairs, the weights of two in
// a half word.
import type { FinishVariant } from '../targets/instructions/arm-dsp-finish.ts';
import type { StepTable } from './step-requantise.ts';
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

export const finishVariantOf = ({ channels, low, high }: WeightedLayer, { signed }: StepTable): FinishVariant => ({
  signed,
  clamped: low > -128 || high < 127,
  odd: channels % 2 === 1,
});

/** The table of requantisation, an even number of channels. */
export function finishTable({ entries }: StepTable, { odd }: FinishVariant): Int32Array {
  const none = entries[0]?.map(() => 0) ?? [];
  return Int32Array.from((odd ? [...entries, none] : entries).flat());
}
