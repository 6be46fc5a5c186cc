// Quantised tensors of any integer type: int8 is what operators compute in, the others appear at the ends of a model.
import { type DType, integerRange } from '../tensor/dtype.ts';
import type { TensorType } from '../tensor/tensor.ts';
import type { Complain } from './op.ts';

/** The types a quantised tensor can be stored in. */
export type IntegerType = keyof typeof integerRange;

export const isIntegerType = (dtype: DType): dtype is IntegerType => dtype in integerRange;

/** Complains unless the tensor has one positive scale and a zero point that its type can hold (int32: 0). */
export function checkAffine(name: string, { dtype, quantisation }: TensorType, complain: Complain): boolean {
  const { scale = [], zeroPoint = [] } = quantisation ?? {};
  const [s = Number.NaN] = scale;
  const [z = Number.NaN] = zeroPoint;
  if (scale.length !== 1 || !(s > 0 && Number.isFinite(s))) {
    const found = scale.length === 0 ? 'none' : `[${scale.slice(0, 4).join(', ')}]`;
    complain(`quantisation of ${name}`, 'one positive scale', found);
    return false;
  }
  const [low, high] = dtype === 'i32' || !isIntegerType(dtype) ? [0, 0] : integerRange[dtype];
  const good = Number.isInteger(z) && z >= low && z <= high;
  if (!good)
    complain(`quantisation of ${name}`, low === high ? 'zero point 0' : `a zero point in ${low}..${high}`, String(z));
  return good;
}
