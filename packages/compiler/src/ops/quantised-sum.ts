// int8 sums and differences as TensorFlow Lite defines them: both inputs are shifted left by 20 bits and brought to twice
// the larger scale, added or subtracted, and the result brought to the output's scale. Add computes the three factors in
// double precision, sub in single.
import { add, int, mul, shr, sub } from '../kernel/expressions.ts';
import { requantiseBy } from '../kernel/fixed-point.ts';
import type { Expr } from '../kernel/ir.ts';
import { type AffineSum, affineSum } from '../tensor/affine-sum.ts';
import { type Multiplier, multiplyByQuantisedMultiplier, quantiseMultiplier } from '../tensor/fixed-point.ts';
import type { TensorType } from '../tensor/tensor.ts';
import type { PairOfTypes, QuantisedArithmetic } from './elementwise.ts';
import type { Complain } from './op.ts';
import { perTensor } from './quantised.ts';
import { clampBetween } from './requantisation.ts';

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

/** Addition or subtraction. */
export interface Sum {
  /** In which the operator's factors are computed. */
  readonly round: Round;
  /** What b counts for. */
  readonly sign: 1 | -1;
}

const scaledBy = (element: number, type: TensorType, multiplier: Multiplier): number =>
  multiplyByQuantisedMultiplier((element - perTensor(type).zeroPoint) * 2 ** leftShift, multiplier);

/** The arithmetic of the reference, and a direct form of it. */
export function quantisedSum(types: PairOfTypes, { round, sign }: Sum): QuantisedArithmetic {
  const factors = factorsOf(types, round);
  const [ofA, ofB, ofY] = [quantiseMultiplier(factors.a), quantiseMultiplier(factors.b), quantiseMultiplier(factors.y)];
  return {
    define: (a, b) => multiplyByQuantisedMultiplier(scaledBy(a, types.a, ofA) + sign * scaledBy(b, types.b, ofB), ofY),
    terms: [termOf(types.a, ofA), termOf(types.b, ofB)],
    combine: (a, b) => requantiseBy(sign === 1 ? add(a, b) : sub(a, b), ofY),
    direct: (_, range) => {
      const found = affineSumOf(types, { round, sign }, range);
      if (found === undefined) return undefined;
      const { factorA, factorB, offset, shift } = found;
      return {
        terms: [(a) => mul(a, factorA), (b) => mul(b, factorB)],
        combine: (a, b) => clampBetween(shr(add(add(a, b), offset), shift), found, range),
      };
    },
  };
}

/** The sum in 32 bits, exact for every pair of elements; undefined where no constants were found for it. */
export function affineSumOf(
  types: PairOfTypes,
  { round, sign }: Sum,
  [low, high]: readonly [number, number],
): AffineSum | undefined {
  const factors = factorsOf(types, round);
  const contributions = (type: TensorType, factor: number, by: 1 | -1): readonly number[] => {
    const multiplier = quantiseMultiplier(factor);
    return Array.from({ length: 256 }, (_, i) => by * scaledBy(i - 128, type, multiplier));
  };
  return affineSum({
    a: contributions(types.a, factors.a, 1),
    b: contributions(types.b, factors.b, sign),
    requantisation: { factor: quantiseMultiplier(factors.y), zeroPoint: perTensor(types.y).zeroPoint, low, high },
  });
}

function termOf(type: TensorType, factor: Multiplier): (element: Expr) => Expr {
  const { zeroPoint } = perTensor(type);
  const centred = (element: Expr): Expr => sub(element, int(zeroPoint));
  // A power of two, as the larger scale always has, only moves the point: both roundings are exact.
  const exactShift = leftShift - 1 + factor.shift;
  if (factor.multiplier === 2 ** 30 && exactShift >= 0) return (element) => mul(centred(element), int(2 ** exactShift));
  return (element) => requantiseBy(mul(centred(element), int(2 ** leftShift)), factor);
}
