// Rows divided by their length: the sum of magnitudes, the root of the sum of squares, or the largest element. A row of length 0 stays
// as it is.
import { sqrtDouble } from '../kernel/double-math.ts';
import { add, call, cast, div, double, eq, lt, mul, select, sub } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import { defineOp } from './op.ts';

export interface NormaliseRowsAttrs {
  readonly norm: 'l1' | 'l2' | 'max';
}

export const normaliseRows = defineOp({
  name: 'normaliseRows',
  inputs: ['x'],

  infer({ x }, _attrs: NormaliseRowsAttrs, [y], complain) {
    if (x.dtype !== 'f32' || y.dtype !== 'f32') complain('types of input and output', 'f32', `${x.dtype}, ${y.dtype}`);
    if (x.shape.length !== 2) complain('shape of the input', '[rows, features]', `[${x.shape.join(', ')}]`);
    return [x.shape];
  },

  evaluate({ x }, { norm }) {
    const [rows = 0, features = 0] = x.type.shape;
    const y = Float32Array.from(x.data as Float32Array);
    for (let row = 0; row < rows; row += 1) {
      const own = Array.from(y.subarray(row * features, (row + 1) * features));
      const length =
        norm === 'max'
          ? Math.max(...own)
          : norm === 'l1'
            ? own.reduce((sum, value) => sum + Math.abs(value), 0)
            : Math.sqrt(own.reduce((sum, value) => sum + value * value, 0));
      if (length !== 0)
        y.set(
          own.map((value) => value / length),
          row * features,
        );
    }
    return [y];
  },

  lower(k, { x }, { norm }, [y]) {
    const [rows = 0, features = 0] = x.tensor.shape;
    k.for('row', 0, rows, (row) => {
      const at = (i: Expr): Expr => add(mul(row, features), i);
      const value = (i: Expr): Expr => cast('f64', k.load(x, at(i)));
      const length = k.variable('length', double(norm === 'max' ? Number.NEGATIVE_INFINITY : 0));
      k.for('i', 0, features, (i) => {
        const own = k.let('value', value(i));
        if (norm === 'max') k.if(lt(length, own), () => k.set(length, own));
        else if (norm === 'l1') k.set(length, add(length, select(lt(own, 0), sub(double(0), own), own)));
        else k.set(length, add(length, mul(own, own)));
      });
      const whole = k.let('whole', norm === 'l2' ? call(sqrtDouble, length) : length);
      const divisor = k.let('divisor', select(eq(whole, 0), double(1), whole));
      k.for('i', 0, features, (i) => k.store(y, at(i), cast('f32', div(value(i), divisor))));
    });
  },

  inPlace: () => ['x'],
});
