// What the reader makes of a sound file, and what it says of broken ones: where, what, and everything at once.

import { describe, expect, test } from 'vitest';
import { CompileError, type Issue } from '../../errors.ts';
import { encodeFlatbuffer } from '../wire/flatbuffer-encode.ts';
import type { TfliteModel, TfliteOperator, TfliteTensor } from './model.ts';
import { buildTfliteModel } from './model-builder.ts';
import { readTfliteModel } from './read.ts';
import { type TableContent, tfliteSchema } from './schema.ts';
import { writeTfliteModel } from './write.ts';

const sound = buildTfliteModel({
  tensors: [
    { name: 'x', shape: [1, 2], type: 'INT8', scale: [0.5], zeroPoint: [0] },
    { name: 'w', shape: [3, 2], type: 'INT8', data: new Uint8Array(6), scale: [1, 2, 3] },
    { name: 'b', shape: [3], type: 'INT32', data: new Uint8Array(12), scale: [1, 2, 3] },
    { name: 'y', shape: [1, 3], type: 'INT8', scale: [0.5], zeroPoint: [0] },
  ],
  operators: [{ op: 'FULLY_CONNECTED', inputs: [0, 1, 2], outputs: [3], options: { type: 'FullyConnectedOptions' } }],
  inputs: [0],
  outputs: [3],
});

const withTensor = (index: number, change: Partial<TfliteTensor>): TfliteModel => ({
  ...sound,
  subgraphs: sound.subgraphs.map((subgraph) => ({
    ...subgraph,
    tensors: subgraph.tensors.map((tensor, at) => (at === index ? { ...tensor, ...change } : tensor)),
  })),
});

const withOperator = (change: Partial<TfliteOperator>): TfliteModel => ({
  ...sound,
  subgraphs: sound.subgraphs.map((subgraph) => ({
    ...subgraph,
    operators: subgraph.operators.map((operator) => ({ ...operator, ...change })),
  })),
});

function issuesOf(bytes: Uint8Array): readonly Issue[] {
  try {
    readTfliteModel(bytes, 'm.tflite');
    return [];
  } catch (error) {
    if (error instanceof CompileError) return error.issues;
    throw error;
  }
}

const reasonsOf = (bytes: Uint8Array): string[] =>
  issuesOf(bytes).map((issue) => (issue.code === 'bad-file' ? issue.reason : issue.code));

const reasons = (model: TfliteModel): string[] => reasonsOf(writeTfliteModel(model));

const content = (model: TableContent<'Model'>): Uint8Array => encodeFlatbuffer({ ...model }, tfliteSchema).bytes;

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe('a sound file', () => {
  test('gives names, positions and views of the file', () => {
    const bytes = writeTfliteModel(sound);
    const model = readTfliteModel(bytes);
    const [operator] = model.subgraphs[0]?.operators ?? [];
    expect(operator?.op).toBe('FULLY_CONNECTED');
    expect(operator?.byte).toBeGreaterThan(8);
    expect(model.buffers[1]?.data.buffer).toBe(bytes.buffer);
    expect(model.buffers[1]?.byte).toBe(model.buffers[1]?.data.byteOffset);
    expect(model.subgraphs[0]?.tensors.map(({ byte }) => byte).every((byte) => byte !== undefined)).toBe(true);
  });

  test('may lie anywhere in a larger array', () => {
    const file = writeTfliteModel(sound);
    const larger = new Uint8Array(file.length + 20);
    larger.set(file, 3);
    expect(readTfliteModel(larger.subarray(3, 3 + file.length))).toEqual(readTfliteModel(file));
  });

  test('may have operators and options that are not known', () => {
    const bytes = content({
      version: 3,
      operatorCodes: [{ deprecatedBuiltinCode: 127, builtinCode: 'UNKNOWN_999' }, { deprecatedBuiltinCode: 9 }],
      subgraphs: [
        {
          operators: [
            { opcodeIndex: 0, builtinOptions: { type: 'UNKNOWN_250' } },
            { opcodeIndex: 1, builtinOptions2: { type: 'StablehloCaseOptions', branchSubgraphIndices: [1] } },
          ],
        },
      ],
    });
    const operators = readTfliteModel(bytes).subgraphs[0]?.operators ?? [];
    expect(operators.map(({ op }) => op)).toEqual(['UNKNOWN_999', 'FULLY_CONNECTED']);
    expect(operators[0]?.options).toEqual({ type: 'UNKNOWN_250' });
    expect(operators[1]?.options).toEqual({ type: 'StablehloCaseOptions', branchSubgraphIndices: [1] });
  });

  test('may keep data behind the FlatBuffer, as files beyond 2 GB do', () => {
    const table = (offset: number): Uint8Array =>
      content({
        version: 3,
        operatorCodes: [{ deprecatedBuiltinCode: 32, builtinCode: 'CUSTOM', customCode: 'Mine' }],
        subgraphs: [
          {
            tensors: [{ name: 'c', shape: [4], type: 'UINT8', buffer: 1 }],
            operators: [{ largeCustomOptionsOffset: offset + 2, largeCustomOptionsSize: 2 }],
          },
        ],
        buffers: [{}, { offset, size: 4 }],
      });
    const length = table(1000).length;
    const file = new Uint8Array(length + 4);
    file.set(table(length));
    file.set([5, 6, 7, 8], length);
    const model = readTfliteModel(file);
    expect(model.buffers[1]).toEqual({ data: Uint8Array.of(5, 6, 7, 8), byte: length });
    expect(model.subgraphs[0]?.operators[0]?.customOptions).toEqual(Uint8Array.of(7, 8));
    expect(reasonsOf(file.subarray(0, length + 2))).toEqual([
      `subgraphs[0].operators[0]: customOptions would be at bytes ${length + 2} to ${length + 4}, outside the file of ${length + 2} bytes`,
      `buffers[1]: data would be at bytes ${length} to ${length + 4}, outside the file of ${length + 2} bytes`,
    ]);
  });

  test('may give a bias the quantized dimension of its weights', () => {
    const quantization = { ...sound.subgraphs[0]?.tensors[2]?.quantization, quantizedDimension: 3 };
    expect(reasons(withTensor(2, { quantization: quantization as NonNullable<TfliteTensor['quantization']> }))).toEqual(
      [],
    );
  });

  test('may pack elements of less than a byte', () => {
    for (const [type, byteCount] of [
      ['INT4', 3],
      ['UINT4', 3],
      ['INT2', 2],
    ] as const) {
      const packed = (bytes: number): TfliteModel =>
        buildTfliteModel({
          tensors: [{ name: 'w', shape: [5], type, data: new Uint8Array(bytes) }],
          operators: [],
          inputs: [],
          outputs: [0],
        });
      expect(reasons(packed(byteCount))).toEqual([]);
      expect(reasons(packed(5))).toEqual([
        `subgraphs[0].tensors[0]: ${type} [5] takes ${byteCount} bytes, its data (buffer 1) has 5 bytes`,
      ]);
    }
  });

  test('texts and sparse constants have their own sizes', () => {
    const sparsity = { traversalOrder: [0], blockMap: [], dimMetadata: [] };
    expect(reasons(withTensor(1, { type: 'STRING' }))).toEqual([]);
    expect(reasons(withTensor(1, { shape: [3, 200], sparsity }))).toEqual([]);
  });
});

