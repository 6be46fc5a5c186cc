// UBJSON → plain values, every length checked against the file. Strongly typed arrays of numbers become typed arrays. Source:
// Universal Binary JSON Specification, draft 12.
import type { Data } from '../../tensor/dtype.ts';
import type { Parsed } from './parse-json.ts';

const utf8 = new TextDecoder('utf-8', { fatal: false, ignoreBOM: false });

/** Deeper nesting is in no model. */
const mostNesting = 64;

class Fault extends Error {
  readonly byte: number;
  constructor(byte: number, reason: string) {
    super(reason);
    this.byte = byte;
  }
}

const integerBytes: Readonly<Record<string, number>> = { i: 1, U: 1, I: 2, l: 4, L: 8 };
const numberBytes: Readonly<Record<string, number>> = { ...integerBytes, d: 4, D: 8 };

/** The value of a file. */
export function parseUbjson(bytes: Uint8Array): Parsed {
  const reader = new Reader(bytes);
  try {
    const value = reader.value(reader.marker(), 0);
    return { value };
  } catch (error) {
    if (error instanceof Fault) return { reason: error.message, byte: error.byte };
    throw error;
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  marker(): string {
    // N is a no-op between values.
    for (;;) {
      const marker = String.fromCharCode(this.#view.getUint8(this.#take(1)));
      if (marker !== 'N') return marker;
    }
  }

  value(marker: string, nesting: number): unknown {
    if (nesting > mostNesting) throw new Fault(this.#at, `values are nested deeper than ${mostNesting}`);
    if (marker in numberBytes) return this.#number(marker);
    switch (marker) {
      case 'Z':
        return null;
      case 'T':
        return true;
      case 'F':
        return false;
      case 'C':
        return String.fromCharCode(this.#view.getUint8(this.#take(1)));
      case 'S':
      case 'H':
        return this.#text();
      case '[':
        return this.#array(nesting);
      case '{':
        return this.#object(nesting);
      default:
        throw new Fault(this.#at - 1, `there is no value of type ${JSON.stringify(marker)}`);
    }
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) throw new Fault(at, `${length} more bytes are due, the file ends`);
    this.#at += length;
    return at;
  }

  #number(marker: string): number {
    const at = this.#take(numberBytes[marker] ?? 1);
    switch (marker) {
      case 'i':
        return this.#view.getInt8(at);
      case 'U':
        return this.#view.getUint8(at);
      case 'I':
        return this.#view.getInt16(at);
      case 'l':
        return this.#view.getInt32(at);
      case 'L':
        return Number(this.#view.getBigInt64(at));
      case 'd':
        return this.#view.getFloat32(at);
      default:
        return this.#view.getFloat64(at);
    }
  }

  #length(): number {
    const marker = this.marker();
    if (!(marker in integerBytes)) throw new Fault(this.#at - 1, 'a length is due');
    const length = this.#number(marker);
    if (length < 0) throw new Fault(this.#at, `a length of ${length}`);
    return length;
  }

  #text(): string {
    const length = this.#length();
    const at = this.#take(length);
    return utf8.decode(this.#bytes.subarray(at, at + length));
  }

  /** Type and number of elements, as far as they are given. */
  #head(): { readonly type?: string; readonly count?: number } {
    const next = (): string => String.fromCharCode(this.#bytes[this.#at] ?? 0);
    let type: string | undefined;
    if (next() === '$') {
      this.#take(1);
      type = this.marker();
      if (next() !== '#') throw new Fault(this.#at, 'elements of one type without their number');
    }
    if (next() !== '#') return {};
    this.#take(1);
    const count = this.#length();
    return type === undefined ? { count } : { type, count };
  }

  #array(nesting: number): unknown {
    const { type, count } = this.#head();
    if (type !== undefined && count !== undefined && type in numberBytes) return this.#numbers(type, count);
    // An element is a byte at least, except where type and number say all: none of those is in a model.
    if (count !== undefined && count > this.#bytes.length - this.#at) throw new Fault(this.#at, `${count} elements`);
    const found: unknown[] = [];
    for (;;) {
      if (found.length === count) return found;
      const marker = type ?? this.marker();
      if (marker === ']' && count === undefined) return found;
      found.push(this.value(marker, nesting + 1));
    }
  }

  #numbers(type: string, count: number): Data | Float64Array {
    const bytes = numberBytes[type] ?? 1;
    if (count > (this.#bytes.length - this.#at) / bytes) throw new Fault(this.#at, `${count} elements, the file ends`);
    const to =
      type === 'd'
        ? new Float32Array(count)
        : type === 'D' || type === 'L'
          ? new Float64Array(count)
          : type === 'U'
            ? new Uint8Array(count)
            : new Int32Array(count);
    for (let i = 0; i < count; i += 1) to[i] = this.#number(type);
    return to;
  }

  #object(nesting: number): Readonly<Record<string, unknown>> {
    const { type, count } = this.#head();
    const entries: [string, unknown][] = [];
    for (;;) {
      if (entries.length === count) break;
      if (count === undefined && String.fromCharCode(this.#bytes[this.#at] ?? 0) === '}') {
        this.#take(1);
        break;
      }
      const key = this.#text();
      entries.push([key, this.value(type ?? this.marker(), nesting + 1)]);
    }
    return Object.fromEntries(entries);
  }
}
