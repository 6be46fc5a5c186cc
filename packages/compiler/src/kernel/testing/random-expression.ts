// Random expressions that keep the rules of the IR by construction: shift amounts in range, divisors neither 0 nor an
// overflow, casts of floats clamped first, accesses in bounds, no bits of a NaN seen by integers.
import {
  add,
  and,
  binary,
  bits,
  call,
  cast,
  clampTo,
  constantLike,
  div,
  double,
  float,
  int,
  long,
  max,
  min,
  mul,
  ne,
  or,
  rem,
  select,
  shl,
  shr,
  sub,
  index as toIndexConstant,
  xor,
} from '../expressions.ts';
import {
  type BinaryOp,
  type Expr,
  type Fn,
  isFloat,
  type MemoryType,
  memoryBytes,
  type Region,
  type ValueType,
  valueTypeOf,
} from '../ir.ts';
import type { Writer } from '../writer.ts';
import type { Random } from './random.ts';

type Var = Extract<Expr, { kind: 'var' }>;

/** A variable in scope; an index stays within its bounds. */
export interface Variable {
  readonly expr: Var;
  readonly mutable: boolean;
  readonly low: number;
  readonly high: number;
}

/** What an expression at some place may use. */
export interface Environment {
  readonly k: Writer;
  readonly random: Random;
  readonly variables: Variable[];
  readonly regions: { readonly region: Region; readonly writable: boolean }[];
  readonly fns: readonly Fn[];
}

export const valueTypes: readonly ValueType[] = ['i32', 'i64', 'f32', 'f64', 'index'];
const memoryTypes: readonly MemoryType[] = ['i8', 'u8', 'i16', 'i32', 'i64', 'f32', 'f64'];

/** An index is kept small, so that nothing computed with it leaves the int32 range. */
const indexBound = 50;

/** A random expression of the type, of up to `depth` operators in a row. */
export function randomValue(env: Environment, type: ValueType, depth: number): Expr {
  const { random } = env;
  if (type === 'index') return randomIndex(env, -indexBound, indexBound, depth);
  if (depth <= 0 || random.chance(0.1)) return leaf(env, type);
  const value = (of: ValueType = type): Expr => randomValue(env, of, depth - 1);
  const common = [
    () => select(value('i32'), value(), value()),
    () => binary(random.pick<BinaryOp>(['add', 'sub', 'mul', 'min', 'max']), value(), value()),
    () => randomCall(env, type, depth) ?? leaf(env, type),
  ];
  if (type === 'f64') {
    return random.pick([
      ...common,
      () => binary(random.pick<BinaryOp>(['add', 'sub', 'mul', 'div', 'min', 'max']), value(), value()),
      () => cast('f64', value('i32')),
      () => cast('f64', value('f32')),
      () => bits('f64', value('i64')),
    ])();
  }
  if (type === 'f32') {
    return random.pick([
      ...common,
      () => binary(random.pick<BinaryOp>(['add', 'sub', 'mul', 'div', 'min', 'max']), value(), value()),
      () => cast('f32', value('i32')),
      () => cast('f32', value('f64')),
      () => bits('f32', value('i32')),
    ])();
  }
  const width = type === 'i64' ? 63 : 31;
  const integers = [
    ...common,
    () => binary(random.pick<BinaryOp>(['add', 'sub', 'mul']), value(), value()),
    () => binary(random.pick<BinaryOp>(['and', 'or', 'xor']), value(), value()),
    () => {
      const amount = random.chance(0.5)
        ? constantLike(type, random.between(0, width))
        : and(value(), constantLike(type, width));
      return binary(random.pick<BinaryOp>(['shl', 'shr', 'ushr']), value(), amount);
    },
    () => randomDivision(env, type, depth),
  ];
  if (type === 'i64') {
    return random.pick([
      ...integers,
      () => cast('i64', value('i32')),
      () => bits('i64', withoutNaN(env, value('f64'))),
      () => cast('i64', randomIndex(env, -indexBound, indexBound, depth - 1)),
    ])();
  }
  return random.pick([
    ...integers,
    () => randomTest(env, depth),
    () => small(env, depth),
    () => cast('i32', value('i64')),
    () => cast('i32', randomIndex(env, -indexBound, indexBound, depth - 1)),
    () => cast('i32', clampTo(value('f32'), -2147483648, 2147483520)),
    () => cast('i32', clampTo(value('f64'), -2147483648, 2147483647)),
    () => bits('i32', withoutNaN(env, value('f32'))),
  ])();
}

