// Softmax over the last axis: float32, and int8 to int8 or int16 in the reference's fixed-point arithmetic (softmax-int8.ts).
import { add, call, div, float, max, mul, sub } from '../kernel/expressions.ts';
import { exp } from '../kernel/float-math.ts';
import type { Expr } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { Data } from '../tensor/dtype.ts';
import { elementsOf, type Tensor, type TensorType } from '../tensor/tensor.ts';
import { defineOp, type Operand } from './op.ts';
import { checkInt8Softmax, evaluateInt8Softmax, lowerInt8Row } from './softmax-int8.ts';

export interface SoftmaxAttrs {
  /** Factor of the inputs before the exponential; positive for int8. */
  readonly beta: number;
}

/** x (…, depth) as rows of depth. */
const sizesOf = (type: TensorType) => {
  const depth = type.shape.at(-1) ?? 1;
  return { depth, rows: elementsOf(type) / depth };
};

export const softmax = defineOp({
  name: 'softmax',
  inputs: ['x'],

  infer({ x }, { beta }: SoftmaxAttrs, [y], complain) {
    if (x.shape.length === 0) complain('rank of the input', 'at least 1', '0');
    const types = `${x.dtype}, ${y.dtype}`;
    if (types === 'i8, i8' || types === 'i8, i16') checkInt8Softmax(x, beta, y, sizesOf(x).depth, complain);
    else if (types !== 'f32, f32') {
      complain(
        'types of input and output',
        'float32 to float32, int8 to int8 or int8 to int16',
        types,
        'quantise the model to full int8',
      );
    } else if (!Number.isFinite(Math.fround(beta))) complain('beta', 'a finite number', String(beta));
    return [x.shape];
  },

  evaluate({ x }, { beta }, [yType]) {
    const { depth, rows } = sizesOf(x.type);
    return [x.type.dtype === 'i8' ? evaluateInt8Softmax(x, beta, yType, depth) : evaluateF32(x, beta, depth, rows)];
  },

  lower(k, { x }, { beta }, [y]) {
    const { depth, rows } = sizesOf(x.tensor);
    const lowerRow = x.type === 'i8' ? lowerInt8Row(k, x, beta, y, depth) : lowerF32Row(k, x, beta, y, depth);
    k.for('row', 0, rows, (row) => lowerRow(k.let('start', mul(row, depth))));
  },

  inPlace: ({ x }, _, [y]) => (x.dtype === y.dtype ? ['x'] : []),
});

/** exp(beta * (x - largest)), divided by its sum over the row; a row with NaN or infinity in it is NaN. */
function evaluateF32({ data }: Tensor, beta: number, depth: number, rows: number): Data {
  const y = new Float32Array(data.length);
  for (let row = 0; row < rows; row += 1) {
    const values = Array.from({ length: depth }, (_, i) => Number(data[row * depth + i]));
    const largest = values.reduce((a, b) => Math.max(a, b));
    const exps = values.map((value) => Math.exp((value - largest) * Math.fround(beta)));
    const total = exps.reduce((a, b) => a + b);
    exps.forEach((e, i) => {
      y[row * depth + i] = e / total;
    });
  }
  return y;
}

/** The loops over a row: largest, exponentials (kept in y) and their sum, division. */
function lowerF32Row(k: Writer, x: Operand, beta: number, y: Operand, depth: number): (start: Expr) => void {
  return (start) => {
    const largest = k.variable('largest', float(-3.4028234663852886e38));
    k.for('i', 0, depth, (i) => k.set(largest, max(k.load(x, add(start, i)), largest)));
    const total = k.variable('total', float(0));
    k.for('i', 0, depth, (i) => {
      const distance = sub(k.load(x, add(start, i)), largest);
      const e = k.let('e', call(exp, beta === 1 ? distance : mul(distance, beta)));
      k.store(y, add(start, i), e);
      k.set(total, add(total, e));
    });
    k.for('i', 0, depth, (i) => k.store(y, add(start, i), div(k.load(y, add(start, i)), total)));
  };
}
