// One kernel → the code of one WebAssembly function. Regions lie at fixed addresses, which become the offsets of loads and
// stores; functions are inlined; a machine instruction is the target's opcode, or its meaning where the target has none.
import { assert, never } from '../../errors.ts';
import {
  type Expr,
  type Instr,
  type InstrArg,
  type MemoryType,
  memoryBytes,
  type Region,
  type Stmt,
  type ValueType,
} from '../../kernel/ir.ts';
import { positionsNeverNegative } from '../../kernel/ranges.ts';
import type { Spelling, Spellings } from '../../kernel/spelling.ts';
import { spellingOf } from '../../kernel/spelling.ts';
import { forEachStmt } from '../../kernel/visit.ts';
import { type Bytes, float32, float64, signed, unsigned } from './encode.ts';
import {
  binaryOpcode,
  emptyBlock,
  extractLane,
  greaterThan,
  lessThan,
  loadOpcode,
  op,
  storeOpcode,
  truncateSaturating,
  truncateSaturatingDouble,
  v128Code,
  valueTypeCode,
} from './opcodes.ts';

/** Where a region is: at a fixed address, plus the bytes in a local if it is a part of another, or in a vector register. */
type Place =
  | { readonly kind: 'memory'; readonly type: MemoryType; readonly address: number; readonly plus?: number }
  | { readonly kind: 'register'; readonly type: MemoryType; readonly local: number };

interface Scope {
  readonly locals: Map<string, number>;
  readonly places: Map<string, Place>;
}

interface Function {
  /** Types of the locals in order. */
  readonly localTypes: number[];
  readonly spellings: Spellings;
  /** Scratch addresses of regions on the stack. */
  readonly scratch: ReadonlyMap<Region, number>;
  /** Positions that cannot be negative, so that a constant beside them may be part of an access's offset. */
  readonly notNegative: ReadonlySet<Expr>;
}

/** Regions that need scratch memory, given what the target spells, with their addresses from `base` on; and the bytes they need. */
export function scratchOf(
  body: readonly Stmt[],
  spellings: Spellings,
  base: number,
): { readonly places: ReadonlyMap<Region, number>; readonly bytes: number } {
  const places = new Map<Region, number>();
  let bytes = 0;
  const visit = (stmts: readonly Stmt[]): void => {
    forEachStmt(stmts, (stmt) => {
      if (stmt.kind === 'alloc' && !inRegister(stmt.region, spellings)) {
        places.set(stmt.region, base + bytes);
        bytes += Math.ceil((stmt.region.length * memoryBytes[stmt.region.type]) / 16) * 16;
      }
      if (stmt.kind === 'instr' && spellingOf(spellings, stmt.instr)?.wasm === undefined) visit(stmt.instr.meaning);
    });
  };
  visit(body);
  return { places, bytes };
}

/** A target with vector instructions keeps vector regions in locals; any other one in memory. */
const inRegister = (region: Region, spellings: Spellings): boolean =>
  typeof region.space === 'object' &&
  Object.values(spellings).some((spelling) => 'wasm' in spelling && spelling.wasm?.opcode[0] === 0xfd);

/** The function body: locals and code, without its length. `addresses` holds arguments and constants. */
export function renderKernelCode(
  body: readonly Stmt[],
  addresses: ReadonlyMap<string, { readonly address: number; readonly type: MemoryType }>,
  spellings: Spellings,
  scratch: ReadonlyMap<Region, number>,
): Bytes {
  const fn: Function = { localTypes: [], spellings, scratch, notNegative: positionsNeverNegative(body, []) };
  const scope: Scope = { locals: new Map(), places: new Map() };
  for (const [name, { address, type }] of addresses) scope.places.set(name, { kind: 'memory', type, address });
  const code = renderBody(body, scope, fn);
  const groups = fn.localTypes.map((type) => [1, type]);
  return [...unsigned(groups.length), ...groups.flat(), ...code, op.end];
}

const newLocal = (fn: Function, type: number): number => fn.localTypes.push(type) - 1;

function renderBody(body: readonly Stmt[], scope: Scope, fn: Function): number[] {
  const code: number[] = [];
  for (const stmt of body) for (const byte of renderStmt(stmt, scope, fn)) code.push(byte);
  return code;
}