/** A comparison of two values of any type. */
export function randomTest(env: Environment, depth: number): Expr {
  const type = env.random.pick(valueTypes);
  const [a, b] = [randomValue(env, type, depth - 1), randomValue(env, type, depth - 1)];
  return binary(env.random.pick<BinaryOp>(['lt', 'le', 'eq', 'ne']), a, b);
}

/** An i32 whose bounds can be seen: what real kernels are made of. */
export function small(env: Environment, depth: number): Expr {
  const { random } = env;
  const value = (): Expr => small(env, depth - 1);
  if (depth <= 0) {
    const memory = random.pick<MemoryType>(['i8', 'u8', 'i16']);
    return random.chance(0.7)
      ? (randomLoad(env, memory) ?? int(random.between(-9, 9)))
      : int(random.between(-200, 200));
  }
  return random.pick([
    () => add(value(), value()),
    () => sub(value(), value()),
    () => mul(value(), value()),
    () => and(randomValue(env, 'i32', depth - 1), random.pick([1, 15, 255, 65535])),
    () => clampTo(randomValue(env, 'i32', depth - 1), -random.below(200), random.below(200)),
    () => shr(value(), random.below(8)),
    () => shl(and(value(), 255), and(value(), 7)),
    () => rem(value(), random.between(2, 99)),
    () => div(value(), random.pick([-7, 2, 3, 100])),
    () => min(value(), value()),
    () => max(value(), value()),
    () => select(randomTest(env, depth - 1), value(), value()),
    () => randomTest(env, depth),
  ])();
}

/** An index of low to high. */
export function randomIndex(env: Environment, low: number, high: number, depth: number): Expr {
  const { random } = env;
  const known = env.variables.filter(({ expr }) => expr.type === 'index');
  const constant = (): Expr => toIndexConstant(random.between(low, high));
  const variable = (): Expr => {
    if (known.length === 0) return constant();
    const { expr, low: least, high: most } = random.pick(known);
    if (high - low < most - least) return clampTo(expr, low, high);
    // Moved by as much as keeps all its values within.
    return add(expr, random.between(low - least, high - most));
  };
  if (depth <= 0 || low === high) return random.chance(0.3) ? constant() : variable();
  const index = (least: number, most: number): Expr => randomIndex(env, least, most, depth - 1);
  const span = high - low;
  const choices = [
    variable,
    variable,
    () => add(cast('index', and(randomValue(env, 'i32', depth - 1), 2 ** Math.floor(Math.log2(span + 1)) - 1)), low),
    () => clampTo(cast('index', randomValue(env, 'i32', depth - 1)), low, high),
    () => add(index(low, low + (span >> 1)), index(0, span - (span >> 1))),
    () => sub(index(low + (span >> 1), high), index(0, span >> 1)),
    () => sub(toIndexConstant(high), index(0, span)),
    () => add(mul(index(0, Math.floor(span / 3)), 3), low),
    () => div(index(low * 2, high * 2), 2),
    () => shr(index(low * 2, high * 2), 1),
    () => select(randomTest(env, depth - 1), index(low, high), index(low, high)),
    () => min(index(low, high), index(low, high)),
    () => max(index(low, high), index(low, high)),
  ];
  if (low <= 0 && high >= 0) choices.push(() => rem(index(0, 3 * span + 7), high + 1));
  return random.pick(choices)();
}

/** The value of an element, in any width the IR allows; undefined where there is none of this type. */
export function randomLoad(env: Environment, memory: MemoryType): Expr | undefined {
  const { random, k } = env;
  const possible = env.regions.filter(({ region }) => fits(region, memory));
  if (possible.length === 0) return undefined;
  const { region } = random.pick(possible);
  if (typeof region.space === 'object') return k.load(region, random.below(region.length));
  return k.load(region, position(env, region, memory), memory);
}

