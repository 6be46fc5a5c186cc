// Constants of models whose library computes in doubles: stored as floats where all of them are floats, and widened when read.
import { cast, type Index } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';

/** Reads an element as f64. */
export type Doubles = (at: Index) => Expr;

export function doublesConstant(k: Writer, name: string, values: Float64Array): Doubles {
  const areFloats = values.every((value) => Object.is(Math.fround(value), value));
  const region = k.constant(name, areFloats ? Float32Array.from(values) : values);
  return (at) => cast('f64', k.load(region, at));
}
