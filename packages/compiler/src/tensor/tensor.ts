// Tensor types and tensors: plain data, row-major.
import type { Data, DType } from './dtype.ts';
import { elementCount, type Shape } from './shape.ts';

/**
 * Affine quantisation, real = scale * (q - zeroPoint). One entry for the whole tensor, or one for each index along
 * `axis`.
 */
export interface Quantisation {
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  readonly axis: number;
}

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly quantisation?: Quantisation;
}

export interface Tensor {
  readonly type: TensorType;
  readonly data: Data;
}

/** `int8 [1, 49, 10, 1]`, for messages and listings. */
export const describeType = (type: TensorType): string => `${type.dtype} [${type.shape.join(', ')}]`;

export const elementsOf = (type: TensorType): number => elementCount(type.shape);
