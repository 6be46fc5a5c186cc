// On a gateway: a small computer at the place, to which devices send their inputs over a local radio.
import type { ModelNeeds } from '../needs/model-needs.ts';
import type { Answers } from './answers.ts';
import { batteryLines, costsOf, electricityLine, networkLines } from './costs.ts';
import {
  commonObstacles,
  kilowattHours,
  latencyOf,
  leavingSite,
  lifeAt,
  secondsPerDay,
  sendingWatts,
  storageLines,
  type Way,
  type WayOptions,
} from './way.ts';

/** What a local radio carries, in thousand bits a second. */
const localKilobits = 1000;

/** A gateway restarts, updates and is unplugged. */
const presence = { availability: 0.9995, outageMinutes: 10 } as const;

export function gatewayWay(answers: Answers, needs: ModelNeeds, { prices: list, cases }: WayOptions): Way {
  const { devices, sites, network, rate, battery } = answers;
  const { gateway } = list;
  // The load is spread over the sites as evenly as it goes.
  const perSite = Math.ceil(devices / sites) * rate * needs.macs;
  const gateways = sites * Math.max(1, Math.ceil(perSite / (gateway.macsPerSecond * list.serverLoad)));
  const { inputs, sent } = leavingSite(answers, needs);
  const uplinked = network !== 'none' && sent > 0;
  const deviceWatts = sendingWatts(rate * needs.inputBytes, list.localJoulesPerMegabyte);
  const lasting = lifeAt(answers, deviceWatts);
  const costs = costsOf(
    [
      { what: `${gateways} gateway${gateways === 1 ? '' : 's'}`, usd: gateways * gateway.usd },
      { what: 'chips that measure and send', usd: devices * list.thinChipUsd },
      { what: 'local radios', usd: devices * list.localRadioUsd },
      { what: 'radios of gateways', usd: uplinked ? sites * list.networks[network].radioUsd : 0 },
    ],
    [
      { what: 'care of gateways', usd: gateways * gateway.usdPerMonth },
      ...networkLines(uplinked ? network : 'none', sites, devices * sent, list),
      ...storageLines(answers, inputs, list),
      electricityLine(gateways * gateway.watts + (battery === undefined ? devices * deviceWatts : 0), list),
      ...batteryLines(devices, lasting, list),
    ],
    answers.months,
  );
  const times = latencyOf(
    {
      computeMs: (needs.macs / gateway.macsPerSecond) * 1000,
      computeJitter: 0.2,
      roundTripMs: gateway.roundTripMs,
      roundTripJitter: 0.5,
      transferMs: (needs.inputBytes * 8) / localKilobits,
      ...presence,
    },
    answers,
    cases,
  );
  return {
    name: 'gateway',
    obstacles: [
      ...commonObstacles(answers, { inTime: times.inTime, costs, life: lasting }),
      ...(answers.learning === 'continual' ? ['the model must keep learning, which takes more than a gateway'] : []),
      ...(answers.anySize ? ['the model may become of any size, a gateway stays small'] : []),
    ],
    ...times,
    leavesBytesPerDay: devices * sent * secondsPerDay,
    costs,
    kilowattHoursPerMonth: kilowattHours(gateways * gateway.watts + devices * deviceWatts),
    ...(lasting === undefined ? {} : { lifeHours: lasting }),
    givenUp: ['answers when the gateway or its power is away', 'devices out of its reach', 'large models and training'],
  };
}
