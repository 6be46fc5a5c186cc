// Fixed-point requantisation, exactly as TensorFlow Lite Micro's reference kernels do it (double rounding): the
// multiplier of a real factor, and its application to a 32-bit accumulator. Everything here is exact in JavaScript's
// doubles. Definitions: TensorFlow Lite 8-bit quantisation specification; gemmlowp's fixed-point functions.

/** real factor ≈ multiplier / 2^31 * 2^shift, multiplier 0 or in [2^30, 2^31). */
export interface Multiplier {
  readonly multiplier: number;
  readonly shift: number;
}

/** Splits a finite double into mantissa in [0.5, 1) and exponent, as C's frexp. */
export function frexp(value: number): readonly [mantissa: number, exponent: number] {
  if (value === 0 || !Number.isFinite(value)) return [value, 0];
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(value))) + 1);
  let mantissa = value * 2 ** -exponent;
  while (Math.abs(mantissa) < 0.5) {
    mantissa *= 2;
    exponent -= 1;
  }
  while (Math.abs(mantissa) >= 1) {
    mantissa /= 2;
    exponent += 1;
  }
  return [mantissa, exponent];
}

/** Round half away from zero, as C's round(). */
export function roundHalfAwayFromZero(value: number): number {
  // The part is exact; adding 0.5 to the value would round once more.
  const whole = Math.trunc(value) + 0;
  return Math.abs(value - whole) < 0.5 || whole === value ? whole : whole + Math.sign(value);
}

/**
 * The fixed-point form of a positive real factor. Factors under 2^-32 become 0, as in the reference; factors of 2^31
 * and more have no such form and the result has shift > 30, which the caller refuses.
 */
export function quantiseMultiplier(factor: number): Multiplier {
  if (factor === 0) return { multiplier: 0, shift: 0 };
  const [mantissa, exponent] = frexp(factor);
  let multiplier = roundHalfAwayFromZero(mantissa * 2 ** 31);
  let shift = exponent;
  if (multiplier === 2 ** 31) {
    multiplier /= 2;
    shift += 1;
  }
  if (shift < -31) return { multiplier: 0, shift: 0 };
  return { multiplier, shift };
}

/** round(a * b / 2^31), halves upwards, saturated: the high half of a doubled product. */
export function saturatingRoundingDoublingHighMultiply(a: number, b: number): number {
  if (a === -2147483648 && b === -2147483648) return 2147483647;
  // a * b = high * 2^16 + low with both halves exact; the floors nest because `high` is an integer.
  const high = a * (b >> 16);
  const low = a * (b & 0xffff);
  return Math.floor((high + Math.floor((low + 2 ** 30) / 65536)) / 32768);
}

/** value / 2^exponent, halves away from zero; exponent 0..31. */
export function roundingDivideByPowerOfTwo(value: number, exponent: number): number {
  const divisor = 2 ** exponent;
  return roundHalfAwayFromZero(value / divisor);
}

/** acc * factor with the reference's two roundings; acc an int32. Overflow of the left shift wraps, as on the devices. */
export function multiplyByQuantisedMultiplier(acc: number, { multiplier, shift }: Multiplier): number {
  const shifted = shift > 0 ? Math.imul(acc, 2 ** shift) : acc;
  return roundingDivideByPowerOfTwo(
    saturatingRoundingDoublingHighMultiply(shifted, multiplier),
    shift > 0 ? 0 : -shift,
  );
}

export const clamp = (value: number, low: number, high: number): number =>
  value < low ? low : value > high ? high : value;
