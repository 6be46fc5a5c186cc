// What quantised operators share: scales of tensors, requantisation factors, the range a fused activation leaves.
import { assert } from '../errors.ts';
import { clamp, type Multiplier, quantiseMultiplier, roundHalfAwayFromZero } from '../tensor/fixed-point.ts';
import type { TensorType } from '../tensor/tensor.ts';
import type { Complain } from './op.ts';

/** Fused activations of the field's formats. */
export type Activation = 'none' | 'relu' | 'reluN1To1' | 'relu6';

const realRange: Readonly<Record<Activation, readonly [number, number]>> = {
  none: [-Infinity, Infinity],
  relu: [0, Infinity],
  reluN1To1: [-1, 1],
  relu6: [0, 6],
};

/** The interval a fused activation clamps real values to. */
export const activationRange = (activation: Activation): readonly [number, number] => realRange[activation];

/** Scale and zero point of a per-tensor quantised type. */
export function perTensor(type: TensorType): { readonly scale: number; readonly zeroPoint: number } {
  const scale = type.quantisation?.scale[0];
  const zeroPoint = type.quantisation?.zeroPoint[0];
  assert(scale !== undefined && zeroPoint !== undefined, 'a quantised tensor without scale');
  return { scale, zeroPoint };
}

/** The interval of quantised int8 values a fused activation clamps to; bounds rounded half away from zero as the reference does. */
export function quantisedActivationRange(activation: Activation, output: TensorType): readonly [number, number] {
  const { scale, zeroPoint } = perTensor(output);
  // The reference computes real / scale in single precision.
  const quantise = (real: number): number =>
    zeroPoint + roundHalfAwayFromZero(Math.fround(Math.fround(real) / Math.fround(scale)));
  const [low, high] = realRange[activation];
  return [
    low === -Infinity ? -128 : clamp(quantise(low), -128, 127),
    high === Infinity ? 127 : clamp(quantise(high), -128, 127),
  ];
}

/** How a weighted sum's factor is rounded: the reference multiplies two per-tensor scales of a fully connected layer in float32. */
export type ScaleProduct = 'double' | 'singleIfPerTensor';

/**
 * The factor from accumulator to output, scale(x) * scale(w[channel]) / scale(y): one for each scale of the weights, so one
 * for all channels or one for each.
 */
export function channelMultipliers(
  x: TensorType,
  w: TensorType,
  y: TensorType,
  product: ScaleProduct,
): readonly Multiplier[] {
  const scales = w.quantisation?.scale ?? [];
  const inputScale = perTensor(x).scale;
  const outputScale = perTensor(y).scale;
  const rounded = scales.length === 1 && product === 'singleIfPerTensor' ? Math.fround : (value: number) => value;
  return scales.map((scale) => quantiseMultiplier(rounded(inputScale * scale) / outputScale));
}

/** Complains unless the tensor is quantised per tensor with a usable scale and a zero point in range. */
export function checkPerTensor(name: string, type: TensorType, complain: Complain): void {
  const { scale = [], zeroPoint = [] } = type.quantisation ?? {};
  const [s = Number.NaN] = scale;
  const [z = Number.NaN] = zeroPoint;
  if (scale.length !== 1 || !(s > 0 && Number.isFinite(s))) {
    complain(
      `quantisation of ${name}`,
      'one positive scale',
      scale.length === 0 ? 'none' : `[${scale.slice(0, 4).join(', ')}]`,
    );
  } else if (!(Number.isInteger(z) && z >= -128 && z <= 127)) {
    complain(`quantisation of ${name}`, 'a zero point in -128..127', String(z));
  }
}