describe('not a model', () => {
  test.each([
    ['', 'it is empty'],
    ['abc', 'it has only 3 bytes'],
    ['0123NONE....', 'its identifier is not TFL3'],
    ['\x1c\0\0\0TFL2....', 'it seems to be a TensorFlow Lite file of schema version 2'],
    [
      'PK\x03\x04........',
      'it seems to be a zip archive, such as a .keras model, a .task bundle or a PyTorch checkpoint',
    ],
    ['\x89HDF\r\n\x1a\n....', 'it seems to be an HDF5 file, such as a Keras .h5 model'],
    ['GGUF\x03\0\0\0', 'it seems to be a GGUF language model'],
    ['  {"format": "layers-model"}', 'it seems to be JSON, such as a TensorFlow.js model'],
    ['<!DOCTYPE html><html>', 'it seems to be a web page'],
    ['version https://git-lfs.github.com/spec/v1\n', 'it seems to be a Git LFS pointer'],
    ['\x08\x07\x12\x07pytorch\x1a', 'it seems to be an ONNX model'],
    ['\x08\x01\x12\xf3\x05\x0a\x10', 'it seems to be a TensorFlow SavedModel'],
    ['#include "m.h"\nalignas(8) const unsigned char g_m[] = {\n 0x1c, 0x00', 'it seems to be a C array'],
    ['unsigned char m_tflite[] = {\n  0x20, 0x00', 'it seems to be a C array'],
    ['const unsigned char m[] DATA_ALIGN_ATTRIBUTE = { 0x20', 'it seems to be a C array'],
  ])('%j', (text, reason) => {
    expect(reasonsOf(ascii(text))).toEqual([reason]);
  });

  test('another schema version', () => {
    expect(reasons({ ...sound, version: 4 })).toEqual(['version: schema version 4, expected 3']);
  });

  test('cut off anywhere', () => {
    const bytes = writeTfliteModel(sound);
    const last = (readTfliteModel(bytes).buffers[2]?.byte ?? 0) + 12;
    for (let length = 0; length < last; length++) {
      expect(issuesOf(bytes.subarray(0, length)), `${length} bytes`).not.toEqual([]);
    }
  });

  test('the message names file, place and reason', () => {
    const bytes = writeTfliteModel(withTensor(1, { shape: [3, 7], byte: 0 }));
    const byte = readTfliteModel(writeTfliteModel(sound)).subgraphs[0]?.tensors[1]?.byte;
    expect(() => readTfliteModel(bytes, 'm.tflite')).toThrow(
      `m.tflite, tensor w, byte ${byte}: not a readable TensorFlow Lite file: ` +
        'subgraphs[0].tensors[1]: INT8 [3, 7] takes 21 bytes, its data (buffer 1) has 6 bytes',
    );
  });
});

