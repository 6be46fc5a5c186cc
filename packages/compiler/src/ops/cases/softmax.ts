// Contract cases of softmax: equal values, one far above the rest, single elements, long rows, every kind of output.
import type { TensorType } from '../../tensor/tensor.ts';
import { type Case, fed, int8, plainType } from './case.ts';

const node = (beta = 1) => ({ op: 'softmax' as const, attrs: { beta } });
const int8Output = (shape: readonly number[]): TensorType => int8(shape, 1 / 256, -128);
const int16Output = (shape: readonly number[]): TensorType => ({
  dtype: 'i16',
  shape,
  quantisation: { scale: [1 / 65536], zeroPoint: [-32768], axis: 0 },
});

interface Given {
  readonly scale?: number;
  readonly zeroPoint?: number;
  readonly beta?: number;
  readonly data?: (i: number) => number;
}

/** Seeded int8 values, or those of `data`. */
function int8Case(name: string, seed: number, shape: readonly number[], given: Given = {}): Case {
  const { scale = 0.1, zeroPoint = 3, beta = 1, data } = given;
  const x = fed(int8(shape, scale, zeroPoint), seed);
  const input = data === undefined ? x : { ...x, data: Int8Array.from({ length: x.data.length }, (_, i) => data(i)) };
  return { name, node: node(beta), inputs: [input], outputs: [int8Output(shape)] };
}

const withInt16 = (one: Case): Case => ({
  ...one,
  name: `${one.name}, to int16`,
  outputs: one.outputs.map(({ shape }) => int16Output(shape)),
});

const twelveClasses = int8Case('12 classes', 1, [1, 12], { scale: 0.17 });
const equal = int8Case('300 equal', 2, [1, 300], { data: () => 9 });
const oneHuge = int8Case('one far above', 3, [1, 17], { scale: 1, data: (i) => (i === 5 ? 127 : -128) });

function floatCase(name: string, shape: readonly number[], data: (i: number) => number, beta = 1): Case {
  const type = plainType('f32', shape);
  const length = shape.reduce((a, b) => a * b, 1);
  return {
    name: `float, ${name}`,
    node: node(beta),
    inputs: [{ type, data: Float32Array.from({ length }, (_, i) => data(i)) }],
    outputs: [type],
  };
}

const seeded = fed(plainType('f32', [2, 3, 17]), 20, 8);

/** Pairs that differ by -255 to 255. */
const everyDifference = (i: number): number => {
  const difference = (i >> 1) - 255;
  return i % 2 === 0 ? Math.min(127, difference + 127) : Math.min(127, 127 - difference);
};

export const softmaxCases: readonly Case[] = [
  twelveClasses,
  equal,
  oneHuge,
  withInt16(twelveClasses),
  withInt16(equal),
  withInt16(oneHuge),
  int8Case('one element', 4, [1]),
  int8Case('rows of one element', 5, [7, 1]),
  int8Case('two elements', 6, [5, 2], { scale: 0.01 }),
  int8Case('two elements, every difference', 17, [511, 2], { scale: 0.06, data: everyDifference }),
  int8Case('two elements, every small difference', 18, [511, 2], { scale: 0.002, data: everyDifference }),
  int8Case('four axes', 7, [2, 3, 2, 7], { scale: 0.05 }),
  int8Case('long rows of differing values', 8, [2, 300], { scale: 0.02, zeroPoint: -128 }),
  int8Case('all differences near 0', 9, [3, 16], { scale: 1e-7 }),
  int8Case('all differences vanish', 10, [3, 16], { scale: 100 }),
  int8Case('beta 0.3', 11, [3, 16], { beta: 0.3, scale: 0.4 }),
  int8Case('beta 4', 12, [3, 16], { beta: 4, zeroPoint: 127 }),
  int8Case('from -128 to 127', 13, [1, 256], { scale: 0.03, data: (i) => i - 128 }),
  int8Case('511 equal', 14, [1, 511], { data: () => -128 }),
  int8Case('sum beyond the reference', 15, [1, 600], { data: (i) => (i < 50 ? 126 : 127) }),
  int8Case('long, sum within the reference', 16, [1, 600], { data: (i) => (i % 200 === 1 ? 127 : i % 100) }),
  {
    name: 'float, three axes',
    node: node(),
    inputs: [seeded],
    outputs: [seeded.type],
  },
  floatCase('one element', [1], () => 5),
  floatCase('rows of one element', [7, 1], (i) => i),
  floatCase('beta 0.5', [3, 16], (i) => Math.sin(i) * 9, 0.5),
  floatCase('far apart', [1, 7], (i) => i * 40),
  floatCase('300 equal', [300], () => -1e30),
  floatCase('minus infinity among others', [1, 4], (i) => (i === 2 ? -Infinity : i)),
  floatCase('infinity', [1, 4], (i) => (i === 2 ? Infinity : i)),
  floatCase('NaN in one row of two', [2, 4], (i) => (i === 2 ? Number.NaN : i)),
];
