// .npy files: what is written is read again, and nothing that is wrong with a file goes unnoticed.
import { CompileError } from '@anymote/compiler';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NpyArray, type NpyData, type NpyType, readNpy, writeNpy } from './npy.ts';

const seed = 20251;
const arrays: Readonly<Record<NpyType, (length: number) => fc.Arbitrary<NpyData>>> = {
  b1: (length) => fc.uint8Array({ minLength: length, maxLength: length, max: 1 }),
  i1: (length) => fc.int8Array({ minLength: length, maxLength: length }),
  u1: (length) => fc.uint8Array({ minLength: length, maxLength: length }),
  i2: (length) => fc.int16Array({ minLength: length, maxLength: length }),
  i4: (length) => fc.int32Array({ minLength: length, maxLength: length }),
  i8: (length) => fc.bigInt64Array({ minLength: length, maxLength: length }),
  f4: (length) => fc.float32Array({ minLength: length, maxLength: length }),
  f8: (length) => fc.float64Array({ minLength: length, maxLength: length }),
};
const types: readonly NpyType[] = ['b1', 'i1', 'u1', 'i2', 'i4', 'i8', 'f4', 'f8'];

const anyArray: fc.Arbitrary<NpyArray> = fc
  .tuple(fc.constantFrom(...types), fc.array(fc.nat(5), { maxLength: 4 }))
  .chain(([type, shape]) =>
    arrays[type](shape.reduce((product, size) => product * size, 1)).map((data) => ({ type, shape, data })),
  );

/** A file with a header of choice. */
function fileOf(dictionary: string, data: Uint8Array, version = 1): Uint8Array {
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(dictionary.length, 0, length.length);
  return Buffer.concat([
    Buffer.from('\x93NUMPY', 'latin1'),
    Buffer.of(version, 0),
    length,
    Buffer.from(dictionary),
    data,
  ]);
}

const header = (descr: string, order: string, shape: string): string =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

const problemOf = (bytes: Uint8Array): string => {
  try {
    readNpy(bytes, 'x.npy');
  } catch (error) {
    if (error instanceof CompileError) return error.message;
    throw error;
  }
  return 'none';
};

describe('writeNpy', () => {
  it('writes what readNpy reads', () => {
    fc.assert(
      fc.property(anyArray, (array) => {
        const bytes = writeNpy(array);
        expect((bytes.length - array.data.byteLength) % 64).toBe(0);
        expect(readNpy(bytes)).toEqual(array);
      }),
      { seed, numRuns: 300 },
    );
  });

  it('writes the header NumPy writes', () => {
    const text = Buffer.from(writeNpy({ type: 'i1', shape: [3], data: Int8Array.of(1, -2, 3) })).toString('latin1');
    expect(text).toBe(
      `\x93NUMPY\x01\x00v\x00${"{'descr': '|i1', 'fortran_order': False, 'shape': (3,), }".padEnd(117)}\n\x01\xfe\x03`,
    );
  });
});

describe('readNpy', () => {
  it('reads versions 2 and 3, and scalars', () => {
    const data = Buffer.of(1, 0, 2, 0);
    for (const version of [1, 2, 3]) {
      const read = readNpy(fileOf(header('<i2', 'False', '(2, 1)'), data, version));
      expect(read).toEqual({ type: 'i2', shape: [2, 1], data: Int16Array.of(1, 2) });
    }
    expect(readNpy(fileOf(header('|u1', 'False', '()'), Buffer.of(7)))).toMatchObject({
      shape: [],
      data: Uint8Array.of(7),
    });
  });

  it('reads elements at any address', () => {
    const bytes = writeNpy({ type: 'f8', shape: [2], data: Float64Array.of(0.1, -3) });
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(readNpy(shifted.subarray(1)).data).toEqual(Float64Array.of(0.1, -3));
  });

  it('puts Fortran order in C order', () => {
    // numpy.arange(6).reshape(1, 2, 3) as Fortran stores it: first axis fastest.
    const read = readNpy(fileOf(header('|i1', 'True', '(1, 2, 3)'), Buffer.of(0, 3, 1, 4, 2, 5)));
    expect(read).toEqual({ type: 'i1', shape: [1, 2, 3], data: Int8Array.of(0, 1, 2, 3, 4, 5) });
  });

  it.each([
    ['text', Buffer.from('1 2 3\n'), 'it does not begin as one'],
    ['nothing', new Uint8Array(0), 'it does not begin as one'],
    ['a later version', fileOf(header('|i1', 'False', '(1,)'), Buffer.of(1), 4), 'version 4, expected 1, 2 or 3'],
    ['a cut header', fileOf(header('|i1', 'False', '(1,)'), Buffer.of(1)).subarray(0, 30), 'ends within its header'],
    ['a long header', fileOf(' '.repeat(70_000), Buffer.of(1), 2), 'claims 70000 bytes'],
    ['big-endian numbers', fileOf(header('>f4', 'False', '(1,)'), Buffer.alloc(4)), "convert with x.astype('<f4')"],
    ['complex numbers', fileOf(header('<c8', 'False', '(1,)'), Buffer.alloc(8)), 'element type <c8 is not supported'],
    ['objects', fileOf(header('|O', 'False', '(1,)'), Buffer.alloc(8)), 'element type |O is not supported'],
    [
      'records',
      fileOf("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,), }", Buffer.alloc(4)),
      'records',
    ],
    ['no shape', fileOf("{'descr': '<i4', 'fortran_order': False, }", Buffer.alloc(4)), 'not as NumPy writes it'],
    ['a huge shape', fileOf(header('<i4', 'False', '(99999999999, 99999999999)'), Buffer.alloc(4)), 'is too large'],
    [
      'too few elements',
      fileOf(header('<i4', 'False', '(2,)'), Buffer.alloc(7)),
      'needs 2 elements of 4 bytes, the file has 7',
    ],
    ['bytes left over', fileOf(header('<i4', 'False', '(1,)'), Buffer.alloc(5)), 'the file has 5 bytes'],
    ['odd booleans', fileOf(header('|b1', 'False', '(2,)'), Buffer.of(1, 2)), 'neither 0 nor 1'],
  ])('refuses %s', (_, bytes, reason) => {
    expect(problemOf(bytes)).toContain(reason);
    expect(problemOf(bytes)).toMatch(/^x\.npy: not a readable NumPy \.npy file: /);
  });

  it('reads or refuses whatever is done to a file', () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(anyArray, fc.array(change, { maxLength: 6 }), fc.nat(20), (array, changes, cut) => {
        const bytes = Uint8Array.from(writeNpy(array));
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        problemOf(bytes.subarray(0, bytes.length - cut));
      }),
      { seed, numRuns: 2000 },
    );
  });
});
