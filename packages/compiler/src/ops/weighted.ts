// What every weighted sum shares (convolutions, fully connected): its types, where its accumulator starts, how a product
// is formed, and how the accumulator becomes an output; as definition and as kernel arithmetic, for int8 and float32.
import { assert } from '../errors.ts';
import { add, float, int, mul, sub } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import { clamp, multiplyByQuantisedMultiplier } from '../tensor/fixed-point.ts';
import { elementCount } from '../tensor/shape.ts';
import type { TensorType } from '../tensor/tensor.ts';
import { activateFloat } from './fused-activation.ts';
import type { Complain, Operand } from './op.ts';
import {
  type Activation,
  activationRange,
  channelMultipliers,
  checkPerTensor,
  perTensor,
  quantisedActivationRange,
  type ScaleProduct,
} from './quantised.ts';
import { channelRequantisation, toQuantised } from './requantisation.ts';

/** What one layer's accumulators have in common. */
export interface WeightedLayer {
  readonly channels: number;
  readonly activation: Activation;
  /** `double` unless given. */
  readonly scaleProduct?: ScaleProduct;
}

/** Complains of types, scales and sizes that no weighted sum of `channels` outputs can have. */
export function checkWeighted(
  {
    x,
    w,
    bias,
    y,
  }: {
    readonly x: TensorType;
    readonly w: TensorType;
    readonly bias?: TensorType | undefined;
    readonly y: TensorType | undefined;
  },
  {
    channels,
    scaleProduct = 'double',
    scaleAxis = 0,
    weightsZeroPoint = 'zero',
  }: Pick<WeightedLayer, 'channels' | 'scaleProduct'> & {
    /** The weights' axis of output channels. */
    readonly scaleAxis?: number;
    readonly weightsZeroPoint?: 'zero' | 'any';
  },
  complain: Complain,
): void {
  if (y === undefined) return;
  const types = [x.dtype, w.dtype, y.dtype].join(', ');
  if (types !== 'i8, i8, i8' && types !== 'f32, f32, f32') {
    complain(
      'types of input, weights and output',
      'all int8 or all float32',
      types,
      'quantise the model to full int8, or keep it float32',
    );
    return;
  }
  const biasType = x.dtype === 'i8' ? 'i32' : 'f32';
  if (bias !== undefined && bias.dtype !== biasType) complain('type of the bias', biasType, bias.dtype);
  if (bias !== undefined && elementCount(bias.shape) !== channels) {
    complain('elements of the bias', String(channels), String(elementCount(bias.shape)));
  }
  if (x.dtype !== 'i8') return;
  checkPerTensor('the input', x, complain);
  checkPerTensor('the output', y, complain);
  const { scale = [], zeroPoint = [], axis = scaleAxis } = w.quantisation ?? {};
  if (scale.length > 1 && axis !== scaleAxis) complain('axis of the weights’ scales', String(scaleAxis), String(axis));
  if (scale.length !== 1 && scale.length !== channels) {
    complain('scales of the weights', `1 or ${channels}`, String(scale.length));
  } else if (!scale.every((s) => s >= 0 && Number.isFinite(s))) {
    complain(
      'scales of the weights',
      'finite and not negative',
      `[${scale
        .filter((s) => !(s >= 0 && Number.isFinite(s)))
        .slice(0, 4)
        .join(', ')}]`,
    );
  } else if (perTensorIsUsable(x) && perTensorIsUsable(y)) {
    // A factor of 2^30 and more has no fixed-point form; no trained model has one.
    const tooLarge = channelMultipliers(x, w, y, scaleProduct).find(
      (m) => !(Number.isFinite(m.multiplier) && m.shift <= 30),
    );
    if (tooLarge !== undefined) {
      const found = Number.isFinite(tooLarge.multiplier) ? `2^${tooLarge.shift}` : 'more than a float32 can be';
      complain('scale(x) * scale(w) / scale(y)', 'less than 2^30', found);
    }
  }
  if (weightsZeroPoint === 'zero' && zeroPoint.some((z) => z !== 0)) {
    complain(
      'zero points of the weights',
      '0 (symmetric)',
      String(zeroPoint.find((z) => z !== 0)),
      'convert with full int8 quantisation',
    );
  }
}

const perTensorIsUsable = (type: TensorType): boolean => (type.quantisation?.scale[0] ?? 0) > 0;

