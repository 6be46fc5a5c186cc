// Numbers for other numbers, by a list: labels for labels, categories for codes. What is in no place of the list becomes one number.
import { constantLike, eq, index, sub } from '../kernel/expressions.ts';
import { allocate } from '../tensor/dtype.ts';
import { elementsOf } from '../tensor/tensor.ts';
import { defineOp } from './op.ts';

export interface MapValuesAttrs {
  readonly keys: readonly number[];
  readonly values: readonly number[];
  readonly otherwise: number;
}

export const mapValues = defineOp({
  name: 'mapValues',
  inputs: ['x'],

  infer({ x }, { keys, values, otherwise }: MapValuesAttrs, [y], complain) {
    if ((x.dtype !== 'f32' && x.dtype !== 'i32') || y.dtype !== x.dtype)
      complain('types of input and output', 'both f32, or both i32', `${x.dtype}, ${y.dtype}`);
    if (keys.length !== values.length || keys.length === 0)
      complain('keys and values', 'as many', `${keys.length}, ${values.length}`);
    const isWhole = (value: number): boolean => value === (value | 0);
    if (x.dtype === 'i32' && ![...keys, ...values, otherwise].every(isWhole))
      complain('keys and values of labels', 'whole numbers of 32 bits', 'others');
    return [x.shape];
  },

  evaluate({ x }, { keys, values, otherwise }, [yType]) {
    const y = allocate(yType.dtype, elementsOf(yType)) as Float32Array | Int32Array;
    y.set(
      Array.from(
        x.data as Float32Array,
        (value) =>
          values[x.type.dtype === 'f32' ? keys.map(Math.fround).indexOf(value) : keys.indexOf(value)] ?? otherwise,
      ),
    );
    return [y];
  },

  lower(k, { x }, { keys, values, otherwise }, [y]) {
    const areFloats = x.tensor.dtype === 'f32';
    const typed = (list: readonly number[]) => (areFloats ? Float32Array.from(list) : Int32Array.from(list));
    const [from, to] = [k.constant('keys', typed(keys)), k.constant('values', typed(values))];
    const type = areFloats ? 'f32' : 'i32';
    k.for('i', 0, x.length, (i) => {
      const value = k.let('value', k.load(x, i));
      const result = k.variable('result', constantLike(type, areFloats ? Math.fround(otherwise) : otherwise));
      // The first of equal keys is the last to be written.
      k.for('n', 0, keys.length, (n) => {
        const position = k.let('position', sub(index(keys.length - 1), n));
        k.if(eq(value, k.load(from, position)), () => k.set(result, k.load(to, position)));
      });
      k.store(y, i, result);
    });
  },

  inPlace: () => ['x'],
});
