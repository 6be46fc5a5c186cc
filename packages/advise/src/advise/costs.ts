// What a way costs, in lines that can be checked: once, and every month.
import type { Answers } from './answers.ts';
import type { NetworkName, Prices } from './prices.ts';

export interface CostLine {
  readonly what: string;
  readonly usd: number;
}

export interface Costs {
  readonly once: readonly CostLine[];
  readonly monthly: readonly CostLine[];
  /** Over all months. */
  readonly totalUsd: number;
}

export const hoursPerMonth = 730;
const secondsPerMonth = hoursPerMonth * 3600;

const sum = (lines: readonly CostLine[]): number => lines.reduce((total, { usd }) => total + usd, 0);

/** Lines that cost something, and their sum over the months. */
export function costsOf(once: readonly CostLine[], monthly: readonly CostLine[], months: number): Costs {
  const paid = (lines: readonly CostLine[]): readonly CostLine[] => lines.filter(({ usd }) => usd > 0);
  return { once: paid(once), monthly: paid(monthly), totalUsd: sum(once) + sum(monthly) * months };
}

/** The cheapest over all months; the first of equals. */
export const cheapestOf = <Choice extends { readonly costs: Costs }>(choices: readonly [Choice, ...Choice[]]): Choice =>
  choices.reduce((a, b) => (b.costs.totalUsd < a.costs.totalUsd ? b : a));

/** Costs from the start to the end of so many months. */
export const costsUntil = ({ once, monthly }: Costs, months: number): number => sum(once) + sum(monthly) * months;

/** The month in which two ways have cost the same; undefined where one is cheaper all the time. */
export function breakEvenMonths(a: Costs, b: Costs): number | undefined {
  const [first, rate] = [sum(b.once) - sum(a.once), sum(a.monthly) - sum(b.monthly)];
  const months = first / rate;
  return rate !== 0 && months > 0 && Number.isFinite(months) ? months : undefined;
}

/** What runs in a data centre. */
export interface Hosting {
  readonly kind: 'cpuServer' | 'gpuServer';
  readonly servers: number;
  readonly storedGigabytes: number;
  /** Out of the data centre, a month. */
  readonly egressGigabytes: number;
}

/** A month of hosting. */
export function hostingLines(
  { kind, servers, storedGigabytes, egressGigabytes }: Hosting,
  list: Prices,
): readonly CostLine[] {
  const instance = kind === 'gpuServer' ? 'GPU instance' : 'CPU instance';
  const lines = [
    {
      what: `${servers} ${instance}${servers === 1 ? '' : 's'} by the hour`,
      usd: servers * list[kind].usdPerHour * hoursPerMonth,
    },
    { what: 'storage', usd: storedGigabytes * list.storageUsdPerGigabyteMonth },
    { what: 'egress', usd: egressGigabytes * list.egressUsdPerGigabyte },
  ];
  return [...lines, { what: 'support and monitoring', usd: sum(lines) * list.supportShare }];
}

/** Servers for a load, at least one. */
export function serversFor(kind: Hosting['kind'], macs: number, perSecond: number, list: Prices): number {
  const each = list[kind].macsPerSecond * list.serverLoad;
  return Math.max(1, Math.ceil((macs * perSecond) / each));
}

/** A month of a network for so many subscribers that send so many bytes a second together. */
export function networkLines(
  name: NetworkName | 'none',
  subscribers: number,
  bytesPerSecond: number,
  list: Prices,
): readonly CostLine[] {
  if (name === 'none') return [];
  const { usdPerMonth, usdPerMegabyte } = list.networks[name];
  return [
    { what: `${name} subscriptions`, usd: subscribers * usdPerMonth },
    { what: `${name} data`, usd: ((bytesPerSecond * secondsPerMonth) / 1e6) * usdPerMegabyte },
  ];
}

/** Visits to change cells, a month. */
export const batteryLines = (devices: number, lifeHours: number | undefined, list: Prices): readonly CostLine[] =>
  lifeHours === undefined
    ? []
    : [{ what: 'changing batteries', usd: (devices * list.batteryVisitUsd * hoursPerMonth) / lifeHours }];

export const electricityLine = (watts: number, list: Prices): CostLine => ({
  what: 'electricity',
  usd: (watts / 1000) * hoursPerMonth * list.electricityUsdPerKilowattHour,
});

/** Bytes a device sends when only results are reported. */
export const reportBytesPerSecond = ({ rate, reported }: Answers, outputBytes: number): number =>
  rate * reported * (outputBytes + reportHeaderBytes);

/** Time, identity and framing of one report. */
const reportHeaderBytes = 32;
