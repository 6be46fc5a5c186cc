// NumPy's .npy files, versions 1 to 3, of plain little-endian numbers. A file is read whole or refused with its reason;
// arrays in Fortran order are put in C order.
// Source: numpy.lib.format.
import { CompileError } from '@anymote/compiler';

/** NumPy's names of the element types: kind and bytes. */
export type NpyType = 'b1' | 'i1' | 'u1' | 'i2' | 'i4' | 'i8' | 'f4' | 'f8';

export type NpyData = Uint8Array | Int8Array | Int16Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

/** An array in C order. `b1` is one byte an element, 0 or 1. */
export interface NpyArray {
  readonly type: NpyType;
  readonly shape: readonly number[];
  readonly data: NpyData;
}

const viewOf: Readonly<Record<NpyType, (buffer: ArrayBuffer) => NpyData>> = {
  b1: (buffer) => new Uint8Array(buffer),
  i1: (buffer) => new Int8Array(buffer),
  u1: (buffer) => new Uint8Array(buffer),
  i2: (buffer) => new Int16Array(buffer),
  i4: (buffer) => new Int32Array(buffer),
  i8: (buffer) => new BigInt64Array(buffer),
  f4: (buffer) => new Float32Array(buffer),
  f8: (buffer) => new Float64Array(buffer),
};

const isNpyType = (text: string): text is NpyType => text in viewOf;

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const longestHeader = 65536;
const mostDimensions = 32;

interface Header {
  readonly type: NpyType;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the elements begin. */
  readonly start: number;
}

/** Reads a file; `file` is its name in messages. @throws {CompileError} 'bad-file' with what is wrong */
export function readNpy(bytes: Uint8Array, file?: string): NpyArray {
  const refuse: Refuse = (reason, help) => {
    throw new CompileError([
      {
        code: 'bad-file',
        where: file === undefined ? {} : { file },
        format: 'NumPy .npy',
        reason,
        ...(help === undefined ? {} : { help }),
      },
    ]);
  };
  const { type, fortranOrder, shape, start } = readHeader(bytes, refuse);
  const elements = shape.reduce((product, size) => product * size, 1);
  const elementBytes = Number(type[1]);
  const found = bytes.length - start;
  if (found !== elements * elementBytes) {
    const wanted = `${elements} elements of ${elementBytes} bytes`;
    refuse(`shape (${shape.join(', ')}) needs ${wanted}, the file has ${found} bytes for them`);
  }
  const data = viewOf[type](new Uint8Array(bytes.subarray(start)).buffer);
  if (type === 'b1' && data.some((value) => Number(value) > 1)) refuse('a boolean is neither 0 nor 1');
  return { type, shape, data: fortranOrder ? toRowMajor(data, shape) : data };
}

type Refuse = (reason: string, help?: string) => never;

function readHeader(bytes: Uint8Array, refuse: Refuse): Header {
  const version = bytes[6];
  const lengthBytes = version === 1 ? 2 : 4;
  if (magic.some((byte, i) => bytes[i] !== byte))
    refuse('it does not begin as one', "save with numpy.save('x.npy', x)");
  if (version === undefined || version < 1 || version > 3) refuse(`version ${version ?? '?'}, expected 1, 2 or 3`);
  if (bytes.length < 8 + lengthBytes) refuse('it ends within its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = lengthBytes === 2 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = 8 + lengthBytes + length;
  if (length > longestHeader) refuse(`its header claims ${length} bytes`);
  if (start > bytes.length) refuse('it ends within its header');
  const text = Buffer.from(bytes.subarray(8 + lengthBytes, start)).toString('latin1');
  return { ...readDictionary(text, refuse), start };
}

/** The header is a Python dictionary of three entries. */
function readDictionary(text: string, refuse: Refuse): Omit<Header, 'start'> {
  const [, descr] = /'descr':\s*'([^']*)'/.exec(text) ?? [];
  const [, order] = /'fortran_order':\s*(True|False)/.exec(text) ?? [];
  const [, dimensions] = /'shape':\s*\(([\d\s,]*)\)/.exec(text) ?? [];
  if (descr === undefined) refuse('its header names no plain element type', 'arrays of records are not supported');
  if (order === undefined || dimensions === undefined) refuse('its header is not as NumPy writes it');
  const type = descr.slice(1);
  if (descr.startsWith('>')) refuse(`element type ${descr} is big-endian`, `convert with x.astype('<${type}')`);
  if (!/^[<|=]/.test(descr) || !isNpyType(type)) {
    refuse(`element type ${descr} is not supported`, `supported are ${Object.keys(viewOf).join(', ')}`);
  }
  const shape = dimensions.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]));
  const elements = shape.reduce((product, size) => product * size, 1);
  if (shape.length > mostDimensions || !shape.every(Number.isSafeInteger) || !Number.isSafeInteger(elements)) {
    refuse(`shape (${dimensions.trim()}) is too large`);
  }
  return { type, fortranOrder: order === 'True', shape };
}

/** Elements stored first axis fastest, put last axis fastest. */
function toRowMajor<T extends NpyData>(data: T, shape: readonly number[]): T {
  const result = data.slice();
  const position = shape.map(() => 0);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
  for (let i = 0; i < data.length; i += 1) {
    const from = position.reduce((sum, index, axis) => sum + index * (strides[axis] ?? 0), 0);
    const value = data[from];
    if (value !== undefined) result[i] = value;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      position[axis] = ((position[axis] ?? 0) + 1) % (shape[axis] ?? 1);
      if (position[axis] !== 0) break;
    }
  }
  // A slice of typed elements has their type; the compiler loses that over the union.
  return result as T;
}

/** The bytes of a file, version 1.0, elements aligned to 64 bytes. */
export function writeNpy({ type, shape, data }: NpyArray): Uint8Array {
  const order = type.endsWith('1') ? '|' : '<';
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '${order}${type}', 'fortran_order': False, 'shape': (${dimensions}), }`;
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 10;
  const header = Buffer.from(`${dictionary.padEnd(length - 1)}\n`, 'latin1');
  const lead = Uint8Array.of(...magic, 1, 0, length & 0xff, length >> 8);
  return Buffer.concat([lead, header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
}
