// What a FlatBuffers schema is, as data: named enums, unions and tables. The decoder and the encoder take it as argument.

import { type ScalarType, scalarBytes } from './flatbuffer.ts';

export interface EnumDeclaration {
  readonly stored: 'byte' | 'int' | 'uint';
  /** The name of value i is names[i]. */
  readonly names: readonly string[];
}

/** A field's name; its type: scalar, 'string', an enum, table or union, `[element]`; its value when a file omits it. */
export type FieldDeclaration = readonly [name: string, type: string, absent?: number | boolean | string];

export interface FlatbufferSchema {
  readonly root: string;
  readonly identifier: string;
  readonly enums: Readonly<Record<string, EnumDeclaration>>;
  /** Members are numbered from 1; 0 says that there is none. */
  readonly unions: Readonly<Record<string, readonly string[]>>;
  /**
   * Field numbers are positions: a field takes the next slot of its table, a union two (which member, then the member).
   * So entries may only ever be appended, and a retired field stays in its place as `deprecated`.
   */
  readonly tables: Readonly<Record<string, readonly FieldDeclaration[]>>;
  /** Vectors ('Table.field') whose first element lies on a multiple of more bytes than its type asks for. */
  readonly vectorAlignmentBytes: Readonly<Record<string, number>>;
}

/** A table as plain data: values by field name. */
export type PlainTable = Readonly<Record<string, unknown>>;

/** A declared type, taken apart. */
export type FieldType =
  | { readonly kind: 'scalar'; readonly scalar: ScalarType }
  | { readonly kind: 'enum'; readonly scalar: ScalarType; readonly names: readonly string[] }
  | { readonly kind: 'string' }
  | { readonly kind: 'table'; readonly table: string }
  | { readonly kind: 'union'; readonly members: readonly string[] }
  | { readonly kind: 'vector'; readonly element: string }
  | { readonly kind: 'deprecated' };

const isScalar = (type: string): type is ScalarType => Object.hasOwn(scalarBytes, type);

export function fieldType(schema: FlatbufferSchema, type: string): FieldType {
  if (isScalar(type)) return { kind: 'scalar', scalar: type };
  if (type === 'string' || type === 'deprecated') return { kind: type };
  if (type.startsWith('[')) return { kind: 'vector', element: type.slice(1, -1) };
  const declaration = schema.enums[type];
  if (declaration !== undefined) return { kind: 'enum', scalar: declaration.stored, names: declaration.names };
  const members = schema.unions[type];
  return members === undefined ? { kind: 'table', table: type } : { kind: 'union', members };
}

/** What a field is when a file does not have it: its default, 0, false, an enum's first name, empty, or undefined. */
export function omittedValue(schema: FlatbufferSchema, [, declared, absent]: FieldDeclaration): unknown {
  if (absent !== undefined) return absent;
  const type = fieldType(schema, declared);
  switch (type.kind) {
    case 'scalar':
      return type.scalar === 'bool' ? false : 0;
    case 'enum':
      return type.names[0];
    case 'string':
      return '';
    case 'vector':
      return type.element === 'ubyte' ? new Uint8Array(0) : [];
    default:
      return undefined;
  }
}

/** Name of a number in an enum or union; one that the schema does not know keeps its number. */
export const nameOf = (names: readonly string[], value: number): string => names[value] ?? `UNKNOWN_${value}`;

/** The number of a name that nameOf gave, undefined for any other. */
export function numberOfName(names: readonly string[], name: string): number | undefined {
  const value = names.indexOf(name);
  if (value >= 0) return value;
  const unknown = /^UNKNOWN_(-?\d+)$/.exec(name)?.[1];
  return unknown === undefined ? undefined : Number(unknown);
}
