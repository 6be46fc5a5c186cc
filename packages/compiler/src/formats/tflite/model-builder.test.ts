// The builder fills in the format's conventions, and what it builds survives a file.

import { expect, test } from 'vitest';
import { withoutPositions } from './model.ts';
import { buildTfliteModel } from './model-builder.ts';
import { readTfliteModel } from './read.ts';
import { writeTfliteModel } from './write.ts';

const model = buildTfliteModel({
  tensors: [
    { name: 'x', shape: [1, 4, 4, 2], type: 'INT8', scale: [0.1], zeroPoint: [-3] },
    { name: 'w', shape: [3, 1, 1, 2], type: 'INT8', data: Uint8Array.of(1, 2, 3, 4, 5, 6), scale: [0.1, 0.2, 0.3] },
    { name: 'y', shape: [1, 4, 4, 3], type: 'INT8', scale: [0.7], zeroPoint: [5] },
    { name: 'z', shape: [1, 4, 4, 3], type: 'INT8', scale: [0.7], zeroPoint: [5] },
  ],
  operators: [
    { op: 'CONV_2D', inputs: [0, 1, -1], outputs: [2], options: { type: 'Conv2DOptions', strideW: 1, strideH: 1 } },
    { op: 'CUSTOM', customCode: 'Mine', inputs: [2], outputs: [3], customOptions: Uint8Array.of(9) },
    { op: 'CUSTOM', customCode: 'Mine', version: 2, inputs: [3], outputs: [2] },
    { op: 'CUSTOM', customCode: 'Mine', inputs: [2], outputs: [3] },
  ],
  inputs: [0],
  outputs: [3],
});

test('options get the format’s defaults', () => {
  expect(model.subgraphs[0]?.operators[0]?.options).toEqual({
    type: 'Conv2DOptions',
    padding: 'SAME',
    strideW: 1,
    strideH: 1,
    fusedActivationFunction: 'NONE',
    dilationWFactor: 1,
    dilationHFactor: 1,
    quantizedBiasType: 'FLOAT32',
  });
});

test('operator codes are shared by name and version', () => {
  expect(model.operatorCodes).toEqual([
    { builtin: 'CONV_2D', version: 1 },
    { builtin: 'CUSTOM', customCode: 'Mine', version: 1 },
    { builtin: 'CUSTOM', customCode: 'Mine', version: 2 },
  ]);
  expect(model.subgraphs[0]?.operators.map(({ opcodeIndex }) => opcodeIndex)).toEqual([0, 1, 2, 1]);
});

test('constants get a buffer each, buffer 0 is empty', () => {
  expect(model.buffers.map(({ data }) => [...data])).toEqual([[], [1, 2, 3, 4, 5, 6]]);
  expect(model.subgraphs[0]?.tensors.map(({ buffer }) => buffer)).toEqual([0, 1, 0, 0]);
});

test('scales are what a file can hold, zero points are as many', () => {
  expect(model.subgraphs[0]?.tensors[1]?.quantization).toMatchObject({
    scale: [Math.fround(0.1), Math.fround(0.2), Math.fround(0.3)],
    zeroPoint: [0, 0, 0],
  });
});

test('a file holds the whole model', () => {
  expect(withoutPositions(readTfliteModel(writeTfliteModel(model)))).toEqual(model);
});
