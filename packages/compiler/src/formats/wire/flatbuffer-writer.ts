// The byte level of writing FlatBuffers: a growing little-endian file in which tables, vectors and texts are placed with
// their alignment. Field indices (vtables) that are equal are shared.

import { assert } from '../../errors.ts';
import { type ScalarType, scalarBytes } from './flatbuffer.ts';

/** One number of a table; an offset is a 'uint' whose value is set later. */
export interface TableEntry {
  readonly slot: number;
  readonly scalar: ScalarType;
  readonly value: number;
}

export class FlatbufferWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #text = new TextEncoder();
  readonly #indices = new Map<string, number>();

  /** `identifier`: four ASCII characters. The root offset before it is left to setOffset(0, …). */
  constructor(identifier: string) {
    assert(identifier.length === 4, 'a FlatBuffers identifier has four characters');
    this.#reserve(8);
    for (let index = 0; index < 4; index++) this.#bytes[4 + index] = identifier.charCodeAt(index);
  }

  /** The file, padded so that another may follow it with the same alignment. */
  finish(): Uint8Array {
    this.#align(16, 0);
    return this.#bytes.slice(0, this.#length);
  }

  /** Stores at `position` the offset that leads to `target`, which lies behind it. */
  setOffset(position: number, target: number): void {
    assert(target > position, 'FlatBuffers offsets point forward');
    this.#view.setUint32(position, target - position, true);
  }

  /** Position of a field that table() was given. */
  fieldPosition(table: number, slot: number): number {
    const index = table - this.#view.getInt32(table, true);
    return table + this.#view.getUint16(index + 4 + 2 * slot, true);
  }

  /** A table with these numbers; returns its position. */
  table(entries: readonly TableEntry[]): number {
    // Widest first, so that nothing needs padding but the table's start.
    const ordered = [...entries].sort((a, b) => scalarBytes[b.scalar] - scalarBytes[a.scalar] || a.slot - b.slot);
    const slotCount = entries.reduce((count, entry) => Math.max(count, entry.slot + 1), 0);
    const index: number[] = new Array(2 + slotCount).fill(0);
    let byteLength = 4;
    for (const entry of ordered) {
      index[2 + entry.slot] = byteLength;
      byteLength += scalarBytes[entry.scalar];
    }
    index[0] = 2 * index.length;
    index[1] = byteLength;
    const indexPosition = this.#index(index);
    const widest = ordered[0] === undefined ? 4 : Math.max(4, scalarBytes[ordered[0].scalar]);
    this.#align(widest, 4);
    const position = this.#reserve(byteLength);
    this.#view.setInt32(position, position - indexPosition, true);
    for (const entry of ordered) this.#set(entry.scalar, position + (index[2 + entry.slot] ?? 0), entry.value);
    return position;
  }

  string(text: string): number {
    const bytes = this.#text.encode(text);
    const position = this.byteVector(bytes, 4);
    this.#reserve(1);
    return position;
  }

  /** The first byte lies on a multiple of `alignment`; returns the position of the length before it. */
  byteVector(bytes: Uint8Array, alignment: number): number {
    this.#align(alignment, 4);
    const position = this.#reserve(4 + bytes.byteLength);
    this.#view.setUint32(position, bytes.byteLength, true);
    this.#bytes.set(bytes, position + 4);
    return position;
  }

  vector(scalar: ScalarType, values: readonly number[], alignment: number): number {
    const elementBytes = scalarBytes[scalar];
    this.#align(Math.max(4, elementBytes, alignment), 4);
    const position = this.#reserve(4 + values.length * elementBytes);
    this.#view.setUint32(position, values.length, true);
    for (const [index, value] of values.entries()) this.#set(scalar, position + 4 + index * elementBytes, value);
    return position;
  }

  #index(index: readonly number[]): number {
    const key = index.join();
    const known = this.#indices.get(key);
    if (known !== undefined) return known;
    this.#align(2, 0);
    const position = this.#reserve(2 * index.length);
    for (const [entry, value] of index.entries()) this.#view.setUint16(position + 2 * entry, value, true);
    this.#indices.set(key, position);
    return position;
  }

  #set(scalar: ScalarType, position: number, value: number): void {
    const view = this.#view;
    if (scalar === 'bool' || scalar === 'ubyte') view.setUint8(position, value);
    else if (scalar === 'byte') view.setInt8(position, value);
    else if (scalar === 'short') view.setInt16(position, value, true);
    else if (scalar === 'ushort') view.setUint16(position, value, true);
    else if (scalar === 'int') view.setInt32(position, value, true);
    else if (scalar === 'uint') view.setUint32(position, value, true);
    else if (scalar === 'long') view.setBigInt64(position, BigInt(value), true);
    else if (scalar === 'ulong') view.setBigUint64(position, BigInt(value), true);
    else if (scalar === 'float') view.setFloat32(position, value, true);
    else view.setFloat64(position, value, true);
  }

  /** Pads with zeros until what comes after `ahead` more bytes lies on a multiple of `alignment`. */
  #align(alignment: number, ahead: number): void {
    const beyond = (this.#length + ahead) % alignment;
    if (beyond !== 0) this.#reserve(alignment - beyond);
  }

  #reserve(byteCount: number): number {
    const position = this.#length;
    this.#length += byteCount;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, position));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return position;
  }
}
