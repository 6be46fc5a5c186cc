// Protocol Buffers on the wire: the fields of a message as they come, every length checked against what is left. Nothing is copied.
// Source: Protocol Buffers documentation, Encoding.

export class ProtobufFault extends Error {
  readonly byte: number;
  constructor(byte: number, reason: string) {
    super(reason);
    this.byte = byte;
  }
}

/** A field: a number as it stands on the wire, or bytes (a text, a message, packed numbers). */
export interface Field {
  readonly number: number;
  readonly wire: 'varint' | 'fixed64' | 'bytes' | 'fixed32';
  /** Where its contents begin and end in the file. */
  readonly start: number;
  readonly end: number;
  /** A varint's value. */
  readonly value: bigint;
}

const utf8 = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

export class Protobuf {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The fields of the message between two bytes. */
  *fields(start = 0, end = this.bytes.length): Generator<Field> {
    let at = start;
    while (at < end) {
      const key = this.#varint(at, end);
      at = key.end;
      const number = Number(key.value >> 3n);
      if (number < 1 || number > 536870911) throw new ProtobufFault(at, `there is no field ${number}`);
      const wire = Number(key.value & 7n);
      if (wire === 0) {
        const { value, end: next } = this.#varint(at, end);
        yield { number, wire: 'varint', start: at, end: next, value };
        at = next;
        continue;
      }
      const from = wire === 2 ? this.#varint(at, end) : { value: 0n, end: at };
      const length = wire === 2 ? Number(from.value) : wire === 1 ? 8 : wire === 5 ? 4 : -1;
      if (length < 0) throw new ProtobufFault(at, `a field of wire type ${wire}`);
      if (length > end - from.end) throw new ProtobufFault(at, `${length} bytes are due, ${end - from.end} are left`);
      at = from.end + length;
      yield {
        number,
        wire: wire === 2 ? 'bytes' : wire === 1 ? 'fixed64' : 'fixed32',
        start: from.end,
        end: at,
        value: 0n,
      };
    }
  }

  #varint(start: number, end: number): { readonly value: bigint; readonly end: number } {
    let value = 0n;
    for (let at = start; at < end && at < start + 10; at += 1) {
      const byte = this.bytes[at] ?? 0;
      value |= BigInt(byte & 127) << BigInt(7 * (at - start));
      if (byte < 128) return { value: BigInt.asUintN(64, value), end: at + 1 };
    }
    throw new ProtobufFault(start, 'a number that does not end');
  }

  text({ start, end }: Field): string {
    return utf8.decode(this.bytes.subarray(start, end));
  }

  float({ start, end }: Field): number {
    return end - start === 4 ? this.#view.getFloat32(start, true) : Number.NaN;
  }

  /** Appends one number or packed ones. */
  addFloats(field: Field, to: number[]): void {
    if ((field.end - field.start) % 4 !== 0)
      throw new ProtobufFault(field.start, 'packed floats that are no multiple of 4 bytes');
    for (let at = field.start; at < field.end; at += 4) to.push(this.#view.getFloat32(at, true));
  }

  addDoubles(field: Field, to: number[]): void {
    if ((field.end - field.start) % 8 !== 0)
      throw new ProtobufFault(field.start, 'packed doubles that are no multiple of 8 bytes');
    for (let at = field.start; at < field.end; at += 8) to.push(this.#view.getFloat64(at, true));
  }

  addIntegers(field: Field, to: number[]): void {
    if (field.wire === 'varint') {
      to.push(Number(BigInt.asIntN(64, field.value)));
      return;
    }
    for (let at = field.start; at < field.end; ) {
      const { value, end } = this.#varint(at, field.end);
      to.push(Number(BigInt.asIntN(64, value)));
      at = end;
    }
  }
}
