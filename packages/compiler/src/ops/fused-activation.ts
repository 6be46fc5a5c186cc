// A fused activation as the clamp it is, in kernel arithmetic.
import { clampTo, float, max, min } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import { type Activation, activationRange } from './quantised.ts';

/** A float32 value within the activation's range; NaN and -0 pass, as in the reference. */
export function activateFloat(value: Expr, activation: Activation): Expr {
  const [low, high] = activationRange(activation);
  // The bound comes first: min and max give their second operand for NaN and for equal values.
  const above = low === -Infinity ? value : max(float(low), value);
  return high === Infinity ? above : min(float(high), above);
}

/** A value that already lies in the int8 range, within the activation's range. */
export function activateInt8(value: Expr, [low, high]: readonly [number, number]): Expr {
  return low === -128 && high === 127 ? value : clampTo(value, low, high);
}
