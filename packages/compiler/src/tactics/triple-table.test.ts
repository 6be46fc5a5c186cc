// The entries of the routines' tables, against the reference over the accumulators that can occur: by the arithmetic the
// routines of Armv6-M use, pieces of twelve bits and saturation beyond what these hold.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clamp, multiplyByQuantisedMultiplier, quantiseMultiplier } from '../tensor/fixed-point.ts';
import { entryOf, entryWordsOf, isRelu } from './triple-table.ts';
import type { WeightedLayer } from './weighted-layer.ts';

interface Channel {
  readonly factor: number;
  readonly bias: number;
  /** Sums that can occur, without the bias. */
  readonly least: number;
  readonly most: number;
  readonly yZero: number;
  readonly low: number;
  readonly high: number;
}

const layerOf = ({ factor, bias, least, most, yZero, low, high }: Channel): WeightedLayer => ({
  batches: 1,
  rows: { size: 1, kernel: 1, stride: 1, dilation: 1, padBefore: 0, outputs: 1 },
  columns: { size: 1, kernel: 1, stride: 1, dilation: 1, padBefore: 0, outputs: 1 },
  depth: 1,
  inputs: 1,
  channels: 1,
  taps: 1,
  weightAt: () => 1,
  xZero: 0,
  yZero,
  low,
  high,
  factors: [quantiseMultiplier(factor)],
  biases: [bias],
  ranges: [{ least: least + bias, most: most + bias }],
});

/** What the routines make of a sum. */
function routine(layer: WeightedLayer, words: readonly number[], sum: number): number {
  const [word = 0, multiplier = 0] = words;
  const acc = sum + (word >> 8);
  const stored = word & 255;
  const relu = isRelu(layer);
  if (relu ? acc < 0 : acc < -(2 ** 19)) return layer.low;
  if (acc >= (relu ? 2 ** 20 : 2 ** 19)) return layer.high;
  const pieces = [multiplier & 0xfff, (multiplier >> 12) & 0xfff, multiplier >> 24];
  let scaled = 0;
  for (const [n, piece] of pieces.entries()) {
    const partial = acc * piece + scaled;
    // Each stage stays within 32 bits.
    const fits = relu ? partial >= 0 && partial < 2 ** 32 : partial === (partial | 0);
    if (!fits) throw new Error(`${partial} does not fit`);
    scaled = n === 2 ? partial : Math.floor(partial / 2 ** 12);
  }
  const rounded = Math.floor((scaled + 64 + 2 ** (stored - 1) - (acc < 0 ? 128 : 0)) / 2 ** stored);
  return clamp(rounded + layer.yZero, layer.low, layer.high);
}

const reference = (layer: WeightedLayer, sum: number): number => {
  const [factor] = layer.factors;
  if (factor === undefined) throw new Error('no factor');
  return clamp(
    multiplyByQuantisedMultiplier(sum + (layer.biases[0] ?? 0), factor) + layer.yZero,
    layer.low,
    layer.high,
  );
};

/** Every sum of the range, or those around steps of the reference, its ends and zero. */
function expectSame(channel: Channel): boolean {
  const layer = layerOf(channel);
  const entry = entryOf(layer, 0);
  if (entry === undefined) return false;
  const words = entryWordsOf(entry);
  expect(words.every((word) => word === (word | 0))).toBe(true);
  const { least, most, bias, factor } = channel;
  const sums = new Set<number>();
  const around = (middle: number): void => {
    for (let sum = Math.max(least, middle - 3); sum <= Math.min(most, middle + 3); sum += 1) sums.add(sum);
  };
  for (const sum of [least, most, -bias, 2 ** 19 - bias, -(2 ** 19) - bias, 2 ** 20 - bias]) around(sum);
  for (let output = channel.low; output <= channel.high + 1; output += 1)
    around(Math.round((output - channel.yZero - 0.5) / factor) - bias);
  const wrong = [...sums].filter((sum) => routine(layer, words, sum) !== reference(layer, sum));
  expect(wrong).toEqual([]);
  return true;
}

describe('entries', () => {
  const range = fc.integer({ min: 1, max: 21 }).map((bits) => 2 ** bits - 1);
  const bias = fc.oneof(fc.integer({ min: -3000, max: 3000 }), fc.integer({ min: -(2 ** 24), max: 2 ** 24 }));
  const factor = fc.double({ min: 1e-9, max: 0.499, noNaN: true }).map((value) => value ** 2 + 1e-12);
  const zero = fc.constantFrom(-128, -5, 0, 127);
  it('step where the reference does', () => {
    let found = 0;
    fc.assert(
      fc.property(factor, bias, range, range, fc.boolean(), zero, (f, b, below, above, relu, yZero) => {
        const bounds = relu ? { yZero: -128, low: -128 } : { yZero, low: Math.max(-128, yZero - 60) };
        if (expectSame({ factor: f, bias: b, least: -below, most: above, ...bounds, high: 127 })) found += 1;
      }),
      { seed: 7, numRuns: 3000 },
    );
    expect(found).toBeGreaterThan(1500);
  });

  it('exist for outputs that are always the same, wherever their sums lie', () => {
    for (const yZero of [-128, 0, 127])
      for (const b of [2 ** 30, -(2 ** 30), 0, 1e8]) {
        const one = { factor: 2 ** -23.3, bias: b, least: -1000, most: 1500, yZero, low: -128, high: 127 };
        expect(expectSame(one)).toBe(true);
      }
  });

  it('do not where large accumulators are not saturated, factors are not below a half, or the reference wraps', () => {
    const usual = { bias: 0, least: -(2 ** 22), most: 2 ** 22, yZero: -128, low: -128, high: 127 };
    expect(entryOf(layerOf({ ...usual, factor: 1e-4 }), 0)).toBeUndefined();
    expect(entryOf(layerOf({ ...usual, factor: 1e-2 }), 0)).toBeDefined();
    expect(entryOf(layerOf({ ...usual, factor: 0.75 }), 0)).toBeUndefined();
    expect(entryOf(layerOf({ ...usual, factor: 3 }), 0)).toBeUndefined();
    expect(entryOf(layerOf({ ...usual, factor: 1e-2, bias: 2 ** 23 }), 0)).toBeUndefined();
  });
});
