// A second reading of kernels, independent of the interpreter: integers as exact BigInts that are wrapped where the IR says
// so, and every time that changes a value, `onWrap` hears of the expression.
import { bytesOf, type Data } from '../../tensor/dtype.ts';
import { type Expr, isFloat, type Kernel, type MemoryType, memoryBytes, type Stmt, type ValueType } from '../ir.ts';

type Value = bigint | number;

interface Memory {
  readonly bytes: Uint8Array;
  readonly elementBytes: number;
}

interface Frame {
  readonly values: Map<string, Value>;
  readonly memory: Map<string, Memory>;
}

export type OnWrap = (expr: Expr) => void;

/** Runs a kernel on arrays, which are written in place. */
export function exactInterpret(kernel: Kernel, args: readonly Data[], onWrap: OnWrap): void {
  const frame: Frame = { values: new Map(), memory: new Map() };
  const put = (name: string, type: MemoryType, data: Data | undefined): void => {
    if (data !== undefined) frame.memory.set(name, { bytes: bytesOf(data), elementBytes: memoryBytes[type] });
  };
  kernel.arguments.forEach(({ name, type }, i) => {
    put(name, type, args[i]);
  });
  for (const { name, type, data } of kernel.constants) put(name, type, data);
  run(kernel.body, frame, onWrap);
}

function run(body: readonly Stmt[], frame: Frame, onWrap: OnWrap): void {
  const value = (expr: Expr): Value => evaluate(expr, frame, onWrap);
  for (const stmt of body) {
    if (stmt.kind === 'let' || stmt.kind === 'set') frame.values.set(stmt.name, value(stmt.value));
    else if (stmt.kind === 'alloc') {
      const { name, type, length } = stmt.region;
      const elementBytes = memoryBytes[type];
      frame.memory.set(name, { bytes: new Uint8Array(length * elementBytes).fill(0xa5), elementBytes });
    } else if (stmt.kind === 'store') write(slice(frame, stmt.region, value(stmt.at)), stmt.memory, value(stmt.value));
    else if (stmt.kind === 'for') {
      const [from, to] = [BigInt(value(stmt.from)), BigInt(value(stmt.to))];
      for (let i = from; i < to; i += BigInt(stmt.step)) {
        frame.values.set(stmt.index, i);
        run(stmt.body, frame, onWrap);
      }
    } else if (stmt.kind === 'while') {
      while (value(stmt.test) !== 0n) run(stmt.body, frame, onWrap);
    } else if (stmt.kind === 'if') run(value(stmt.test) === 0n ? stmt.else : stmt.then, frame, onWrap);
    else {
      const inner: Frame = { values: new Map(), memory: new Map() };
      stmt.instr.params.forEach(({ name }, i) => {
        const arg = stmt.args[i];
        if (arg?.kind === 'scalar') inner.values.set(name, value(arg.value));
        else if (arg !== undefined) {
          const elementBytes = frame.memory.get(arg.region)?.elementBytes ?? 1;
          inner.memory.set(name, { bytes: slice(frame, arg.region, value(arg.at)), elementBytes });
        }
      });
      run(stmt.instr.meaning, inner, onWrap);
    }
  }
}

/** The bytes of a region from an element on. */
function slice({ memory }: Frame, region: string, at: Value): Uint8Array {
  const { bytes, elementBytes } = found(memory.get(region), region);
  return bytes.subarray(Number(at) * elementBytes);
}

function found<T>(item: T | undefined, name: string): T {
  if (item === undefined) throw new Error(`there is no ${name}`);
  return item;
}

function write(bytes: Uint8Array, memory: MemoryType, value: Value): void {
  const word = memory === 'f32' || memory === 'f64' ? bitsOf(Number(value), memory) : BigInt(value);
  for (let i = 0; i < memoryBytes[memory]; i += 1) bytes[i] = Number((word >> BigInt(8 * i)) & 255n);
}

function read(bytes: Uint8Array, memory: MemoryType): Value {
  const width = memoryBytes[memory];
  let word = 0n;
  for (let i = width - 1; i >= 0; i -= 1) word = word * 256n + BigInt(found(bytes[i], 'such byte'));
  if (memory === 'f32' || memory === 'f64') return floatOf(word, memory);
  return memory === 'u8' ? word : BigInt.asIntN(8 * width, word);
}

