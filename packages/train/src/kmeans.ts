// k-means: Lloyd's iterations from centres drawn far from each other (k-means++). Source: Arthur, Vassilvitskii, k-means++, 2007.
import { type Random, randomOf } from './random.ts';
import type { Rows } from './rows.ts';

export interface KmeansOptions {
  readonly clusters: number;
  readonly seed: number;
  /** Starts, of which the best is kept. */
  readonly starts: number;
}

export interface TrainedKmeans {
  readonly centres: readonly (readonly number[])[];
  /** The sum of squared distances to the nearest centre. */
  readonly inertia: number;
}

const mostIterations = 300;

export function trainKmeans(rows: Rows, { clusters, seed, starts }: KmeansOptions): TrainedKmeans {
  let best: TrainedKmeans | undefined;
  for (let start = 0; start < starts; start += 1) {
    const found = lloyd(rows, drawCentres(rows, clusters, randomOf(seed * 65537 + start)));
    if (best === undefined || found.inertia < best.inertia) best = found;
  }
  return best ?? { centres: [], inertia: 0 };
}

const rowOf = ({ x, features }: Rows, row: number): number[] =>
  Array.from(x.subarray(row * features, (row + 1) * features));

function squared({ x, features }: Rows, row: number, centre: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < features; i += 1) sum += ((x[row * features + i] ?? 0) - (centre[i] ?? 0)) ** 2;
  return sum;
}

function drawCentres(rows: Rows, clusters: number, random: Random): number[][] {
  const centres = [rowOf(rows, random.below(rows.count))];
  const nearest = new Float64Array(rows.count).fill(Infinity);
  while (centres.length < clusters) {
    const last = centres.at(-1) ?? [];
    let total = 0;
    for (let row = 0; row < rows.count; row += 1) {
      nearest[row] = Math.min(nearest[row] ?? 0, squared(rows, row, last));
      total += nearest[row] ?? 0;
    }
    let left = random.next() * total;
    let chosen = 0;
    while (chosen < rows.count - 1 && left >= (nearest[chosen] ?? 0)) {
      left -= nearest[chosen] ?? 0;
      chosen += 1;
    }
    centres.push(rowOf(rows, chosen));
  }
  return centres;
}

function lloyd(rows: Rows, start: number[][]): TrainedKmeans {
  let centres = start;
  let inertia = Infinity;
  for (let turn = 0; turn < mostIterations; turn += 1) {
    const sums = centres.map((centre) => centre.map(() => 0));
    const counts = centres.map(() => 0);
    let total = 0;
    for (let row = 0; row < rows.count; row += 1) {
      const distances = centres.map((centre) => squared(rows, row, centre));
      const own = distances.indexOf(Math.min(...distances));
      total += distances[own] ?? 0;
      counts[own] = (counts[own] ?? 0) + 1;
      const sum = sums[own] ?? [];
      for (let i = 0; i < rows.features; i += 1) sum[i] = (sum[i] ?? 0) + (rows.x[row * rows.features + i] ?? 0);
    }
    centres = centres.map((centre, c) =>
      (counts[c] ?? 0) === 0 ? centre : (sums[c] ?? []).map((sum) => sum / (counts[c] ?? 1)),
    );
    if (total >= inertia * (1 - 1e-9)) return { centres, inertia: total };
    inertia = total;
  }
  return { centres, inertia };
}
