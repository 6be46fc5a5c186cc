// Writing and reading are inverse: for every table and every option of the schema with arbitrary values, for every model
// of the shared collection, and the bytes are always the same.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CompileError } from '../../errors.ts';
import { decodeFlatbuffer } from '../wire/flatbuffer-decode.ts';
import { encodeFlatbuffer } from '../wire/flatbuffer-encode.ts';
import { fieldType } from '../wire/flatbuffer-schema.ts';
import { withoutPositions } from './model.ts';
import { buildTfliteModel } from './model-builder.ts';
import { readTfliteModel } from './read.ts';
import { tables, tfliteSchema, unions } from './schema.ts';
import { writeTfliteModel } from './write.ts';

const integers: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  byte: fc.integer({ min: -128, max: 127 }),
  ubyte: fc.integer({ min: 0, max: 255 }),
  ushort: fc.integer({ min: 0, max: 65535 }),
  int: fc.integer(),
  uint: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  long: fc.maxSafeInteger(),
  ulong: fc.maxSafeNat(),
  float: fc.float(),
};

/** Any value of a declared type; tables inside only `depth` deep. */
function arbitrary(declared: string, depth: number): fc.Arbitrary<unknown> {
  const type = fieldType(tfliteSchema, declared);
  switch (type.kind) {
    case 'scalar':
      return integers[type.scalar] ?? fc.constant(0);
    case 'enum':
      return fc.constantFrom(...type.names, 'UNKNOWN_100');
    case 'string':
      return fc.string();
    case 'vector':
      if (type.element === 'ubyte') return fc.uint8Array();
      return depth === 0 && fieldType(tfliteSchema, type.element).kind === 'table'
        ? fc.constant([])
        : fc.array(arbitrary(type.element, depth), { maxLength: 3 });
    case 'table':
      return depth === 0 ? fc.constant(undefined) : table(type.table, depth - 1);
    case 'union':
      return depth === 0 ? fc.constant(undefined) : fc.oneof(...type.members.map((name) => member(name, depth - 1)));
    case 'deprecated':
      return fc.constant(undefined);
  }
}

function table(name: string, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const fields = (tfliteSchema.tables[name] ?? []).filter(([, type]) => type !== 'deprecated');
  const values = Object.fromEntries(fields.map(([field, type]) => [field, arbitrary(type, depth)]));
  return fc.record(values, { noNullPrototype: true });
}

const member = (name: string, depth: number): fc.Arbitrary<Record<string, unknown>> =>
  table(name, depth).map((value) => ({ type: name, ...value }));

describe('the schema', () => {
  test.each(Object.keys(tables))('%s', (name) => {
    const schema = { ...tfliteSchema, root: name };
    fc.assert(
      fc.property(table(name, 2), (value) => {
        const { bytes, problems } = encodeFlatbuffer(value, schema);
        expect(problems).toEqual([]);
        const decoded = decodeFlatbuffer(bytes, schema);
        expect(decoded.problems.kept).toEqual([]);
        expect(isDeepStrictEqual(decoded.value, value)).toBe(true);
      }),
      { seed: 1, numRuns: 10 },
    );
  });

  test('every name it uses is declared, no table has two fields of a name', () => {
    const declared = new Set([...Object.keys(tables), ...Object.keys(tfliteSchema.enums), ...Object.keys(unions)]);
    for (const [name, fields] of Object.entries(tfliteSchema.tables)) {
      const names = fields.map(([field]) => field);
      expect(new Set(names).size, name).toBe(names.length);
      for (const [field, type] of fields) {
        const element = type.replace(/^\[|\]$/g, '');
        const { kind } = fieldType(tfliteSchema, element);
        if (kind === 'table') expect(declared, `${name}.${field}`).toContain(element);
      }
    }
    for (const members of Object.values(unions)) for (const name of members) expect(declared).toContain(name);
  });
});

describe('models', () => {
  const model = buildTfliteModel({
    tensors: [{ name: 'x', shape: [3], type: 'UINT8', data: Uint8Array.of(1, 2, 3) }],
    operators: [],
    inputs: [0],
    outputs: [0],
  });

  test('constants lie at multiples of 16', () => {
    expect((readTfliteModel(writeTfliteModel(model)).buffers[1]?.byte ?? 1) % 16).toBe(0);
  });

  test('operators beyond 127 are in both code fields, as older readers want it', () => {
    const written = writeTfliteModel({ ...model, operatorCodes: [{ builtin: 'VAR_HANDLE', version: 1 }] });
    const { value } = decodeFlatbuffer(written, tfliteSchema);
    expect(value?.operatorCodes).toEqual([
      { deprecatedBuiltinCode: 127, customCode: '', version: 1, builtinCode: 'VAR_HANDLE' },
    ]);
  });

  test('options whose type only has a number keep it, in whichever union it was', () => {
    for (const type of ['UNKNOWN_30', 'UNKNOWN_200'] as const) {
      const operator = {
        opcodeIndex: 0,
        op: 'ADD',
        inputs: [0],
        outputs: [0],
        options: { type },
        mutatingVariableInputs: [],
        intermediates: [],
      } as const;
      const subgraphs = model.subgraphs.map((subgraph) => ({ ...subgraph, operators: [operator] }));
      const whole = { ...model, operatorCodes: [{ builtin: 'ADD', version: 1 }], subgraphs } as const;
      expect(withoutPositions(readTfliteModel(writeTfliteModel(whole)))).toEqual(whole);
    }
  });

  test('values that no field can hold are refused together', () => {
    const broken = {
      ...model,
      metadata: [{ name: 'a', buffer: -1 }],
      subgraphs: model.subgraphs.map((subgraph) => ({ ...subgraph, inputs: [0.5] })),
    };
    expect(() => writeTfliteModel(broken)).toThrow(CompileError);
    expect(() => writeTfliteModel(broken)).toThrow(
      'subgraphs[0].inputs[0]: expected an integer from -2147483648 to 2147483647, found 0.5\n' +
        'metadata[0].buffer: expected an integer from 0 to 4294967295, found -1',
    );
  });
});

const shared = process.env.ANYMOTE_SHARED ?? join(import.meta.dirname, '../../../../../../shared');
const directory = join(shared, 'models');
const files = existsSync(directory)
  ? readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tflite'))
  : [];

describe('models of other tools', () => {
  if (files.length === 0) test.skip('are read and written (needs shared/models)', () => {});

  test.each(files)('%s', (file) => {
    const bytes = readFileSync(join(directory, file));
    const model = readTfliteModel(bytes, relative(directory, file));
    const written = writeTfliteModel(model);
    expect(isDeepStrictEqual(withoutPositions(readTfliteModel(written)), withoutPositions(model))).toBe(true);
    expect(isDeepStrictEqual(writeTfliteModel(readTfliteModel(written)), written)).toBe(true);
  });
});
