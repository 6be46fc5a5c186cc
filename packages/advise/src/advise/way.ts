// What is said of a way, and what all ways share: latency, obstacles, and the energy of devices that only send.

import type { Chip } from '../chips/chip.ts';
import { lifeHours } from '../estimate/battery.ts';
import type { Interval } from '../estimate/factor.ts';
import type { Fitting } from '../fit/fit.ts';
import { formatHours, formatMs, formatUsd } from '../format.ts';
import type { ModelNeeds } from '../needs/model-needs.ts';
import type { Answers } from './answers.ts';
import { type CostLine, type Costs, hoursPerMonth, reportBytesPerSecond } from './costs.ts';
import type { Prices } from './prices.ts';
import { percentile, type Route, shareWithin, simulateLatency } from './simulate-latency.ts';

export type WayName = 'device' | 'gateway' | 'data centre';

export const wayTitle = (name: WayName): string =>
  ({ device: 'On the device', gateway: 'On a gateway', 'data centre': 'In a data centre' })[name];

export interface Way {
  readonly name: WayName;
  /** Why it cannot be; empty where it can. */
  readonly obstacles: readonly string[];
  /** Of answers, in milliseconds; absent where there is no way to one. */
  readonly latency?: { readonly median: number; readonly p95: number; readonly p99: number; readonly p999: number };
  /** Percentiles 0 to 100, for plots. */
  readonly distribution?: readonly number[];
  /** The share of answers within the demanded latency. */
  readonly inTime: number;
  /** Bytes of inputs and results that leave the site, a day. */
  readonly leavesBytesPerDay: number;
  readonly costs: Costs;
  /** Of all devices, gateways and servers, a month. */
  readonly kilowattHoursPerMonth: number;
  /** How long a cell lasts, where there is one. */
  readonly lifeHours?: number;
  readonly givenUp: readonly string[];
  /** On the device: the chip that was taken. */
  readonly fitting?: Fitting;
}

export interface WayOptions {
  readonly chips: readonly Chip[];
  readonly prices: Prices;
  /** Random cases of latency. */
  readonly cases: number;
}

export const secondsPerDay = 86_400;

/** Collected inputs are kept so long. */
export const keptMonths = 12;

/** Bytes a second of a device where the answer is found on site: inputs that are collected, and all that leaves. */
export function leavingSite(
  answers: Answers,
  { inputBytes, outputBytes }: ModelNeeds,
): {
  readonly inputs: number;
  readonly sent: number;
} {
  const inputs = answers.collectData ? answers.rate * inputBytes : 0;
  return { inputs, sent: answers.network === 'none' ? 0 : reportBytesPerSecond(answers, outputBytes) + inputs };
}

/** Latency along a route. */
export function latencyOf(
  route: Route,
  { latency }: Answers,
  cases: number,
): Pick<Way, 'latency' | 'distribution' | 'inTime'> {
  const sorted = simulateLatency(route, cases);
  const at = (share: number): number => percentile(sorted, share);
  return {
    latency: { median: at(0.5), p95: at(0.95), p99: at(0.99), p999: at(0.999) },
    distribution: Array.from({ length: 101 }, (_, i) => at(i / 100)),
    inTime: shareWithin(sorted, latency),
  };
}

/** What every way must reach. */
export function commonObstacles(
  answers: Answers,
  { inTime, costs, life }: { readonly inTime: number; readonly costs: Costs; readonly life: number | undefined },
): readonly string[] {
  const obstacles: string[] = [];
  if (inTime < answers.inTime)
    obstacles.push(
      `${percent(inTime)} of answers come within ${formatMs(answers.latency)}, ${percent(answers.inTime)} must`,
    );
  if (answers.life !== undefined && life !== undefined && life < answers.life)
    obstacles.push(`a battery lasts ${formatHours(life)}, ${formatHours(answers.life)} are needed`);
  if (answers.budget !== undefined && costs.totalUsd > answers.budget)
    obstacles.push(`costs ${formatUsd(costs.totalUsd)}, the budget is ${formatUsd(answers.budget)}`);
  return obstacles;
}

const percent = (share: number): string => `${(100 * share).toFixed(share > 0.99 && share < 1 ? 2 : 1)} %`;

/** How long a device's cell lasts at so many watts; undefined on mains power. */
export function lifeAt({ battery }: Answers, watts: number): number | undefined {
  const milliwatts = watts * 1000;
  const steady: Interval = { low: milliwatts, middle: milliwatts, high: milliwatts };
  return battery === undefined ? undefined : lifeHours(battery, steady).middle;
}

/** A few microamps at 3 V. */
const typicalSleepWatts = 6e-6;

/** Watts of a device that only sends: its sleep, and joules for every byte. */
export const sendingWatts = (bytesPerSecond: number, joulesPerMegabyte: number): number =>
  typicalSleepWatts + (bytesPerSecond * joulesPerMegabyte) / 1e6;

export const gigabytesPerMonth = (bytesPerSecond: number): number => (bytesPerSecond * hoursPerMonth * 3600) / 1e9;

export const kilowattHours = (watts: number): number => (watts * hoursPerMonth) / 1000;

/** Storage of all inputs, where they are collected. */
export const storageLines = (
  { collectData, devices }: Answers,
  bytesPerSecond: number,
  list: Prices,
): readonly CostLine[] =>
  collectData
    ? [
        {
          what: 'storage of what is collected',
          usd: gigabytesPerMonth(devices * bytesPerSecond) * keptMonths * list.storageUsdPerGigabyteMonth,
        },
      ]
    : [];
