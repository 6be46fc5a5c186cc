// int8 softmax in the reference's fixed-point arithmetic, bit for bit: its types, its definition, and the loops over a row,
// which need no exponential because all that can occur are known when compiling.
import { clz } from '../kernel/bits.ts';
import { add, and, call, cast, int, lt, max, min, select, shl, sub, ushr } from '../kernel/expressions.ts';
import { doublingHighMultiply } from '../kernel/fixed-point.ts';
import type { Expr } from '../kernel/ir.ts';
import { oneOverOnePlusFn } from '../kernel/reciprocal.ts';
import type { Writer } from '../kernel/writer.ts';
import { allocate, type Data } from '../tensor/dtype.ts';
import {
  clamp,
  multiplyByQuantisedMultiplier,
  quantiseMultiplier,
  roundingDivideByPowerOfTwo,
  saturatingRoundingDoublingHighMultiply,
} from '../tensor/fixed-point.ts';
import { expOnNegative, oneOverOnePlus } from '../tensor/fixed-point-functions.ts';
import type { Tensor, TensorType } from '../tensor/tensor.ts';
import type { Complain, Operand } from './op.ts';
import { checkPerTensor, perTensor } from './quantised.ts';

/** The sum of a row's exponentials, each at most 1, has 12 integer bits. */
const maxDepth = 4095;
const sumFractionBits = 19;

/** Fraction bits of an int8 or int16 output, and the ends of the type; the lower is the zero point. */
const outputFormat = (y: TensorType) =>
  y.dtype === 'i16' ? { bits: 16, low: -32768, high: 32767 } : { bits: 8, low: -128, high: 127 };

/** The factor from differences of inputs to Q5.26 arguments of exp, capped where differences of 1 vanish anyway. */
const argumentFactor = (x: TensorType, beta: number): number =>
  Math.min(Math.fround(beta) * perTensor(x).scale * 2 ** 26, 2 ** 31 - 1);

/** Complains of scales, zero points and row lengths for which the reference is not defined. */
export function checkInt8Softmax(x: TensorType, beta: number, y: TensorType, depth: number, complain: Complain): void {
  let usable = true;
  checkPerTensor('the input', x, (...about) => {
    usable = false;
    complain(...about);
  });
  if (usable && !(argumentFactor(x, beta) > 1)) {
    complain('beta * scale of the input', 'more than 2^-26', String(beta * perTensor(x).scale));
  }
  const { bits, low } = outputFormat(y);
  const [scale = Number.NaN, ...others] = y.quantisation?.scale ?? [];
  const zeroPoint = y.quantisation?.zeroPoint[0];
  // The reference grants int16 outputs, and only them, a tolerance.
  const tolerance = y.dtype === 'i16' ? 0.001 / 2 ** bits : 0;
  if (others.length > 0 || !(Math.abs(scale - 1 / 2 ** bits) <= tolerance) || zeroPoint !== low) {
    complain(
      'scale and zero point of the output',
      `1/${2 ** bits} and ${low}`,
      zeroPoint === undefined ? 'none' : `${scale} and ${zeroPoint}`,
    );
  }
  if (depth > maxDepth) complain('size of the last axis', `at most ${maxDepth} for int8`, String(depth));
}

/** exp(beta * scale * difference) in Q0.31 for differences <= 0 to the largest input; 0 where the reference skips them. */
function exponentialOf(x: TensorType, beta: number): (difference: number) => number {
  const multiplier = quantiseMultiplier(argumentFactor(x, beta));
  const smallest = -Math.floor((31 * 2 ** 26) / 2 ** multiplier.shift);
  return (difference) =>
    difference < smallest ? 0 : expOnNegative(multiplyByQuantisedMultiplier(difference, multiplier), 5);
}

