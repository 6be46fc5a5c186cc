// On the device: the cheapest chip that carries the model; results are reported, inputs stay unless they are collected.
import { usualPrice } from '../fit/checks.ts';
import { fit } from '../fit/fit.ts';
import type { ModelNeeds } from '../needs/model-needs.ts';
import type { Answers } from './answers.ts';
import { batteryLines, cheapestOf, costsOf, electricityLine } from './costs.ts';
import { type Uplink, uplinksFor } from './uplink.ts';
import {
  commonObstacles,
  kilowattHours,
  latencyOf,
  leavingSite,
  lifeAt,
  secondsPerDay,
  storageLines,
  type Way,
  type WayOptions,
} from './way.ts';

export function deviceWay(answers: Answers, needs: ModelNeeds, { chips, prices: list, cases }: WayOptions): Way {
  const { devices, rate, latency, battery, life, chipPrice } = answers;
  const demands = {
    latencyMs: latency,
    ratePerSecond: rate,
    ...(battery === undefined ? {} : { battery }),
    ...(life === undefined ? {} : { lifeHours: life }),
    ...(chipPrice === undefined ? {} : { maxPriceUsd: chipPrice }),
  };
  const {
    fits: [fitting],
    rejected: [nearest],
  } = fit(needs, demands, { chips });
  const { inputs, sent } = leavingSite(answers, needs);
  const computing = (fitting?.meanMilliwatts?.middle ?? 0) / 1000;
  const price = fitting === undefined ? 0 : usualPrice(fitting.chip);
  const [first, ...others] = uplinksFor(answers, sent, list);
  const withUplink = (uplink: Uplink) => {
    const watts = computing + (uplink.joulesPerMegabyte * sent) / 1e6;
    const lasting = lifeAt(answers, watts);
    const costs = costsOf(
      [{ what: 'chips', usd: devices * price }, ...uplink.once],
      [
        ...uplink.monthly,
        ...storageLines(answers, inputs, list),
        ...(battery === undefined ? [electricityLine(devices * watts, list)] : batteryLines(devices, lasting, list)),
      ],
      answers.months,
    );
    return { watts, lasting, costs };
  };
  const { watts, lasting, costs } = cheapestOf([withUplink(first), ...others.map(withUplink)]);
  const times =
    fitting === undefined
      ? { inTime: 0 }
      : latencyOf({ computeMs: fitting.estimate.latencyMs.middle, computeJitter: 0.01 }, answers, cases);
  return {
    name: 'device',
    obstacles: [
      ...(fitting === undefined
        ? [`no chip carries it${nearest === undefined ? '' : `; the nearest, ${nearest.chip.name}, ${nearest.reason}`}`]
        : commonObstacles(answers, { inTime: times.inTime, costs, life: lasting })),
      ...(answers.learning === 'continual' ? ['the model must keep learning, which a microcontroller does not'] : []),
      ...(answers.anySize ? ['the model may become of any size, memory here may not'] : []),
    ],
    ...times,
    leavesBytesPerDay: devices * sent * secondsPerDay,
    costs,
    kilowattHoursPerMonth: kilowattHours(devices * watts),
    ...(lasting === undefined ? {} : { lifeHours: lasting }),
    givenUp: [
      'continual and reinforcement learning',
      'models beyond the memory of the chip',
      'changes without an update of every device',
    ],
    ...(fitting === undefined ? {} : { fitting }),
  };
}
