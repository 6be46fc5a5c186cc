// The reference of graphs with floats: the interpreter's bytes, held to the definition.
import { bytesOf, type Graph } from '@anymote/compiler';
import { describe, expect, it } from 'vitest';
import { crc32 } from './crc32.ts';
import { firstDifference } from './difference.ts';
import { referenceOf } from './reference.ts';
import { createLcg, lcgSamples, zeroSample } from './sample-inputs.ts';

const quantisation = { scale: [1 / 256], zeroPoint: [-128], axis: 0 };

/** f32 [1, 7] → logistic → quantize to i8 → dequantize. */
const graph: Graph = {
  name: 'mixed',
  values: [
    { name: 'x', type: { dtype: 'f32', shape: [1, 7] }, role: 'input' },
    { name: 'p', type: { dtype: 'f32', shape: [1, 7] }, role: 'temporary' },
    { name: 'q', type: { dtype: 'i8', shape: [1, 7], quantisation }, role: 'temporary' },
    { name: 'y', type: { dtype: 'f32', shape: [1, 7] }, role: 'temporary' },
  ],
  nodes: [
    { op: 'logistic', attrs: {}, inputs: [0], outputs: [1], from: { node: '0' } },
    { op: 'quantize', attrs: {}, inputs: [1], outputs: [2], from: { node: '1' } },
    { op: 'dequantize', attrs: {}, inputs: [2], outputs: [3], from: { node: '2' } },
  ],
  inputs: [0],
  outputs: [3],
};

describe('referenceOf', () => {
  it('gives every layer of a graph of floats and integers', () => {
    const [sample] = lcgSamples(graph, 1);
    if (sample === undefined) throw new Error('no sample');
    const reference = referenceOf(graph, sample);
    expect(reference.difference).toBeUndefined();
    const [[probabilities], [stored], [real]] = reference.layers as [[Float32Array], [Int8Array], [Float32Array]];
    expect(Array.from(stored)).toEqual(
      Array.from(probabilities, (value) => Math.min(127, Math.round(value * 256) - 128)),
    );
    expect(Array.from(real)).toEqual(Array.from(stored, (value) => (value + 128) / 256));
    expect(reference.outputs).toEqual([real]);
    expect(reference.layerCrcs).toEqual([probabilities, stored, real].map((data) => crc32(bytesOf(data))));
  });

  it('interprets integers only when asked', () => {
    const sample = zeroSample(graph);
    expect(referenceOf(graph, sample, { interpret: 'all' }).layerCrcs).toEqual(referenceOf(graph, sample).layerCrcs);
  });
});

describe('samples', () => {
  it('are the recorded stream', () => {
    const next = createLcg();
    const bytes = Uint8Array.from({ length: 640 }, next);
    expect(crc32(bytes).toString(16).padStart(8, '0')).toBe('0e8dfc10');
  });

  it('are floats between -1 and 1 that run on', () => {
    const [first, second] = lcgSamples(graph, 2).map(({ inputs }) => Array.from(inputs[0] ?? [], Number));
    expect(first).not.toEqual(second);
    for (const value of [...(first ?? []), ...(second ?? [])]) expect(Math.abs(value)).toBeLessThanOrEqual(1);
    expect(Array.from(zeroSample(graph).inputs[0] ?? [], Number)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });
});

describe('firstDifference', () => {
  it('compares bits, but takes any NaN for the same', () => {
    const of = (...values: number[]): Float32Array => Float32Array.from(values);
    expect(firstDifference(of(1, Number.NaN), of(1, Number.NaN))).toBeUndefined();
    expect(firstDifference(of(1, 0), of(1, -0))).toBe(1);
    expect(firstDifference(of(1), of(1, 2))).toBe(1);
    expect(firstDifference(BigInt64Array.of(3n), BigInt64Array.of(4n))).toBe(0);
  });
});
