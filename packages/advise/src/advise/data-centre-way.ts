// In a data centre: every input travels, servers by the hour answer.
import type { ModelNeeds } from '../needs/model-needs.ts';
import type { Answers } from './answers.ts';
import { batteryLines, cheapestOf, costsOf, electricityLine, hostingLines, serversFor } from './costs.ts';
import { networkRoute } from './simulate-latency.ts';
import { type Uplink, uplinksFor } from './uplink.ts';
import {
  commonObstacles,
  gigabytesPerMonth,
  keptMonths,
  kilowattHours,
  latencyOf,
  lifeAt,
  secondsPerDay,
  sendingWatts,
  type Way,
  type WayOptions,
} from './way.ts';

/** From here on a CPU is the slower bargain. */
const gpuFromMacs = 5e9;

/** Of a request, beside the model. */
const serverMs = 3;

/** Headers of an answer. */
const answerHeaderBytes = 200;

export function dataCentreWay(answers: Answers, needs: ModelNeeds, { prices: list, cases }: WayOptions): Way {
  const { devices, network, rate, battery, learning, anySize } = answers;
  const bytes = network === 'none' ? 0 : rate * needs.inputBytes;
  const kind = anySize || learning === 'continual' || needs.macs > gpuFromMacs ? 'gpuServer' : 'cpuServer';
  const servers = serversFor(kind, needs.macs, devices * rate, list);
  const hosting = {
    kind,
    servers,
    storedGigabytes: answers.collectData ? gigabytesPerMonth(devices * bytes) * keptMonths : 0,
    egressGigabytes: gigabytesPerMonth(devices * rate * (needs.outputBytes + answerHeaderBytes)),
  } as const;
  const [first, ...others] = uplinksFor(answers, bytes, list);
  const withUplink = (uplink: Uplink) => {
    const deviceWatts = sendingWatts(bytes, uplink.joulesPerMegabyte);
    const lasting = lifeAt(answers, deviceWatts);
    const costs = costsOf(
      [{ what: 'chips that measure and send', usd: devices * list.thinChipUsd }, ...uplink.once],
      [
        ...hostingLines(hosting, list),
        ...uplink.monthly,
        ...(battery === undefined
          ? [electricityLine(devices * deviceWatts, list)]
          : batteryLines(devices, lasting, list)),
      ],
      answers.months,
    );
    return { uplink, deviceWatts, lasting, costs };
  };
  const { uplink, deviceWatts, lasting, costs } = cheapestOf([withUplink(first), ...others.map(withUplink)]);
  const computeMs = uplink.extraMs + serverMs + (needs.macs / list[kind].macsPerSecond) * 1000;
  const route =
    network === 'none'
      ? undefined
      : networkRoute(list.networks[network], answers.availability, needs.inputBytes, computeMs);
  const times = route === undefined ? { inTime: 0 } : latencyOf(route, answers, cases);
  const crowded = network === 'none' ? 0 : (bytes * 8) / 1000 / list.networks[network].kilobitsPerSecond;
  return {
    name: 'data centre',
    obstacles: [
      ...(network === 'none'
        ? ['there is no network']
        : commonObstacles(answers, { inTime: times.inTime, costs, life: lasting })),
      ...(crowded > 1 ? [`inputs need ${Math.ceil(crowded)} times what ${network} carries`] : []),
      ...(answers.dataMustStay ? ['the data must stay where it arises'] : []),
    ],
    ...times,
    leavesBytesPerDay: devices * bytes * secondsPerDay,
    costs,
    kilowattHoursPerMonth: kilowattHours(servers * list[kind].watts * list.powerUsage + devices * deviceWatts),
    ...(lasting === undefined ? {} : { lifeHours: lasting }),
    givenUp: [
      'answers while the network is away',
      ...(answers.sensitive ? ['faces, voices or health data leave the site'] : ['every input leaves the site']),
      'a cost that ends with the purchase',
    ],
  };
}
