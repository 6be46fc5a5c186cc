// The smallest change of the demands that lets a chip in, for each demand it misses: computed from the same figures as the verdict.
import { lifeHours, meanMilliwatts } from '../estimate/battery.ts';
import { voltsNear } from '../estimate/estimate.ts';
import { formatBytes, formatHours, formatMs, formatRate, formatUsd } from '../format.ts';
import type { ModelNeeds } from '../needs/model-needs.ts';
import { type Check, flashOf, ramOf, usualPrice } from './checks.ts';
import { type Demands, usualReserve } from './demands.ts';
import type { Candidate } from './fit.ts';

/** What would have to change, in words; undefined where no change of the demands helps. */
export function changeFor(
  needs: ModelNeeds,
  candidate: Candidate,
  failed: readonly Check[],
  demands: Demands,
): string | undefined {
  const changes = failed.map(({ demand }) => changeOf[demand](candidate, demands, needs));
  return changes.every((change) => change !== undefined) ? changes.join(', and ') : undefined;
}

type Change = (candidate: Candidate, demands: Demands, needs: ModelNeeds) => string | undefined;

const changeOf: Readonly<Record<Check['demand'], Change>> = {
  ram: (candidate, demands, needs) => {
    const { have } = ramOf(candidate, demands);
    const { arenaBytes } = candidate.build;
    const { reserveRamBytes, stackBytes } = { ...usualReserve, ...demands };
    const largest = 1024 * (candidate.chip.largestRamKib ?? candidate.chip.ramKib);
    if (arenaBytes + stackBytes <= have && arenaBytes <= largest)
      return `keep ${formatBytes(have - arenaBytes - stackBytes)} for the rest of the program instead of ${formatBytes(reserveRamBytes)}`;
    const quarter = Math.ceil(arenaBytes / 4);
    if (needs.floats && quarter + reserveRamBytes + stackBytes <= have && quarter <= largest)
      return `int8 instead of floats: about ${formatBytes(quarter)} of tensors`;
    return undefined;
  },
  flash: (candidate, demands, needs) => {
    const { have } = flashOf(candidate, demands);
    const { codeBytes, constantBytes } = candidate.build;
    const { reserveFlashBytes } = { ...usualReserve, ...demands };
    if (codeBytes + constantBytes <= have)
      return `keep ${formatBytes(have - codeBytes - constantBytes)} of flash for the rest of the program instead of ${formatBytes(reserveFlashBytes)}`;
    const quarter = codeBytes + Math.ceil(constantBytes / 4);
    if (needs.floats && quarter + reserveFlashBytes <= have)
      return `int8 instead of floats: about ${formatBytes(quarter)} of code and weights`;
    return undefined;
  },
  latency: ({ estimate }) => `allow ${formatMs(estimate.latencyMs.middle)}`,
  rate: ({ estimate }) => `ask for ${formatRate(1000 / estimate.latencyMs.middle)} at most`,
  supply: ({ chip }) => `take a battery of ${chip.supply.volts[0]} V, or a boost converter`,
  life: (candidate, demands) => {
    const { battery, ratePerSecond, lifeHours: demanded } = demands;
    if (battery === undefined || ratePerSecond === undefined || demanded === undefined) return undefined;
    const volts = voltsNear(candidate.chip, battery.volts);
    const lifeAt = (rate: number): number =>
      lifeHours(battery, meanMilliwatts(candidate.estimate, candidate.chip, volts, rate)).middle;
    if (lifeAt(0) < demanded) return `be content with ${formatHours(lifeAt(ratePerSecond))}`;
    // Life falls with the rate: halve the interval until the rate is known to one part in a thousand.
    let [low, high] = [0, ratePerSecond];
    while (high - low > high / 1000) {
      const middle = (low + high) / 2;
      if (lifeAt(middle) >= demanded) low = middle;
      else high = middle;
      if (high < 1e-9) return `be content with ${formatHours(lifeAt(ratePerSecond))}`;
    }
    return `ask for ${formatRate(low)} at most`;
  },
  price: ({ chip }) => `pay about ${formatUsd(usualPrice(chip))}`,
  radio: ({ chip }, { radios = [] }) =>
    `add a ${radios.filter((radio) => !chip.radios.includes(radio)).join(' and a ')} module`,
};
