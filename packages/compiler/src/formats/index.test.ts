import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { CompileError } from '../errors.ts';
import { readModel } from './index.ts';
import { buildTfliteModel } from './tflite/model-builder.ts';
import { writeTfliteModel } from './tflite/write.ts';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

test.each([
  ['nothing', new Uint8Array(0), 'it is empty'],
  ['noise', text('what is this?'), 'its content is of no known format'],
  ['a web page', text('<!DOCTYPE html><html>'), 'it seems to be a web page'],
  ['another version', text('\x1c\0\0\0TFL2....'), 'schema version 2 (convert the model again; readable are'],
])('%s is refused, saying what is readable', (_, bytes, reason) => {
  const read = (): unknown => readModel(bytes, { file: 'model.bin' });
  expect(read).toThrow(CompileError);
  expect(read).toThrow(reason);
  expect(read).toThrow('model.bin: not a readable model file');
  expect(read).toThrow('TensorFlow Lite (.tflite)');
});

const relu = (outputs: number) =>
  writeTfliteModel(
    buildTfliteModel({
      tensors: [
        { name: 'x', shape: [1, 7], type: 'FLOAT32' },
        { name: 'y', shape: [1, outputs], type: 'FLOAT32' },
      ],
      operators: [{ op: 'RELU', inputs: [0], outputs: [1] }],
      inputs: [0],
      outputs: [1],
    }),
  );

test('a file in a larger buffer, at an odd position', () => {
  const file = relu(7);
  const buffer = Buffer.alloc(file.length + 3);
  buffer.set(file, 3);
  expect(readModel(buffer.subarray(3)).nodes.map(({ op }) => op)).toEqual(['relu']);
});

test('what the graph checker finds names the file', () => {
  expect(() => readModel(relu(6), { file: 'odd.tflite' })).toThrow(/^odd\.tflite, node 0 \(RELU\), tensor y/);
});

const shared = join(process.env.ANYMOTE_SHARED ?? join(import.meta.dirname, '../../../../../shared'), 'models');

describe.skipIf(!existsSync(shared))('models at large (skipped without ../shared/models)', () => {
  const files = existsSync(shared)
    ? readdirSync(shared, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tflite'))
    : [];
  it.each(files)('%s is read, or refused with explained issues', (file) => {
    try {
      expect(readModel(readFileSync(join(shared, file)), { file }).nodes.length).toBeGreaterThan(0);
    } catch (error) {
      expect(error).toBeInstanceOf(CompileError);
      const { issues } = error as CompileError;
      expect(issues.length).toBeGreaterThan(0);
      for (const { where } of issues) expect(where.file).toBe(file);
      for (const issue of issues) if (issue.code === 'unsupported-op') expect(issue.nearest).toBeDefined();
    }
  });
});
