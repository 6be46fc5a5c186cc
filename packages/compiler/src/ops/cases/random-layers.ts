// Seeded int8 layers with weights, for what tactics must get right: odd sizes, windows over borders, strides, zero points at the
// ends, factors near 0 and near 1, every fused activation, with and without bias. Most results are not saturated.
import type { Activation } from '../quantised.ts';
import { samePadding, windowOutputs } from '../window.ts';
import { type Case, fed, int8, int8PerAxis, known, lcg, plainType } from './case.ts';

type Kind = 'conv2d' | 'pointwise' | 'depthwiseConv2d' | 'fullyConnected' | 'singleChannel';
const kinds: readonly Kind[] = ['conv2d', 'pointwise', 'depthwiseConv2d', 'fullyConnected', 'singleChannel'];
const activations: readonly Activation[] = ['none', 'relu', 'relu6', 'reluN1To1'];
const zeroPoints: readonly number[] = [-128, -128, -7, 0, 3, 127];

/** So many layers of all kinds. */
export function randomLayers(seed: number, count: number): readonly Case[] {
  const next = lcg(seed);
  const unit = (): number => next() / 2 ** 32;
  const between = (low: number, high: number): number => low + Math.floor(unit() * (high - low + 1));
  const pick = <T>(from: readonly T[], otherwise: T): T => from[Math.floor(unit() * from.length)] ?? otherwise;

  const layer = (n: number): Case => {
    const kind = kinds[n % kinds.length] ?? 'conv2d';
    const square = kind === 'depthwiseConv2d' && unit() < 0.6;
    const [kh, kw] = kind === 'pointwise' ? [1, 1] : square ? [3, 3] : [between(1, 5), between(1, 5)];
    const depth = kind === 'singleChannel' ? 1 : pick([1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 33], 4);
    const channels = kind === 'depthwiseConv2d' ? depth : pick([1, 2, 3, 4, 5, 7, 8, 11, 16], 4);
    const stride = kind === 'pointwise' ? 1 : between(1, 2);
    const [h, w] = [between(1, 11), between(1, 11)];
    const same = unit() < 0.6;
    const pads = (size: number, kernel: number): readonly [number, number] =>
      same ? samePadding(size, kernel, stride, 1) : [between(0, 1), Math.max(0, kernel - size) + between(0, 1)];
    const [[top, bottom], [left, right]] = [pads(h, kh), pads(w, kw)];
    const [outH, outW] = [windowOutputs(h, top + bottom, kh, stride, 1), windowOutputs(w, left + right, kw, stride, 1)];
    const full = kind === 'fullyConnected';
    const taps = full ? depth * 3 : kind === 'depthwiseConv2d' ? kh * kw : kh * kw * depth;
    const most = pick([127, 127, 40, 3], 127);
    const activation = pick(activations, 'none');
    // Sums spread over about the output's range, sometimes much less or more of it.
    const spread = (127 * most * Math.sqrt(taps)) / 3;
    const factor = Math.min(0.9, (pick([1, 1, 1, 0.02, 8], 1) * 100) / spread);
    const scales = Array.from({ length: channels }, (_, c) => 0.01 * (1 + 0.3 * (c % 3)));
    const xZero = pick(zeroPoints, 0);
    const x = int8(full ? [between(1, 3), depth * 3] : [1, h, w, kind === 'singleChannel' ? 1 : depth], 0.05, xZero);
    const yScale = (0.05 * 0.013) / factor;
    const shape = full
      ? [channels, depth * 3]
      : kind === 'depthwiseConv2d' || kind === 'singleChannel'
        ? [1, kh, kw, channels]
        : [channels, kh, kw, depth];
    const depthwise = kind === 'depthwiseConv2d' || kind === 'singleChannel';
    const type = int8PerAxis(shape, scales, depthwise ? 3 : 0);
    const weights = known(type, between(0, 1e6));
    const limited = Int8Array.from(weights.data as Int8Array, (value) =>
      Math.trunc((Math.max(-127, value) * most) / 127),
    );
    const bias = unit() < 0.7 ? known(plainType('i32', [channels]), between(0, 1e6), 0.3 * spread) : undefined;
    const window = {
      strideH: stride,
      strideW: stride,
      dilationH: 1,
      dilationW: 1,
      padding: { top, bottom, left, right },
      activation,
    };
    const rows = x.shape[0] ?? 1;
    return {
      name: `random ${n}: ${kind} ${kh}x${kw}x${depth} to ${channels}`,
      node: full
        ? { op: 'fullyConnected', attrs: { activation, keepDims: false } }
        : { op: depthwise ? 'depthwiseConv2d' : 'conv2d', attrs: window },
      inputs: [fed(x, between(0, 1e6)), { ...weights, data: limited }, bias],
      outputs: [int8(full ? [rows, channels] : [1, outH, outW, channels], yScale, pick(zeroPoints, 0))],
    };
  };
  return Array.from({ length: count }, (_, n) => layer(n)).filter(({ outputs }) =>
    outputs.every(({ shape }) => shape.every((size) => size > 0)),
  );
}

