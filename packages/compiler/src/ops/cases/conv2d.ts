// Contract cases of conv2d: odd sizes, borders on every side, strides, dilation, groups, activations, extreme scales.
import type { Conv2dAttrs } from '../conv2d.ts';
import { samePadding } from '../window.ts';
import { type Case, fed, int8, int8PerAxis, known, plainType } from './case.ts';

const noPadding = { top: 0, bottom: 0, left: 0, right: 0 };
const plain: Conv2dAttrs = {
  strideH: 1,
  strideW: 1,
  dilationH: 1,
  dilationW: 1,
  padding: noPadding,
  activation: 'none',
};

interface Sizes {
  readonly x: readonly [number, number, number, number];
  readonly w: readonly [number, number, number, number];
  readonly same?: boolean;
  readonly attrs?: Partial<Conv2dAttrs>;
  readonly xZero?: number;
  readonly yScale?: number;
  readonly yZero?: number;
  readonly wScales?: readonly number[];
  readonly bias?: false;
  readonly float?: true;
}

function conv(name: string, seed: number, sizes: Sizes): Case {
  const { x, w, same, xZero = 5, yScale = 8, yZero = -7 } = sizes;
  const base = { ...plain, ...sizes.attrs };
  const [top, bottom] = same
    ? samePadding(x[1], w[1], base.strideH, base.dilationH)
    : [base.padding.top, base.padding.bottom];
  const [left, right] = same
    ? samePadding(x[2], w[2], base.strideW, base.dilationW)
    : [base.padding.left, base.padding.right];
  const attrs = { ...base, padding: { top, bottom, left, right } };
  const extent = (size: number, pad: number, kernel: number, stride: number, dilation: number): number =>
    Math.floor((size + pad - ((kernel - 1) * dilation + 1)) / stride) + 1;
  const y = [
    x[0],
    extent(x[1], top + bottom, w[1], base.strideH, base.dilationH),
    extent(x[2], left + right, w[2], base.strideW, base.dilationW),
    w[0],
  ];
  const scales = sizes.wScales ?? Array.from({ length: w[0] }, (_, o) => 0.01 + 0.003 * o);
  const node = { op: 'conv2d' as const, attrs };
  if (sizes.float) {
    const bias = sizes.bias === false ? undefined : known(plainType('f32', [w[0]]), seed + 2, 1);
    return {
      name,
      node,
      inputs: [fed(plainType('f32', x), seed, 4), known(plainType('f32', w), seed + 1, 1), bias],
      outputs: [plainType('f32', y)],
    };
  }
  const bias = sizes.bias === false ? undefined : known(plainType('i32', [w[0]]), seed + 2, 2000);
  return {
    name,
    node,
    inputs: [fed(int8(x, 0.25, xZero), seed), known(int8PerAxis(w, scales), seed + 1), bias],
    outputs: [int8(y, yScale, yZero)],
  };
}

export const conv2dCases: readonly Case[] = [
  conv('1x1', 1, { x: [1, 7, 5, 16], w: [17, 1, 1, 16] }),
  conv('1x1, one pixel, one channel', 2, { x: [1, 1, 1, 1], w: [1, 1, 1, 1], yScale: 0.2 }),
  conv('3x3 same, zero point -128', 3, { x: [1, 7, 7, 3], w: [8, 3, 3, 3], same: true, xZero: -128 }),
  conv('3x3 valid, batch 2, relu', 4, { x: [2, 5, 6, 4], w: [5, 3, 3, 4], attrs: { activation: 'relu' } }),
  conv('10x4 same stride 2, relu6', 5, {
    x: [1, 17, 10, 1],
    w: [7, 10, 4, 1],
    same: true,
    attrs: { strideH: 2, strideW: 2, activation: 'relu6' },
    yScale: 0.05,
    yZero: -128,
  }),
  conv('2x2 stride 3, uneven padding', 6, {
    x: [1, 7, 8, 2],
    w: [3, 2, 2, 2],
    attrs: { strideH: 3, strideW: 3, padding: { top: 0, bottom: 2, left: 1, right: 0 } },
  }),
  conv('3x3 dilated 2, same', 7, {
    x: [1, 9, 9, 2],
    w: [4, 3, 3, 2],
    same: true,
    attrs: { dilationH: 2, dilationW: 2 },
  }),
  conv('1x5 dilated 3 in columns only', 8, { x: [1, 1, 17, 3], w: [2, 1, 5, 3], same: true, attrs: { dilationW: 3 } }),
  conv('kernel larger than input', 9, { x: [1, 2, 2, 3], w: [3, 5, 5, 3], same: true }),
  conv('two groups', 10, { x: [1, 4, 4, 6], w: [4, 3, 3, 3], same: true }),
  conv('groups of one', 11, { x: [1, 3, 3, 5], w: [5, 3, 3, 1], same: true, attrs: { activation: 'reluN1To1' } }),
  conv('no bias', 12, { x: [1, 4, 4, 3], w: [4, 1, 1, 3], bias: false }),
  conv('factors above 1 saturate', 13, { x: [1, 4, 4, 3], w: [4, 3, 3, 3], same: true, yScale: 0.0004, yZero: 127 }),
  conv('factors near 0', 14, { x: [1, 4, 4, 3], w: [3, 3, 3, 3], wScales: [1e-9, 3e-12, 0], yScale: 30 }),
  conv('float 1x1', 21, { x: [1, 3, 5, 7], w: [4, 1, 1, 7], float: true }),
  conv('float 3x3 same stride 2, relu6', 22, {
    x: [1, 7, 6, 3],
    w: [5, 3, 3, 3],
    same: true,
    attrs: { strideH: 2, strideW: 2, activation: 'relu6' },
    float: true,
  }),
  conv('float dilated, no bias', 23, {
    x: [2, 7, 7, 2],
    w: [3, 3, 3, 2],
    attrs: { dilationH: 2, dilationW: 2 },
    bias: false,
    float: true,
  }),
];