/** Whether the region can be accessed as the memory type. Floats are not read as integers: they may be a NaN. */
const fits = ({ type, length, space }: Region, memory: MemoryType): boolean =>
  memory === type ||
  (!isFloat(type) &&
    typeof space === 'string' &&
    memoryBytes[memory] > memoryBytes[type] &&
    length * memoryBytes[type] >= memoryBytes[memory]);

/** The memory types that values of a type are stored as. */
export const memoryTypesOf = (type: ValueType): readonly MemoryType[] =>
  memoryTypes.filter((memory) => valueTypeOf(memory) === type);

/** Writes a value somewhere; nothing where there is nothing to write to. */
export function randomStore(env: Environment, type: ValueType, value: Expr): void {
  const { random, k } = env;
  const memory = random.pick(memoryTypesOf(type));
  const possible = env.regions.filter(
    ({ region, writable }) => writable && typeof region.space === 'string' && fits(region, memory),
  );
  if (possible.length === 0) return;
  const { region } = random.pick(possible);
  k.store(region, position(env, region, memory), memory === region.type ? value : withoutNaN(env, value), memory);
}

const position = (env: Environment, { type, length }: Region, memory: MemoryType): Expr =>
  randomIndex(env, 0, Math.floor((length * memoryBytes[type] - memoryBytes[memory]) / memoryBytes[type]), 2);

/** Which NaN results is left open, so that its bits must not be seen. */
function withoutNaN({ k }: Environment, value: Expr): Expr {
  if (!isFloat(value.type)) return value;
  const own = k.let('number', value);
  return select(ne(own, own), constantLike(value.type, 0), own);
}

function leaf(env: Environment, type: ValueType): Expr {
  const { random } = env;
  const variables = env.variables.filter(({ expr }) => expr.type === type);
  if (variables.length > 0 && random.chance(0.6)) return random.pick(variables).expr;
  const load = random.chance(0.6) ? randomLoad(env, random.pick(memoryTypesOf(type))) : undefined;
  return load ?? constantOf(random, type);
}

const constantOf = (random: Random, type: ValueType): Expr =>
  type === 'f32'
    ? float(random.f32())
    : type === 'f64'
      ? double(random.f64())
      : type === 'i64'
        ? long(random.i64())
        : int(random.i32());

function randomDivision(env: Environment, type: ValueType, depth: number): Expr {
  const { random } = env;
  const value = (): Expr => randomValue(env, type, depth - 1);
  const byte = (): Expr => and(value(), constantLike(type, 255));
  const op = random.pick([div, rem]);
  return random.pick([
    () => op(value(), random.pick([2, 3, -2, 7, -100, 2147483647, -2147483648])),
    () => op(value(), or(byte(), constantLike(type, 1))),
    () => op(value(), sub(constantLike(type, -2), byte())),
    // A quotient of -1 overflows for the smallest number only.
    () =>
      op(
        max(value(), type === 'i64' ? long(-(2n ** 63n) + 1n) : int(-2147483647)),
        xor(and(value(), 0), constantLike(type, -1)),
      ),
  ])();
}

function randomCall(env: Environment, type: ValueType, depth: number): Expr | undefined {
  const possible = env.fns.filter((fn) => fn.type === type);
  if (possible.length === 0) return undefined;
  const fn = env.random.pick(possible);
  return call(fn, ...fn.params.map((param) => argumentOf(env, fn, param, depth - 1)));
}

/** The arguments that a function's note promises. */
function argumentOf(env: Environment, { name }: Fn, param: Fn['params'][number], depth: number): Expr {
  const value = randomValue(env, param.type, depth);
  if (param.name === 'exponent' || param.name === 'right') return and(value, 31);
  if (name === 'requantise' && param.name === 'shift') return sub(and(value, 31), 16);
  if (param.name === 'multiplier') return and(value, 2147483647);
  return value;
}
