// What operators on rows of features check alike.
import type { TensorType } from '../tensor/tensor.ts';
import type { Complain } from './op.ts';

/** Whether x is float32 rows of so many features; complains if not. */
export function checkFeatureRows(x: TensorType, features: number, complain: Complain): boolean {
  if (x.dtype !== 'f32') complain('type of the input', 'f32', x.dtype);
  const isRows = x.shape.length === 2 && x.shape[1] === features;
  if (!isRows) complain('shape of the input', `[rows, ${features}]`, `[${x.shape.join(', ')}]`);
  return isRows;
}

/** Complains where an attribute has another number of elements than it must. */
export function checkCounts(
  complain: Complain,
  ...counts: readonly (readonly [what: string, want: number, found: number])[]
): void {
  for (const [what, want, found] of counts) if (want !== found) complain(what, String(want), String(found));
}
