// Three places where a model can run – on the device, on a computer beside it, in a data centre – each with what it does, costs and forbids.
import type { Chip } from '../chips/chip.ts';
import { lifeHours } from '../estimate/battery.ts';
import { usualPrice } from '../fit/checks.ts';
import { type Fitting, fit } from '../fit/fit.ts';
import { formatHours, formatMs } from '../format.ts';
import type { ModelNeeds } from '../needs/model-needs.ts';
import type { Answers } from './answers.ts';
import {
  batteryLines,
  type Costs,
  costsOf,
  electricityLine,
  hostingLines,
  hoursPerMonth,
  networkLines,
  reportBytesPerSecond,
  serversFor,
} from './costs.ts';
import type { Prices } from './prices.ts';
import { networkRoute, percentile, type Route, shareWithin, simulateLatency } from './simulate-latency.ts';

export type WayName = 'device' | 'gateway' | 'data centre';

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

const secondsPerDay = 86_400;

/** The three ways, in order of distance. */
export const waysFor = (answers: Answers, needs: ModelNeeds, options: WayOptions): readonly Way[] => [
  deviceWay(answers, needs, options),
  gatewayWay(answers, needs, options),
  dataCentreWay(answers, needs, options),
];

function latencyOf(
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
function commonObstacles(answers: Answers, inTime: number, costs: Costs, life: number | undefined): readonly string[] {
  const obstacles: string[] = [];
  if (inTime < answers.inTime)
    obstacles.push(
      `${percent(inTime)} of answers come within ${formatMs(answers.latency)}, ${percent(answers.inTime)} must`,
    );
  if (answers.life !== undefined && life !== undefined && life < answers.life)
    obstacles.push(`a battery lasts ${formatHours(life)}, ${formatHours(answers.life)} are needed`);
  if (answers.budget !== undefined && costs.totalUsd > answers.budget)
    obstacles.push(`costs $${Math.round(costs.totalUsd)}, the budget is $${Math.round(answers.budget)}`);
  return obstacles;
}

const percent = (share: number): string => `${(100 * share).toFixed(share > 0.99 && share < 1 ? 2 : 1)} %`;

function deviceWay(answers: Answers, needs: ModelNeeds, { chips, prices: list, cases }: WayOptions): Way {
  const { devices, network, rate, latency, battery, life, chipPrice } = answers;
  const { fits, rejected } = fit(
    needs,
    {
      latencyMs: latency,
      ratePerSecond: rate,
      ...(battery === undefined ? {} : { battery }),
      ...(life === undefined ? {} : { lifeHours: life }),
      ...(chipPrice === undefined ? {} : { maxPriceUsd: chipPrice }),
    },
    { chips },
  );
  const [fitting] = fits;
  const reports =
    reportBytesPerSecond(answers, needs.outputBytes) + (answers.collectData ? rate * needs.inputBytes : 0);
  const reporting = network !== 'none' && reports > 0;
  const radio = reporting ? list.networks[network] : undefined;
  const watts = (fitting?.meanMilliwatts?.middle ?? 0) / 1000 + ((radio?.joulesPerMegabyte ?? 0) * reports) / 1e6;
  const lasting = battery === undefined ? undefined : lifeHours(battery, steady(watts * 1000)).middle;
  const costs = costsOf(
    [
      { what: 'chips', usd: devices * (fitting === undefined ? 0 : usualPrice(fitting.chip)) },
      { what: 'radios', usd: devices * (radio?.radioUsd ?? 0) },
    ],
    [
      ...networkLines(reporting ? network : 'none', devices, devices * reports, list),
      ...(answers.collectData ? storageOnly(devices * rate * needs.inputBytes, list) : []),
      ...(battery === undefined ? [electricityLine(devices * watts, list)] : batteryLines(devices, lasting, list)),
    ],
    answers.months,
  );
  const times =
    fitting === undefined
      ? { inTime: 0 }
      : latencyOf({ computeMs: fitting.estimate.latencyMs.middle, computeJitter: 0.01 }, answers, cases);
  const [nearest] = rejected;
  return {
    name: 'device',
    obstacles: [
      ...(fitting === undefined
        ? [`no chip carries it${nearest === undefined ? '' : `; the nearest, ${nearest.chip.name}, ${nearest.reason}`}`]
        : commonObstacles(answers, times.inTime, costs, lasting)),
      ...(answers.learning === 'continual' ? ['the model must keep learning, which a microcontroller does not'] : []),
      ...(answers.anySize ? ['the model may become of any size, memory here may not'] : []),
    ],
    ...times,
    leavesBytesPerDay: reporting ? devices * reports * secondsPerDay : 0,
    costs,
    kilowattHoursPerMonth: (devices * watts * hoursPerMonth) / 1000,
    ...(lasting === undefined ? {} : { lifeHours: lasting }),
    givenUp: [
      'continual and reinforcement learning',
      'models beyond the memory of the chip',
      'changes without an update of every device',
    ],
    ...(fitting === undefined ? {} : { fitting }),
  };
}

function gatewayWay(answers: Answers, needs: ModelNeeds, { prices: list, cases }: WayOptions): Way {
  const { devices, sites, network, rate, battery } = answers;
  const { gateway } = list;
  // The load is spread over the sites as evenly as it goes.
  const perSite = Math.ceil(devices / sites) * rate * needs.macs;
  const each = gateway.macsPerSecond * list.serverLoad;
  const gateways = sites * Math.max(1, Math.ceil(perSite / each));
  const reports =
    reportBytesPerSecond(answers, needs.outputBytes) + (answers.collectData ? rate * needs.inputBytes : 0);
  const reporting = network !== 'none' && reports > 0;
  const deviceWatts = sendingWatts(rate * needs.inputBytes, list.localJoulesPerMegabyte);
  const lasting = battery === undefined ? undefined : lifeHours(battery, steady(deviceWatts * 1000)).middle;
  const costs = costsOf(
    [
      { what: `${gateways} gateway${gateways === 1 ? '' : 's'}`, usd: gateways * gateway.usd },
      { what: 'chips that measure and send', usd: devices * list.thinChipUsd },
      { what: 'local radios', usd: devices * list.localRadioUsd },
      {
        what: 'radios of gateways',
        usd: reporting ? sites * list.networks[network].radioUsd : 0,
      },
    ],
    [
      { what: 'care of gateways', usd: gateways * gateway.usdPerMonth },
      ...networkLines(reporting ? network : 'none', sites, devices * reports, list),
      ...(answers.collectData ? storageOnly(devices * rate * needs.inputBytes, list) : []),
      electricityLine(gateways * gateway.watts + (battery === undefined ? devices * deviceWatts : 0), list),
      ...batteryLines(devices, lasting, list),
    ],
    answers.months,
  );
  const computeMs = (needs.macs / gateway.macsPerSecond) * 1000;
  const times = latencyOf(
    {
      computeMs,
      computeJitter: 0.2,
      roundTripMs: gateway.roundTripMs,
      roundTripJitter: 0.5,
      transferMs: (needs.inputBytes * 8) / localKilobits,
      availability: 0.9995,
      outageMinutes: 10,
    },
    answers,
    cases,
  );
  return {
    name: 'gateway',
    obstacles: [
      ...commonObstacles(answers, times.inTime, costs, lasting),
      ...(answers.learning === 'continual' ? ['the model must keep learning, which takes more than a gateway'] : []),
      ...(answers.anySize ? ['the model may become of any size, a gateway stays small'] : []),
    ],
    ...times,
    leavesBytesPerDay: reporting ? devices * reports * secondsPerDay : 0,
    costs,
    kilowattHoursPerMonth: ((gateways * gateway.watts + devices * deviceWatts) * hoursPerMonth) / 1000,
    ...(lasting === undefined ? {} : { lifeHours: lasting }),
    givenUp: ['answers when the gateway or its power is away', 'devices out of its reach', 'large models and training'],
  };
}

function dataCentreWay(answers: Answers, needs: ModelNeeds, { prices: list, cases }: WayOptions): Way {
  const { devices, network, rate, battery } = answers;
  const bytes = rate * needs.inputBytes;
  const kind =
    answers.anySize || answers.learning === 'continual' || needs.macs > gpuFromMacs ? 'gpuServer' : 'cpuServer';
  const servers = serversFor(kind, needs.macs, devices * rate, list);
  const radio = network === 'none' ? undefined : list.networks[network];
  const deviceWatts = sendingWatts(bytes, radio?.joulesPerMegabyte ?? 0);
  const lasting = battery === undefined ? undefined : lifeHours(battery, steady(deviceWatts * 1000)).middle;
  const stored = answers.collectData ? gigabytesPerMonth(devices * bytes) * keptMonths : 0;
  const serverWatts = servers * list[kind].watts * list.powerUsage;
  const costs = costsOf(
    [
      { what: 'chips that measure and send', usd: devices * list.thinChipUsd },
      { what: 'radios', usd: devices * (radio?.radioUsd ?? 0) },
    ],
    [
      ...hostingLines(
        {
          kind,
          servers,
          storedGigabytes: stored,
          egressGigabytes: gigabytesPerMonth(devices * rate * (needs.outputBytes + answerHeaderBytes)),
        },
        list,
      ),
      ...networkLines(network, devices, devices * bytes, list),
      ...(battery === undefined
        ? [electricityLine(devices * deviceWatts, list)]
        : batteryLines(devices, lasting, list)),
    ],
    answers.months,
  );
  const computeMs = serverMs + (needs.macs / list[kind].macsPerSecond) * 1000;
  const times =
    radio === undefined
      ? { inTime: 0 }
      : latencyOf(networkRoute(radio, answers.availability, needs.inputBytes, computeMs), answers, cases);
  const transferShare = radio === undefined ? 0 : (bytes * 8) / 1000 / radio.kilobitsPerSecond;
  return {
    name: 'data centre',
    obstacles: [
      ...(radio === undefined ? ['there is no network'] : commonObstacles(answers, times.inTime, costs, lasting)),
      ...(transferShare > 1 ? [`inputs need ${Math.ceil(transferShare)} times what ${network} carries`] : []),
      ...(answers.dataMustStay ? ['the data must stay where it arises'] : []),
    ],
    ...times,
    leavesBytesPerDay: radio === undefined ? 0 : devices * bytes * secondsPerDay,
    costs,
    kilowattHoursPerMonth: ((serverWatts + devices * deviceWatts) * hoursPerMonth) / 1000,
    ...(lasting === undefined ? {} : { lifeHours: lasting }),
    givenUp: [
      'answers while the network is away',
      ...(answers.sensitive ? ['faces, voices or health data leave the site'] : ['every input leaves the site']),
      'a cost that ends with the purchase',
    ],
  };
}

/** From here on a CPU is the slower bargain. */
const gpuFromMacs = 5e9;
/** Of a request, beside the model. */
const serverMs = 3;
const answerHeaderBytes = 200;
/** Collected inputs are kept so long. */
const keptMonths = 12;
const localKilobits = 1000;

const gigabytesPerMonth = (bytesPerSecond: number): number => (bytesPerSecond * hoursPerMonth * 3600) / 1e9;

const storageOnly = (bytesPerSecond: number, list: Prices) => [
  {
    what: 'storage of what is collected',
    usd: gigabytesPerMonth(bytesPerSecond) * keptMonths * list.storageUsdPerGigabyteMonth,
  },
];

/** Watts of a device that only sends: its sleep, and joules for every byte. */
const sendingWatts = (bytesPerSecond: number, joulesPerMegabyte: number): number =>
  typicalSleepWatts + (bytesPerSecond * joulesPerMegabyte) / 1e6;

/** A few microamps at 3 V. */
const typicalSleepWatts = 6e-6;

const steady = (milliwatts: number) => ({ low: milliwatts, middle: milliwatts, high: milliwatts });
