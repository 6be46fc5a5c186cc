// Contract cases that both pools share: window sizes, strides, borders on every side, activations, zero points.
import type { PoolAttrs } from '../pool.ts';
import type { Activation } from '../quantised.ts';
import { samePadding, windowOutputs } from '../window.ts';
import { atTheEnds, type Case, fed, int8, plainType } from './case.ts';

interface Sizes {
  readonly x: readonly [number, number, number, number];
  readonly window: readonly [number, number];
  readonly stride?: readonly [number, number];
  readonly padding?: PoolAttrs['padding'] | 'same';
  readonly activation?: Activation;
  readonly zeroPoint?: number;
  readonly float?: true;
}

const noPadding = { top: 0, bottom: 0, left: 0, right: 0 };

function pool(op: 'averagePool2d' | 'maxPool2d', name: string, seed: number, sizes: Sizes): Case {
  const { x, window, stride = [1, 1], activation = 'none', zeroPoint = -4 } = sizes;
  const [kernelH, kernelW] = window;
  const [strideH, strideW] = stride;
  const [top, bottom] = samePadding(x[1], kernelH, strideH, 1);
  const [left, right] = samePadding(x[2], kernelW, strideW, 1);
  const padding = sizes.padding === 'same' ? { top, bottom, left, right } : (sizes.padding ?? noPadding);
  const attrs: PoolAttrs = { kernelH, kernelW, strideH, strideW, dilationH: 1, dilationW: 1, padding, activation };
  const y = [
    x[0],
    windowOutputs(x[1], padding.top + padding.bottom, kernelH, strideH, 1),
    windowOutputs(x[2], padding.left + padding.right, kernelW, strideW, 1),
    x[3],
  ];
  const type = (shape: readonly number[]) => (sizes.float ? plainType('f32', shape) : int8(shape, 0.05, zeroPoint));
  return { name, node: { op, attrs }, inputs: [fed(type(x), seed, 9)], outputs: [type(y)] };
}

export const poolCases = (op: 'averagePool2d' | 'maxPool2d'): readonly Case[] => [
  pool(op, '2x2 stride 2', 1, { x: [1, 4, 6, 7], window: [2, 2], stride: [2, 2] }),
  pool(op, '3x3 same stride 2', 2, { x: [1, 7, 7, 3], window: [3, 3], stride: [2, 2], padding: 'same' }),
  pool(op, '3x2 same, batch 2, relu', 3, { x: [2, 5, 4, 2], window: [3, 2], padding: 'same', activation: 'relu' }),
  pool(op, 'the whole input', 4, { x: [1, 5, 7, 16], window: [5, 7] }),
  pool(op, '1x5 over a row, stride 3', 5, { x: [1, 1, 17, 2], window: [1, 5], stride: [1, 3], padding: 'same' }),
  pool(op, '2x2 same, relu6', 6, { x: [1, 3, 3, 16], window: [2, 2], padding: 'same', activation: 'relu6' }),
  pool(op, '1x2, 17 channels, reluN1To1', 7, { x: [1, 3, 3, 17], window: [1, 2], activation: 'reluN1To1' }),
  pool(op, 'zero point -128', 8, { x: [1, 5, 5, 2], window: [3, 3], padding: 'same', zeroPoint: -128 }),
  pool(op, 'zero point 127', 9, { x: [1, 5, 5, 2], window: [3, 3], padding: 'same', zeroPoint: 127 }),
  pool(op, 'padding on three sides', 10, {
    x: [1, 4, 5, 2],
    window: [3, 3],
    stride: [2, 1],
    padding: { top: 2, bottom: 0, left: 1, right: 2 },
  }),
  pool(op, 'gaps between windows', 11, { x: [1, 6, 6, 1], window: [2, 1], stride: [3, 3], padding: 'same' }),
  pool(op, 'window larger than input', 12, { x: [1, 2, 2, 3], window: [5, 5], padding: 'same' }),
  pool(op, 'one element', 13, { x: [1, 1, 1, 1], window: [1, 1] }),
  pool(op, '2x2 stride 2, 8 channels, batch 2', 14, { x: [2, 4, 6, 8], window: [2, 2], stride: [2, 2] }),
  pool(op, '3x3 same stride 2, 24 channels', 15, { x: [1, 7, 6, 24], window: [3, 3], stride: [2, 2], padding: 'same' }),
  pool(op, '3x2 same, 16 channels', 16, { x: [1, 4, 5, 16], window: [3, 2], padding: 'same', zeroPoint: -128 }),
  pool(op, 'the whole input, 40 channels', 17, { x: [1, 5, 3, 40], window: [5, 3] }),
  pool(op, '1x3 over a row, 8 channels, relu', 18, { x: [1, 1, 9, 8], window: [1, 3], activation: 'relu' }),
  atTheEnds(pool(op, 'largest sums of 16 bits', 19, { x: [1, 16, 16, 8], window: [16, 16] })),
  pool(op, 'float 2x2 stride 2', 21, { x: [1, 4, 4, 3], window: [2, 2], stride: [2, 2], float: true }),
  pool(op, 'float 3x3 same, relu', 22, {
    x: [2, 5, 4, 2],
    window: [3, 3],
    stride: [2, 1],
    padding: 'same',
    activation: 'relu',
    float: true,
  }),
  pool(op, 'float, the whole input, relu6', 23, { x: [1, 7, 3, 1], window: [7, 3], activation: 'relu6', float: true }),
];
