// Plain data → FlatBuffers bytes, by a schema: the inverse of flatbuffer-decode. The same value always gives the same
// bytes. Written from front to back: each table, then what it refers to, so that all offsets point forward.

import type { ScalarType } from './flatbuffer.ts';
import { type FlatbufferSchema, fieldType, numberOfName, type PlainTable } from './flatbuffer-schema.ts';
import { FlatbufferWriter } from './flatbuffer-writer.ts';

/** A value that its field cannot hold. */
export interface UnwritableValue {
  readonly path: string;
  readonly want: string;
  readonly found: string;
}

interface Encoding {
  readonly writer: FlatbufferWriter;
  readonly schema: FlatbufferSchema;
  readonly problems: UnwritableValue[];
}

/** A field that is present: its number or the write of what it refers to, at the end of its table. */
interface PresentField {
  readonly slot: number;
  readonly scalar: ScalarType;
  readonly value: number;
  readonly content?: () => number;
}

/** Omitted are: fields that are missing or undefined, and numbers at their default. */
export function encodeFlatbuffer(
  value: PlainTable,
  schema: FlatbufferSchema,
): { readonly bytes: Uint8Array; readonly problems: readonly UnwritableValue[] } {
  const encoding: Encoding = { writer: new FlatbufferWriter(schema.identifier), schema, problems: [] };
  encoding.writer.setOffset(0, encodeTable(encoding, schema.root, value, ''));
  return { bytes: encoding.writer.finish(), problems: encoding.problems };
}

function encodeTable(encoding: Encoding, name: string, value: PlainTable, path: string): number {
  const { writer, schema } = encoding;
  const present: PresentField[] = [];
  let slot = 0;
  for (const [field, declared, absent] of schema.tables[name] ?? []) {
    const type = fieldType(schema, declared);
    const fieldPath = path === '' ? field : `${path}.${field}`;
    const content = value[field];
    if (content !== undefined && type.kind !== 'deprecated') {
      present.push(
        ...presentFields(encoding, { slot, declared, absent, path: fieldPath, owner: name, field }, content),
      );
    }
    slot += type.kind === 'union' ? 2 : 1;
  }
  const position = writer.table(present);
  for (const { slot, content } of present) {
    if (content !== undefined) writer.setOffset(writer.fieldPosition(position, slot), content());
  }
  return position;
}

interface FieldPlace {
  readonly slot: number;
  readonly declared: string;
  readonly absent: number | boolean | string | undefined;
  readonly path: string;
  readonly owner: string;
  readonly field: string;
}

function presentFields(encoding: Encoding, place: FieldPlace, value: unknown): PresentField[] {
  const { writer, schema } = encoding;
  const { slot, path } = place;
  const type = fieldType(schema, place.declared);
  const reference = (at: number, content: () => number): PresentField => ({
    slot: at,
    scalar: 'uint',
    value: 0,
    content,
  });
  switch (type.kind) {
    case 'scalar':
    case 'enum': {
      const number = numberOf(encoding, place.declared, value, path);
      const absent = place.absent === undefined ? 0 : numberOf(encoding, place.declared, place.absent, path);
      return Object.is(number, absent) ? [] : [{ slot, scalar: type.scalar, value: number }];
    }
    case 'string':
      return [reference(slot, () => writer.string(String(value)))];
    case 'table':
      return [reference(slot, () => encodeTable(encoding, type.table, plain(value), path))];
    case 'union': {
      const member = String(plain(value).type);
      const index = type.members.indexOf(member);
      const number = index >= 0 ? index + 1 : numberOfName(type.members, member);
      // A number without a name must be one that no member has, or it would be read as that member.
      if (number === undefined || (index < 0 && number <= type.members.length) || number > 255) {
        encoding.problems.push({ path, want: 'a member of the union', found: member });
        return [];
      }
      const kind: PresentField = { slot, scalar: 'ubyte', value: number };
      if (index < 0) return [kind];
      return [kind, reference(slot + 1, () => encodeTable(encoding, member, plain(value), path))];
    }
    case 'vector':
      return [reference(slot, () => encodeVector(encoding, place, type.element, value))];
    case 'deprecated':
      return [];
  }
}

function encodeVector(encoding: Encoding, place: FieldPlace, element: string, value: unknown): number {
  const { writer, schema } = encoding;
  const alignment = schema.vectorAlignmentBytes[`${place.owner}.${place.field}`] ?? 4;
  if (value instanceof Uint8Array) return writer.byteVector(value, alignment);
  const values: readonly unknown[] = Array.isArray(value) ? value : [];
  const type = fieldType(schema, element);
  if (type.kind === 'scalar' || type.kind === 'enum') {
    const numbers = values.map((entry, index) => numberOf(encoding, element, entry, `${place.path}[${index}]`));
    return writer.vector(type.scalar, numbers, alignment);
  }
  const position = writer.vector(
    'uint',
    values.map(() => 0),
    alignment,
  );
  for (const [index, entry] of values.entries()) {
    const content = encodeTable(encoding, element, plain(entry), `${place.path}[${index}]`);
    writer.setOffset(position + 4 + 4 * index, content);
  }
  return position;
}

// The schema says that a table stands here, and the types derived from it have already said so to the caller.
const plain = (value: unknown): PlainTable => value as PlainTable;

const integerRange: Readonly<Record<ScalarType, readonly [number, number] | undefined>> = {
  bool: [0, 1],
  byte: [-(2 ** 7), 2 ** 7 - 1],
  ubyte: [0, 2 ** 8 - 1],
  short: [-(2 ** 15), 2 ** 15 - 1],
  ushort: [0, 2 ** 16 - 1],
  int: [-(2 ** 31), 2 ** 31 - 1],
  uint: [0, 2 ** 32 - 1],
  long: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ulong: [0, Number.MAX_SAFE_INTEGER],
  float: undefined,
  double: undefined,
};

/** The number that is stored for `value`; 0 and a problem when there is none. */
function numberOf(encoding: Encoding, declared: string, value: unknown, path: string): number {
  const type = fieldType(encoding.schema, declared);
  const unwritable = (want: string): number => {
    encoding.problems.push({ path, want, found: String(value) });
    return 0;
  };
  if (type.kind !== 'scalar' && type.kind !== 'enum') return unwritable('a number');
  const number =
    type.kind === 'enum' ? numberOfName(type.names, String(value)) : typeof value === 'boolean' ? Number(value) : value;
  if (typeof number !== 'number') return unwritable(type.kind === 'enum' ? `a name of ${declared}` : 'a number');
  const range = integerRange[type.scalar];
  if (range === undefined) return number;
  const inside = Number.isInteger(number) && number >= range[0] && number <= range[1];
  // −0 is an integer of value 0: stored, and compared with the default, as such.
  return inside ? number + 0 : unwritable(`an integer from ${range[0]} to ${range[1]}`);
}
