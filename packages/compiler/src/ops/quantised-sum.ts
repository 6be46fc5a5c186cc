// int8 sums and differences as TensorFlow Lite defines them: both inputs are shifted left by 20 bits and brought to twice
// the larger scale, added or subtracted, and the result brought to the output's scale. Add computes the three factors in
// double precision, sub in single.
import { int, mul, sub } from '../kernel/expressions.ts';
import { requantiseBy } from '../kernel/fixed-point.ts';
import type { Expr } from '../kernel/ir.ts';
import { type Multiplier, multiplyByQuantisedMultiplier, quantiseMultiplier } from '../tensor/fixed-point.ts';
import type { TensorType } from '../tensor/tensor.ts';
import type { PairOfTypes, QuantisedArithmetic } from './elementwise.ts';
import type { Complain } from './op.ts';
import { perTensor } from './quantised.ts';

const leftShift = 20;

/** Rounds a double to the precision in which an operator's factors are computed. */
export type Round = (value: number) => number;

interface Factors {
  readonly a: number;
  readonly b: number;
  readonly y: number;
}

/** The larger input scale has the factor 1/2, so that no sum overflows. */
function factorsOf({ a, b, y }: PairOfTypes, round: Round): Factors {
  const [scaleA, scaleB, scaleY] = [perTensor(a).scale, perTensor(b).scale, perTensor(y).scale];
  const twiceLargest = round(2 * Math.max(scaleA, scaleB));
  return {
    a: round(scaleA / twiceLargest),
    b: round(scaleB / twiceLargest),
    y: round(twiceLargest / round(2 ** leftShift * scaleY)),
  };
}

/** Complains of an output scale so small beside the inputs' that a sum would have to be enlarged. */
export function checkSumScales(types: PairOfTypes, round: Round, complain: Complain): void {
  const factors = factorsOf(types, round);
  if (quantiseMultiplier(factors.y).shift <= 0 && factors.y < 1) return;
  const { scale } = perTensor(types.y);
  complain('scale of the output', `more than ${factors.y * scale}, for the scales of the inputs`, String(scale));
}

/** `sum` is the addition or subtraction, as definition and as expression. */
export function quantisedSum(
  types: PairOfTypes,
  round: Round,
  sum: { readonly define: (a: number, b: number) => number; readonly combine: (a: Expr, b: Expr) => Expr },
): QuantisedArithmetic {
  const factors = factorsOf(types, round);
  const [ofA, ofB, ofY] = [quantiseMultiplier(factors.a), quantiseMultiplier(factors.b), quantiseMultiplier(factors.y)];
  const scaled = (element: number, type: TensorType, multiplier: Multiplier): number =>
    multiplyByQuantisedMultiplier((element - perTensor(type).zeroPoint) * 2 ** leftShift, multiplier);
  return {
    define: (a, b) => multiplyByQuantisedMultiplier(sum.define(scaled(a, types.a, ofA), scaled(b, types.b, ofB)), ofY),
    terms: [termOf(types.a, ofA), termOf(types.b, ofB)],
    combine: (a, b) => requantiseBy(sum.combine(a, b), ofY),
  };
}

function termOf(type: TensorType, factor: Multiplier): (element: Expr) => Expr {
  const { zeroPoint } = perTensor(type);
  const centred = (element: Expr): Expr => sub(element, int(zeroPoint));
  // A power of two, as the larger scale always has, only moves the point: both roundings are exact.
  const exactShift = leftShift - 1 + factor.shift;
  if (factor.multiplier === 2 ** 30 && exactShift >= 0) return (element) => mul(centred(element), int(2 ** exactShift));
  return (element) => requantiseBy(mul(centred(element), int(2 ** leftShift)), factor);
}
