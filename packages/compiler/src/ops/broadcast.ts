// Broadcasting by NumPy's rule, for operators of two inputs: the definition element by element, and the fewest loops, in
// which whatever an input contributes is computed outside the loops over which the input repeats.
import { assert } from '../errors.ts';
import { add, float, index, int, mul } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import { allocate, type Data } from '../tensor/dtype.ts';
import { broadcastStrides, stridesOf } from '../tensor/shape.ts';
import { elementsOf, type Tensor, type TensorType } from '../tensor/tensor.ts';
import { forEachIndex } from './element-positions.ts';
import { joinAxes } from './joined-axes.ts';
import type { Operand } from './op.ts';

/** Every output element from the elements of `a` and `b` that stand at its index. */
export function evaluateBroadcast(
  a: Tensor,
  b: Tensor,
  yType: TensorType,
  apply: (a: number, b: number) => number,
): Data {
  const y = allocate(yType.dtype, elementsOf(yType));
  const elementAt = ({ data, type }: Tensor, index: readonly number[]): number =>
    Number(data[broadcastStrides(type.shape, yType.shape).reduce((at, stride, i) => at + stride * (index[i] ?? 0), 0)]);
  forEachIndex(yType.shape, (index, position) => {
    y[position] = apply(elementAt(a, index), elementAt(b, index));
  });
  return y;
}

/** One input of the loops: what it contributes is computed from its element alone. */
export interface Term {
  /** Its name in the generated code. */
  readonly name: string;
  readonly operand: Operand;
  readonly from: (element: Expr) => Expr;
}

const loopNames = ['i', 'row', 'plane', 'block'] as const;

/** Loops over the output; `combine` makes an element from the terms of both inputs. */
export function lowerBroadcast(
  k: Writer,
  inputs: readonly [a: Term, b: Term],
  y: Operand,
  combine: (a: Expr, b: Expr) => Expr,
): void {
  const { shape } = y.tensor;
  const walked = [...inputs.map(({ operand }) => broadcastStrides(operand.tensor.shape, shape)), stridesOf(shape)];
  const axes = joinAxes(shape, walked);
  const names = [...inputs.map(({ name }) => name), 'y'];
  /** How many loops, from the outermost on, an input's element depends on. */
  const depthOf = (input: number): number =>
    axes.reduce((depth, { strides }, axis) => (strides[input] === 0 ? depth : axis + 1), 0);

  const walk = (depth: number, at: readonly Expr[], outerTerms: readonly (Expr | undefined)[]): void => {
    const terms = inputs.map(({ name, operand, from }, n) => {
      if (outerTerms[n] !== undefined || depth < depthOf(n)) return outerTerms[n];
      const term = from(elementOf(k, operand, at[n] ?? index(0)));
      // Only an element that is used where it is read needs no name.
      const unnamed = term.kind === 'const' || (term.kind === 'load' && depth === axes.length);
      return unnamed ? term : k.let(`${name}_term`, term);
    });
    const axis = axes[depth];
    if (axis === undefined) {
      const [a, b] = terms;
      assert(a !== undefined && b !== undefined, 'a term depends on more axes than there are');
      k.store(y, at[2] ?? index(0), combine(a, b));
      return;
    }
    const innermost = depth === axes.length - 1;
    k.for(loopNames[axes.length - 1 - depth] ?? 'outer', 0, axis.size, (i) => {
      const next = at.map((start, n) => {
        const own = add(start, mul(i, axis.strides[n] ?? 0));
        const unnamed = innermost || terms[n] !== undefined || own === start || own.kind === 'const';
        return unnamed ? own : k.let(`${names[n]}_start`, own);
      });
      walk(depth + 1, next, terms);
    });
  };
  walk(0, [index(0), index(0), index(0)], []);
}

/** A constant of one element is written as that number. */
function elementOf(k: Writer, operand: Operand, at: Expr): Expr {
  const only = operand.length === 1 ? operand.data?.[0] : undefined;
  if (only === undefined || operand.type === 'i64') return k.load(operand, at);
  return operand.type === 'f32' ? float(Number(only)) : int(Number(only));
}