/** Depthwise layers whose channels are too large to be taken whole by loops that widen them. */
export function tallLayers(): readonly Case[] {
  const layer = (h: number, w: number, stride: number, same: boolean, xZero: number, n: number): Case => {
    const pads = (size: number): readonly [number, number] => (same ? samePadding(size, 3, stride, 1) : [n % 2, 0]);
    const [[top, bottom], [left, right]] = [pads(h), pads(w)];
    const channels = 3;
    const outH = windowOutputs(h, top + bottom, 3, stride, 1);
    const outW = windowOutputs(w, left + right, 3, stride, 1);
    const weights = known(int8PerAxis([1, 3, 3, channels], [0.01, 0.012, 0.015], 3), 40 + n);
    const attrs = {
      strideH: stride,
      strideW: stride,
      dilationH: 1,
      dilationW: 1,
      padding: { top, bottom, left, right },
      activation: 'relu' as const,
    };
    return {
      name: `tall ${h}x${w}, stride ${stride}, ${same ? 'SAME' : 'VALID'}`,
      node: { op: 'depthwiseConv2d', attrs },
      inputs: [
        fed(int8([1, h, w, channels], 0.05, xZero), 50 + n),
        { ...weights, data: Int8Array.from(weights.data as Int8Array, (value) => Math.max(-127, value)) },
        known(plainType('i32', [channels]), 60 + n, 3000),
      ],
      outputs: [int8([1, outH, outW, channels], 0.05, -128)],
    };
  };
  return [
    layer(44, 20, 1, true, 3, 0),
    layer(44, 40, 2, true, -128, 1),
    layer(45, 23, 2, true, 127, 2),
    layer(50, 21, 1, false, -5, 3),
    layer(49, 40, 2, false, 0, 4),
    layer(26, 70, 1, false, -128, 5),
  ];
}

/** So many int8 sums and differences of tensors of one shape: scales near and far, zero points at the ends. */
export function randomSums(seed: number, count: number): readonly Case[] {
  const next = lcg(seed);
  const unit = (): number => next() / 2 ** 32;
  const pick = <T>(from: readonly T[], otherwise: T): T => from[Math.floor(unit() * from.length)] ?? otherwise;
  return Array.from({ length: count }, (_, n): Case => {
    const shape = [1 + Math.floor(unit() * 40)];
    const [a, b] = [0.02 + unit(), pick([0, 1], 0) === 0 ? 0.5 : 0.02 + unit()];
    const inputs = [a, b].map((scale) => fed(int8(shape, scale, pick(zeroPoints, 0)), Math.floor(unit() * 1e6)));
    return {
      name: `random ${n}`,
      node: { op: n % 3 === 2 ? 'sub' : 'add', attrs: { activation: pick(activations, 'none') } },
      inputs,
      outputs: [int8(shape, Math.max(a, b) * (0.6 + unit()), pick(zeroPoints, 0))],
    };
  });
}
