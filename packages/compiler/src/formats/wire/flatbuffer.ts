// FlatBuffers, read without trust: every offset and length is checked before it is followed or allocated for, faults are
// collected with their place, and a budget in proportion to the file bounds all work, also when parts are shared.
// Format: https://flatbuffers.dev/internals/ (little-endian; offsets count from where they are stored).

import { BoundedList } from './bounded-list.ts';

/** How the bytes of one number are laid out; the names are those of the FlatBuffers schema language. */
export type ScalarType =
  | 'bool'
  | 'byte'
  | 'ubyte'
  | 'short'
  | 'ushort'
  | 'int'
  | 'uint'
  | 'long'
  | 'ulong'
  | 'float'
  | 'double';

export const scalarBytes: Readonly<Record<ScalarType, number>> = {
  bool: 1,
  byte: 1,
  ubyte: 1,
  short: 2,
  ushort: 2,
  int: 4,
  uint: 4,
  long: 8,
  ulong: 8,
  float: 4,
  double: 8,
};

/** A fault of the bytes: which part of the content, where in the file, what is wrong. */
export interface WireProblem {
  readonly path: string;
  readonly byte: number;
  readonly reason: string;
}

/** A table whose own bytes and whose field index lie inside the file. */
export interface FlatbufferTable {
  readonly position: number;
  readonly byteLength: number;
  /** Position of the field index (vtable) and the number of slots in it. */
  readonly index: number;
  readonly slotCount: number;
}

/** A vector that lies inside the file. */
export interface FlatbufferVector {
  readonly start: number;
  readonly count: number;
}

const problemsKept = 50;

// A sound file yields at most about one element per byte. The constant lets tiny tables with many defaults pass.
const elementBudget = (fileBytes: number): number => 2 * fileBytes + 10_000;

