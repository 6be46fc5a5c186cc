// Damaged files: flipped bits, cuts, exchanged and overwritten words, repeated parts. Whatever the bytes, the outcome is
// a model that the writer can write again, or a CompileError with reasons; no other exception, no blow-up.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CompileError } from '../../errors.ts';
import { withoutPositions } from './model.ts';
import { buildTfliteModel } from './model-builder.ts';
import { readTfliteModel } from './read.ts';
import { writeTfliteModel } from './write.ts';

const small = writeTfliteModel({
  ...buildTfliteModel({
    description: 'seed of the mutations',
    tensors: [
      { name: 'x', shape: [1, 4, 4, 2], type: 'INT8', scale: [0.5], zeroPoint: [3], shapeSignature: [-1, 4, 4, 2] },
      { name: 'w', shape: [3, 1, 1, 2], type: 'INT8', data: new Uint8Array(6).fill(1), scale: [1, 2, 3] },
      { name: 'y', shape: [1, 4, 4, 3], type: 'INT8', scale: [0.25], zeroPoint: [-1] },
      { name: 's', shape: [1, 48], type: 'INT8', isVariable: true },
      { name: 'new shape', shape: [2], type: 'INT32', data: Uint8Array.of(1, 0, 0, 0, 48, 0, 0, 0) },
    ],
    operators: [
      { op: 'CONV_2D', inputs: [0, 1, -1], outputs: [2], options: { type: 'Conv2DOptions', padding: 'VALID' } },
      { op: 'RESHAPE', inputs: [2, 4], outputs: [3], options: { type: 'ReshapeOptions', newShape: [1, 48] } },
      { op: 'CUSTOM', customCode: 'Mine', inputs: [3], outputs: [3], customOptions: Uint8Array.of(1, 2, 3) },
      { op: 'VAR_HANDLE', inputs: [], outputs: [3], options: { type: 'VarHandleOptions', sharedName: 'memory' } },
    ],
    inputs: [0],
    outputs: [3],
  }),
  metadata: [{ name: 'min_runtime_version', buffer: 1 }],
  signatureDefs: [{ key: 'serve', subgraph: 0, inputs: [{ name: 'in', tensor: 0 }], outputs: [] }],
});

const kinds = ['flip', 'flip', 'flip', 'byte', 'byte', 'word', 'offset', 'swap', 'copy', 'cut', 'insert'] as const;

interface Mutation {
  readonly kind: (typeof kinds)[number];
  readonly at: number;
  readonly to: number;
  readonly value: number;
}

const position = fc.nat({ max: small.length - 1 });
const value = fc.oneof(fc.nat(), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 0x7fffffff, 0x80000000, 0xffffffff));
const mutation = fc.record<Mutation>({ kind: fc.constantFrom(...kinds), at: position, to: position, value });

const word = (position: number): number => position & ~3;

function mutate(file: Uint8Array, { kind, at, to, value }: Mutation): Uint8Array {
  const bytes = file.slice();
  const setWord = (position: number, content: number): void => {
    if (position + 4 <= bytes.length) new DataView(bytes.buffer).setUint32(position, content, true);
  };
  const wordAt = (position: number): number =>
    position + 4 <= file.length ? new DataView(file.buffer, file.byteOffset).getUint32(position, true) : 0;
  switch (kind) {
    case 'flip':
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (value & 7));
      break;
    case 'byte':
      bytes[at] = value;
      break;
    case 'word':
      setWord(word(at), value);
      break;
    case 'offset':
      setWord(word(at), Math.max(0, to - word(at)));
      break;
    case 'swap':
      setWord(word(at), wordAt(word(to)));
      setWord(word(to), wordAt(word(at)));
      break;
    case 'copy':
      bytes.copyWithin(to, at, at + (value & 63));
      break;
    case 'cut':
      return bytes.slice(0, at);
    case 'insert':
      return Uint8Array.from([...file.subarray(0, at), ...file.subarray(to, to + (value & 63)), ...file.subarray(at)]);
  }
  return bytes;
}

/** Whether the file was read; anything but a model or an explained refusal fails the test. */
function reads(bytes: Uint8Array): boolean {
  try {
    const model = readTfliteModel(bytes, 'mutated.tflite');
    const again = readTfliteModel(writeTfliteModel(model));
    expect(withoutPositions(again)).toEqual(withoutPositions(model));
    return true;
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    expect(error.issues.length).toBeGreaterThan(0);
    expect(error.issues.length).toBeLessThanOrEqual(51);
    return false;
  }
}

describe('mutated files', () => {
  test('are read or refused', () => {
    const outcomes = { read: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
        const bytes = mutations.reduce(mutate, small);
        outcomes[reads(bytes) ? 'read' : 'refused'] += 1;
      }),
      { seed: 20240, numRuns: 1500 },
    );
    // Both ways are taken often, or the mutations would test little.
    expect(outcomes.read).toBeGreaterThan(100);
    expect(outcomes.refused).toBeGreaterThan(100);
  });

  test('arbitrary bytes behind a sound identifier are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 400 }), (bytes) => {
        bytes.set([84, 70, 76, 51], 4);
        expect(reads(bytes)).toBe(false);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
