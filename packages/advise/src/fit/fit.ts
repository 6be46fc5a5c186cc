// Every chip against the demands: those that fit, ranked, with their margins; for the others the one reason that rules them out, and what
// would have to change.
import type { Graph } from '@anymote/compiler';
import { chips as catalogue } from '../chips/catalogue/index.ts';
import type { Chip } from '../chips/chip.ts';
import { cores } from '../chips/cores.ts';
import { lifeHours, meanMilliwatts } from '../estimate/battery.ts';
import { type Estimate, estimate, voltsNear } from '../estimate/estimate.ts';
import type { Interval } from '../estimate/factor.ts';
import { type Build, type ModelNeeds, needsOf } from '../needs/model-needs.ts';
import { changeFor } from './changes.ts';
import { type Check, checksOf, never, usualPrice } from './checks.ts';
import { checkDemands, type Demands } from './demands.ts';

/** A build on a chip with all that is asked of it. */
export interface Candidate {
  readonly chip: Chip;
  readonly build: Build;
  readonly estimate: Estimate;
  /** At the demanded rate; absent without one. */
  readonly meanMilliwatts?: Interval;
  readonly lifeHours?: Interval;
  /** One for each demand, in a fixed order. */
  readonly checks: readonly Check[];
}

export interface Fitting extends Candidate {
  /** The demands hold over the whole interval, not only in the middle of it. */
  readonly certain: boolean;
  /** The demand with the least to spare, and how many times it is met. */
  readonly tightest?: { readonly demand: Check['demand']; readonly margin: number };
}

export interface Rejected {
  readonly chip: Chip;
  /** The demand that is missed by most. */
  readonly demand: Check['demand'] | 'core';
  readonly reason: string;
  /** What is needed, times what there is. */
  readonly ratio: number;
  /** The smallest change that lets it in, computed; absent where none does. */
  readonly change?: string;
  /** How far away it is: the product of all that is missing; 1 is none. */
  readonly distance: number;
}

export interface FitResult {
  readonly fits: readonly Fitting[];
  /** The nearest first. */
  readonly rejected: readonly Rejected[];
}

export interface FitOptions {
  /** The catalogue unless given. */
  readonly chips?: readonly Chip[];
}

/**
 * Which chips fit. A graph is compiled for all kinds of cores first, which takes seconds; needs are asked at once.
 * @throws {AdviceError} where demands contradict each other; {CompileError} where the graph cannot be compiled
 */
export function fit(model: Graph | ModelNeeds, demands: Demands, options: FitOptions = {}): FitResult {
  checkDemands(demands);
  const needs = 'builds' in model ? model : needsOf(model);
  const fits: Fitting[] = [];
  const rejected: Rejected[] = [];
  for (const chip of options.chips ?? catalogue) {
    const candidates = candidatesFor(needs, chip, demands);
    const best = candidates.find(({ checks }) => checks.every(({ middle }) => middle <= 1));
    if (best !== undefined) fits.push(fitting(best));
    else rejected.push(rejection(needs, chip, candidates, demands));
  }
  return { fits: fits.sort(byRank), rejected: rejected.sort((a, b) => a.distance - b.distance || byName(a, b)) };
}

/** The model's builds on a chip, in the order of the needs. */
function candidatesFor(needs: ModelNeeds, chip: Chip, demands: Demands): readonly Candidate[] {
  const { target } = cores[chip.core];
  return (needs.builds[target ?? ''] ?? []).flatMap((build): readonly Candidate[] => {
    const volts = voltsNear(chip, demands.battery?.volts);
    const own = estimate(build, chip, { volts });
    if (own === undefined) return [];
    const { ratePerSecond, battery } = demands;
    const mean = ratePerSecond === undefined ? undefined : meanMilliwatts(own, chip, volts, ratePerSecond);
    const life = mean === undefined || battery === undefined ? undefined : lifeHours(battery, mean);
    const candidate = {
      chip,
      build,
      estimate: own,
      ...(mean === undefined ? {} : { meanMilliwatts: mean }),
      ...(life === undefined ? {} : { lifeHours: life }),
    };
    return [{ ...candidate, checks: checksOf(candidate, demands) }];
  });
}

function fitting(candidate: Candidate): Fitting {
  const worst = candidate.checks.reduce<Check | undefined>(
    (a, b) => (a === undefined || b.middle > a.middle ? b : a),
    undefined,
  );
  return {
    ...candidate,
    certain: candidate.checks.every(({ high }) => high <= 1),
    ...(worst === undefined || worst.middle === 0
      ? {}
      : { tightest: { demand: worst.demand, margin: 1 / worst.middle } }),
  };
}

/** Those that fit for certain first, then the cheapest, then the fastest. */
function byRank(a: Fitting, b: Fitting): number {
  return (
    Number(b.certain) - Number(a.certain) ||
    usualPrice(a.chip) - usualPrice(b.chip) ||
    a.estimate.latencyMs.middle - b.estimate.latencyMs.middle ||
    byName(a, b)
  );
}

const byName = (a: { readonly chip: Chip }, b: { readonly chip: Chip }): number => (a.chip.id < b.chip.id ? -1 : 1);

function rejection(needs: ModelNeeds, chip: Chip, candidates: readonly Candidate[], demands: Demands): Rejected {
  const { unusable } = cores[chip.core];
  if (unusable !== undefined || candidates.length === 0) {
    const reason = unusable ?? `nothing can be compiled for a ${chip.core}`;
    return { chip, demand: 'core', reason, ratio: never, distance: never ** 2 };
  }
  const missing = ({ checks }: Candidate): number =>
    checks.reduce((product, { middle }) => product * Math.max(1, middle), 1);
  const nearest = candidates.reduce((a, b) => (missing(b) < missing(a) ? b : a));
  const failed = nearest.checks.filter(({ middle }) => middle > 1);
  const worst = failed.reduce((a, b) => (b.middle > a.middle ? b : a));
  const change = changeFor(needs, nearest, failed, demands);
  return {
    chip,
    demand: worst.demand,
    reason: worst.reason,
    ratio: worst.middle,
    ...(change === undefined ? {} : { change }),
    distance: missing(nearest),
  };
}
