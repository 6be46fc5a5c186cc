// What a chip draws while it computes a network, from the current its maker states. Makers state a favourable case: one factor for all
// is estimated from measured power, with an effect of each chip.
import type { Chip } from '../chips/chip.ts';
import type { Factor } from '../estimate/factor.ts';
import { type StatedCurrent, statedCurrent, statedPower } from '../estimate/stated-current.ts';
import type { Observation } from './observation.ts';
import { type Effect, fitEffects, type Regression } from './regression.ts';

/** Standard deviations in natural logarithms: of what figures differ by what ran, of what chips differ from their
 * makers' figures, and of single measurements. */
export const powerSpread = { code: 0.4, chip: 0.3, noise: 0.15 } as const;

type Code = StatedCurrent['code'];

const effectsOf = (chip: string, code: Code): readonly Effect[] => [
  ['all', 10],
  [`code ${code}`, powerSpread.code],
  [`chip ${chip}`, powerSpread.chip],
];

const effectsOfChip = (chip: Chip): readonly Effect[] => effectsOf(chip.id, statedCurrent(chip).code);

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
      effects: effectsOfChip(own.chip),
    })),
    powerSpread.noise,
  );

/** Predicted power in milliwatts, from all other boards. */
export function powerWithout(all: readonly Powered[], own: Powered): Factor & { readonly milliwatts: number } {
  const others = all.filter(({ observation }) => observation.board !== own.observation.board);
  const { mean, sd } = fitPower(others).predict(effectsOfChip(own.chip));
  return { mean, sd, milliwatts: statedFor(own) * own.observation.megahertz * Math.exp(mean) };
}

/** Factors on the stated power: of measured chips, and of others by what ran. */
export function powerFactorsOf(observations: readonly Powered[]): {
  readonly chips: ReadonlyMap<string, Factor>;
  readonly coremark: Factor;
  readonly unnamed: Factor;
} {
  const model = fitPower(observations);
  const factor = (effects: readonly Effect[]): Factor => {
    const { mean, sd } = model.predict(effects);
    return { mean, sd: Math.hypot(sd, powerSpread.noise) };
  };
  return {
    chips: new Map(observations.map(({ chip }) => [chip.id, factor(effectsOfChip(chip))])),
    coremark: factor(effectsOf('another', 'coremark')),
    unnamed: factor(effectsOf('another', 'unnamed')),
  };
}
