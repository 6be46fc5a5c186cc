// One check for each demand: what is needed, times what there is. At most 1 is met; high is the same at the unfavourable end of the interval.
import type { Chip } from '../chips/chip.ts';
import { formatBytes, formatHours, formatMs, formatRate, formatUsd } from '../format.ts';
import type { Build } from '../needs/model-needs.ts';
import { type Demands, usualReserve } from './demands.ts';
import type { Candidate } from './fit.ts';

export interface Check {
  readonly demand: 'ram' | 'flash' | 'latency' | 'rate' | 'supply' | 'life' | 'price' | 'radio';
  readonly middle: number;
  readonly high: number;
  /** In words, for where it is not met. */
  readonly reason: string;
}

/** What a build takes of memory, and the chip it is to run on. */
export interface Placed {
  readonly build: Pick<Build, 'arenaBytes' | 'codeBytes' | 'constantBytes'>;
  readonly chip: Chip;
}

/** RAM of a build with the stack and the rest of the program, and of the chip, in bytes. */
export function ramOf({ build, chip }: Placed, demands: Demands): Need {
  const { reserveRamBytes, stackBytes } = { ...usualReserve, ...demands };
  return { need: build.arenaBytes + reserveRamBytes + stackBytes, have: chip.ramKib * 1024 };
}

/** Flash of a build with the rest of the program, and of the chip or what modules with it usually have, in bytes. */
export function flashOf({ build, chip }: Placed, demands: Demands): Need {
  const { reserveFlashBytes } = { ...usualReserve, ...demands };
  return { need: build.codeBytes + build.constantBytes + reserveFlashBytes, have: 1024 * flashKibOf(chip) };
}

/** On the chip, or what modules with it usually have. */
export const flashKibOf = ({ flashKib, externalFlashKib = 0 }: Chip): number =>
  flashKib > 0 ? flashKib : externalFlashKib;

export interface Need {
  readonly need: number;
  readonly have: number;
}

/** Flash that a chip without its own needs beside it, in US dollars. */
const externalFlashUsd = 0.4;

/** The lowest and highest price of a chip, with the flash it runs from. */
function priceRange({ price, flashKib }: Chip): readonly [low: number, high: number] {
  const beside = flashKib === 0 ? externalFlashUsd : 0;
  return [price.usd[0] + beside, price.usd[1] + beside];
}

/** The middle of a band of prices, as ratios go. */
export function usualPrice(chip: Chip): number {
  const [low, high] = priceRange(chip);
  return Math.sqrt(low * high);
}

/** Code is predicted; compilers have made up to so much more of it. */
const codeUncertainty = 0.35;

/** Far beyond every demand, and still a number. */
export const never = 1e6;

/** The checks of a build on a chip, in a fixed order. */
export function checksOf(candidate: Omit<Candidate, 'checks'>, demands: Demands): readonly Check[] {
  const { chip, build, estimate, lifeHours } = candidate;
  const [ram, flash] = [ramOf(candidate, demands), flashOf(candidate, demands)];
  const largest = 1024 * (chip.largestRamKib ?? chip.ramKib);
  const checks: Check[] = [];
  const exact = (demand: Check['demand'], ratio: number, reason: string): void => {
    checks.push({ demand, middle: ratio, high: ratio, reason });
  };
  const inPiece = build.arenaBytes / largest;
  if (inPiece > ram.need / ram.have)
    exact(
      'ram',
      inPiece,
      `${formatBytes(build.arenaBytes)} of tensors, the largest piece of RAM has ${formatBytes(largest)}`,
    );
  else exact('ram', ram.need / ram.have, `needs ${formatBytes(ram.need)} of RAM, has ${formatBytes(ram.have)}`);
  checks.push({
    demand: 'flash',
    middle: flash.have > 0 ? flash.need / flash.have : never,
    high: flash.have > 0 ? (flash.need + build.codeBytes * codeUncertainty) / flash.have : never,
    reason: `needs ${formatBytes(flash.need)} of flash, has ${formatBytes(flash.have)}`,
  });
  const { latencyMs, ratePerSecond, lifeHours: demanded, maxPriceUsd, radios = [] } = demands;
  const { middle, high } = estimate.latencyMs;
  if (latencyMs !== undefined)
    checks.push({
      demand: 'latency',
      middle: middle / latencyMs,
      high: high / latencyMs,
      reason: `takes ${formatMs(middle)}, ${formatMs(latencyMs)} are allowed`,
    });
  if (ratePerSecond !== undefined)
    checks.push({
      demand: 'rate',
      middle: (middle * ratePerSecond) / 1000,
      high: (high * ratePerSecond) / 1000,
      reason: `manages ${formatRate(1000 / middle)}, ${formatRate(ratePerSecond)} are needed`,
    });
  if (demands.battery !== undefined) {
    const { volts } = demands.battery;
    const [least] = chip.supply.volts;
    exact('supply', volts < least ? least / volts : 0, `needs at least ${least} V, the battery has ${volts} V`);
  }
  if (demanded !== undefined && lifeHours !== undefined)
    checks.push({
      demand: 'life',
      middle: demanded / lifeHours.middle,
      high: demanded / lifeHours.low,
      reason: `the battery lasts ${formatHours(lifeHours.middle)}, ${formatHours(demanded)} are needed`,
    });
  if (maxPriceUsd !== undefined) {
    const [low, most] = priceRange(chip);
    checks.push({
      demand: 'price',
      middle: usualPrice(chip) / maxPriceUsd,
      high: most / maxPriceUsd,
      reason: `costs about ${formatUsd(low)} to ${formatUsd(most)}, ${formatUsd(maxPriceUsd)} are allowed`,
    });
  }
  const lacking = radios.filter((radio) => !chip.radios.includes(radio));
  if (radios.length > 0) exact('radio', lacking.length > 0 ? 10 : 0, `has no ${lacking.join(' and no ')}`);
  return checks;
}