const get = (local: number): number[] => [op.localGet, ...unsigned(local)];
const set = (local: number): number[] => [op.localSet, ...unsigned(local)];
const tee = (local: number): number[] => [op.localTee, ...unsigned(local)];
const i32Const = (value: number): number[] => [op.i32Const, ...signed(value)];

function localOf(scope: Scope, name: string): number {
  const local = scope.locals.get(name);
  assert(local !== undefined, `no local for ${name}`);
  return local;
}

function placeOf(scope: Scope, name: string): Place {
  const place = scope.places.get(name);
  assert(place !== undefined, `no place for region ${name}`);
  return place;
}

function renderStmt(stmt: Stmt, scope: Scope, fn: Function): number[] {
  switch (stmt.kind) {
    case 'let': {
      const value = renderExpr(stmt.value, scope, fn);
      const local = newLocal(fn, valueTypeCode[stmt.value.type]);
      scope.locals.set(stmt.name, local);
      return [...value, ...set(local)];
    }
    case 'set':
      return [...renderExpr(stmt.value, scope, fn), ...set(localOf(scope, stmt.name))];
    case 'alloc': {
      const { region } = stmt;
      const address = fn.scratch.get(region);
      scope.places.set(
        region.name,
        address === undefined
          ? { kind: 'register', type: region.type, local: newLocal(fn, v128Code) }
          : { kind: 'memory', type: region.type, address },
      );
      return [];
    }
    case 'store': {
      const place = placeOf(scope, stmt.region);
      assert(place.kind === 'memory', `store to a lane of ${stmt.region}`);
      const value = renderExpr(stmt.value, scope, fn);
      const { code, offset } = address(place, stmt.at, scope, fn);
      return [...code, ...value, storeOpcode[stmt.memory], ...memarg(offset)];
    }
    case 'for':
      return renderLoop(stmt, scope, fn);
    case 'while': {
      const test = renderExpr(stmt.test, scope, fn);
      const body = renderBody(stmt.body, scope, fn);
      // A loop in a block: out of both where the test fails.
      return [
        op.block,
        emptyBlock,
        op.loop,
        emptyBlock,
        ...test,
        op.i32Eqz,
        op.brIf,
        1,
        ...body,
        op.br,
        0,
        op.end,
        op.end,
      ];
    }
    case 'if': {
      const test = renderExpr(stmt.test, scope, fn);
      const then = renderBody(stmt.then, scope, fn);
      const otherwise = stmt.else.length === 0 ? [] : [op.else, ...renderBody(stmt.else, scope, fn)];
      return [...test, op.if, emptyBlock, ...then, ...otherwise, op.end];
    }
    case 'instr':
      return renderInstr(stmt.instr, stmt.args, scope, fn);
    default:
      return never(stmt);
  }
}

function renderLoop(stmt: Extract<Stmt, { kind: 'for' }>, scope: Scope, fn: Function): number[] {
  const counter = newLocal(fn, valueTypeCode.index);
  const code = [...renderExpr(stmt.from, scope, fn), ...set(counter)];
  let end = renderExpr(stmt.to, scope, fn);
  if (stmt.to.kind !== 'const') {
    const limit = newLocal(fn, valueTypeCode.index);
    code.push(...end, ...set(limit));
    end = get(limit);
  }
  scope.locals.set(stmt.index, counter);
  const body = renderBody(stmt.body, scope, fn);
  const again = [...get(counter), ...i32Const(stmt.step), op.i32Add, ...tee(counter), ...end, op.i32LtS, op.brIf, 0];
  const loop = [op.loop, emptyBlock, ...body, ...again, op.end];
  const surelyRuns =
    stmt.from.kind === 'const' && stmt.to.kind === 'const' && Number(stmt.from.value) < Number(stmt.to.value);
  if (surelyRuns) return [...code, ...loop];
  return [...code, ...get(counter), ...end, op.i32LtS, op.if, emptyBlock, ...loop, op.end];
}

/** Alignment hints are left at 1 byte: they are hints only, and every engine treats aligned data as such. */
const memarg = (offset: number): number[] => [0, ...unsigned(offset)];

