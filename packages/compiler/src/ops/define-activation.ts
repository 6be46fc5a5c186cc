// Activation functions, elementwise int8 to int8 or float32 to float32: what one is, and the operator made of it.
import type { Expr } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import { allocate } from '../tensor/dtype.ts';
import { multiplyByQuantisedMultiplier, quantiseMultiplier } from '../tensor/fixed-point.ts';
import { elementsOf, type TensorType } from '../tensor/tensor.ts';
import { lowerTable, tableOf } from './int8-table.ts';
import { type Complain, defineOp } from './op.ts';
import { checkPerTensor, perTensor } from './quantised.ts';

export interface ActivationFunction<Name extends string, Attrs extends object> {
  readonly name: Name;
  /** Complains of attributes no type can have. */
  checkAttrs?(attrs: Attrs, complain: Complain): void;
  /** Complains of int8 scales and zero points, each valid on its own, that do not suit the function. */
  checkInt8(x: TensorType, y: TensorType, attrs: Attrs, complain: Complain): void;
  /** The definition on int8 values, for these scales. */
  int8(x: TensorType, y: TensorType, attrs: Attrs): (value: number) => number;
  /** The definition on real numbers. */
  real(attrs: Attrs): (value: number) => number;
  /** The function in float32 kernel arithmetic; `value` is a variable. */
  arithmetic(k: Writer, value: Expr, attrs: Attrs): Expr;
}

/** The operator that applies a function to every element; x (…) → y (…) of the same type. */
export const defineActivation = <Name extends string, Attrs extends object>(fn: ActivationFunction<Name, Attrs>) =>
  defineOp({
    name: fn.name,
    inputs: ['x'],

    infer({ x }, attrs: Attrs, [y], complain) {
      fn.checkAttrs?.(attrs, complain);
      const types = `${x.dtype}, ${y.dtype}`;
      if (types !== 'i8, i8' && types !== 'f32, f32') {
        complain('types of input and output', 'both int8 or both float32', types, 'quantise the model to full int8');
      } else if (x.dtype === 'i8') {
        let usable = true;
        const complainOfType: Complain = (...about) => {
          usable = false;
          complain(...about);
        };
        checkPerTensor('the input', x, complainOfType);
        checkPerTensor('the output', y, complainOfType);
        if (usable) fn.checkInt8(x, y, attrs, complain);
      }
      return [x.shape];
    },

    evaluate({ x }, attrs, [yType]) {
      const apply = x.type.dtype === 'i8' ? fn.int8(x.type, yType, attrs) : fn.real(attrs);
      const y = allocate(yType.dtype, elementsOf(yType));
      for (let i = 0; i < y.length; i += 1) y[i] = apply(Number(x.data[i]));
      return [y];
    },

    lower(k, { x }, attrs, [y]) {
      if (x.type === 'i8') lowerTable(k, x, y, tableOf(fn.int8(x.tensor, y.tensor, attrs)));
      else k.for('i', 0, x.length, (i) => k.store(y, i, fn.arithmetic(k, k.let('value', k.load(x, i)), attrs)));
    },

    inPlace: () => ['x'],
  });

/** The factor from x's steps to y's: scale(x) * slope / scale(y), in single precision as the reference computes it. */
export const stepRatio = (x: TensorType, y: TensorType, slope = 1): number =>
  Math.fround(Math.fround(perTensor(x).scale * Math.fround(slope)) / perTensor(y).scale);

/** Complains of a factor too large to have a fixed-point form; no trained model has one. */
export function checkRatio(what: string, ratio: number, complain: Complain): void {
  if (!Number.isFinite(ratio) || quantiseMultiplier(ratio).shift > 30) complain(what, 'less than 2^30', String(ratio));
}

/** Multiplies int32 values by a factor that is not negative, rounded as the reference does. */
export function multiplyBy(ratio: number): (value: number) => number {
  const multiplier = quantiseMultiplier(ratio);
  return (value) => multiplyByQuantisedMultiplier(value, multiplier);
}
