// NumPy's .npy files, version 1.0, as far as this folder needs them: int16 matrices in, int8 tensors out.

const magic = '\x93NUMPY';

/**
 * @param {Buffer} bytes a .npy file holding a C-ordered little-endian int16 matrix
 * @param {string} fileName for the message of an error
 * @returns {{ rows: number, columns: number, data: Int16Array }}
 */
export function readInt16Matrix(bytes, fileName) {
  const refuse = (/** @type {string} */ reason) => new Error(`${fileName}: ${reason}`);
  if (bytes.length < 10 || bytes.toString('latin1', 0, 6) !== magic) throw refuse('not a .npy file');
  if (bytes[6] !== 1) throw refuse(`.npy version ${bytes[6]}, expected 1`);
  const dataStart = 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, dataStart);
  if (!/'descr': *'<i2'/.test(header) || !/'fortran_order': *False/.test(header)) {
    throw refuse(`expected C-ordered little-endian int16, the header says ${header.trim()}`);
  }
  const shape = /'shape': *\((\d+), *(\d+)\)/.exec(header);
  if (shape === null) throw refuse(`expected a matrix, the header says ${header.trim()}`);
  const columns = Number(shape[2]);
  // Some recordings were cut short after their header was written: the bytes decide how many rows there are.
  const rows = Math.min(Number(shape[1]), Math.floor((bytes.length - dataStart) / (2 * columns)));
  const data = new Int16Array(rows * columns);
  for (let i = 0; i < data.length; i++) data[i] = bytes.readInt16LE(dataStart + 2 * i);
  return { rows, columns, data };
}

/**
 * @param {readonly number[]} shape
 * @param {Int8Array} data in C order
 * @returns {Buffer}
 */
export function writeInt8Npy(shape, data) {
  const dictionary = `{'descr': '|i1', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
  // The format wants the data to start at a multiple of 64 bytes and the header to end in a newline.
  const headerLength = Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 10;
  const prefix = Buffer.alloc(10);
  prefix.write(magic, 'latin1');
  prefix[6] = 1;
  prefix.writeUInt16LE(headerLength, 8);
  const header = Buffer.from(`${dictionary.padEnd(headerLength - 1)}\n`, 'latin1');
  return Buffer.concat([prefix, header, Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}
