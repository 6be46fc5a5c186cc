// The opcodes the renderer emits, by their names in the WebAssembly specification.
import type { BinaryOp, MemoryType, ValueType } from '../../kernel/ir.ts';

export const op = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  call: 0x10,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  i32Eqz: 0x45,
  i32LtS: 0x48,
  i32Eq: 0x46,
  i32Add: 0x6a,
  i32Mul: 0x6c,
  i32Shl: 0x74,
  i32WrapI64: 0xa7,
  i64ExtendI32S: 0xac,
  f32ConvertI32S: 0xb2,
  i32ReinterpretF32: 0xbc,
  f32ReinterpretI32: 0xbe,
  f64Const: 0x44,
  f64ConvertI32S: 0xb7,
  f32DemoteF64: 0xb6,
  f64PromoteF32: 0xbb,
  i64ReinterpretF64: 0xbd,
  f64ReinterpretI64: 0xbf,
} as const;

/** Block type of blocks without result. */
export const emptyBlock = 0x40;

export const valueTypeCode: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  index: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
};
export const v128Code = 0x7b;

/** i32.trunc_sat_f32_s: as the IR's cast where that is defined, and never a trap. */
export const truncateSaturating: readonly number[] = [0xfc, 0x00];
/** i32.trunc_sat_f64_s. */
export const truncateSaturatingDouble: readonly number[] = [0xfc, 0x02];

const integer32: Readonly<Partial<Record<BinaryOp, number>>> = {
  add: 0x6a,
  sub: 0x6b,
  mul: 0x6c,
  div: 0x6d,
  rem: 0x6f,
  and: 0x71,
  or: 0x72,
  xor: 0x73,
  shl: 0x74,
  shr: 0x75,
  ushr: 0x76,
  eq: 0x46,
  ne: 0x47,
  lt: 0x48,
  le: 0x4c,
};
const integer64: Readonly<Partial<Record<BinaryOp, number>>> = {
  add: 0x7c,
  sub: 0x7d,
  mul: 0x7e,
  div: 0x7f,
  rem: 0x81,
  and: 0x83,
  or: 0x84,
  xor: 0x85,
  shl: 0x86,
  shr: 0x87,
  ushr: 0x88,
  eq: 0x51,
  ne: 0x52,
  lt: 0x53,
  le: 0x57,
};
const single: Readonly<Partial<Record<BinaryOp, number>>> = {
  add: 0x92,
  sub: 0x93,
  mul: 0x94,
  div: 0x95,
  eq: 0x5b,
  ne: 0x5c,
  lt: 0x5d,
  le: 0x5f,
};

const double: Readonly<Partial<Record<BinaryOp, number>>> = {
  add: 0xa0,
  sub: 0xa1,
  mul: 0xa2,
  div: 0xa3,
  eq: 0x61,
  ne: 0x62,
  lt: 0x63,
  le: 0x65,
};

const tables = { f32: single, f64: double, i64: integer64, i32: integer32, index: integer32 } as const;

/** The opcode of an operator on operands of a type; min and max have none. */
export function binaryOpcode(operator: BinaryOp, type: ValueType): number {
  const code = tables[type][operator];
  if (code === undefined) throw new Error(`internal error: no WebAssembly opcode for ${operator} on ${type}`);
  return code;
}

export const lessThan: Readonly<Record<ValueType, number>> = {
  i32: 0x48,
  index: 0x48,
  i64: 0x53,
  f32: 0x5d,
  f64: 0x63,
};
export const greaterThan: Readonly<Record<ValueType, number>> = {
  i32: 0x4a,
  index: 0x4a,
  i64: 0x55,
  f32: 0x5e,
  f64: 0x64,
};

/** Widening loads and narrowing stores, with the memory argument's alignment exponent for aligned data. */
export const loadOpcode: Readonly<Record<MemoryType, number>> = {
  i8: 0x2c,
  u8: 0x2d,
  i16: 0x2e,
  i32: 0x28,
  i64: 0x29,
  f32: 0x2a,
  f64: 0x2b,
};
export const storeOpcode: Readonly<Record<MemoryType, number>> = {
  i8: 0x3a,
  u8: 0x3a,
  i16: 0x3b,
  i32: 0x36,
  i64: 0x37,
  f32: 0x38,
  f64: 0x39,
};

/** Lane extraction from a vector register, by the register's lane type. */
export const extractLane: Readonly<Partial<Record<MemoryType, readonly number[]>>> = {
  i8: [0xfd, 0x15],
  u8: [0xfd, 0x16],
  i16: [0xfd, 0x18],
  i32: [0xfd, 0x1b],
  i64: [0xfd, 0x1d],
  f32: [0xfd, 0x1f],
};
