// FlatBuffers bytes → plain data, by a schema. Never throws on bytes: what is wrong is in `problems`, and only without
// any is `value` complete. Vectors of bytes are views, all else is copied into ordinary numbers, texts and arrays.

import { assert } from '../../errors.ts';
import type { BoundedList } from './bounded-list.ts';
import { FlatbufferReader, type FlatbufferTable, scalarBytes, type WireProblem } from './flatbuffer.ts';
import {
  type FieldDeclaration,
  type FieldType,
  type FlatbufferSchema,
  fieldType,
  nameOf,
  omittedValue,
  type PlainTable,
} from './flatbuffer-schema.ts';

export interface DecodedFlatbuffer {
  /**
   * An omitted number has its default, an omitted vector or text is empty, an omitted table or union is undefined; a
   * union's value is its member with the member's name in `type`, of an unknown member `type` alone.
   */
  readonly value: PlainTable | undefined;
  /** Position in the file of each table in `value`. */
  readonly byteOf: ReadonlyMap<PlainTable, number>;
  readonly problems: BoundedList<WireProblem>;
}

interface Decoding {
  readonly reader: FlatbufferReader;
  readonly schema: FlatbufferSchema;
  readonly byteOf: Map<PlainTable, number>;
}

// Deeper than any schema goes; only one whose tables contain themselves could get there.
const deepest = 64;

export function decodeFlatbuffer(bytes: Uint8Array, schema: FlatbufferSchema): DecodedFlatbuffer {
  const decoding: Decoding = { reader: new FlatbufferReader(bytes), schema, byteOf: new Map() };
  const root = decoding.reader.root();
  const value = root === undefined ? undefined : decodeTable(decoding, schema.root, root, '', 0);
  return { value, byteOf: decoding.byteOf, problems: decoding.reader.problems };
}

function decodeTable(
  decoding: Decoding,
  name: string,
  position: number,
  path: string,
  depth: number,
): PlainTable | undefined {
  const { reader, schema } = decoding;
  if (depth > deepest) {
    reader.report(path, position, `tables lie more than ${deepest} deep in each other`);
    return undefined;
  }
  const fields = schema.tables[name] ?? [];
  const table = reader.table(position, fields.length, path);
  if (table === undefined) return undefined;
  const value: Record<string, unknown> = {};
  decoding.byteOf.set(value, position);
  let slot = 0;
  for (const field of fields) {
    const type = fieldType(schema, field[1]);
    if (type.kind !== 'deprecated') value[field[0]] = decodeField(decoding, { table, slot, field, path, depth });
    slot += type.kind === 'union' ? 2 : 1;
  }
  return value;
}

interface FieldPlace {
  readonly table: FlatbufferTable;
  readonly slot: number;
  readonly field: FieldDeclaration;
  readonly path: string;
  readonly depth: number;
}

function decodeField(decoding: Decoding, place: FieldPlace): unknown {
  const { reader, schema } = decoding;
  const [name, declared] = place.field;
  const path = place.path === '' ? name : `${place.path}.${name}`;
  const type = fieldType(schema, declared);
  if (type.kind === 'deprecated') return undefined;
  if (type.kind === 'union') return decodeUnion(decoding, place, type.members, path);
  const inline = type.kind === 'scalar' || type.kind === 'enum';
  const position = reader.field(place.table, place.slot, inline ? scalarBytes[type.scalar] : 4, path);
  if (position === undefined) return omittedValue(schema, place.field);
  if (inline) return decodeNumber(reader, type, position, path);
  const target = reader.target(position, path);
  if (target === undefined) return undefined;
  if (type.kind === 'string') return reader.string(target, path);
  if (type.kind === 'table') return decodeTable(decoding, type.table, target, path, place.depth + 1);
  return decodeVector(decoding, type.element, target, path, place.depth);
}

type NumberType = Extract<FieldType, { kind: 'scalar' | 'enum' }>;

function decodeNumber(
  reader: FlatbufferReader,
  type: NumberType,
  position: number,
  path: string,
): number | boolean | string {
  const value = reader.scalar(type.scalar, position, path);
  if (type.kind === 'enum') return nameOf(type.names, value);
  return type.scalar === 'bool' ? value !== 0 : value;
}

function decodeUnion(decoding: Decoding, place: FieldPlace, members: readonly string[], path: string): unknown {
  const { reader } = decoding;
  const kind = reader.field(place.table, place.slot, 1, path);
  const number = kind === undefined ? 0 : reader.scalar('ubyte', kind, path);
  if (number === 0) return undefined;
  const member = members[number - 1];
  if (member === undefined) return { type: nameOf(members, number) };
  const position = reader.field(place.table, place.slot + 1, 4, path);
  const target = position === undefined ? undefined : reader.target(position, path);
  if (target === undefined) return undefined;
  const value = decodeTable(decoding, member, target, path, place.depth + 1);
  return value === undefined ? undefined : { type: member, ...value };
}

function decodeVector(decoding: Decoding, element: string, position: number, path: string, depth: number): unknown {
  const { reader, schema } = decoding;
  const type = fieldType(schema, element);
  if (element === 'ubyte') {
    const vector = reader.vector(position, 1, 0, path);
    return vector === undefined ? undefined : reader.bytes.subarray(vector.start, vector.start + vector.count);
  }
  const inline = type.kind === 'scalar' || type.kind === 'enum';
  assert(inline || type.kind === 'table', `vectors of ${element} are in no schema`);
  const elementBytes = inline ? scalarBytes[type.scalar] : 4;
  const vector = reader.vector(position, elementBytes, 1, path);
  if (vector === undefined) return undefined;
  const values: unknown[] = [];
  for (let index = 0; index < vector.count && !reader.exhausted; index++) {
    const at = vector.start + index * elementBytes;
    if (inline) {
      values.push(decodeNumber(reader, type, at, path));
    } else {
      const elementPath = `${path}[${index}]`;
      const target = reader.target(at, elementPath);
      if (target !== undefined) values.push(decodeTable(decoding, type.table, target, elementPath, depth + 1));
    }
  }
  return values;
}
