// Kernel IR: the small typed loop language in which every operator's loops are written, rewritten and rendered. What a
// kernel means is said here, once; `interpret.ts` is the definition in code, and every renderer must agree with it to the last bit.
//
// Values. An expression has one of five types: `i32`, `i64` (two's complement; +, -, * wrap), `f32` and `f64` (IEEE 754 single and double,
// rounded to nearest even after every operation, never contracted into fused operations; which NaN results is left
// open) and `index` (a position or a count; kernels never let it leave the int32 range, so it is not checked for wrap).
// Memory. A region holds elements of one memory type; a load widens (sign or zero extension) to i32, i64, f32 or f64, a store
// keeps the low bits. f32 may be loaded as i32, which gives its bits. A load or store may name a wider memory type than its region's: the bytes from the element on,
// little-endian, any alignment; or u8 where the region is of i8. What an `alloc` holds is undefined until it is stored to.
// Operators. `shl`, `shr` (arithmetic), `ushr` (logical) take an amount of 0 to the width less one. `div` and `rem`
// truncate towards zero; the divisor is not 0 and the quotient does not overflow. Comparisons give i32 1 or 0; on NaN
// all but `ne` give 0. min(a, b) is `a < b ? a : b`, max(a, b) is `a > b ? a : b`: so the second operand comes out when
// either is NaN, and where both are equal. Of the others f32 and f64 have add, sub, mul and div. `select` evaluates both arms; any
// load in either must be in bounds.
// Casts. i32 and index → i64 extend, i32 ↔ index keeps the value, i64 → i32 keeps the low half, i32 → f32 rounds to
// nearest even, f32 and f64 → i32 truncate towards zero and their operand is within the int32 range, not NaN; f32 and i32 → f64 are exact,
// f64 → f32 rounds to nearest even. `bits` reinterprets i32 and f32, i64 and f64.
// Statements. `for` counts upwards from `from` while less than `to`, both evaluated once. `while` evaluates its test before every turn;
// who writes one makes sure that it ends. A `let` that is not mutable is
// never assigned. Names are unique within a kernel, and none is that of a function it calls. A call is pure: the function's
// body sees only its parameters and has no memory of its own.
// Instructions. `instr` works on regions (vector registers are regions in a register space) and means exactly its
// `meaning`; a renderer uses the target's spelling for it, or inlines the meaning. Outside of instructions a register is only
// read: one lane, at a constant position.
import type { Data } from '../tensor/dtype.ts';

export type MemoryType = 'i8' | 'u8' | 'i16' | 'i32' | 'i64' | 'f32' | 'f64';
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'index';

/** Where a region lives: handed in by the caller, in read-only data, on the stack, or in the registers of a family. */
export type Space = 'argument' | 'constant' | 'stack' | { readonly registers: string };

export interface Region {
  readonly name: string;
  readonly type: MemoryType;
  /** Elements. */
  readonly length: number;
  readonly space: Space;
  /** Contents of a constant region. */
  readonly data?: Data;
}

export type BinaryOp =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'rem'
  | 'min'
  | 'max'
  | 'shl'
  | 'shr'
  | 'ushr'
  | 'and'
  | 'or'
  | 'xor'
  | 'lt'
  | 'le'
  | 'eq'
  | 'ne';

export type Expr =
  | { readonly kind: 'const'; readonly type: ValueType; readonly value: number | bigint }
  | { readonly kind: 'var'; readonly type: ValueType; readonly name: string }
  | {
      readonly kind: 'load';
      readonly type: ValueType;
      readonly memory: MemoryType;
      readonly region: string;
      readonly at: Expr;
    }
  | { readonly kind: 'binary'; readonly type: ValueType; readonly op: BinaryOp; readonly a: Expr; readonly b: Expr }
  | { readonly kind: 'select'; readonly type: ValueType; readonly test: Expr; readonly a: Expr; readonly b: Expr }
  | { readonly kind: 'cast'; readonly type: ValueType; readonly value: Expr; readonly bits?: true }
  | { readonly kind: 'call'; readonly type: ValueType; readonly fn: Fn; readonly args: readonly Expr[] };

