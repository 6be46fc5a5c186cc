// Quantities as people write them, with their unit: 20ms, 10/s, 230mAh@3V, 64K, 160MHz, 6months, 5USD.
import type { Battery } from './estimate/battery.ts';

interface Kind {
  readonly what: string;
  readonly example: string;
  /** Factors to the unit that is used inside, by unit; the first is the most usual. */
  readonly units: Readonly<Record<string, number>>;
}

const day = 24 * 3600;
const month = 30.4375 * day;

const kinds = {
  /** Milliseconds. */
  latency: { what: 'a latency', example: '20ms', units: { ms: 1, s: 1000, us: 0.001, µs: 0.001, min: 60_000 } },
  /** Per second. */
  rate: {
    what: 'a rate',
    example: '10/s or 4/min',
    units: { '/s': 1, '/min': 1 / 60, '/h': 1 / 3600, '/day': 1 / day, hz: 1 },
  },
  /** Hours. */
  duration: {
    what: 'a time',
    example: '2y, 6months or 30d',
    units: {
      h: 1,
      d: 24,
      day: 24,
      days: 24,
      week: 168,
      weeks: 168,
      month: month / 3600,
      months: month / 3600,
      y: (12 * month) / 3600,
      years: (12 * month) / 3600,
    },
  },
  /** US dollars. */
  money: { what: 'an amount of US dollars', example: '5 or 5USD', units: { '': 1, usd: 1, $: 1 } },
  /** Bytes. */
  memory: {
    what: 'an amount of memory',
    example: '64K or 1M',
    units: { '': 1, b: 1, k: 1024, kb: 1024, kib: 1024, m: 1048576, mb: 1048576, mib: 1048576 },
  },
  /** Megahertz. */
  clock: { what: 'a clock', example: '160MHz', units: { mhz: 1, khz: 0.001, ghz: 1000, hz: 1e-6 } },
} as const satisfies Readonly<Record<string, Kind>>;

export type QuantityKind = keyof typeof kinds;

const number = String.raw`(\d+(?:\.\d+)?(?:e[+-]?\d+)?)`;

/** What is wrong with a text that is no such quantity. */
function wanted(kind: QuantityKind, text: string): string {
  const { what, example, units }: Kind = kinds[kind];
  const named = Object.keys(units).filter((unit) => unit !== '');
  if (/^\s*-/.test(text)) return `'${text}' is below zero: ${what} is more than nothing, such as ${example}`;
  if (new RegExp(`^\\s*\\$?${number}\\s*$`, 'i').test(text))
    return `'${text}' has no unit: ${what} is written ${example}`;
  const unit = new RegExp(`^\\s*${number}\\s*(\\S+)\\s*$`, 'i').exec(text)?.[2];
  return unit === undefined
    ? `'${text}' is not ${what}: write ${example}`
    : `'${unit}' is no unit of ${what}: units are ${named.join(', ')}, such as ${example}`;
}

/** The value in the unit used inside, or what is wrong with the text. Zero is wrong too. */
export function parseQuantity(kind: QuantityKind, text: string): number | { readonly problem: string } {
  const { units }: Kind = kinds[kind];
  const match = new RegExp(`^\\s*(\\$?)\\s*${number}\\s*(.*?)\\s*$`, 'i').exec(text);
  const factor = match === null ? undefined : units[(match[3] ?? '').toLowerCase()];
  if (match === null || factor === undefined || (match[1] === '$' && kind !== 'money'))
    return { problem: wanted(kind, text) };
  const value = Number(match[2]) * factor;
  if (!(value > 0) || !Number.isFinite(value))
    return { problem: `'${text}' is nothing, or beyond all numbers: write ${kinds[kind].example}` };
  return value;
}

/** `230mAh@3V`, `2.5Ah@3.6V`, or what is wrong with the text. */
export function parseBattery(text: string): Battery | { readonly problem: string } {
  const match = new RegExp(`^\\s*${number}\\s*(mAh|Ah)\\s*@\\s*${number}\\s*V\\s*$`, 'i').exec(text);
  if (match === null)
    return {
      problem: /@/.test(text)
        ? `'${text}' is no battery: write its charge and voltage, such as 230mAh@3V`
        : `'${text}' has no voltage: write charge and voltage, such as 230mAh@3V`,
    };
  const milliampHours = Number(match[1]) * (match[2]?.toLowerCase() === 'ah' ? 1000 : 1);
  const volts = Number(match[3]);
  if (!(milliampHours > 0) || !(volts > 0 && volts <= 60))
    return { problem: `'${text}' is no battery: charge is more than 0, voltage up to 60 V, such as 230mAh@3V` };
  return { milliampHours, volts };
}
