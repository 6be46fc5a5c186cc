// As much of the protocol buffer encoding as an ONNX file needs. Source: protobuf.dev, "Encoding".

function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
}

/** A field of a whole number. */
export const number = (field, value) => Uint8Array.from([...varint(field << 3), ...varint(value)]);

/** A field of single precision. */
export function float(field, value) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return join([Uint8Array.from(varint((field << 3) | 5)), bytes]);
}

/** A field of bytes: a string, packed data or a message. */
export function bytes(field, contents) {
  const data = typeof contents === 'string' ? new TextEncoder().encode(contents) : contents;
  return join([Uint8Array.from([...varint((field << 3) | 2), ...varint(data.length)]), data]);
}

/** A field of a message of fields. */
export const message = (field, fields) => bytes(field, join(fields));

export function join(parts) {
  const out = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
