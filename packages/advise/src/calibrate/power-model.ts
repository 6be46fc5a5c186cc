// What a chip draws while it computes a network, from the current its maker states. Makers state a favourable case: one factor for all
// is estimated from measured power, with an effect of each chip.
import type { Chip } from '../chips/chip.ts';
import type { Factor } from '../estimate/factor.ts';
import { statedPower } from '../estimate/stated-current.ts';
import type { Observation } from './observation.ts';
import { type Effect, fitEffects, type Regression } from './regression.ts';

/** Standard deviations in natural logarithms: of what chips differ from their makers' figures, and of single measurements. */
export const powerSpread = { chip: 0.4, noise: 0.15 } as const;

const effectsOf = (chip: string): readonly Effect[] => [
  ['all', 10],
  [`chip ${chip}`, powerSpread.chip],
];

/** An observation with power. */
export interface Powered {
  readonly observation: Observation;
  readonly chip: Chip;
  readonly milliwatts: number;
}

const statedFor = ({ chip, observation }: Powered): number => statedPower(chip, observation.volts);

export const fitPower = (observations: readonly Powered[]): Regression =>
  fitEffects(
    observations.map((own) => ({
      value: Math.log(own.milliwatts / own.observation.megahertz / statedFor(own)),
      effects: effectsOf(own.chip.id),
    })),
    powerSpread.noise,
  );

/** Predicted power in milliwatts, from all other boards. */
export function powerWithout(all: readonly Powered[], own: Powered): Factor & { readonly milliwatts: number } {
  const others = all.filter(({ observation }) => observation.board !== own.observation.board);
  const { mean, sd } = fitPower(others).predict(effectsOf(own.chip.id));
  return { mean, sd, milliwatts: statedFor(own) * own.observation.megahertz * Math.exp(mean) };
}

/** Factors on the stated power: of measured chips, and of others. */
export function powerFactorsOf(observations: readonly Powered[]): {
  readonly chips: ReadonlyMap<string, Factor>;
  readonly other: Factor;
} {
  const model = fitPower(observations);
  const factor = (chip: string): Factor => {
    const { mean, sd } = model.predict(effectsOf(chip));
    return { mean, sd: Math.hypot(sd, powerSpread.noise) };
  };
  return { chips: new Map(observations.map(({ chip }) => [chip.id, factor(chip.id)])), other: factor('another') };
}