export interface Definition {
  readonly xZero: number;
  readonly wZero: number;
  /** Output from the accumulator, bias included. */
  finish(acc: number, channel: number): number;
}

/** The definition's arithmetic. Accumulators are exact integers, or doubles for float32. */
export function weightedDefinition(
  x: TensorType,
  w: TensorType,
  y: TensorType,
  { activation, scaleProduct = 'double' }: Pick<WeightedLayer, 'activation' | 'scaleProduct'>,
): Definition {
  if (x.dtype !== 'i8') {
    const [low, high] = activationRange(activation);
    return { xZero: 0, wZero: 0, finish: (acc) => clamp(acc, low, high) };
  }
  const multipliers = channelMultipliers(x, w, y, scaleProduct);
  const [low, high] = quantisedActivationRange(activation, y);
  const yZero = perTensor(y).zeroPoint;
  return {
    xZero: perTensor(x).zeroPoint,
    wZero: w.quantisation?.zeroPoint[0] ?? 0,
    finish(acc, channel) {
      const multiplier = multipliers[multipliers.length === 1 ? 0 : channel];
      assert(multiplier !== undefined, `no multiplier for channel ${channel}`);
      return clamp(multiplyByQuantisedMultiplier(acc | 0, multiplier) + yZero, low, high);
    },
  };
}

export interface Arithmetic {
  /** The accumulator's start for a channel. */
  start(channel: Expr): Expr;
  /** One product of loaded elements. */
  product(x: Expr, w: Expr): Expr;
  /** Output from the accumulator; to be called where it is stored. */
  finish(acc: Expr, channel: Expr): Expr;
}

export interface WeightedOperands {
  readonly x: Operand;
  readonly w: Operand;
  readonly bias?: Operand | undefined;
  readonly y: Operand;
}

/**
 * The kernel's arithmetic. `foldable(channel)` gives the elements of `w` that every output of the channel reads; when
 * given, and the weights are known, the input's zero point moves from the products into the bias.
 */
export function weightedArithmetic(
  k: Writer,
  { x, w, bias, y }: WeightedOperands,
  { channels, activation, scaleProduct = 'double' }: WeightedLayer,
  foldable?: (channel: number) => Iterable<number>,
): Arithmetic {
  if (x.type !== 'i8') return floatArithmetic(k, bias, activation);
  const xZero = perTensor(x.tensor).zeroPoint;
  const wZero = w.tensor.quantisation?.zeroPoint[0] ?? 0;
  const scale = channelRequantisation(k, channelMultipliers(x.tensor, w.tensor, y.tensor, scaleProduct));
  const range = quantisedActivationRange(activation, y.tensor);
  const yZero = perTensor(y.tensor).zeroPoint;
  const fold =
    foldable !== undefined &&
    xZero !== 0 &&
    wZero === 0 &&
    w.data !== undefined &&
    (bias === undefined || bias.data !== undefined);
  const start = fold ? foldedBias(k, w, bias, xZero, channels, foldable) : bias;
  return {
    start: (channel) => (start === undefined ? int(0) : k.load(start, channel)),
    product: (a, b) => mul(fold ? a : sub(a, int(xZero)), sub(b, int(wZero))),
    finish: (acc, channel) => toQuantised(k.let('scaled', scale(acc, channel)), yZero, range),
  };
}

function foldedBias(
  k: Writer,
  w: Operand,
  bias: Operand | undefined,
  xZero: number,
  channels: number,
  elements: (channel: number) => Iterable<number>,
) {
  const folded = Int32Array.from({ length: channels }, (_, channel) => {
    let total = 0;
    for (const at of elements(channel)) total += Number(w.data?.[at]);
    // Wraps as the accumulator would.
    return Number(BigInt.asIntN(32, BigInt(Number(bias?.data?.[channel] ?? 0)) - BigInt(xZero) * BigInt(total)));
  });
  return k.constant('folded_bias', folded);
}

function floatArithmetic(k: Writer, bias: Operand | undefined, activation: Activation): Arithmetic {
  return {
    start: () => float(0),
    product: (a, b) => mul(a, b),
    finish: (acc, channel) =>
      activateFloat(bias === undefined ? acc : k.let('sum', add(acc, k.load(bias, channel))), activation),
  };
}
