// The definition of the kernel IR in code: runs a kernel on typed arrays, slowly and exactly, checking every access.
// A load or store out of bounds, a division by zero or a cast out of range is an error of the kernel and throws.
import { assert, never } from '../errors.ts';
import type { Data } from '../tensor/dtype.ts';
import {
  type BinaryOp,
  type Expr,
  type Fn,
  type Kernel,
  type MemoryType,
  memoryBytes,
  type Stmt,
  type ValueType,
} from './ir.ts';

type Value = number | bigint;

/** A region's memory: its bytes, and where its first element lies. */
interface Memory {
  readonly view: DataView;
  readonly type: MemoryType;
}

interface Frame {
  readonly values: Map<string, Value>;
  readonly memory: Map<string, Memory>;
}

const memoryOf = (data: Data, type: MemoryType): Memory => ({
  view: new DataView(data.buffer, data.byteOffset, data.byteLength),
  type,
});

/** Runs the kernel; `args` are the arrays of its arguments in order, scratch excepted, and are written in place. */
export function interpret(kernel: Kernel, args: readonly Data[]): void {
  const frame: Frame = { values: new Map(), memory: new Map() };
  const bound = kernel.arguments.filter(({ access }) => access !== 'scratch');
  assert(args.length === bound.length, `${kernel.name} takes ${bound.length} arguments`);
  bound.forEach((argument, i) => {
    const data = args[i];
    assert(data !== undefined && data.length === argument.length, `${kernel.name}: size of argument ${argument.name}`);
    frame.memory.set(argument.name, memoryOf(data, argument.type));
  });
  for (const { name, type, length, access } of kernel.arguments) {
    // What scratch holds at first is open; a pattern shows who relies on it.
    const poison = new Uint8Array(length * memoryBytes[type]).fill(0xa5);
    if (access === 'scratch') frame.memory.set(name, { view: new DataView(poison.buffer), type });
  }
  for (const constant of kernel.constants) {
    assert(constant.data !== undefined, `constant ${constant.name} has no data`);
    frame.memory.set(constant.name, memoryOf(constant.data, constant.type));
  }
  runAll(compileAll(kernel.body), frame);
}

type Step = (frame: Frame) => void;
type Get = (frame: Frame) => Value;

const runAll = (steps: readonly Step[], frame: Frame): void => {
  for (const step of steps) step(frame);
};

const compileAll = (body: readonly Stmt[]): readonly Step[] => body.map(compileStmt);

function compileStmt(stmt: Stmt): Step {
  switch (stmt.kind) {
    case 'let':
    case 'set': {
      const { name } = stmt;
      const value = compileExpr(stmt.value);
      return (frame) => {
        frame.values.set(name, value(frame));
      };
    }
    case 'alloc': {
      const { name, type, length } = stmt.region;
      return (frame) => {
        frame.memory.set(name, { view: new DataView(new ArrayBuffer(length * memoryBytes[type])), type });
      };
    }
    case 'store': {
      const { region, memory } = stmt;
      const at = compileExpr(stmt.at);
      const value = compileExpr(stmt.value);
      return (frame) => write(regionOf(frame, region), memory, Number(at(frame)), value(frame));
    }
    case 'for': {
      const from = compileExpr(stmt.from);
      const to = compileExpr(stmt.to);
      const body = compileAll(stmt.body);
      assert(stmt.step > 0, `loop ${stmt.index} has step ${stmt.step}`);
      return (frame) => {
        const end = Number(to(frame));
        for (let i = Number(from(frame)); i < end; i += stmt.step) {
          frame.values.set(stmt.index, i);
          runAll(body, frame);
        }
      };
    }
    case 'while': {
      const test = compileExpr(stmt.test);
      const body = compileAll(stmt.body);
      return (frame) => {
        while (test(frame)) runAll(body, frame);
      };
    }
    case 'if': {
      const test = compileExpr(stmt.test);
      const then = compileAll(stmt.then);
      const otherwise = compileAll(stmt.else);
      return (frame) => runAll(test(frame) ? then : otherwise, frame);
    }
    case 'instr': {
      const meaning = compileAll(stmt.instr.meaning);
      const args = stmt.args.map((arg) => ({ arg, value: compileExpr(arg.kind === 'scalar' ? arg.value : arg.at) }));
      return (frame) => {
        const inner: Frame = { values: new Map(), memory: new Map() };
        stmt.instr.params.forEach((param, i) => {
          const bound = args[i];
          assert(bound !== undefined, `${stmt.instr.name}: missing ${param.name}`);
          if (bound.arg.kind === 'scalar') inner.values.set(param.name, bound.value(frame));
          else inner.memory.set(param.name, from(regionOf(frame, bound.arg.region), Number(bound.value(frame))));
        });
        runAll(meaning, inner);
      };
    }
    default:
      return never(stmt);
  }
}

