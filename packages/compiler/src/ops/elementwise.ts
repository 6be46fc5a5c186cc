// What add, sub and mul share: the rule for types and shapes, and for each element type its arithmetic. An operator says
// what one element is, for real numbers, for int32 and for int8; this file makes the operator of it.
import type { Expr } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import { clamp } from '../tensor/fixed-point.ts';
import { broadcastShapes } from '../tensor/shape.ts';
import { elementsOf, type TensorType } from '../tensor/tensor.ts';
import { evaluateBroadcast, lowerBroadcast } from './broadcast.ts';
import { activateFloat } from './fused-activation.ts';
import { type Complain, defineOp, type Op } from './op.ts';
import { type Activation, activationRange, checkPerTensor, perTensor, quantisedActivationRange } from './quantised.ts';
import { toQuantised } from './requantisation.ts';

export interface ElementwiseAttrs {
  readonly activation: Activation;
}

export interface PairOfTypes {
  readonly a: TensorType;
  readonly b: TensorType;
  readonly y: TensorType;
}

/** int8 arithmetic for the scales of one node; results lack the output's zero point and are not clamped. */
export interface QuantisedArithmetic {
  /** The definition, on elements. */
  define(a: number, b: number): number;
  /** What each input contributes, from its element alone. */
  readonly terms: readonly [a: (element: Expr) => Expr, b: (element: Expr) => Expr];
  /** The result, from both terms. */
  combine(a: Expr, b: Expr): Expr;
  /** The finished output in fewer steps, where that is exact for every pair of elements; `range` is what it is clamped to. */
  direct?(k: Writer, range: readonly [low: number, high: number]): DirectArithmetic | undefined;
}

/** As the terms and the combination above, with zero point and clamp. */
export type DirectArithmetic = Pick<QuantisedArithmetic, 'terms' | 'combine'>;

export interface Elementwise<Name extends string> {
  readonly name: Name;
  /** In doubles, for float32. */
  real(a: number, b: number): number;
  /** Wrapping. */
  int32(a: number, b: number): number;
  /** In kernel arithmetic, for float32 and int32. */
  expression(a: Expr, b: Expr): Expr;
  /** int8; the types have passed `checkScales`. */
  quantised(types: PairOfTypes): QuantisedArithmetic;
  /** Complains of int8 scales that have no fixed-point form; all three tensors have usable ones. */
  checkScales(types: PairOfTypes, complain: Complain): void;
}

const same = (element: Expr): Expr => element;

/** The operator y = activation(a ∘ b), broadcasting by NumPy's rule: int8, int32 and float32. */
export function defineElementwise<const Name extends string>(
  one: Elementwise<Name>,
): Op<Name, readonly ['a', 'b'], ElementwiseAttrs> {
  return defineOp({
    name: one.name,
    inputs: ['a', 'b'],

    infer({ a, b }, { activation }: ElementwiseAttrs, [y], complain) {
      checkTypes({ a, b, y }, activation, one, complain);
      const shape = broadcastShapes(a.shape, b.shape);
      if (shape === undefined) {
        complain(
          'shapes of the inputs',
          'sizes that are equal or 1',
          `[${a.shape.join(', ')}] and [${b.shape.join(', ')}]`,
        );
        return [];
      }
      return [shape];
    },

    evaluate({ a, b }, { activation }, [y]) {
      if (y.dtype === 'i32') return [evaluateBroadcast(a, b, y, one.int32)];
      if (y.dtype === 'f32') {
        const [low, high] = activationRange(activation);
        return [evaluateBroadcast(a, b, y, (left, right) => clamp(one.real(left, right), low, high))];
      }
      const [low, high] = quantisedActivationRange(activation, y);
      const { define } = one.quantised({ a: a.type, b: b.type, y });
      const { zeroPoint } = perTensor(y);
      return [evaluateBroadcast(a, b, y, (left, right) => clamp(define(left, right) + zeroPoint, low, high))];
    },

    lower(k, { a, b }, { activation }, [y]) {
      if (y.type !== 'i8') {
        const plain = [
          { name: 'a', operand: a, from: same },
          { name: 'b', operand: b, from: same },
        ] as const;
        lowerBroadcast(k, plain, y, (left, right) => {
          const value = one.expression(left, right);
          return y.type === 'f32' ? activateFloat(value, activation) : value;
        });
        return;
      }
      const range = quantisedActivationRange(activation, y.tensor);
      const arithmetic = one.quantised({ a: a.tensor, b: b.tensor, y: y.tensor });
      const { terms, combine } = arithmetic.direct?.(k, range) ?? referenceForm(arithmetic, y.tensor, range);
      const quantised = [
        { name: 'a', operand: a, from: terms[0] },
        { name: 'b', operand: b, from: terms[1] },
      ] as const;
      lowerBroadcast(k, quantised, y, combine);
    },

    inPlace({ a, b }, _, [y]) {
      // An input of the output's size is not repeated: each element is read once, for the output that takes its place.
      return [...(elementsOf(a) === elementsOf(y) ? ['a'] : []), ...(elementsOf(b) === elementsOf(y) ? ['b'] : [])];
    },
  });
}

/** The steps of the definition. */
const referenceForm = (
  { terms, combine }: QuantisedArithmetic,
  y: TensorType,
  range: readonly [number, number],
): DirectArithmetic => ({
  terms,
  combine: (a, b) => toQuantised(combine(a, b), perTensor(y).zeroPoint, range),
});

function checkTypes(types: PairOfTypes, activation: Activation, one: Elementwise<string>, complain: Complain): void {
  const { a, b, y } = types;
  const found = [a.dtype, b.dtype, y.dtype].join(', ');
  if (!['i8, i8, i8', 'i32, i32, i32', 'f32, f32, f32'].includes(found)) {
    complain(
      'types of inputs and output',
      'all int8, all int32 or all float32',
      found,
      'quantise the model to full int8, or keep it float32',
    );
    return;
  }
  if (y.dtype === 'i32' && activation !== 'none') complain('fused activation of int32', 'none', activation);
  if (y.dtype !== 'i8') return;
  let usable = true;
  const complainOnce: Complain = (...what) => {
    usable = false;
    complain(...what);
  };
  checkPerTensor('the first input', a, complainOnce);
  checkPerTensor('the second input', b, complainOnce);
  checkPerTensor('the output', y, complainOnce);
  if (usable) one.checkScales(types, complain);
}
