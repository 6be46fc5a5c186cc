// Every operator and cast on every pair of extreme operands, as kernels: what random ones meet too rarely.
import type { Data } from '../../tensor/dtype.ts';
import {
  add,
  and,
  binary,
  bits,
  cast,
  clampTo,
  constantLike,
  eq,
  int,
  long,
  max,
  mul,
  select,
} from '../expressions.ts';
import { type BinaryOp, type Expr, isFloat, type KernelArgument, type MemoryType } from '../ir.ts';
import { buildKernel } from '../writer.ts';
import { allocateMemory } from './allocate-memory.ts';
import type { KernelRun } from './kernel-program.ts';
import { extremes32, extremes64, extremesDouble, extremesFloat } from './random.ts';

type Type = 'i32' | 'i64' | 'f32' | 'f64';

const comparisons: readonly BinaryOp[] = ['lt', 'le', 'eq', 'ne'];
const arithmetic: readonly BinaryOp[] = [...comparisons, 'add', 'sub', 'mul', 'div', 'min', 'max'];
const integer: readonly BinaryOp[] = [...arithmetic, 'rem', 'shl', 'shr', 'ushr', 'and', 'or', 'xor'];

const operandsOf: Readonly<Record<Type, Data>> = {
  i32: Int32Array.from(extremes32),
  i64: BigInt64Array.from([...extremes32.map(BigInt), ...extremes64]),
  f32: Float32Array.from(extremesFloat),
  f64: Float64Array.from(extremesDouble),
};

const argument = (name: string, type: MemoryType, length: number, access: 'read' | 'write'): KernelArgument => ({
  name,
  type,
  length,
  space: 'argument',
  access,
});

/** A kernel for each operator on each type. */
export const operatorRuns = (): readonly KernelRun[] =>
  (['i32', 'i64', 'f32', 'f64'] as const).flatMap((type) =>
    (isFloat(type) ? arithmetic : integer).map((op) => pairs(type, op)),
  );

/** y[i, j] = a[i] op a[j], where that is defined. */
function pairs(type: Type, op: BinaryOp): KernelRun {
  const operands = operandsOf[type];
  const count = operands.length;
  const resultType = comparisons.includes(op) ? 'i32' : type;
  const a = argument('a', type, count, 'read');
  const y = argument('y', resultType, count * count, 'write');
  const kernel = buildKernel(`${type}_${op}`, '', [a, y], (k) =>
    k.for('i', 0, count, (i) =>
      k.for('j', 0, count, (j) => {
        const [left, right] = defined(op, k.load(a, i), k.load(a, j));
        k.store(y, add(mul(i, count), j), binary(op, left, right));
      }),
    ),
  );
  return { kernel, arguments: [operands, allocateMemory(resultType, count * count)] };
}

/** The operands, changed where the operator is not defined on them. */
function defined(op: BinaryOp, a: Expr, b: Expr): readonly [Expr, Expr] {
  if (op === 'shl' || op === 'shr' || op === 'ushr')
    return [a, and(b, constantLike(b.type, a.type === 'i64' ? 63 : 31))];
  if ((op !== 'div' && op !== 'rem') || isFloat(a.type)) return [a, b];
  const largest = a.type === 'i64' ? long(-(2n ** 63n) + 1n) : int(-2147483647);
  return [max(a, largest), select(eq(b, 0), constantLike(b.type, 1), b)];
}

/** A kernel for each cast. */
export const castRuns = (): readonly KernelRun[] => [
  cases('i32', 'i64', (value) => cast('i64', value)),
  cases('i64', 'i32', (value) => cast('i32', value)),
  cases('i32', 'f32', (value) => cast('f32', value)),
  cases('f32', 'i32', (value) => cast('i32', clampTo(value, -2147483648, 2147483520))),
  cases('i32', 'f64', (value) => cast('f64', value)),
  cases('f32', 'f64', (value) => cast('f64', value)),
  cases('f64', 'f32', (value) => cast('f32', value)),
  cases('f64', 'i32', (value) => cast('i32', clampTo(value, -2147483648, 2147483647))),
  cases('i64', 'f64', (value) => bits('f64', value), '_bits'),
  cases('f64', 'i64', (value) => bits('i64', select(eq(value, value), value, constantLike('f64', 1))), '_bits'),
  cases('i32', 'f32', (value) => bits('f32', value), '_bits'),
  cases('f32', 'i32', (value) => bits('i32', select(eq(value, value), value, constantLike('f32', 1))), '_bits'),
  ...(['i8', 'u8', 'i16'] as const).map((type) => cases('i32', type, (value) => value)),
  ...(['i8', 'u8', 'i16'] as const).map((type) => cases(type, 'i32', (value) => value)),
];

/** y[i] = convert(a[i]). */
function cases(from: MemoryType, to: MemoryType, convert: (value: Expr) => Expr, more = ''): KernelRun {
  const words = operandsOf.i32;
  const operands =
    from === 'f32' || from === 'f64' || from === 'i64' ? operandsOf[from] : allocateMemory(from, words.length);
  // What does not fit wraps.
  if (!isFloat(from) && !(operands instanceof BigInt64Array)) operands.set(Int32Array.from(words, Number));
  const a = argument('a', from, operands.length, 'read');
  const y = argument('y', to, operands.length, 'write');
  const kernel = buildKernel(`${from}_to_${to}${more}`, '', [a, y], (k) =>
    k.for('i', 0, operands.length, (i) => k.store(y, i, convert(k.load(a, i)))),
  );
  return { kernel, arguments: [operands, allocateMemory(to, operands.length)] };
}
