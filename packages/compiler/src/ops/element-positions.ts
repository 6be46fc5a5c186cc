// Walking tensors element by element, for the definitions of operators that only move elements: any type, any rank.
import { bytesOf, type Data } from '../tensor/dtype.ts';
import { type Shape, stridesOf } from '../tensor/shape.ts';

/** Calls `visit` for each index of a shape in row-major order, with its position in memory. The index is reused. */
export function forEachIndex(shape: Shape, visit: (index: readonly number[], position: number) => void): void {
  const index = shape.map(() => 0);
  if (shape.includes(0)) return;
  for (let position = 0; ; position += 1) {
    visit(index, position);
    let axis = shape.length - 1;
    while (axis >= 0 && index[axis] === (shape[axis] ?? 1) - 1) {
      index[axis] = 0;
      axis -= 1;
    }
    if (axis < 0) return;
    index[axis] = (index[axis] ?? 0) + 1;
  }
}

/** The position in memory of an index into a row-major tensor. */
export const positionOf = (index: readonly number[], shape: Shape): number =>
  stridesOf(shape).reduce((position, stride, axis) => position + stride * (index[axis] ?? 0), 0);

/** Copies one element, bit for bit; both have one type. */
export function copyElement(from: Data, fromPosition: number, to: Data, toPosition: number): void {
  const size = from.BYTES_PER_ELEMENT;
  const element = bytesOf(from).subarray(fromPosition * size, (fromPosition + 1) * size);
  bytesOf(to).set(element, toPosition * size);
}
