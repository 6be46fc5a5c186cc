// A factor that is not known exactly: the mean and standard deviation of its logarithm.

export interface Factor {
  readonly mean: number;
  readonly sd: number;
}

/** A value with an interval of 90 %. */
export interface Interval {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** Half the width of an interval of 90 %, in standard deviations. */
export const quantile90 = 1.645;

/** A value times a factor. */
export function intervalOf(value: number, { mean, sd }: Factor): Interval {
  const half = quantile90 * sd;
  return { low: value * Math.exp(mean - half), middle: value * Math.exp(mean), high: value * Math.exp(mean + half) };
}

/** Independent factors, multiplied. */
export const multiply = (...factors: readonly Factor[]): Factor => ({
  mean: factors.reduce((total, { mean }) => total + mean, 0),
  sd: Math.hypot(...factors.map(({ sd }) => sd)),
});

/** What calibration found. */
export interface Calibration {
  /** Executed instructions, times those predicted, by target. */
  readonly instructions: Readonly<Record<string, Factor>>;
  /** Cycles of hardware, times base cycles: of measured chips, of their cores, and of other cores. */
  readonly cycles: {
    readonly chips: Readonly<Record<string, Factor>>;
    readonly cores: Readonly<Record<string, Factor>>;
    readonly other: Factor;
  };
  /** Power, times the stated one: of measured chips, and of others by what ran when it was stated. */
  readonly power: {
    readonly chips: Readonly<Record<string, Factor>>;
    readonly coremark: Factor;
    readonly unnamed: Factor;
  };
  /** How well boards are predicted that were left out. */
  readonly validation: Validation;
}

/** Errors are relative: 0.1 is 10 %. */
export interface Validation {
  readonly observations: number;
  readonly boards: number;
  readonly latency: Errors;
  /** The fastest engine of each board and network alone. */
  readonly fastest: Errors;
  readonly energy: Errors;
  readonly fastestEnergy: Errors;
}

export interface Errors {
  readonly rows: number;
  readonly median: number;
  readonly percentile90: number;
  /** The share of rows inside their intervals of 90 %. */
  readonly covered: number;
}
