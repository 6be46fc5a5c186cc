// Latency, power and energy of a build on a chip, each with an interval of 90 % and what it rests on.
import { type Execution, instructionsOf } from '@anymote/compiler';
import type { Chip } from '../chips/chip.ts';
import { cores } from '../chips/cores.ts';
import { baseCycles } from './base-cycles.ts';
import { calibration } from './calibration.ts';
import { type Factor, type Interval, intervalOf, multiply } from './factor.ts';
import { statedCurrent, statedPower } from './stated-current.ts';

/** `chip`: the chip itself was measured; `core`: others with its core were; `none`: no chip with its core was. */
export type Standing = 'chip' | 'core' | 'none';

export interface Estimate {
  readonly megahertz: number;
  readonly cycles: Interval;
  readonly latencyMs: Interval;
  /** While it computes. */
  readonly milliwatts: Interval;
  /** Of one inference. */
  readonly microjoules: Interval;
  readonly standing: Standing;
  /** Whether power is known: measured on networks, stated by the maker, or typical of the core. */
  readonly powerStanding: 'measured' | 'stated' | 'typical';
  /** Why the calibration says little of this case; empty inside its range. */
  readonly outside: readonly string[];
  /** What the figures rest on, in words. */
  readonly basis: readonly string[];
}

/** What runs in one inference, as predicted. */
export interface Running extends Execution {
  /** Executed instructions where they were counted; the kinds are taken in proportion. */
  readonly instructions?: number;
}

export interface Conditions {
  /** The chip's highest unless given. */
  readonly megahertz?: number;
  /** 3 V, or the nearest the chip takes, unless given. */
  readonly volts?: number;
}

/** The estimate; undefined where nothing can be compiled for the core. */
export function estimate(running: Running, chip: Chip, conditions: Conditions = {}): Estimate | undefined {
  const { target } = cores[chip.core];
  if (target === undefined) return undefined;
  const megahertz = conditions.megahertz ?? chip.clockMegahertz;
  const volts = conditions.volts ?? voltsNear(chip);
  const executed = executedOf(running, target);
  const { factor, standing } = cycleFactor(chip);
  const outside = outsideOf(running, chip, standing);
  // Of a core that was not measured the factor knows already.
  const beyond = outside.length > (standing === 'none' ? 1 : 0);
  const cycleUncertainty = multiply(executed, factor, ...(beyond ? [beyondNetworks] : []));
  const base = baseCycles(running, chip, megahertz);
  const powerFactor = calibration.power.chips[chip.id] ?? calibration.power[statedCurrent(chip).code];
  const stated = statedPower(chip, volts) * megahertz;
  const perMegahertz = megahertz * 1000;
  const powerStanding =
    chip.id in calibration.power.chips ? 'measured' : statedCurrent(chip).typical ? 'typical' : 'stated';
  // Makers' figures of other chips with such a core differ about as much from each other.
  const power = powerStanding === 'typical' ? multiply(powerFactor, typicalSpread) : powerFactor;
  return {
    megahertz,
    cycles: intervalOf(base, cycleUncertainty),
    latencyMs: intervalOf(base / perMegahertz, cycleUncertainty),
    milliwatts: intervalOf(stated, power),
    microjoules: intervalOf((base / perMegahertz) * stated, multiply(cycleUncertainty, power)),
    standing,
    powerStanding,
    outside,
    basis: [
      ...cycleBasis(chip, standing),
      ...outside.map((reason) => `outside the calibrated range: ${reason}`),
      powerBasis(chip, powerStanding),
    ],
  };
}

/** Executed instructions, times those predicted: as counted, or as usual for the target. */
function executedOf({ mix, instructions }: Running, target: string): Factor {
  if (instructions !== undefined) return { mean: Math.log(instructions / instructionsOf(mix)), sd: 0 };
  return calibration.instructions[target] ?? { mean: 0, sd: 0.2 };
}

/** What models differ by that are no int8 networks. */
const beyondNetworks: Factor = { mean: 0, sd: 0.25 };

/** What was measured are int8 networks on some cores; what differs from that, in words. */
function outsideOf({ mix, sparseReads }: Running, { core }: Chip, standing: Standing): readonly string[] {
  const all = Math.max(1, instructionsOf(mix));
  return [
    ...(standing === 'none' ? [`no chip with a ${core} was measured`] : []),
    ...(mix.floats > 0.05 * all ? ['it computes in floats, what was measured in int8'] : []),
    ...(sparseReads > 0.02 * all || mix.branches > 0.15 * all
      ? ['it mostly decides and looks up, what was measured multiplies']
      : []),
  ];
}

const typicalSpread: Factor = { mean: 0, sd: 0.4 };

/** The voltage the chip takes that is nearest to a wanted one: to a battery's, or the usual 3 V. */
export const voltsNear = ({ supply }: Chip, wanted = 3): number => {
  const [low, high] = supply.volts;
  return Math.min(Math.max(wanted, low), high);
};

function cycleFactor({ id, core }: Chip): { readonly factor: Factor; readonly standing: Standing } {
  const { chips, cores: measured, other } = calibration.cycles;
  const own = chips[id];
  if (own !== undefined) return { factor: own, standing: 'chip' };
  const ofCore = measured[core];
  return ofCore === undefined ? { factor: other, standing: 'none' } : { factor: ofCore, standing: 'core' };
}

function cycleBasis({ name, core, verified }: Chip, standing: Standing): readonly string[] {
  const rests = {
    chip: `cycles: measured networks on the ${name}`,
    core: `cycles: measured networks on other chips with a ${core}`,
    none: `cycles: measured networks on chips with other cores than ${core}`,
  };
  return [rests[standing], ...(verified ? [] : ["the chip's memory or clock is recalled, not read"])];
}

const powerBasis = ({ core, active }: Chip, standing: Estimate['powerStanding']): string =>
  ({
    measured: 'power: measured on networks',
    stated: `power: ${active?.microampsPerMegahertz} µA/MHz (${active?.condition}; ${active?.source}), times what networks draw elsewhere`,
    typical: `power: no figure, typical of chips with a ${core}`,
  })[standing];
