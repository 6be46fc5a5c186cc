// Parts of tensors along an axis.
import { bytesOf, type Data } from './dtype.ts';
import { elementCount, type Shape } from './shape.ts';

/** The elements at some positions along an axis, in the order given; no more positions than the axis has. */
export function takeAlong(data: Data, shape: Shape, axis: number, positions: readonly number[]): Data {
  const size = shape[axis] ?? 1;
  const outer = elementCount(shape.slice(0, axis));
  const inner = elementCount(shape.slice(axis + 1));
  const runBytes = inner * data.BYTES_PER_ELEMENT;
  const taken = data.slice(0, outer * positions.length * inner);
  const [from, to] = [bytesOf(data), bytesOf(taken)];
  let at = 0;
  for (let block = 0; block < outer; block += 1) {
    for (const position of positions) {
      const start = (block * size + position) * runBytes;
      to.set(from.subarray(start, start + runBytes), at);
      at += runBytes;
    }
  }
  return taken;
}
