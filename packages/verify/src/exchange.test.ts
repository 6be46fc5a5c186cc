// The request and reply files, well-formed and damaged.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeReply, encodeRequest, layerCrcs } from './exchange.ts';
import { RunError } from './run-error.ts';

const shape = { inputBytes: [2, 1], outputBytes: [3], layerCount: 2 };
const words = (...values: number[]): number[] => [...new Uint8Array(Uint32Array.from(values).buffer)];
const record = (tag: number, payload: readonly number[]): number[] => [...words(tag, payload.length), ...payload];
const whole = Uint8Array.from([
  ...record(1, words(1, 2, 3, 4, 5, 6, 0)),
  ...record(1, words(1, 2, 1, 9, 8, 9, 0)),
  ...record(8, words(3, 3, 3, 4, 4, 4)),
  ...record(7, words(5, 5, 5, 6, 6, 6, 8)),
  ...record(4, words(1, 8, 0xdeadbeef)),
  ...record(5, [9, 9]),
  ...record(4, words(1, 2, 0xcafe)),
  ...record(5, [7]),
  ...record(4, words(0, 8, 77)),
  ...record(2, words(7, 8, 9, 10, 11, 12, 48)),
  ...record(8, words(7, 7, 7)),
  ...record(3, [1, 2, 3]),
  ...record(6, []),
]);

describe('the request', () => {
  it('holds a head and the inputs', () => {
    const bytes = encodeRequest('test', shape, [[Uint8Array.of(1, 2), Uint8Array.of(3)]], 1);
    expect([...bytes]).toEqual([...words(0x31544d41, 1, 1), 1, 2, 3]);
    expect([...encodeRequest('test', shape, [], undefined)]).toEqual(words(0x31544d41, 0, 0xffffffff));
  });

  it('is refused when inputs have another size', () => {
    const inference = [Uint8Array.of(1, 2), Uint8Array.of(3, 4)];
    expect(() => encodeRequest('test', shape, [inference], undefined)).toThrow(
      '[2, 2] bytes, the program takes [2, 1]',
    );
  });
});

describe('the reply', () => {
  it('is taken apart', () => {
    const reply = decodeReply('test', shape, 1, whole);
    expect(reply).toEqual({
      outputs: [[Uint8Array.of(1, 2, 3)]],
      layers: [
        [
          { layer: 1, bytes: 10, crc: 0xcafe },
          { layer: 0, bytes: 8, crc: 77 },
        ],
      ],
      dump: Uint8Array.of(9, 9, 7),
      calibration: { before: [1, 2, 3], marks: [], after: [4, 5, 6] },
      markCalibration: {
        before: [1, 2, 1],
        marks: [
          [3, 3, 3],
          [4, 4, 4],
        ],
        after: [9, 8, 9],
      },
      init: { before: [5, 5, 5], marks: [], after: [6, 6, 6] },
      readings: [{ before: [7, 8, 9], marks: [[7, 7, 7]], after: [10, 11, 12] }],
      stackBytes: [48],
    });
    expect(layerCrcs('test', shape, reply)).toEqual([[77, 0xcafe]]);
  });

  it('must report every layer, and none again after another', () => {
    const reply = decodeReply('test', shape, 1, whole);
    expect(() => layerCrcs('test', { ...shape, layerCount: 3 }, reply)).toThrow('layer 2 of 3 was not reported');
    expect(() => layerCrcs('test', { ...shape, layerCount: 1 }, reply)).toThrow('2 layer reports');
    const again = Uint8Array.from([...record(4, words(0, 8, 77)), ...whole]);
    expect(() => layerCrcs('test', shape, decodeReply('test', shape, 1, again))).toThrow('3 layer reports');
  });

  it('must be whole and of the right shape', () => {
    for (let length = 0; length < whole.length; length++)
      expect(() => decodeReply('test', shape, 1, whole.subarray(0, length)), `${length} bytes`).toThrow(RunError);
    expect(() => decodeReply('test', shape, 2, whole)).toThrow('1 of 2 inferences');
    expect(() => decodeReply('test', { ...shape, outputBytes: [4] }, 1, whole)).toThrow(
      'outputs of [3] bytes, not [4]',
    );
  });

  it('may be anything without harm', () => {
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
        const bytes = whole.slice();
        bytes[at] = value;
        try {
          decodeReply('test', shape, 1, bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RunError);
        }
      }),
      { seed: 3, numRuns: 500 },
    );
  });
});