export type Stmt =
  | { readonly kind: 'let'; readonly name: string; readonly value: Expr; readonly mutable?: true }
  | { readonly kind: 'set'; readonly name: string; readonly value: Expr }
  | { readonly kind: 'alloc'; readonly region: Region }
  | {
      readonly kind: 'store';
      readonly memory: MemoryType;
      readonly region: string;
      readonly at: Expr;
      readonly value: Expr;
    }
  | {
      readonly kind: 'for';
      readonly index: string;
      readonly from: Expr;
      readonly to: Expr;
      readonly step: number;
      readonly body: readonly Stmt[];
    }
  | { readonly kind: 'while'; readonly test: Expr; readonly body: readonly Stmt[] }
  | {
      readonly kind: 'if';
      readonly test: Expr;
      readonly then: readonly Stmt[];
      readonly else: readonly Stmt[];
      /** The test nearly always holds: of what it costs, not of what it means. */
      readonly likely?: true;
    }
  | { readonly kind: 'instr'; readonly instr: Instr; readonly args: readonly InstrArg[] };

/** A pure scalar function, or a scalar machine instruction: its meaning. A target may know a spelling by its name. */
export interface Fn {
  readonly name: string;
  /** One sentence for the reader of the generated code. */
  readonly note: string;
  readonly params: readonly { readonly name: string; readonly type: ValueType }[];
  readonly type: ValueType;
  readonly body: readonly Stmt[];
  readonly result: Expr;
}

/** A machine instruction over regions: its meaning is written on regions and scalars named as the parameters. */
export interface Instr {
  readonly name: string;
  readonly params: readonly InstrParam[];
  /** For one of many that differ in numbers known when the kernel is written: the name a target knows them all by. */
  readonly family?: InstrFamily;
  /** For a routine, in memory alone: what it does, in a sentence. A target without a spelling for it gets its meaning as a function. */
  readonly routine?: string;
  readonly meaning: readonly Stmt[];
}

export interface InstrFamily {
  readonly name: string;
  readonly numbers: Readonly<Record<string, number>>;
}

export type InstrParam =
  | { readonly name: string; readonly kind: 'scalar'; readonly type: ValueType }
  | {
      readonly name: string;
      readonly kind: 'region';
      readonly type: MemoryType;
      /** Elements it reaches at most from where it is given; open for memory whose extent other operands say. */
      readonly lanes?: number;
      readonly access: 'read' | 'write' | 'update';
      /** A register of this family, or memory. */
      readonly in: 'memory' | { readonly registers: string };
    };

/** What the meaning of an instruction takes as the length of open memory. */
export const openLength = 2 ** 31 - 1;

/** A region from element `at` on, or a scalar. */
export type InstrArg =
  | { readonly kind: 'region'; readonly region: string; readonly at: Expr }
  | { readonly kind: 'scalar'; readonly value: Expr };

/** The loops of one node. Calls list the arguments in this order, scratch last; constants are referred to by name. */
export interface Kernel {
  readonly name: string;
  /** What the kernel came from, for the reader of the generated code. */
  readonly note: string;
  readonly arguments: readonly KernelArgument[];
  readonly constants: readonly Region[];
  readonly body: readonly Stmt[];
  /** Mostly branches: C compilers make the better code of it, also the faster, when told to make it small. */
  readonly compact?: true;
}

/** `scratch` is memory for the time of the call: its contents are open at the start and lost at the end. */
export interface KernelArgument extends Region {
  readonly access: 'read' | 'write' | 'update' | 'scratch';
}

/** Bytes of one element in memory. */
export const memoryBytes: Readonly<Record<MemoryType, number>> = {
  i8: 1,
  u8: 1,
  i16: 2,
  i32: 4,
  i64: 8,
  f32: 4,
  f64: 8,
};

/** The type a load of this memory type gives. */
export const valueTypeOf = (memory: MemoryType): ValueType =>
  memory === 'f32' || memory === 'f64' || memory === 'i64' ? memory : 'i32';

/** Whether values of the type are floating-point numbers. */
export const isFloat = (type: ValueType | MemoryType): boolean => type === 'f32' || type === 'f64';
