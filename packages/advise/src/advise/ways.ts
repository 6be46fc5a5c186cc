// Three places where a model can run – on the device, on a computer beside it, in a data centre – each with what it does, costs and forbids.
import type { ModelNeeds } from '../needs/model-needs.ts';
import type { Answers } from './answers.ts';
import { dataCentreWay } from './data-centre-way.ts';
import { deviceWay } from './device-way.ts';
import { gatewayWay } from './gateway-way.ts';
import type { Way, WayOptions } from './way.ts';

/** The three ways, in order of distance. */
export const waysFor = (answers: Answers, needs: ModelNeeds, options: WayOptions): readonly Way[] => [
  deviceWay(answers, needs, options),
  gatewayWay(answers, needs, options),
  dataCentreWay(answers, needs, options),
];
