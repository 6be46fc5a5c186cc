// How long a battery lasts: active energy of each inference, sleep in between.
import { chips } from '../chips/catalogue/index.ts';
import type { Chip } from '../chips/chip.ts';
import type { Estimate } from './estimate.ts';
import type { Interval } from './factor.ts';
import { geometricMean } from './geometric-mean.ts';

export interface Battery {
  readonly milliampHours: number;
  readonly volts: number;
}

/** What a cell gives before its voltage is too low, and does not lose by itself. */
const usableShare = 0.85;

/** A cell's shelf life: longer is not promised, whatever the load. */
export const shelfLifeHours = 10 * 365.25 * 24;

export interface SleepCurrent {
  readonly microamps: number;
  /** No figure of the chip: the geometric mean of all that are known. */
  readonly typical: boolean;
}

const typicalMicroamps = geometricMean(chips.flatMap(({ sleep }) => (sleep === undefined ? [] : [sleep.microamps])));

export const sleepCurrent = ({ sleep }: Chip): SleepCurrent =>
  sleep === undefined ? { microamps: typicalMicroamps, typical: true } : { microamps: sleep.microamps, typical: false };

/** Mean power in milliwatts at a rate of inferences. Where they do not keep up, it computes all the time. */
export function meanMilliwatts(
  { latencyMs, milliwatts, microjoules }: Estimate,
  chip: Chip,
  volts: number,
  perSecond: number,
): Interval {
  const asleep = (sleepCurrent(chip).microamps * volts) / 1000;
  const mean = (of: keyof Interval): number => {
    const busy = Math.min(1, (perSecond * latencyMs[of]) / 1000);
    const active = Math.min((perSecond * microjoules[of]) / 1000, milliwatts[of]);
    return active + asleep * (1 - busy);
  };
  return { low: mean('low'), middle: mean('middle'), high: mean('high') };
}

/** Hours at a mean power, at most the shelf life; low is what the highest power leaves. */
export function lifeHours({ milliampHours, volts }: Battery, mean: Interval): Interval {
  const milliwattHours = milliampHours * volts * usableShare;
  const hours = (milliwatts: number): number => Math.min(shelfLifeHours, milliwattHours / milliwatts);
  return { low: hours(mean.high), middle: hours(mean.middle), high: hours(mean.low) };
}
