// Arrays for regions of kernels in tests.
import { allocate, type Data } from '../../tensor/dtype.ts';
import type { MemoryType } from '../ir.ts';

/** A zero-filled array for `length` elements. */
export const allocateMemory = (type: MemoryType, length: number): Data =>
  type === 'f64' ? new Float64Array(length) : allocate(type, length);