function regionOf(frame: Frame, name: string): Memory {
  const memory = frame.memory.get(name);
  assert(memory !== undefined, `region ${name} does not exist`);
  return memory;
}

/** The part of a region from element `at` on. */
function from({ view, type }: Memory, at: number): Memory {
  const offset = at * memoryBytes[type];
  assert(offset >= 0 && offset <= view.byteLength, `element ${at} is outside its region`);
  return { view: new DataView(view.buffer, view.byteOffset + offset, view.byteLength - offset), type };
}

function read({ view, type }: Memory, memory: MemoryType, at: number): Value {
  const offset = at * memoryBytes[type];
  assert(offset >= 0 && offset + memoryBytes[memory] <= view.byteLength, `load of element ${at} out of bounds`);
  switch (memory) {
    case 'i8':
      return view.getInt8(offset);
    case 'u8':
      return view.getUint8(offset);
    case 'i16':
      return view.getInt16(offset, true);
    case 'i32':
      return view.getInt32(offset, true);
    case 'i64':
      return view.getBigInt64(offset, true);
    case 'f32':
      return view.getFloat32(offset, true);
    case 'f64':
      return view.getFloat64(offset, true);
    default:
      return never(memory);
  }
}

function write({ view, type }: Memory, memory: MemoryType, at: number, value: Value): void {
  const offset = at * memoryBytes[type];
  assert(offset >= 0 && offset + memoryBytes[memory] <= view.byteLength, `store to element ${at} out of bounds`);
  if (memory === 'i64') view.setBigInt64(offset, BigInt(value), true);
  else if (memory === 'f64') view.setFloat64(offset, Number(value), true);
  else if (memory === 'f32') view.setFloat32(offset, Number(value), true);
  else if (memory === 'i32') view.setInt32(offset, Number(value), true);
  else if (memory === 'i16') view.setInt16(offset, Number(value), true);
  else view.setInt8(offset, Number(value));
}

function compileExpr(expr: Expr): Get {
  switch (expr.kind) {
    case 'const': {
      const { value } = expr;
      return () => value;
    }
    case 'var': {
      const { name } = expr;
      return (frame) => {
        const value = frame.values.get(name);
        assert(value !== undefined, `variable ${name} does not exist`);
        return value;
      };
    }
    case 'load': {
      const { region, memory } = expr;
      const at = compileExpr(expr.at);
      return (frame) => read(regionOf(frame, region), memory, Number(at(frame)));
    }
    case 'binary': {
      const a = compileExpr(expr.a);
      const b = compileExpr(expr.b);
      const apply = binaryOf(expr.op, expr.a.type);
      return (frame) => apply(a(frame), b(frame));
    }
    case 'select': {
      const test = compileExpr(expr.test);
      const a = compileExpr(expr.a);
      const b = compileExpr(expr.b);
      return (frame) => {
        const [whenTrue, whenFalse] = [a(frame), b(frame)];
        return test(frame) ? whenTrue : whenFalse;
      };
    }
    case 'cast': {
      const value = compileExpr(expr.value);
      const convert = expr.bits ? reinterpret(expr.type) : castOf(expr.value.type, expr.type);
      return (frame) => convert(value(frame));
    }
    case 'call': {
      const args = expr.args.map(compileExpr);
      const run = compileFn(expr.fn);
      return (frame) => run(args.map((arg) => arg(frame)));
    }
    default:
      return never(expr);
  }
}

const compiledFns = new WeakMap<Fn, (args: readonly Value[]) => Value>();

function compileFn(fn: Fn): (args: readonly Value[]) => Value {
  const known = compiledFns.get(fn);
  if (known !== undefined) return known;
  const body = compileAll(fn.body);
  const result = compileExpr(fn.result);
  const run = (args: readonly Value[]): Value => {
    const frame: Frame = { values: new Map(), memory: new Map() };
    fn.params.forEach((param, i) => {
      frame.values.set(param.name, args[i] ?? 0);
    });
    runAll(body, frame);
    return result(frame);
  };
  compiledFns.set(fn, run);
  return run;
}

type Apply = (a: Value, b: Value) => Value;

const i32 =
  (apply: (a: number, b: number) => number): Apply =>
  (a, b) =>
    apply(Number(a), Number(b)) | 0;
const i64 =
  (apply: (a: bigint, b: bigint) => bigint): Apply =>
  (a, b) =>
    BigInt.asIntN(64, apply(BigInt(a), BigInt(b)));
