// Rows of features, and parts of them.

export interface Rows {
  readonly count: number;
  readonly features: number;
  /** (count, features); what a device will compare are floats, and so are these. */
  readonly x: Float32Array;
}

/** Rows with what is to be learnt: a class, or a number. */
export interface Examples extends Rows {
  readonly y: Float64Array;
}

export function rowsAt<R extends Rows>(rows: R, positions: ArrayLike<number>): R {
  const { features, x } = rows;
  const some = new Float32Array(positions.length * features);
  for (let i = 0; i < positions.length; i += 1) {
    const from = (positions[i] ?? 0) * features;
    some.set(x.subarray(from, from + features), i * features);
  }
  const own = { ...rows, count: positions.length, x: some };
  if (!('y' in rows)) return own;
  const y = rows.y as Float64Array;
  return { ...own, y: Float64Array.from(positions, (position) => y[position] ?? 0) };
}
