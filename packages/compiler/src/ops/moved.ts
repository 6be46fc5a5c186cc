// What operators that only move elements ask of their types: nothing, except that elements stay what they are.
import type { TensorType } from '../tensor/tensor.ts';
import type { Complain } from './op.ts';

/** Complains when the output would read the moved elements as another type. */
export function checkMoved(x: TensorType, y: TensorType, complain: Complain): void {
  if (x.dtype !== y.dtype) complain('type of the output', `${x.dtype}, as the input`, y.dtype);
}

/** Complains unless the axis is one of the tensor's. */
export function checkAxis(axis: number, rank: number, complain: Complain): boolean {
  const good = Number.isInteger(axis) && axis >= 0 && axis < rank;
  if (!good) complain('axis', rank === 0 ? 'a tensor with dimensions' : `0..${rank - 1}`, String(axis));
  return good;
}