/** An address in its two parts: what is put on the stack, and the instruction's offset, which is added to it unsigned. */
interface Address {
  readonly code: number[];
  readonly offset: number;
}

/** The address of an element. Constants are part of the offset where what remains on the stack is surely not negative. */
function address(place: Extract<Place, { kind: 'memory' }>, at: Expr, scope: Scope, fn: Function): Address {
  const size = memoryBytes[place.type];
  const [variable, constant] = splitPosition(at, fn);
  const scaled =
    variable === undefined
      ? i32Const(0)
      : [...renderExpr(variable, scope, fn), ...(size === 1 ? [] : [...i32Const(Math.log2(size)), op.i32Shl])];
  const code =
    place.plus === undefined
      ? scaled
      : variable === undefined
        ? get(place.plus)
        : [...scaled, ...get(place.plus), op.i32Add];
  return { code, offset: place.address + constant * size };
}

function splitPosition(at: Expr, fn: Function): readonly [variable: Expr | undefined, constant: number] {
  if (at.kind === 'const' && Number(at.value) >= 0) return [undefined, Number(at.value)];
  if (at.kind === 'binary' && at.op === 'add' && at.b.kind === 'const' && Number(at.b.value) >= 0) {
    if (fn.notNegative.has(at.a)) return [at.a, Number(at.b.value)];
  }
  return [at, 0];
}

function renderExpr(expr: Expr, scope: Scope, fn: Function): number[] {
  switch (expr.kind) {
    case 'const':
      if (expr.type === 'f64') return [op.f64Const, ...float64(Number(expr.value))];
      if (expr.type === 'f32') return [op.f32Const, ...float32(Number(expr.value))];
      return expr.type === 'i64' ? [op.i64Const, ...signed(expr.value)] : i32Const(Number(expr.value));
    case 'var':
      return get(localOf(scope, expr.name));
    case 'load': {
      const place = placeOf(scope, expr.region);
      if (place.kind === 'register') {
        const extract = extractLane[place.type];
        assert(expr.at.kind === 'const' && extract !== undefined, `lane of ${expr.region}`);
        return [...get(place.local), ...extract, Number(expr.at.value)];
      }
      const { code, offset } = address(place, expr.at, scope, fn);
      return [...code, loadOpcode[expr.memory], ...memarg(offset)];
    }
    case 'binary':
      if (expr.op === 'min' || expr.op === 'max') return renderMinMax(expr, scope, fn);
      return [...renderExpr(expr.a, scope, fn), ...renderExpr(expr.b, scope, fn), binaryOpcode(expr.op, expr.a.type)];
    case 'select':
      return [
        ...renderExpr(expr.a, scope, fn),
        ...renderExpr(expr.b, scope, fn),
        ...renderExpr(expr.test, scope, fn),
        op.select,
      ];
    case 'cast':
      return [...renderExpr(expr.value, scope, fn), ...conversion(expr)];
    case 'call': {
      const args = expr.args.map((arg) => renderExpr(arg, scope, fn));
      const spelling = spellingOf(fn.spellings, expr.fn)?.wasm;
      if (spelling !== undefined) return [...args.flat(), ...spelling.opcode];
      // Inlined: parameters become locals, and the function's names a scope of their own.
      const inner: Scope = { locals: new Map(), places: new Map() };
      const bind = expr.fn.params.flatMap((param, i) => {
        const local = newLocal(fn, valueTypeCode[param.type]);
        inner.locals.set(param.name, local);
        return [...(args[i] ?? []), ...set(local)];
      });
      return [...bind, ...renderBody(expr.fn.body, inner, fn), ...renderExpr(expr.fn.result, inner, fn)];
    }
    default:
      return never(expr);
  }
}

/** `a < b ? a : b` with each operand computed once. */
function renderMinMax(expr: Extract<Expr, { kind: 'binary' }>, scope: Scope, fn: Function): number[] {
  const compare = (expr.op === 'min' ? lessThan : greaterThan)[expr.type];
  const again = (operand: Expr): { readonly once: number[]; readonly repeated: number[] } => {
    const code = renderExpr(operand, scope, fn);
    if (operand.kind === 'const' || operand.kind === 'var') return { once: code, repeated: code };
    const local = newLocal(fn, valueTypeCode[operand.type]);
    return { once: [...code, ...tee(local)], repeated: get(local) };
  };
  const a = again(expr.a);
  const b = again(expr.b);
  return [...a.once, ...b.once, ...a.repeated, ...b.repeated, compare, op.select];
}

