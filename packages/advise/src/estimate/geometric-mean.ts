// The middle of figures that differ by ratios.

/** Of at least one positive value. */
export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((total, value) => total + Math.log(value), 0) / values.length);
