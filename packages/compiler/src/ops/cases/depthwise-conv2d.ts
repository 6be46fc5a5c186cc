// Contract cases of depthwiseConv2d: depth multipliers, borders on every side, strides, dilation, activations, extreme scales.
import type { DepthwiseConv2dAttrs } from '../depthwise-conv2d.ts';
import { samePadding, windowOutputs } from '../window.ts';
import { type Case, type CaseInput, fed, int8, int8PerAxis, known, plainType } from './case.ts';

interface Sizes {
  readonly x: readonly [number, number, number, number];
  /** Rows, columns, depth multiplier. */
  readonly w: readonly [number, number, number];
  readonly stride?: readonly [number, number];
  readonly dilation?: readonly [number, number];
  readonly padding?: DepthwiseConv2dAttrs['padding'] | 'same';
  readonly activation?: DepthwiseConv2dAttrs['activation'];
  readonly xZero?: number;
  readonly yScale?: number;
  readonly yZero?: number;
  /** One for each output, or one for all. */
  readonly wScales?: readonly number[];
  /** Weights fed at run time. */
  readonly fedWeights?: true;
  readonly bias?: false;
  readonly float?: true;
}

const noPadding = { top: 0, bottom: 0, left: 0, right: 0 };

function depthwise(name: string, seed: number, sizes: Sizes): Case {
  const { x, stride = [1, 1], dilation = [1, 1], activation = 'none', xZero = 5, yScale = 4, yZero = -7 } = sizes;
  const [kernelH, kernelW, multiplier] = sizes.w;
  const outputs = x[3] * multiplier;
  const [top, bottom] = samePadding(x[1], kernelH, stride[0], dilation[0]);
  const [left, right] = samePadding(x[2], kernelW, stride[1], dilation[1]);
  const padding = sizes.padding === 'same' ? { top, bottom, left, right } : (sizes.padding ?? noPadding);
  const attrs: DepthwiseConv2dAttrs = {
    strideH: stride[0],
    strideW: stride[1],
    dilationH: dilation[0],
    dilationW: dilation[1],
    padding,
    activation,
  };
  const yShape = [
    x[0],
    windowOutputs(x[1], padding.top + padding.bottom, kernelH, stride[0], dilation[0]),
    windowOutputs(x[2], padding.left + padding.right, kernelW, stride[1], dilation[1]),
    outputs,
  ];
  const wShape = [1, kernelH, kernelW, outputs];
  const scales = sizes.wScales ?? Array.from({ length: outputs }, (_, o) => 0.01 + 0.003 * o);
  const [xType, wType, biasType, yType] = sizes.float
    ? [plainType('f32', x), plainType('f32', wShape), plainType('f32', [outputs]), plainType('f32', yShape)]
    : [int8(x, 0.25, xZero), int8PerAxis(wShape, scales, 3), plainType('i32', [outputs]), int8(yShape, yScale, yZero)];
  const weights: CaseInput = sizes.fedWeights ? fed(wType, seed + 1, 1) : known(wType, seed + 1, 1);
  const bias = sizes.bias === false ? undefined : known(biasType, seed + 2, sizes.float ? 1 : 2000);
  return {
    name,
    node: { op: 'depthwiseConv2d', attrs },
    inputs: [fed(xType, seed, 4), weights, bias],
    outputs: [yType],
  };
}

export const depthwiseConv2dCases: readonly Case[] = [
  depthwise('3x3 same', 1, { x: [1, 7, 5, 16], w: [3, 3, 1], padding: 'same' }),
  depthwise('3x3 valid, batch 2, relu', 2, { x: [2, 5, 4, 7], w: [3, 3, 1], activation: 'relu' }),
  depthwise('1x1, one channel', 3, { x: [1, 1, 1, 1], w: [1, 1, 1], yScale: 0.2 }),
  depthwise('3x3 same stride 2, multiplier 2, relu6', 4, {
    x: [1, 5, 5, 3],
    w: [3, 3, 2],
    stride: [2, 2],
    padding: 'same',
    activation: 'relu6',
    yScale: 0.05,
    yZero: -128,
  }),
  depthwise('10x4 of one channel to 8', 5, { x: [1, 12, 10, 1], w: [10, 4, 8], stride: [2, 2], padding: 'same' }),
  depthwise('3x3 dilated 2, same', 6, { x: [1, 8, 8, 2], w: [3, 3, 1], dilation: [2, 2], padding: 'same' }),
  depthwise('3x3 dilated 3 and 2, valid', 7, { x: [1, 9, 10, 1], w: [3, 3, 2], dilation: [3, 2] }),
  depthwise('1x5 over a row', 8, { x: [1, 1, 17, 3], w: [1, 5, 1], padding: 'same', activation: 'reluN1To1' }),
  depthwise('uneven padding and strides', 9, {
    x: [1, 7, 8, 2],
    w: [2, 3, 1],
    stride: [3, 2],
    padding: { top: 0, bottom: 2, left: 1, right: 0 },
  }),
  depthwise('kernel larger than input', 10, { x: [1, 2, 2, 17], w: [5, 5, 1], padding: 'same' }),
  depthwise('zero points at the ends', 11, { x: [1, 4, 4, 2], w: [3, 3, 1], padding: 'same', xZero: -128, yZero: 127 }),
  depthwise('one scale, no bias', 12, { x: [1, 4, 4, 3], w: [2, 2, 1], wScales: [0.02], bias: false }),
  depthwise('weights fed at run time', 13, { x: [1, 4, 4, 3], w: [3, 3, 1], padding: 'same', fedWeights: true }),
  depthwise('factors above 1 saturate', 14, { x: [1, 4, 4, 2], w: [2, 2, 1], yScale: 0.0004, xZero: 127 }),
  depthwise('factors near 0', 15, { x: [1, 4, 4, 3], w: [3, 3, 1], wScales: [1e-9, 3e-12, 0], yScale: 30 }),
  depthwise('float 3x3 same', 21, { x: [1, 7, 6, 3], w: [3, 3, 1], padding: 'same', float: true }),
  depthwise('float 3x2 stride 2, multiplier 3, relu6', 22, {
    x: [2, 5, 4, 2],
    w: [3, 2, 3],
    stride: [2, 2],
    padding: 'same',
    activation: 'relu6',
    float: true,
  }),
  depthwise('float dilated, no bias', 23, {
    x: [1, 7, 7, 2],
    w: [3, 3, 1],
    dilation: [2, 2],
    bias: false,
    float: true,
  }),
];