const reinterpretation: Readonly<Record<ValueType, number>> = {
  f32: op.f32ReinterpretI32,
  i32: op.i32ReinterpretF32,
  f64: op.f64ReinterpretI64,
  i64: op.i64ReinterpretF64,
  index: op.i32ReinterpretF32,
};

function conversion({ type, value, bits }: Extract<Expr, { kind: 'cast' }>): readonly number[] {
  if (bits) return [reinterpretation[type]];
  const from = value.type === 'index' ? 'i32' : value.type;
  const to = type === 'index' ? 'i32' : type;
  if (from === to) return [];
  if (from === 'i32' && to === 'i64') return [op.i64ExtendI32S];
  if (from === 'i64' && to === 'i32') return [op.i32WrapI64];
  if (from === 'i32' && to === 'f32') return [op.f32ConvertI32S];
  if (from === 'f32' && to === 'i32') return truncateSaturating;
  if (from === 'i32' && to === 'f64') return [op.f64ConvertI32S];
  if (from === 'f64' && to === 'i32') return truncateSaturatingDouble;
  if (from === 'f32' && to === 'f64') return [op.f64PromoteF32];
  if (from === 'f64' && to === 'f32') return [op.f32DemoteF64];
  throw new Error(`internal error: cast of ${value.type} to ${type}`);
}

function renderInstr(instr: Instr, args: readonly InstrArg[], scope: Scope, fn: Function): number[] {
  const spelling = spellingOf(fn.spellings, instr)?.wasm;
  return spelling === undefined ? inlineMeaning(instr, args, scope, fn) : spelled(instr, args, spelling, scope, fn);
}

function spelled(
  instr: Instr,
  args: readonly InstrArg[],
  { opcode, memarg: memory }: NonNullable<Spelling['wasm']>,
  scope: Scope,
  fn: Function,
): number[] {
  const code: number[] = [];
  let result: number[] = [];
  let offset = 0;
  instr.params.forEach((param, i) => {
    const arg = args[i];
    assert(arg !== undefined, `${instr.name} without ${param.name}`);
    if (arg.kind === 'scalar') {
      code.push(...renderExpr(arg.value, scope, fn));
      return;
    }
    const place = placeOf(scope, arg.region);
    if (place.kind === 'memory') {
      const part = address(place, arg.at, scope, fn);
      code.push(...part.code);
      offset = part.offset;
      return;
    }
    if (param.kind === 'region' && param.access !== 'write') code.push(...get(place.local));
    if (param.kind === 'region' && param.access !== 'read') result = set(place.local);
  });
  const immediates =
    memory === undefined
      ? []
      : [memory.align, ...unsigned(offset), ...(memory.lane === undefined ? [] : [memory.lane])];
  return [...code, ...opcode, ...immediates, ...result];
}

/** The meaning in a scope of its own, whose regions are parts of the arguments. */
function inlineMeaning(instr: Instr, args: readonly InstrArg[], scope: Scope, fn: Function): number[] {
  const inner: Scope = { locals: new Map(), places: new Map() };
  const bind = instr.params.flatMap((param, i) => {
    const arg = args[i];
    assert(arg !== undefined, `${instr.name} without ${param.name}`);
    if (arg.kind === 'scalar') {
      const local = newLocal(fn, valueTypeCode[arg.value.type]);
      inner.locals.set(param.name, local);
      return [...renderExpr(arg.value, scope, fn), ...set(local)];
    }
    const place = placeOf(scope, arg.region);
    assert(place.kind === 'memory', `${instr.name} on a register it has no opcode for`);
    const plus = newLocal(fn, valueTypeCode.index);
    const { code, offset } = address(place, arg.at, scope, fn);
    inner.places.set(param.name, { ...place, address: offset, plus });
    return [...code, ...set(plus)];
  });
  return [...bind, ...renderBody(instr.meaning, inner, fn)];
}