export class FlatbufferReader {
  readonly bytes: Uint8Array;
  readonly problems = new BoundedList<WireProblem>(problemsKept);
  readonly #view: DataView;
  readonly #text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #budget: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#budget = elementBudget(bytes.byteLength);
  }

  /** True once the budget is spent: nothing more is read, and a problem says so. */
  get exhausted(): boolean {
    return this.#budget < 0;
  }

  report(path: string, byte: number, reason: string): void {
    this.problems.add({ path, byte, reason });
  }

  root(): number | undefined {
    return this.target(0, 'root');
  }

  /** Follows the offset stored at `position`, which must itself be inside the file. */
  target(position: number, path: string): number | undefined {
    if (!this.#inside(position, 4)) return this.#outside(path, position, 'an offset', position, 4);
    const target = position + this.#view.getUint32(position, true);
    if (target === position) {
      this.report(path, position, 'an offset points to itself');
      return undefined;
    }
    return this.#inside(target, 4) ? target : this.#outside(path, position, 'its content', target, 4);
  }

  /** `fieldCount` is what reading it will cost: fields the schema gives it. */
  table(position: number, fieldCount: number, path: string): FlatbufferTable | undefined {
    if (!this.#spend(1 + fieldCount, path, position)) return undefined;
    if (!this.#inside(position, 4)) return this.#outside(path, position, 'a table', position, 4);
    const index = position - this.#view.getInt32(position, true);
    if (!this.#inside(index, 4)) return this.#outside(path, position, 'the field index of a table', index, 4);
    const indexBytes = this.#view.getUint16(index, true);
    const byteLength = this.#view.getUint16(index + 2, true);
    if (indexBytes < 4 || indexBytes % 2 !== 0) {
      this.report(path, index, `a field index cannot have ${indexBytes} bytes`);
      return undefined;
    }
    if (!this.#inside(index, indexBytes)) return this.#outside(path, index, 'a field index', index, indexBytes);
    if (byteLength < 4) {
      this.report(path, index + 2, `a table cannot have ${byteLength} bytes`);
      return undefined;
    }
    if (!this.#inside(position, byteLength)) return this.#outside(path, position, 'a table', position, byteLength);
    return { position, byteLength, index, slotCount: (indexBytes - 4) / 2 };
  }

  /** Position of the field in `slot`, which takes `byteCount` bytes of the table; undefined when it is omitted. */
  field(table: FlatbufferTable, slot: number, byteCount: number, path: string): number | undefined {
    if (slot >= table.slotCount) return undefined;
    const entry = table.index + 4 + 2 * slot;
    const offset = this.#view.getUint16(entry, true);
    if (offset === 0) return undefined;
    if (offset < 4 || offset + byteCount > table.byteLength) {
      this.report(path, entry, `a field at ${offset} does not fit into its table of ${table.byteLength} bytes`);
      return undefined;
    }
    return table.position + offset;
  }

  /** `cost` is what reading one element will cost; a view of bytes costs nothing. */
  vector(position: number, elementBytes: number, cost: 0 | 1, path: string): FlatbufferVector | undefined {
    if (!this.#inside(position, 4)) return this.#outside(path, position, 'a vector', position, 4);
    const count = this.#view.getUint32(position, true);
    const start = position + 4;
    if (!this.#inside(start, count * elementBytes)) {
      return this.#outside(path, position, `a vector of ${count} elements`, start, count * elementBytes);
    }
    return this.#spend(1 + count * cost, path, position) ? { start, count } : undefined;
  }

  /** UTF-8 with a zero behind it. */
  string(position: number, path: string): string | undefined {
    const vector = this.vector(position, 1, 1, path);
    if (vector === undefined) return undefined;
    const end = vector.start + vector.count;
    if (this.bytes[end] !== 0) {
      this.report(path, position, 'a text has no zero behind it');
      return undefined;
    }
    try {
      return this.#text.decode(this.bytes.subarray(vector.start, end));
    } catch {
      // TextDecoder's only failure here: bytes that are not UTF-8.
      this.report(path, position, 'a text is not UTF-8');
      return undefined;
    }
  }

  /**
   * The number at `position`, which must have come from field() or vector(). 64-bit integers beyond 2^53 have no exact
   * number and are reported.
   */
  scalar(type: ScalarType, position: number, path: string): number {
    switch (type) {
      case 'bool':
        return this.#view.getUint8(position) === 0 ? 0 : 1;
      case 'byte':
        return this.#view.getInt8(position);
      case 'ubyte':
        return this.#view.getUint8(position);
      case 'short':
        return this.#view.getInt16(position, true);
      case 'ushort':
        return this.#view.getUint16(position, true);
      case 'int':
        return this.#view.getInt32(position, true);
      case 'uint':
        return this.#view.getUint32(position, true);
      case 'long':
        return this.#exact(this.#view.getBigInt64(position, true), position, path);
      case 'ulong':
        return this.#exact(this.#view.getBigUint64(position, true), position, path);
      case 'float':
        return this.#view.getFloat32(position, true);
      case 'double':
        return this.#view.getFloat64(position, true);
    }
  }

  #exact(value: bigint, position: number, path: string): number {
    const number = Number(value);
    if (!Number.isSafeInteger(number)) this.report(path, position, `the integer ${value} is beyond 2^53`);
    return number;
  }

  #inside(position: number, byteCount: number): boolean {
    return position >= 0 && position + byteCount <= this.bytes.byteLength;
  }

  #outside(path: string, byte: number, what: string, from: number, byteCount: number): undefined {
    const size = this.bytes.byteLength;
    const where = `bytes ${from} to ${from + byteCount}, outside the file of ${size} bytes`;
    this.report(path, byte, `${what} would be at ${where}: it is damaged or cut off`);
    return undefined;
  }

  #spend(elements: number, path: string, byte: number): boolean {
    if (this.exhausted) return false;
    this.#budget -= elements;
    if (!this.exhausted) return true;
    this.report(path, byte, 'more content than a file of this size can hold: its parts refer to each other repeatedly');
    return false;
  }
}