/** The definition, x (…, depth) → y (…, depth). */
export function evaluateInt8Softmax(x: Tensor, beta: number, yType: TensorType, depth: number): Data {
  const exponential = exponentialOf(x.type, beta);
  const { bits, low, high } = outputFormat(yType);
  const y = allocate(yType.dtype, x.data.length);
  for (let start = 0; start < y.length; start += depth) {
    const values = Array.from({ length: depth }, (_, i) => Number(x.data[start + i]));
    const largest = Math.max(...values);
    const exps = values.map((value) => exponential(value - largest));
    const total = exps.reduce((sum, e) => sum + roundingDivideByPowerOfTwo(e, 31 - sumFractionBits), 0);
    // total = 2^exponent * (1 + fraction)
    const headroom = Math.clz32(total);
    const exponent = 31 - sumFractionBits - headroom;
    const inverse = oneOverOnePlus(total * 2 ** headroom - 2 ** 31);
    const shift = exponent + 31 - bits;
    exps.forEach((e, i) => {
      const quotient = saturatingRoundingDoublingHighMultiply(inverse, e);
      // Where the shift exceeds 31 the reference gives up; all quotients are less than half a step there.
      const steps = shift > 31 ? 0 : roundingDivideByPowerOfTwo(quotient, shift);
      y[start + i] = clamp(steps + low, low, high);
    });
  }
  return y;
}

/**
 * The exponentials by largest - x. The tail of those that round to 0 in the sum, and so in every output, is left out; one 0
 * stands for it.
 */
function exponentialTable(x: TensorType, beta: number): Int32Array {
  const exponential = exponentialOf(x, beta);
  const all = Array.from({ length: 256 }, (_, distance) => exponential(-distance));
  const length = all.map((e) => roundingDivideByPowerOfTwo(e, 31 - sumFractionBits) > 0).lastIndexOf(true) + 1;
  return Int32Array.from(length < 256 ? [...all.slice(0, length), 0] : all);
}

/** The loops over a row of `depth` from `start` on: largest, sum of exponentials, its inverse, outputs. */
export function lowerInt8Row(k: Writer, x: Operand, beta: number, y: Operand, depth: number): (start: Expr) => void {
  const { bits, low, high } = outputFormat(y.tensor);
  const entries = exponentialTable(x.tensor, beta);
  const table = k.constant('exponentials', entries);
  const last = entries.length - 1;
  return (start) => {
    const largest = k.variable('largest', int(-128));
    k.for('i', 0, depth, (i) => k.set(largest, max(largest, k.load(x, add(start, i)))));
    const exponential = (i: Expr): Expr => {
      const distance = k.let('distance', sub(largest, k.load(x, add(start, i))));
      return k.load(table, cast('index', last < 255 ? min(distance, last) : distance));
    };
    // What is rounded is never negative: half is added, and a logical shift takes a carry into the sign for what it is.
    const total = k.variable('total', int(0));
    k.for('i', 0, depth, (i) => {
      const rounded = ushr(add(exponential(i), 2 ** (30 - sumFractionBits)), 31 - sumFractionBits);
      k.set(total, add(total, rounded));
    });
    const headroom = k.let('headroom', call(clz, total));
    const exact = k.let('inverse', call(oneOverOnePlusFn, and(shl(total, headroom), 2 ** 31 - 1)));
    const exactShift = k.let('shift', sub(int(62 - sumFractionBits - bits), headroom));
    // The sum of 2^exponent and more: no output leaves 0, whatever a shift of 31 would make of it.
    const vanishing = depth >= 2 ** (bits + 1);
    const inverse = vanishing ? k.let('inverse_or_0', select(lt(int(31), exactShift), int(0), exact)) : exact;
    const shift = vanishing ? k.let('shift_to_31', min(exactShift, 31)) : exactShift;
    const half = k.let('half', shl(int(1), sub(shift, 1)));
    k.for('i', 0, depth, (i) => {
      const quotient = k.let('quotient', call(doublingHighMultiply, exponential(i), inverse));
      const steps = k.let('steps', ushr(add(quotient, half), shift));
      k.store(y, add(start, i), min(add(steps, low), high));
    });
  };
}
