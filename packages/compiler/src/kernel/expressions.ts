// Constructors of expressions. They fold constants and drop neutral elements, so that what is written from general
// formulas reads as if written for the shapes at hand.
import { assert } from '../errors.ts';
import { type BinaryOp, type Expr, type Fn, isFloat, type ValueType } from './ir.ts';

export const int = (value: number): Expr => ({ kind: 'const', type: 'i32', value: value | 0 });
export const long = (value: number | bigint): Expr => ({
  kind: 'const',
  type: 'i64',
  value: BigInt.asIntN(64, BigInt(value)),
});
export const float = (value: number): Expr => ({ kind: 'const', type: 'f32', value: Math.fround(value) });
export const double = (value: number): Expr => ({ kind: 'const', type: 'f64', value });
/** -0, as negating a size may give, is 0. */
export const index = (value: number): Expr => ({ kind: 'const', type: 'index', value: value + 0 });

/** An index: numbers stand for themselves. */
export type Index = Expr | number;
export const toIndex = (value: Index): Expr => (typeof value === 'number' ? index(value) : value);

const comparisons: ReadonlySet<BinaryOp> = new Set(['lt', 'le', 'eq', 'ne']);

export const isConst = (expr: Expr, value: number): boolean => expr.kind === 'const' && Number(expr.value) === value;

const foldable = (type: ValueType): boolean => type === 'i32' || type === 'index';

/** What the operator gives; undefined where it is left to run time, or not defined at all. */
function fold(op: BinaryOp, a: number, b: number): number | undefined {
  switch (op) {
    case 'add':
      return (a + b) | 0;
    case 'sub':
      return (a - b) | 0;
    case 'mul':
      return Math.imul(a, b);
    case 'div':
      return b === 0 || (b === -1 && a === -2147483648) ? undefined : (a / b) | 0;
    case 'rem':
      return b === 0 || (b === -1 && a === -2147483648) ? undefined : (a % b) | 0;
    case 'min':
      return a < b ? a : b;
    case 'max':
      return a > b ? a : b;
    case 'shl':
      return b < 0 || b > 31 ? undefined : a << b;
    case 'shr':
      return b < 0 || b > 31 ? undefined : a >> b;
    case 'lt':
      return a < b ? 1 : 0;
    case 'le':
      return a <= b ? 1 : 0;
    case 'eq':
      return a === b ? 1 : 0;
    case 'ne':
      return a !== b ? 1 : 0;
    default:
      return undefined;
  }
}

/** The general constructor; both operands have one type, a shift's amount too. */
export function binary(op: BinaryOp, a: Expr, b: Expr): Expr {
  assert(a.type === b.type, `${op} of ${a.type} and ${b.type}`);
  const type = comparisons.has(op) ? 'i32' : a.type;
  if (a.kind === 'const' && b.kind === 'const' && foldable(a.type)) {
    const value = fold(op, Number(a.value), Number(b.value));
    if (value !== undefined) return { kind: 'const', type, value };
  }
  // Neutral elements of the integers only: x + 0 and x * 1 are not neutral for every float (-0, NaN).
  if (!isFloat(a.type)) {
    if (isConst(b, 0) && ['add', 'sub', 'shl', 'shr', 'ushr', 'or', 'xor'].includes(op)) return a;
    if (isConst(a, 0) && (op === 'add' || op === 'or')) return b;
    if (isConst(b, 1) && (op === 'mul' || op === 'div')) return a;
    if (isConst(a, 1) && op === 'mul') return b;
    if (op === 'mul' && (isConst(a, 0) || isConst(b, 0)))
      return { kind: 'const', type, value: type === 'i64' ? 0n : 0 };
    // Constants move outwards, so that a + 3 + 4 is a + 7.
    if (
      foldable(a.type) &&
      op === 'add' &&
      b.kind === 'const' &&
      a.kind === 'binary' &&
      a.op === 'add' &&
      a.b.kind === 'const'
    ) {
      const total = Number(a.b.value) + Number(b.value);
      if (type === 'i32' || total === (total | 0)) return binary('add', a.a, { ...b, value: total | 0 });
    }
    if (
      foldable(a.type) &&
      op === 'add' &&
      b.kind === 'const' &&
      Number(b.value) < 0 &&
      Number(b.value) > -2147483648
    ) {
      return { kind: 'binary', type, op: 'sub', a, b: { ...b, value: -Number(b.value) } };
    }
    if (
      foldable(a.type) &&
      op === 'sub' &&
      b.kind === 'const' &&
      Number(b.value) < 0 &&
      Number(b.value) > -2147483648
    ) {
      return { kind: 'binary', type, op: 'add', a, b: { ...b, value: -Number(b.value) } };
    }
  }
  return { kind: 'binary', type, op, a, b };
}

type Operator = (a: Expr, b: Expr | number) => Expr;

/** A number on the right takes the type of the left. */
export const constantLike = (type: ValueType, value: number): Expr =>
  type === 'f32'
    ? float(value)
    : type === 'f64'
      ? double(value)
      : type === 'i64'
        ? long(value)
        : type === 'index'
          ? index(value)
          : int(value);

const operator =
  (op: BinaryOp): Operator =>
  (a, b) =>
    binary(op, a, typeof b === 'number' ? constantLike(a.type, b) : b);

export const add = operator('add');
export const sub = operator('sub');
export const mul = operator('mul');
export const div = operator('div');
export const rem = operator('rem');
export const min = operator('min');
export const max = operator('max');
export const shl = operator('shl');
export const shr = operator('shr');
export const ushr = operator('ushr');
export const and = operator('and');
export const or = operator('or');
export const xor = operator('xor');
export const lt = operator('lt');
export const le = operator('le');
export const eq = operator('eq');
export const ne = operator('ne');

export const sum = (...terms: readonly Expr[]): Expr => terms.reduce((a, b) => add(a, b));

export function select(test: Expr, a: Expr, b: Expr): Expr {
  assert(a.type === b.type && test.type === 'i32', `select of ${a.type} and ${b.type} by ${test.type}`);
  if (test.kind === 'const') return test.value ? a : b;
  return { kind: 'select', type: a.type, test, a, b };
}

export function cast(type: ValueType, value: Expr): Expr {
  if (value.type === type) return value;
  if (value.kind === 'const' && foldable(value.type) && foldable(type)) return { ...value, type };
  if (value.kind === 'const' && foldable(value.type) && type === 'i64') return long(value.value);
  return { kind: 'cast', type, value };
}

/** Reinterprets the bits of an i32 as f32, of an i64 as f64, or the reverse. */
export function bits(type: 'i32' | 'f32' | 'i64' | 'f64', value: Expr): Expr {
  const other = { i32: 'f32', f32: 'i32', i64: 'f64', f64: 'i64' }[type];
  assert(value.type === type || value.type === other, `bits of ${value.type} as ${type}`);
  return value.type === type ? value : { kind: 'cast', type, value, bits: true };
}

export function call(fn: Fn, ...args: readonly Expr[]): Expr {
  assert(args.length === fn.params.length, `${fn.name} takes ${fn.params.length} arguments`);
  args.forEach((arg, i) => {
    assert(arg.type === fn.params[i]?.type, `${fn.name}: argument ${fn.params[i]?.name} is ${arg.type}`);
  });
  return { kind: 'call', type: fn.type, fn, args };
}

/** min(max(value, low), high). */
export const clampTo = (value: Expr, low: number, high: number): Expr => min(max(value, low), high);
