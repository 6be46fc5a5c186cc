// int8 layers at the limits of packed sums (targets/instructions/triples.ts): sums that need several chunks of taps, saturated far
// beyond what the routines compute, or of channels whose output never changes; outputs that leave over one to five of a group of six.
import { type Case, fed, int8, int8PerAxis, known, plainType } from './case.ts';

interface Limits {
  readonly name: string;
  /** Places along the output's row, rows, taps of a place, channels. */
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly channels: number;
  readonly kernel: number;
  readonly relu: boolean;
  /** Weights are this and its negative, in an order that makes some sums large. */
  readonly weight: number;
  readonly yScale: number;
  readonly bias: number;
}

function layerOf(one: Limits, n: number): Case {
  const { width, height, depth, channels, kernel, relu, weight, yScale, bias } = one;
  const type = int8PerAxis(
    [channels, kernel, kernel, depth],
    Array.from({ length: channels }, (_, c) => 0.004 / (c + 1)),
  );
  const taps = kernel * kernel * depth;
  const data = Int8Array.from({ length: channels * taps }, (_, i) => {
    const [channel, tap] = [Math.floor(i / taps), i % taps];
    if (channel % 4 === 3) return 0;
    return channel % 2 === 0 ? weight : tap % 3 === 0 ? -weight : weight - (tap % 5);
  });
  const pad = (kernel - 1) / 2;
  const attrs = {
    strideH: 1,
    strideW: 1,
    dilationH: 1,
    dilationW: 1,
    padding: { top: pad, bottom: pad, left: pad, right: pad },
    activation: relu ? ('relu' as const) : ('none' as const),
  };
  return {
    name: one.name,
    node: { op: 'conv2d', attrs },
    inputs: [
      fed(int8([1, height, width, depth], 0.05, relu ? -128 : 3), n + 1),
      { ...known(type, n), data },
      known(plainType('i32', [channels]), n + 2, bias),
    ],
    outputs: [int8([1, height, width, channels], yScale, relu ? -128 : 5)],
  };
}

const usual = { height: 1, depth: 40, channels: 5, kernel: 1, weight: 127, yScale: 0.05, bias: 4000 };

const limits: readonly Limits[] = [true, false].flatMap((relu) => {
  const named = (name: string, width: number, other: Partial<Limits>): Limits => ({
    ...usual,
    relu,
    width,
    name: `${name}, ${relu ? 'relu' : 'signed'}`,
    ...other,
  });
  return [
    ...[2, 3, 4, 5, 7, 8, 9, 10, 11].map((width) => named(`${width} outputs`, width, {})),
    named('chunks of rows', 7, { height: 3, kernel: 3, depth: 64, yScale: 0.1 }),
    named('chunks of parts of a row', 4, { depth: 192, channels: 6, yScale: 0.08 }),
    named('saturated sums', 6, { depth: 192, yScale: 0.01, bias: 100000 }),
    named('taps fewer than a turn', 9, { depth: 3, yScale: 0.01 }),
    named('one tap', 8, { depth: 1, channels: 9, yScale: 0.02 }),
    named('a window of one output', 1, { depth: 33, kernel: 3, channels: 3 }),
  ];
});

/** The layers, the same every time. */
export const packedSums: readonly Case[] = limits.map(layerOf);
