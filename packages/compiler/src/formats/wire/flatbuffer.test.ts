// FlatBuffers at the level of bytes: faults of every kind are found and named, shared parts cannot blow up the work, and
// whatever is encoded by a schema decodes to the same.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFlatbuffer } from './flatbuffer-decode.ts';
import { encodeFlatbuffer } from './flatbuffer-encode.ts';
import type { FlatbufferSchema } from './flatbuffer-schema.ts';
import { FlatbufferWriter } from './flatbuffer-writer.ts';

const schema: FlatbufferSchema = {
  root: 'Root',
  identifier: 'TEST',
  enums: {
    Colour: { stored: 'byte', names: ['RED', 'GREEN', 'BLUE'] },
    Wide: { stored: 'uint', names: ['NONE', 'SOME'] },
  },
  unions: { Shape: ['Circle', 'Box'] },
  tables: {
    Root: [
      ['flag', 'bool', true],
      ['tiny', 'byte', -3],
      ['octet', 'ubyte'],
      ['small', 'short'],
      ['port', 'ushort'],
      ['count', 'int', 7],
      ['size', 'uint'],
      ['time', 'long'],
      ['offset', 'ulong'],
      ['retired', 'deprecated'],
      ['ratio', 'float'],
      ['exact', 'double', 0.5],
      ['colour', 'Colour', 'GREEN'],
      ['wide', 'Wide'],
      ['text', 'string'],
      ['shape', 'Shape'],
      ['boxes', '[Box]'],
      ['child', 'Root'],
      ['bytes', '[ubyte]'],
      ['longs', '[long]'],
      ['flags', '[bool]'],
      ['colours', '[Colour]'],
      ['doubles', '[double]'],
    ],
    Circle: [['radius', 'float']],
    Box: [
      ['width', 'int'],
      ['label', 'string'],
    ],
  },
  vectorAlignmentBytes: { 'Root.bytes': 32 },
};

const long = fc.maxSafeInteger();
const ulong = fc.maxSafeNat();
const enumName = (...names: string[]) => fc.constantFrom(...names, 'UNKNOWN_99');
const box = fc.record({ width: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), label: fc.string() });
const shape = fc.oneof(
  fc.constant(undefined),
  fc.record({ type: fc.constant('Circle'), radius: fc.float() }),
  box.map((value) => ({ type: 'Box', ...value })),
  fc.constant({ type: 'UNKNOWN_3' }),
);
const root = (child: fc.Arbitrary<unknown>) =>
  fc.record({
    flag: fc.boolean(),
    tiny: fc.integer({ min: -128, max: 127 }),
    octet: fc.integer({ min: 0, max: 255 }),
    small: fc.integer({ min: -32768, max: 32767 }),
    port: fc.integer({ min: 0, max: 65535 }),
    count: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    size: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    time: long,
    offset: ulong,
    ratio: fc.float(),
    exact: fc.double(),
    colour: enumName('RED', 'GREEN', 'BLUE'),
    wide: enumName('NONE', 'SOME'),
    text: fc.string({ unit: 'grapheme' }),
    shape,
    boxes: fc.array(box),
    child,
    bytes: fc.uint8Array(),
    longs: fc.array(long),
    flags: fc.array(fc.boolean()),
    colours: fc.array(enumName('RED', 'BLUE')),
    doubles: fc.array(fc.double()),
  });

const reasons = (bytes: Uint8Array): string[] =>
  decodeFlatbuffer(bytes, schema).problems.kept.map(({ path, reason }) => `${path}: ${reason}`);

