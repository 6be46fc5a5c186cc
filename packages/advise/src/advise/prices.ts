// What things cost and how networks behave: a dated list that users replace entry by entry. All figures are recalled orders of magnitude
// of public list prices; nothing here is an offer.
import { z } from 'zod';
import { AdviceError } from '../advice-error.ts';
import { describe } from '../chips/read-chips.ts';
import type { networkNames } from './answers.ts';

const amount = z.number().nonnegative();
const positive = z.number().positive();

const networkSchema = z.strictObject({
  /** Median round trip in milliseconds, and the standard deviation of its logarithm. */
  roundTripMs: positive,
  jitter: amount,
  /** Bits a second upwards, in thousands. */
  kilobitsPerSecond: positive,
  /** The share of time it is there, and how long it is away at a time. */
  availability: z.number().gt(0).max(1),
  outageMinutes: positive,
  /** A device's subscription for a month, a megabyte, and the radio itself, in US dollars. */
  usdPerMonth: amount,
  usdPerMegabyte: amount,
  radioUsd: amount,
  /** What a device spends on a megabyte. */
  joulesPerMegabyte: positive,
});

const serverSchema = z.strictObject({
  usdPerHour: positive,
  /** Multiply-accumulates of small models, a second. */
  macsPerSecond: positive,
  watts: positive,
});

export const pricesSchema = z.strictObject({
  asOf: z.string(),
  source: z.string(),
  cpuServer: serverSchema,
  gpuServer: serverSchema,
  /** The share of a server that load may take, so that peaks have room. */
  serverLoad: z.number().gt(0).max(1),
  storageUsdPerGigabyteMonth: amount,
  egressUsdPerGigabyte: amount,
  /** Support, monitoring and the like, as a share of the bill. */
  supportShare: amount,
  /** Cooling and conversion: watts drawn for a watt used. */
  powerUsage: z.number().min(1),
  electricityUsdPerKilowattHour: amount,
  /** A computer at the place of the devices. */
  gateway: z.strictObject({
    usd: positive,
    watts: positive,
    macsPerSecond: positive,
    usdPerMonth: amount,
    roundTripMs: positive,
  }),
  /** A chip that only measures and sends, and its radio to a gateway. */
  thinChipUsd: amount,
  localRadioUsd: amount,
  /** A box with a local radio and one to the network, without the latter. */
  hubUsd: amount,
  localJoulesPerMegabyte: positive,
  /** A new cell and the way to the device. */
  batteryVisitUsd: amount,
  networks: z.strictObject({
    satellite: networkSchema,
    lpwan: networkSchema,
    mobile: networkSchema,
    wifi: networkSchema,
    wired: networkSchema,
  }),
});

export type Prices = z.infer<typeof pricesSchema>;
export type Network = z.infer<typeof networkSchema>;
export type NetworkName = Exclude<(typeof networkNames)[number], 'none'>;

/** The list. */
export const prices: Prices = {
  asOf: '2026-11',
  source: 'recalled list prices, rounded',
  cpuServer: { usdPerHour: 0.2, macsPerSecond: 2e10, watts: 40 },
  gpuServer: { usdPerHour: 3, macsPerSecond: 5e12, watts: 400 },
  serverLoad: 0.4,
  storageUsdPerGigabyteMonth: 0.1,
  egressUsdPerGigabyte: 0.09,
  supportShare: 0.1,
  powerUsage: 1.3,
  electricityUsdPerKilowattHour: 0.2,
  gateway: { usd: 150, watts: 6, macsPerSecond: 6e9, usdPerMonth: 3, roundTripMs: 8 },
  thinChipUsd: 1.5,
  localRadioUsd: 2,
  hubUsd: 40,
  localJoulesPerMegabyte: 8,
  batteryVisitUsd: 25,
  networks: {
    satellite: {
      roundTripMs: 650,
      jitter: 0.25,
      kilobitsPerSecond: 100,
      availability: 0.97,
      outageMinutes: 30,
      usdPerMonth: 15,
      usdPerMegabyte: 1,
      radioUsd: 120,
      joulesPerMegabyte: 400,
    },
    lpwan: {
      roundTripMs: 2500,
      jitter: 0.6,
      kilobitsPerSecond: 2,
      availability: 0.97,
      outageMinutes: 20,
      usdPerMonth: 0.5,
      usdPerMegabyte: 1,
      radioUsd: 5,
      joulesPerMegabyte: 1500,
    },
    mobile: {
      roundTripMs: 60,
      jitter: 0.4,
      kilobitsPerSecond: 1000,
      availability: 0.99,
      outageMinutes: 15,
      usdPerMonth: 1.5,
      usdPerMegabyte: 0.01,
      radioUsd: 9,
      joulesPerMegabyte: 25,
    },
    wifi: {
      roundTripMs: 35,
      jitter: 0.35,
      kilobitsPerSecond: 5000,
      availability: 0.995,
      outageMinutes: 30,
      usdPerMonth: 0,
      usdPerMegabyte: 0,
      radioUsd: 2,
      joulesPerMegabyte: 5,
    },
    wired: {
      roundTripMs: 15,
      jitter: 0.2,
      kilobitsPerSecond: 20000,
      availability: 0.9995,
      outageMinutes: 30,
      usdPerMonth: 0,
      usdPerMegabyte: 0,
      radioUsd: 4,
      joulesPerMegabyte: 1,
    },
  },
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A list with the entries of another in place of its own, however deep. */
function replaced(base: unknown, by: unknown): unknown {
  if (!isRecord(base) || !isRecord(by)) return by;
  const names = [...new Set([...Object.keys(base), ...Object.keys(by)])];
  return Object.fromEntries(names.map((name) => [name, name in by ? replaced(base[name], by[name]) : base[name]]));
}

/** The list with the entries of a parsed file. @throws {AdviceError} with every entry that is wrong */
export function readPrices(parsed: unknown, file: string): Prices {
  const result = pricesSchema.safeParse(replaced(prices, parsed));
  if (!result.success) throw new AdviceError(result.error.issues.map((issue) => `${file}: ${describe(issue)}`));
  return result.data;
}
