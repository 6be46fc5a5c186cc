// How near f32 results must be to their definition. The measure is the tensor's largest magnitude over all samples: a
// sum that happens to cancel to nearly nothing in one of them keeps the rounding errors of its terms.
import type { Data } from '@anymote/compiler';
import type { Difference } from './difference.ts';

/** The largest distance of an f32 result from its definition, relative to the tensor's largest magnitude. */
export const floatTolerance = 1e-5;

/** The element of a result that is farthest from its definition; infinitely far where only one of them is finite. */
export interface Deviation {
  readonly element: number;
  readonly distance: number;
  /** The definition's largest finite magnitude. */
  readonly magnitude: number;
}

export function deviationOf(definition: Data, result: Float32Array): Deviation {
  let element = 0;
  let distance = 0;
  let magnitude = 0;
  for (let i = 0; i < result.length; i += 1) {
    const wanted = Number(definition[i]);
    const found = result[i] ?? Number.NaN;
    const finite = Number.isFinite(wanted) && Number.isFinite(found);
    const apart = finite ? Math.abs(wanted - found) : Object.is(wanted, found) ? 0 : Number.POSITIVE_INFINITY;
    if (Number.isFinite(wanted)) magnitude = Math.max(magnitude, Math.abs(wanted));
    if (apart > distance) {
      distance = apart;
      element = i;
    }
  }
  return { element, distance, magnitude };
}

/** A deviation of one tensor in one sample. */
export interface PlacedDeviation extends Deviation {
  readonly difference: Difference;
}

/** The first deviation, by sample and layer, that is beyond the tolerance. */
export function beyondTolerance(samples: readonly (readonly PlacedDeviation[])[]): Difference | undefined {
  const all = samples.flat();
  const key = ({ difference: { layer, output } }: PlacedDeviation): string => `${layer}.${output}`;
  const magnitudes = new Map<string, number>();
  for (const one of all) magnitudes.set(key(one), Math.max(one.magnitude, magnitudes.get(key(one)) ?? 0));
  return all.find((one) => one.distance > floatTolerance * (magnitudes.get(key(one)) ?? 0))?.difference;
}