describe('encode and decode', () => {
  test('are inverse', () => {
    fc.assert(
      fc.property(root(fc.option(root(fc.constant(undefined)), { nil: undefined })), (value) => {
        const { bytes, problems } = encodeFlatbuffer(value, schema);
        expect(problems).toEqual([]);
        const decoded = decodeFlatbuffer(bytes, schema);
        expect(decoded.problems.kept).toEqual([]);
        expect(decoded.value).toEqual(value);
        expect(encodeFlatbuffer(value, schema).bytes).toEqual(bytes);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('an empty table has all defaults', () => {
    const { value } = decodeFlatbuffer(encodeFlatbuffer({}, schema).bytes, schema);
    expect(value).toMatchObject({ flag: true, tiny: -3, count: 7, exact: 0.5, colour: 'GREEN', text: '', longs: [] });
    expect(value?.shape).toBeUndefined();
  });

  test('vectors are aligned as the schema says', () => {
    const { bytes } = encodeFlatbuffer({ text: 'x', bytes: Uint8Array.of(1, 2, 3) }, schema);
    const { value } = decodeFlatbuffer(bytes, schema);
    const data = value?.bytes as Uint8Array;
    expect([data.byteOffset % 32, [...data]]).toEqual([0, [1, 2, 3]]);
  });

  test('refuses what a field cannot hold', () => {
    const value = {
      tiny: 128,
      count: 1.5,
      size: -1,
      time: 2 ** 60,
      colour: 'PINK',
      shape: { type: 'Ring' },
      flags: [2],
    };
    const { problems } = encodeFlatbuffer(value, schema);
    expect(problems.map(({ path }) => path)).toEqual(['tiny', 'count', 'size', 'time', 'colour', 'shape', 'flags[0]']);
  });
});

describe('bytes that are not what they should be', () => {
  const writer = () => new FlatbufferWriter('TEST');
  const finish = (w: FlatbufferWriter, table: number): Uint8Array => {
    w.setOffset(0, table);
    return w.finish();
  };
  const poke = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, value, true);
    return bytes;
  };

  test('too short for an offset', () => {
    expect(reasons(new Uint8Array(3))).toEqual([
      'root: an offset would be at bytes 0 to 4, outside the file of 3 bytes: it is damaged or cut off',
    ]);
  });

  test('an offset to itself, or out of the file', () => {
    expect(reasons(new Uint8Array(16))).toEqual(['root: an offset points to itself']);
    expect(reasons(poke(new Uint8Array(16), 0, 0xffffffff))[0]).toContain('4294967295 to 4294967299, outside');
  });

  test('a field index outside the file, of odd length, or too short', () => {
    const bytes = (soffset: number, indexBytes: number): Uint8Array => {
      const file = poke(new Uint8Array(32), 0, 16);
      poke(file, 16, soffset);
      return poke(file, 8, indexBytes | (8 << 16));
    };
    expect(reasons(bytes(8, 4))).toEqual([]);
    expect(reasons(bytes(1000, 4))[0]).toContain('the field index of a table would be at bytes -984');
    expect(reasons(bytes(8, 5))).toEqual([': a field index cannot have 5 bytes']);
    expect(reasons(bytes(8, 2))).toEqual([': a field index cannot have 2 bytes']);
    expect(reasons(bytes(8, 200))[0]).toContain('a field index would be at bytes 8 to 208');
  });

  test('a table that ends behind the file, or is smaller than its field', () => {
    const file = poke(poke(new Uint8Array(32), 0, 16), 16, 8);
    expect(reasons(poke(file, 8, 4 | (100 << 16)))[0]).toContain('a table would be at bytes 16 to 116');
    expect(reasons(poke(file, 8, 4 | (2 << 16)))).toEqual([': a table cannot have 2 bytes']);
    poke(file, 8, 6 | (8 << 16));
    poke(file, 12, 8);
    expect(reasons(file)).toEqual(['flag: a field at 8 does not fit into its table of 8 bytes']);
  });

  test('a vector longer than the file is not allocated', () => {
    const w = writer();
    const table = w.table([{ slot: 20, scalar: 'uint', value: 0 }]);
    const vector = w.vector('long', [1, 2], 8);
    w.setOffset(w.fieldPosition(table, 20), vector);
    const bytes = poke(finish(w, table), vector, 0xffffffff);
    expect(reasons(bytes)[0]).toContain('longs: a vector of 4294967295 elements would be at');
  });

  test('texts without end or that are not UTF-8', () => {
    const text = (change: (bytes: Uint8Array, at: number) => void): string[] => {
      const w = writer();
      const table = w.table([{ slot: 14, scalar: 'uint', value: 0 }]);
      const string = w.string('abc');
      w.setOffset(w.fieldPosition(table, 14), string);
      const bytes = finish(w, table);
      change(bytes, string + 4);
      return reasons(bytes);
    };
    expect(text(() => {})).toEqual([]);
    expect(text((bytes, at) => bytes.fill(0xff, at, at + 1))).toEqual(['text: a text is not UTF-8']);
    expect(text((bytes, at) => bytes.fill(1, at + 3, at + 4))).toEqual(['text: a text has no zero behind it']);
  });

  test('integers that have no exact number', () => {
    const w = writer();
    const table = w.table([{ slot: 7, scalar: 'long', value: 0 }]);
    const bytes = finish(w, table);
    bytes.fill(0x7f, w.fieldPosition(table, 7), w.fieldPosition(table, 7) + 8);
    expect(reasons(bytes)).toEqual(['time: the integer 9187201950435737471 is beyond 2^53']);
  });

  test('all problems are found, not only the first', () => {
    const w = writer();
    const table = w.table([
      { slot: 14, scalar: 'uint', value: 9999 },
      { slot: 17, scalar: 'uint', value: 8888 },
    ]);
    expect(reasons(finish(w, table)).map((reason) => reason.split(':')[0])).toEqual(['text', 'boxes']);
  });
});

describe('shared parts', () => {
  test('a table that contains itself', () => {
    const w = new FlatbufferWriter('TEST');
    const table = w.table([
      { slot: 6, scalar: 'uint', value: 5 },
      { slot: 18, scalar: 'uint', value: 0 },
    ]);
    w.setOffset(0, table);
    const bytes = w.finish();
    // Offsets are unsigned and do not wrap around, so there is no way back to a table from within it.
    new DataView(bytes.buffer).setUint32(w.fieldPosition(table, 18), 2 ** 32 - 4, true);
    expect(reasons(bytes)[0]).toContain('outside the file');
  });

  test('many references to one vector cost no more than a file of that size may', () => {
    const w = new FlatbufferWriter('TEST');
    const table = w.table([{ slot: 17, scalar: 'uint', value: 0 }]);
    const count = 4000;
    const boxes = w.vector('uint', new Array(count).fill(0), 4);
    const label = w.table([{ slot: 1, scalar: 'uint', value: 0 }]);
    w.setOffset(w.fieldPosition(label, 1), w.string('x'.repeat(100_000)));
    for (let index = 0; index < count; index++) w.setOffset(boxes + 4 + 4 * index, label);
    w.setOffset(w.fieldPosition(table, 17), boxes);
    w.setOffset(0, table);
    const { value, problems } = decodeFlatbuffer(w.finish(), schema);
    expect(problems.count).toBe(1);
    expect(problems.kept[0]?.reason).toContain('more content than a file of this size can hold');
    const read = value?.boxes as unknown[];
    expect(read.length).toBeLessThan(10);
  });

  test('tables deeper than any schema', () => {
    let value: Record<string, unknown> = {};
    for (let depth = 0; depth < 80; depth++) value = { child: value };
    expect(reasons(encodeFlatbuffer(value, schema).bytes)[0]).toContain('tables lie more than 64 deep');
  });
});
