// Fully connected layer, y = activation(x * w' + bias): int8 (per-tensor or per-channel scales) and float32.
import { add, mul } from '../kernel/expressions.ts';
import { allocate } from '../tensor/dtype.ts';
import { elementCount, type Shape } from '../tensor/shape.ts';
import { elementsOf } from '../tensor/tensor.ts';
import { defineOp } from './op.ts';
import type { Activation } from './quantised.ts';
import { checkWeighted, type WeightedLayer, weightedArithmetic, weightedDefinition } from './weighted.ts';

export interface FullyConnectedAttrs {
  readonly activation: Activation;
  /** The output keeps x's leading dimensions instead of being (rows, outputs). */
  readonly keepDims: boolean;
}

/** x (…, depth) as rows of depth, w (outputs, depth) → y (rows, outputs). */
const sizesOf = (x: Shape, w: Shape) => {
  const [outputs = 0, depth = 0] = w;
  return { outputs, depth, rows: depth === 0 ? 0 : elementCount(x) / depth };
};

const layerOf = (channels: number, { activation }: FullyConnectedAttrs): WeightedLayer => ({
  channels,
  activation,
  scaleProduct: 'singleIfPerTensor',
});

export const fullyConnected = defineOp({
  name: 'fullyConnected',
  inputs: ['x', 'w', 'bias?'],

  infer({ x, w, bias }, attrs: FullyConnectedAttrs, [y], complain) {
    const { outputs, depth, rows } = sizesOf(x.shape, w.shape);
    if (w.shape.length !== 2 || !Number.isInteger(rows) || rows === 0) {
      complain(
        'shapes of input and weights',
        'x (…, depth) and w (outputs, depth)',
        `[${x.shape.join(', ')}] and [${w.shape.join(', ')}]`,
      );
      return [];
    }
    if (attrs.keepDims && x.shape.at(-1) !== depth) {
      complain('last dimension of the input', String(depth), String(x.shape.at(-1)));
    }
    checkWeighted({ x, w, bias, y }, { ...layerOf(outputs, attrs), weightsZeroPoint: 'any' }, complain);
    return [attrs.keepDims ? [...x.shape.slice(0, -1), outputs] : [rows, outputs]];
  },

  evaluate({ x, w, bias }, attrs, [yType]) {
    const { outputs, depth, rows } = sizesOf(x.type.shape, w.type.shape);
    const { xZero, wZero, finish } = weightedDefinition(x.type, w.type, yType, layerOf(outputs, attrs));
    const y = allocate(yType.dtype, elementsOf(yType));
    for (let row = 0; row < rows; row += 1) {
      for (let o = 0; o < outputs; o += 1) {
        let acc = Number(bias?.data[o] ?? 0);
        for (let i = 0; i < depth; i += 1) {
          acc += (Number(x.data[row * depth + i]) - xZero) * (Number(w.data[o * depth + i]) - wZero);
        }
        y[row * outputs + o] = finish(acc, o);
      }
    }
    return [y];
  },

  lower(k, { x, w, bias }, attrs, [y]) {
    const { outputs, depth, rows } = sizesOf(x.tensor.shape, w.tensor.shape);
    const arithmetic = weightedArithmetic(k, { x, w, bias, y }, layerOf(outputs, attrs), (channel) =>
      Array.from({ length: depth }, (_, i) => channel * depth + i),
    );
    k.for('row', 0, rows, (row) => {
      k.for('output', 0, outputs, (o) => {
        const acc = k.variable('acc', arithmetic.start(o));
        k.for('input', 0, depth, (i) => {
          const product = arithmetic.product(k.load(x, add(mul(row, depth), i)), k.load(w, add(mul(o, depth), i)));
          k.set(acc, add(acc, product));
        });
        k.store(y, add(mul(row, outputs), o), arithmetic.finish(acc, o));
      });
    });
  },

  macs({ x, w }) {
    const { outputs, depth, rows } = sizesOf(x.shape, w.shape);
    return rows * outputs * depth;
  },
});