describe('contradictions in a file', () => {
  test.each<[string, TfliteModel, string[]]>([
    ['no subgraph', { ...sound, subgraphs: [] }, ['subgraphs: there is none']],
    [
      'data in buffer 0',
      { ...sound, buffers: [{ data: new Uint8Array(1) }, ...sound.buffers.slice(1)] },
      ['buffers[0]: must be empty: it stands for tensors without data'],
    ],
    ['buffer', withTensor(0, { buffer: 3 }), ['subgraphs[0].tensors[0]: buffer 3 of 3']],
    ['run-time dimension', withTensor(0, { shape: [-1, 2] }), ['dynamic-shape']],
    ['rank', withTensor(0, { shape: new Array(100).fill(-1) }), ['subgraphs[0].tensors[0].shape: 100 dimensions']],
    ['negative dimension', withTensor(0, { shape: [1, -2] }), ['subgraphs[0].tensors[0].shape: dimension 1 is -2']],
    [
      'size',
      withTensor(0, { shape: [65536, 65536] }),
      ['subgraphs[0].tensors[0].shape: [65536, 65536] is more than 2^31 elements'],
    ],
    [
      'signature',
      withTensor(0, { shapeSignature: [-1] }),
      ['subgraphs[0].tensors[0].shapeSignature: 1 dimensions, the shape has 2'],
    ],
    [
      'scales',
      withTensor(1, { shape: [2, 3] }),
      ['subgraphs[0].tensors[1].quantization: 3 scales for dimension 0, of size 2'],
    ],
    [
      'inputs',
      withOperator({ inputs: [0, 4, -1, -2] }),
      ['subgraphs[0].operators[0].inputs[1]: tensor 4 of 4', 'subgraphs[0].operators[0].inputs[3]: tensor -2 of 4'],
    ],
    ['outputs', withOperator({ outputs: [-1] }), ['subgraphs[0].operators[0].outputs[0]: tensor -1 of 4']],
    [
      'opcode',
      withOperator({ opcodeIndex: 1 }),
      ['subgraphs[0].operators[0]: opcodeIndex is 1, there are 1 operator codes'],
    ],
    [
      'mutations',
      withOperator({ mutatingVariableInputs: [true] }),
      ['subgraphs[0].operators[0].mutatingVariableInputs: 1 entries for 3 inputs'],
    ],
    [
      'nameless custom',
      { ...sound, operatorCodes: [{ builtin: 'CUSTOM', version: 1 }] },
      ['operatorCodes[0]: a custom operator without a name'],
    ],
    ['metadata', { ...sound, metadata: [{ name: 'a', buffer: 9 }] }, ['metadata[0] (a): buffer 9 of 3']],
    [
      'signature tensor',
      {
        ...sound,
        signatureDefs: [
          { key: 'k', subgraph: 0, inputs: [{ name: 'in', tensor: 4 }], outputs: [] },
          { key: 'l', subgraph: 1, inputs: [{ name: 'in', tensor: 4 }], outputs: [] },
        ],
      },
      ['signatureDefs[0] (k).in: tensor 4 of 4', 'signatureDefs[1] (l): subgraph 1 of 1'],
    ],
  ])('%s', (_, model, expected) => {
    expect(reasons(model)).toEqual(expected);
  });

  test('data in another file, options of both unions, a negative code, an unknown encoding of options', () => {
    const bytes = content({
      version: 3,
      operatorCodes: [{ deprecatedBuiltinCode: -4 }],
      subgraphs: [
        {
          tensors: [{ name: 'c', shape: [4], externalBuffer: 1 }],
          operators: [
            { builtinOptions: { type: 'AddOptions' }, builtinOptions2: { type: 'DilateOptions' } },
            { customOptions: Uint8Array.of(1), customOptionsFormat: 'UNKNOWN_7' },
          ],
        },
      ],
    });
    expect(reasonsOf(bytes)).toEqual([
      'operatorCodes[0]: code -4 is negative',
      'subgraphs[0].tensors[0]: its data is in another file (external buffer 1)',
      'subgraphs[0].operators[0]: two sets of options, AddOptions and DilateOptions',
      'subgraphs[0].operators[1]: customOptionsFormat UNKNOWN_7 is not known',
    ]);
  });

  test('names and reasons are shown in part when they are long', () => {
    const [issue] = issuesOf(writeTfliteModel(withTensor(0, { buffer: 9, name: 'x'.repeat(1e6) })));
    expect(issue?.where.tensor).toBe(`${'x'.repeat(299)}…`);
    const metadata = [{ name: 'y'.repeat(1e6), buffer: 9 }];
    expect(reasons({ ...sound, metadata })).toEqual([`metadata[0] (${'y'.repeat(286)}…`]);
  });

  test('of a thousand, the first fifty and the number of the others', () => {
    const found = reasons(withOperator({ inputs: new Array(1000).fill(77) }));
    expect(found).toHaveLength(51);
    expect(found[50]).toBe('950 more problems are not listed');
  });
});
