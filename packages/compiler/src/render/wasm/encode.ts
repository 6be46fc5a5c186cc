// WebAssembly's binary encoding: LEB128 numbers, vectors, sections. Source: WebAssembly Core Specification 2.0, section 5.

export type Bytes = readonly number[];

/** Unsigned LEB128 of a number below 2^32. */
export function unsigned(value: number): number[] {
  const out: number[] = [];
  let rest = value >>> 0;
  while (rest > 0x7f) {
    out.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  out.push(rest);
  return out;
}

/** Signed LEB128 of a 64-bit integer. */
export function signed(value: number | bigint): number[] {
  const out: number[] = [];
  let rest = BigInt(value);
  for (;;) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    if ((rest === 0n && (byte & 0x40) === 0) || (rest === -1n && (byte & 0x40) !== 0)) {
      out.push(byte);
      return out;
    }
    out.push(byte | 0x80);
  }
}

/** The four little-endian bytes of a float. */
export function float32(value: number): number[] {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value, true);
  return [0, 1, 2, 3].map((i) => view.getUint8(i));
}

/** The eight little-endian bytes of a double. */
export function float64(value: number): number[] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value, true);
  return [0, 1, 2, 3, 4, 5, 6, 7].map((i) => view.getUint8(i));
}

/** Length, then the items. */
export const vector = (items: readonly Bytes[]): number[] => [...unsigned(items.length), ...items.flat()];

export const name = (text: string): number[] => {
  const bytes = Array.from(text, (character) => character.charCodeAt(0) & 0x7f);
  return [...unsigned(bytes.length), ...bytes];
};

/** Joins parts of numbers and byte arrays without spreading the large ones onto the stack. */
export function join(parts: readonly (Bytes | Uint8Array)[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A section: its id, its length, its contents. */
export const section = (id: number, contents: Uint8Array | Bytes): Uint8Array =>
  join([[id], unsigned(contents.length), contents]);
