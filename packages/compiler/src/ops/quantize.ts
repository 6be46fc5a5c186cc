// Quantize: real numbers to integers, q = round(x / scale) + zeroPoint, and integers of one scale to those of another.
// Saturates. Of a NaN the result is the smallest integer; the reference leaves that open.
import { add, cast, clampTo, div, float, le, sub } from '../kernel/expressions.ts';
import { requantiseBy } from '../kernel/fixed-point.ts';
import type { Expr } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import { allocate, type DType, dtypeBytes, integerRange } from '../tensor/dtype.ts';
import {
  clamp,
  type Multiplier,
  multiplyByQuantisedMultiplier,
  quantiseMultiplier,
  roundHalfAwayFromZero,
} from '../tensor/fixed-point.ts';
import { elementsOf, type TensorType } from '../tensor/tensor.ts';
import { checkAffine, type IntegerType, isIntegerType } from './affine.ts';
import { lowerTable, tableOf } from './int8-table.ts';
import { defineOp } from './op.ts';
import { perTensor } from './quantised.ts';

/** What the reference kernels convert, and float32 to uint8. */
const targets: Readonly<Partial<Record<DType, readonly IntegerType[]>>> = {
  f32: ['i8', 'u8', 'i16'],
  i8: ['i8', 'u8', 'i16', 'i32'],
  u8: ['i8'],
  i16: ['i8', 'i16', 'i32'],
  i32: ['i8', 'i16'],
};

export const quantize = defineOp({
  name: 'quantize',
  inputs: ['x'],

  infer({ x }, _: object, [y], complain) {
    const possible = targets[x.dtype] ?? [];
    if (!isIntegerType(y.dtype) || !possible.includes(y.dtype)) {
      complain(`type quantised from ${x.dtype}`, possible.length > 0 ? possible.join(' or ') : 'none', y.dtype);
      return [];
    }
    const usable = [x.dtype === 'f32' || checkAffine('the input', x, complain), checkAffine('the output', y, complain)];
    if (x.dtype !== 'f32' && usable.every((good) => good) && factorOf(x, y).shift > 30) {
      complain('scale(x) / scale(y)', 'less than 2^30', `2^${factorOf(x, y).shift}`);
    }
    return [x.shape];
  },

  evaluate({ x }, _, [yType]) {
    const quantised = definition(x.type, yType);
    const y = allocate(yType.dtype, elementsOf(yType));
    for (let i = 0; i < y.length; i += 1) y[i] = quantised(Number(x.data[i]));
    return [y];
  },

  lower(k, { x }, _, [y]) {
    if (x.type === 'i8' && y.type === 'i8') return lowerTable(k, x, y, tableOf(definition(x.tensor, y.tensor)));
    const scaled = x.type === 'f32' ? roundedQuotient : requantised;
    const [low, high] = rangeOf(y.tensor);
    k.for('i', 0, y.length, (i) => {
      const value = add(scaled(k, k.load(x, i), x.tensor, y.tensor), perTensor(y.tensor).zeroPoint);
      k.store(y, i, y.type === 'i32' ? value : clampTo(value, low, high));
    });
  },

  inPlace: ({ x }, _, [y]) => (dtypeBytes[x.dtype] === dtypeBytes[y.dtype] ? ['x'] : []),
});

/** The stored integer that an element becomes. */
function definition(x: TensorType, y: TensorType): (value: number) => number {
  const [low, high] = rangeOf(y);
  const { scale, zeroPoint } = perTensor(y);
  if (x.dtype === 'f32') {
    return (value) => {
      const scaled = roundHalfAwayFromZero(Math.fround(value / Math.fround(scale)));
      return Number.isNaN(scaled) ? low : clamp(scaled + zeroPoint, low, high);
    };
  }
  const [factor, xZero] = [factorOf(x, y), perTensor(x).zeroPoint];
  return (value) => clamp(multiplyByQuantisedMultiplier(value - xZero, factor) + zeroPoint, low, high);
}

const factorOf = (x: TensorType, y: TensorType): Multiplier =>
  quantiseMultiplier(perTensor(x).scale / perTensor(y).scale);

const rangeOf = ({ dtype }: TensorType): readonly [number, number] => integerRange[isIntegerType(dtype) ? dtype : 'i8'];

/** value / scale as an integer, halves away from zero, limited to what still saturates. */
function roundedQuotient(k: Writer, value: Expr, _: TensorType, y: TensorType): Expr {
  const [low, high] = rangeOf(y);
  // A quotient beyond twice the range saturates with any zero point, and fits the cast.
  const limit = 2 * (high - low + 1);
  const quotient = k.let('quotient', clampTo(div(value, float(perTensor(y).scale)), -limit, limit));
  const whole = k.let('whole', cast('i32', quotient));
  // Truncation leaves a part of magnitude under 1, exactly; adding 0.5 to the quotient would round once more.
  const part = k.let('part', sub(quotient, cast('f32', whole)));
  return sub(add(whole, le(float(0.5), part)), le(part, float(-0.5)));
}

function requantised(_: Writer, value: Expr, x: TensorType, y: TensorType): Expr {
  const centred = sub(value, perTensor(x).zeroPoint);
  // Between equal scales the two roundings are exact.
  return perTensor(x).scale === perTensor(y).scale ? centred : requantiseBy(centred, factorOf(x, y));
}