const f32 =
  (apply: (a: number, b: number) => number): Apply =>
  (a, b) =>
    Math.fround(apply(Number(a), Number(b)));

const compare: Readonly<Partial<Record<BinaryOp, Apply>>> = {
  lt: (a, b) => (a < b ? 1 : 0),
  le: (a, b) => (a <= b ? 1 : 0),
  eq: (a, b) => (a === b ? 1 : 0),
  ne: (a, b) => (a !== b ? 1 : 0),
  min: (a, b) => (a < b ? a : b),
  max: (a, b) => (a > b ? a : b),
};

const divide32 = (a: number, b: number): number => {
  assert(b !== 0 && !(a === -2147483648 && b === -1), `${a} / ${b} has no i32 result`);
  return a / b;
};

const integer32: Readonly<Partial<Record<BinaryOp, Apply>>> = {
  add: i32((a, b) => a + b),
  sub: i32((a, b) => a - b),
  mul: i32(Math.imul),
  div: i32(divide32),
  rem: i32((a, b) => {
    divide32(a, b);
    return a % b;
  }),
  shl: i32((a, b) => a << amount(b, 32)),
  shr: i32((a, b) => a >> amount(b, 32)),
  ushr: i32((a, b) => a >>> amount(b, 32)),
  and: i32((a, b) => a & b),
  or: i32((a, b) => a | b),
  xor: i32((a, b) => a ^ b),
};

const amount = (bits: number, width: number): number => {
  assert(bits >= 0 && bits < width, `shift by ${bits} of ${width} bits`);
  return bits;
};

const divide64 = (a: bigint, b: bigint): bigint => {
  assert(b !== 0n && !(a === -(2n ** 63n) && b === -1n), `${a} / ${b} has no i64 result`);
  return a / b;
};

const integer64: Readonly<Partial<Record<BinaryOp, Apply>>> = {
  add: i64((a, b) => a + b),
  sub: i64((a, b) => a - b),
  mul: i64((a, b) => a * b),
  div: i64(divide64),
  rem: i64((a, b) => a - divide64(a, b) * b),
  shl: i64((a, b) => a << BigInt(amount(Number(b), 64))),
  shr: i64((a, b) => a >> BigInt(amount(Number(b), 64))),
  ushr: i64((a, b) => BigInt.asUintN(64, a) >> BigInt(amount(Number(b), 64))),
  and: i64((a, b) => a & b),
  or: i64((a, b) => a | b),
  xor: i64((a, b) => a ^ b),
};

const single: Readonly<Partial<Record<BinaryOp, Apply>>> = {
  add: f32((a, b) => a + b),
  sub: f32((a, b) => a - b),
  mul: f32((a, b) => a * b),
  div: f32((a, b) => a / b),
};

const double: Readonly<Partial<Record<BinaryOp, Apply>>> = {
  add: (a, b) => Number(a) + Number(b),
  sub: (a, b) => Number(a) - Number(b),
  mul: (a, b) => Number(a) * Number(b),
  div: (a, b) => Number(a) / Number(b),
};

const tables = { f32: single, f64: double, i64: integer64, i32: integer32, index: integer32 } as const;

function binaryOf(op: BinaryOp, type: ValueType): Apply {
  const apply = compare[op] ?? tables[type][op];
  assert(apply !== undefined, `${op} is not defined on ${type}`);
  return apply;
}

function castOf(source: ValueType, target: ValueType): (value: Value) => Value {
  if (target === 'i64') return (value) => BigInt(value);
  if (target === 'f32') return (value) => Math.fround(Number(value));
  if (target === 'f64') return (value) => value;
  if (source === 'i64') return (value) => Number(BigInt.asIntN(32, BigInt(value)));
  if (source === 'f32' || source === 'f64') {
    return (value) => {
      const truncated = Math.trunc(Number(value));
      assert(truncated >= -2147483648 && truncated <= 2147483647, `cast of ${value} to i32`);
      return truncated + 0;
    };
  }
  return (value) => value;
}

function reinterpret(target: ValueType): (value: Value) => Value {
  const view = new DataView(new ArrayBuffer(8));
  if (target === 'f64')
    return (value) => {
      view.setBigInt64(0, BigInt(value));
      return view.getFloat64(0);
    };
  if (target === 'i64')
    return (value) => {
      view.setFloat64(0, Number(value));
      return view.getBigInt64(0);
    };
  return target === 'f32'
    ? (value) => {
        view.setInt32(0, Number(value));
        return view.getFloat32(0);
      }
    : (value) => {
        view.setFloat32(0, Number(value));
        return view.getInt32(0);
      };
}