const bitsOf = (value: number, type: 'f32' | 'f64'): bigint =>
  type === 'f64'
    ? (new BigInt64Array(Float64Array.of(value).buffer)[0] ?? 0n)
    : BigInt(new Int32Array(Float32Array.of(value).buffer)[0] ?? 0);
const floatOf = (bits: bigint, type: 'f32' | 'f64'): number =>
  type === 'f64'
    ? (new Float64Array(BigInt64Array.of(BigInt.asIntN(64, bits)).buffer)[0] ?? 0)
    : (new Float32Array(Int32Array.of(Number(BigInt.asIntN(32, bits))).buffer)[0] ?? 0);

const widthOf = (type: ValueType): number => (type === 'i64' ? 64 : 32);

function evaluate(expr: Expr, frame: Frame, onWrap: OnWrap): Value {
  const value = (operand: Expr): Value => evaluate(operand, frame, onWrap);
  switch (expr.kind) {
    case 'const':
      return isFloat(expr.type) ? Number(expr.value) : BigInt(expr.value);
    case 'var':
      return found(frame.values.get(expr.name), expr.name);
    case 'load':
      return read(slice(frame, expr.region, value(expr.at)), expr.memory);
    case 'select':
      return value(expr.test) === 0n ? value(expr.b) : value(expr.a);
    case 'cast': {
      const operand = value(expr.value);
      if (expr.bits && (expr.type === 'f32' || expr.type === 'f64')) return floatOf(BigInt(operand), expr.type);
      if (expr.bits) return bitsOf(Number(operand), expr.type === 'i64' ? 'f64' : 'f32');
      if (expr.type === 'f64') return Number(operand);
      if (expr.type === 'f32') return Math.fround(Number(operand));
      return BigInt.asIntN(widthOf(expr.type), typeof operand === 'number' ? BigInt(Math.trunc(operand)) : operand);
    }
    case 'call': {
      const inner: Frame = { values: new Map(), memory: new Map() };
      expr.fn.params.forEach(({ name }, i) => {
        inner.values.set(name, value(found(expr.args[i], name)));
      });
      run(expr.fn.body, inner, onWrap);
      return evaluate(expr.fn.result, inner, onWrap);
    }
    case 'binary': {
      const [a, b] = [value(expr.a), value(expr.b)];
      if (expr.op === 'min') return a < b ? a : b;
      if (expr.op === 'max') return a > b ? a : b;
      const truth = { lt: a < b, le: a <= b, eq: a === b, ne: a !== b }[expr.op as string];
      if (truth !== undefined) return truth ? 1n : 0n;
      if (typeof a === 'number' || typeof b === 'number') {
        const result = floatOperation(expr.op, Number(a), Number(b));
        return expr.type === 'f32' ? Math.fround(result) : result;
      }
      const exact = integerOperation(expr.op, a, b, widthOf(expr.type));
      const wrapped = BigInt.asIntN(widthOf(expr.type), exact);
      // In C a negative number may not be shifted left at all.
      if (wrapped !== exact || (expr.op === 'shl' && a < 0n)) onWrap(expr);
      return wrapped;
    }
  }
}

const floatOperation = (op: string, a: number, b: number): number =>
  op === 'add' ? a + b : op === 'sub' ? a - b : op === 'mul' ? a * b : a / b;

function integerOperation(op: string, a: bigint, b: bigint, width: number): bigint {
  switch (op) {
    case 'add':
      return a + b;
    case 'sub':
      return a - b;
    case 'mul':
      return a * b;
    case 'div':
      return a / b;
    case 'rem':
      return a % b;
    case 'shl':
      return a << b;
    case 'shr':
      return a >> b;
    case 'ushr':
      // The bits as they are, not as a number.
      return BigInt.asIntN(width, BigInt.asUintN(width, a) >> b);
    case 'and':
      return a & b;
    case 'or':
      return a | b;
    default:
      return a ^ b;
  }
}
