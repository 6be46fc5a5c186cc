// All that is calibrated and how well it predicts boards it has not seen.
import type { Chip } from '../chips/chip.ts';
import { type Calibration, type Errors, type Factor, quantile90 } from '../estimate/factor.ts';
import { factorsOf, fastest, type HeldOut, leaveOneBoardOut } from './latency-model.ts';
import type { Observation } from './observation.ts';
import { type Powered, powerFactorsOf, powerSpread, powerWithout } from './power-model.ts';

/** Energy of a row, predicted without its board. */
export interface HeldOutEnergy {
  readonly observation: Observation;
  readonly measuredMicrojoules: number;
  readonly predictedMicrojoules: number;
  readonly error: number;
  readonly covered: boolean;
}

/** Latency and energy of every row, predicted from the other boards. */
export function validate(
  observations: readonly Observation[],
  chips: readonly Chip[],
): { readonly latency: readonly HeldOut[]; readonly energy: readonly HeldOutEnergy[] } {
  const latency = leaveOneBoardOut(observations);
  const rows = new Map(latency.map((row) => [row.observation, row]));
  const all = poweredOf(observations, chips);
  const energy = all.flatMap((own): readonly HeldOutEnergy[] => {
    const row = rows.get(own.observation);
    if (row === undefined) return [];
    const power = powerWithout(all, own);
    const measuredMicrojoules = own.milliwatts * own.observation.latencyMs;
    const predictedMicrojoules = power.milliwatts * row.predictedMs;
    const sd = Math.hypot(power.sd, powerSpread.noise, Math.log(row.highMs / row.predictedMs) / quantile90);
    const distance = Math.abs(Math.log(predictedMicrojoules / measuredMicrojoules));
    return [
      {
        observation: own.observation,
        measuredMicrojoules,
        predictedMicrojoules,
        error: predictedMicrojoules / measuredMicrojoules - 1,
        covered: distance <= quantile90 * sd,
      },
    ];
  });
  return { latency, energy };
}

const poweredOf = (observations: readonly Observation[], chips: readonly Chip[]): readonly Powered[] =>
  observations.flatMap((observation): readonly Powered[] => {
    const chip = chips.find(({ id }) => id === observation.chip);
    const { milliwatts } = observation;
    return chip === undefined || milliwatts === undefined ? [] : [{ chip, observation, milliwatts }];
  });

/** `instructions`: executed instructions, times those predicted, by target. */
export function calibrate(
  observations: readonly Observation[],
  chips: readonly Chip[],
  instructions: readonly (readonly [target: string, factor: Factor])[],
): Calibration {
  const { latency, energy } = validate(observations, chips);
  const cycles = factorsOf(observations);
  const power = powerFactorsOf(poweredOf(observations, chips));
  return {
    instructions: Object.fromEntries(instructions.map(([target, factor]) => [target, rounded(factor)])),
    cycles: { chips: record(cycles.chips), cores: record(cycles.cores), other: rounded(cycles.other) },
    power: { chips: record(power.chips), coremark: rounded(power.coremark), unnamed: rounded(power.unnamed) },
    validation: {
      observations: observations.length,
      boards: new Set(observations.map(({ board }) => board)).size,
      latency: errorsOf(latency),
      fastest: errorsOf(fastest(latency)),
      energy: errorsOf(energy),
      fastestEnergy: errorsOf(fastest(energy)),
    },
  };
}

const places = (value: number): number => Math.round(value * 10000) / 10000;

const rounded = ({ mean, sd }: Factor): Factor => ({ mean: places(mean), sd: places(sd) });

const record = (factors: ReadonlyMap<string, Factor>): Readonly<Record<string, Factor>> =>
  Object.fromEntries([...factors].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, own]) => [name, rounded(own)]));

/** Medians and percentiles of errors without their signs. */
export function errorsOf(rows: readonly { readonly error: number; readonly covered: boolean }[]): Errors {
  const errors = rows.map(({ error }) => Math.abs(error));
  return {
    rows: rows.length,
    median: places(quantileOf(errors, 0.5)),
    percentile90: places(quantileOf(errors, 0.9)),
    covered: places(rows.filter(({ covered }) => covered).length / rows.length),
  };
}

/** The value that a share of a list does not exceed, between neighbours in proportion. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN];
  return low + (high - low) * (at - Math.floor(at));
}
