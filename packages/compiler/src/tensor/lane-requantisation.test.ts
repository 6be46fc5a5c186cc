import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clamp, multiplyByQuantisedMultiplier, quantiseMultiplier } from './fixed-point.ts';
import { type LaneWanted, laneRequantisation, requantiseLane } from './lane-requantisation.ts';

const reference = ({ factor, zeroPoint, low, high }: LaneWanted, acc: number): number =>
  clamp(multiplyByQuantisedMultiplier(acc, factor) + zeroPoint, low, high);

/** Layers of a few channels, whose scales may lie far apart. */
const layers = fc
  .record({
    exponent: fc.double({ min: -13, max: -1, noNaN: true }),
    zeroPoint: fc.constantFrom(-128, -17, 0, 3, 127),
    relu: fc.boolean(),
    channels: fc.array(
      fc.record({
        below: fc.double({ min: 0, max: 12, noNaN: true }),
        // In outputs.
        bias: fc.integer({ min: -300, max: 300 }),
        reach: fc.integer({ min: 0, max: 2000 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ exponent, zeroPoint, relu, channels }) =>
    channels.map(({ below, bias, reach }): LaneWanted => {
      const sumsOf = (outputs: number): number => Math.round(outputs * 2 ** (below - exponent));
      const [own, most] = [sumsOf(bias), Math.min(2 ** 23, sumsOf(reach))];
      return {
        factor: quantiseMultiplier(2 ** (exponent - below)),
        zeroPoint,
        low: relu ? zeroPoint : -128,
        high: 127,
        bias: own,
        range: { least: own - most, most: own + most },
      };
    }),
  );

/** Sums around every output's half steps, where roundings could part, and at the ends. */
function telling({ factor, zeroPoint, range }: LaneWanted): readonly number[] {
  const perOutput = 2 ** (31 - factor.shift) / factor.multiplier;
  const near = Array.from({ length: 256 }, (_, n) => Math.round((n - 128.5 - zeroPoint) * perOutput)).flatMap((edge) =>
    [-2, -1, 0, 1, 2].map((off) => edge + off),
  );
  return [range.least, range.most, -1, 0, 1, ...near].filter((acc) => acc >= range.least && acc <= range.most);
}

describe('laneRequantisation', () => {
  it('gives the reference’s value wherever it is offered, and is offered nearly always', () => {
    let [asked, offered, common, own, signed] = [0, 0, 0, 0, 0];
    fc.assert(
      fc.property(layers, (wanted) => {
        const found = laneRequantisation(wanted);
        asked += 1;
        if (found === undefined) return;
        offered += 1;
        if (found.shift === undefined) own += 1;
        else common += 1;
        if (found.signed) signed += 1;
        wanted.forEach((channel, c) => {
          const constants = found.channels[c];
          if (constants === undefined) throw new Error('no constants');
          const lane = (acc: number): number =>
            clamp(requantiseLane(acc - channel.bias, found, constants), channel.low, channel.high);
          expect(telling(channel).filter((acc) => lane(acc) !== reference(channel, acc))).toEqual([]);
        });
      }),
      { seed: 5, numRuns: 600 },
    );
    expect(offered / asked).toBeGreaterThan(0.9);
    // All kinds have been seen.
    expect(Math.min(common, own, signed)).toBeGreaterThan(10);
  });

  it('is found for a channel that never changes, with a factor of 0 or a tiny one', () => {
    const common = { zeroPoint: -128, low: -128, high: 127 };
    const range = { least: 1 << 30, most: 1 << 30 };
    const dead: LaneWanted = { ...common, factor: { multiplier: 0, shift: 0 }, bias: 1 << 30, range };
    const tiny: LaneWanted = { ...dead, factor: { multiplier: 1 << 30, shift: -25 } };
    for (const channel of [dead, tiny]) {
      const found = laneRequantisation([channel]);
      const [constants] = found?.channels ?? [];
      if (found === undefined || constants === undefined) throw new Error('none');
      expect(requantiseLane(0, found, constants)).toBe(reference(channel, 1 << 30));
    }
  });

  it('is not offered for factors of 1 and above, which may wrap', () => {
    const range = { least: -100, most: 100 };
    const wanted = { factor: quantiseMultiplier(1.5), zeroPoint: 0, low: -128, high: 127, bias: 0, range };
    expect(laneRequantisation([wanted])).toBeUndefined();
    expect(laneRequantisation([])).toBeUndefined();
  });
});
