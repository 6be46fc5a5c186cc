// Random kernels that keep every rule of the IR by construction, for tests of all that reads kernels: whatever one of them
// means in the interpreter, it must mean in every language. The same seed gives the same kernel and the same arguments.
import type { Data } from '../../tensor/dtype.ts';
import { clz } from '../bits.ts';
import { add, and, binary, cast, index, int, lt, max, min, mul, sub, toIndex } from '../expressions.ts';
import { doublingHighMultiply, requantise, requantiseDown, roundingShiftRight } from '../fixed-point.ts';
import { exp, tanh } from '../float-math.ts';
import type { BinaryOp, Expr, Fn, Kernel, KernelArgument, MemoryType, ValueType } from '../ir.ts';
import { buildKernel, defineFn } from '../writer.ts';
import { allocateMemory } from './allocate-memory.ts';
import { type Random, randomOf } from './random.ts';
import {
  type Environment,
  memoryTypesOf,
  randomIndex,
  randomStore,
  randomTest,
  randomValue,
  small,
  type Variable,
  valueTypes,
} from './random-expression.ts';
import { randomInstruction, randomVectors } from './random-instructions.ts';

export interface RandomKernel {
  readonly kernel: Kernel;
  /** What its arguments hold before it runs; fresh arrays each time. */
  arguments(): Data[];
}

const memoryTypes: readonly MemoryType[] = ['i8', 'u8', 'i16', 'i32', 'i64', 'f32', 'f64'];
const knownFns: readonly Fn[] = [clz, doublingHighMultiply, roundingShiftRight, requantise, requantiseDown, exp, tanh];

/** The kernel of a seed, called `name`. */
export function randomKernel(seed: number, name = `random_${seed}`): RandomKernel {
  const random = randomOf(seed);
  const length = (): number => random.pick([1, 3, 7, 16, 17, 40]);
  const argument = (
    own: string,
    type: MemoryType,
    access: KernelArgument['access'],
    elements: number,
  ): KernelArgument => ({
    name: own,
    type,
    length: elements,
    space: 'argument',
    access,
  });
  const kernelArguments = [
    argument('x', 'i8', 'read', 48),
    argument('w', 'i8', 'read', 40),
    ...memoryTypes.map((type, i) => argument(`x${i}`, type, 'read', length())),
    ...memoryTypes.map((type, i) => argument(`y${i}`, type, random.pick(['write', 'update'] as const), length())),
  ];
  const kernel = buildKernel(name, `seed ${seed}`, kernelArguments, (k) => {
    const constants = [1, 2].map((n) => k.constant(`c${n}`, randomData(random, random.pick(memoryTypes), length())));
    const env: Environment = {
      k,
      random,
      variables: [],
      regions: [
        ...kernelArguments.map((region) => ({ region, writable: region.access !== 'read' })),
        ...constants.map((region) => ({ region, writable: false })),
      ],
      fns: randomFns(random, name),
    };
    writeBody(env, 8, 0);
    for (const { expr } of env.variables) randomStore(env, expr.type === 'index' ? 'i32' : expr.type, asStored(expr));
  });
  const seeds = randomOf(seed + 1_000_003);
  const contents = kernelArguments.map(({ type, length: elements }) => randomData(seeds, type, elements));
  return { kernel, arguments: () => contents.map((data) => data.slice()) };
}

/** Random elements, extremes among them. */
export function randomData(random: Random, type: MemoryType, length: number): Data {
  const data = allocateMemory(type, length);
  for (let i = 0; i < length; i += 1) {
    if (data instanceof BigInt64Array) data[i] = random.i64();
    else data[i] = type === 'f32' ? random.f32() : type === 'f64' ? random.f64() : random.i32();
  }
  return data;
}

/** A few pure functions; later ones call earlier ones. */
function randomFns(random: Random, name: string): readonly Fn[] {
  const fns: Fn[] = [...knownFns];
  for (let n = 0; n < 3; n += 1) {
    const params = Object.fromEntries(
      ['a', 'b', 'c'].slice(0, random.between(1, 3)).map((own) => [own, random.pick(valueTypes)]),
    );
    const type = random.pick<ValueType>(['i32', 'i64', 'f32', 'f64']);
    fns.push(
      defineFn(`${name}_function_${n}`, `Random function ${n}.`, params, (k, ...args) => {
        const variables = args.flatMap((expr): Variable[] =>
          expr.kind === 'var' ? [{ expr, mutable: false, low: -50, high: 50 }] : [],
        );
        const env: Environment = { k, random, variables, regions: [], fns };
        writeBody(env, 2, 1);
        return randomValue(env, type, 2);
      }),
    );
  }
  return fns;
}

/** Statements; what they define is in scope until the end of the body. `nesting` bodies are around it. */
function writeBody(env: Environment, statements: number, nesting: number): void {
  const { random } = env;
  const choices = nesting >= 3 ? straight : env.regions.length === 0 ? pure : all;
  for (let n = 0; n < statements; n += 1) random.pick(choices)(env, nesting);
}

function nestedBody(env: Environment, nesting: number, more: readonly Variable[] = []): void {
  const inner: Environment = { ...env, variables: [...env.variables, ...more], regions: [...env.regions] };
  writeBody(inner, inner.random.between(1, 3), nesting + 1);
  const own = inner.variables.slice(env.variables.length);
  if (own.length > 0) {
    const { expr } = inner.random.pick(own);
    randomStore(inner, expr.type === 'index' ? 'i32' : expr.type, asStored(expr));
  }
}

const asStored = (expr: Expr): Expr => (expr.type === 'index' ? cast('i32', expr) : expr);

type Statement = (env: Environment, nesting: number) => void;

const define: Statement = (env) => {
  const { k, random, variables } = env;
  const type = random.pick(valueTypes);
  const mutable = random.chance(0.5);
  const [low, high] = [random.between(-20, 0), random.between(1, 20)];
  const value =
    type === 'index'
      ? randomIndex(env, low, high, 3)
      : random.chance(0.3) && type === 'i32'
        ? small(env, 3)
        : randomValue(env, type, 4);
  const name = random.pick(['value', 'sum', 'n']);
  const expr = mutable ? k.variable(name, value) : k.let(name, value);
  if (expr.kind === 'var') variables.push({ expr, mutable, low, high });
};

const assign: Statement = (env, nesting) => {
  const { k, random } = env;
  const mutable = env.variables.filter((variable) => variable.mutable);
  if (mutable.length === 0) return define(env, nesting);
  const { expr, low, high } = random.pick(mutable);
  if (expr.type === 'index') return k.set(expr, randomIndex(env, low, high, 3));
  const term = (): Expr => (expr.type === 'i32' && random.chance(0.6) ? small(env, 2) : randomValue(env, expr.type, 2));
  k.set(
    expr,
    random.pick([
      () => randomValue(env, expr.type, 3),
      () => binary(random.pick<BinaryOp>(['add', 'sub', 'min', 'max', 'mul']), expr, term()),
      () => add(term(), expr),
      () => (random.chance(0.5) ? min : max)(term(), expr),
    ])(),
  );
};

const store: Statement = (env) => {
  const type = env.random.pick<ValueType>(['i32', 'i64', 'f32', 'f64']);
  randomStore(env, type, randomValue(env, type, 4));
};

const loop: Statement = (env, nesting) => {
  const { k, random } = env;
  const constant = random.chance(0.4);
  const from = constant ? random.between(-1, 2) : randomIndex(env, -1, 1, 2);
  const to = constant ? random.between(0, 5) : randomIndex(env, -1, 4, 2);
  k.for(
    random.pick(['i', 'row', 'tap']),
    from,
    to,
    (index) => {
      const own: Variable[] = index.kind === 'var' ? [{ expr: index, mutable: false, low: -1, high: 4 }] : [];
      nestedBody(env, nesting, own);
    },
    random.pick([1, 1, 2, 3]),
  );
};

/** A loop whose body changes what its end was computed from: it must not matter. */
const movingEnd: Statement = (env, nesting) => {
  const { k, random } = env;
  const end = k.variable('end', randomIndex(env, 0, 4, 2));
  const moving: Variable = { expr: end, mutable: true, low: 0, high: 4 };
  const inner: Environment = { ...env, variables: [...env.variables, moving] };
  k.for('turn', 0, random.pick([end, add(end, 1), min(end, randomIndex(inner, 1, 4, 2))]), () => {
    k.set(end, randomIndex(inner, 0, 4, 2));
    nestedBody(inner, nesting);
  });
  env.variables.push(moving);
};

/** Turns as long as a test holds, of a variable that counts down, and of anything else. */
const whileLoop: Statement = (env, nesting) => {
  const { k, random } = env;
  const left = k.variable('left', toIndex(random.between(0, 5)));
  const also = randomTest(env, 2);
  const test = random.chance(0.5) ? lt(index(0), left) : and(lt(index(0), left), also);
  k.while(test, () => {
    k.set(left, sub(left, 1));
    nestedBody(env, nesting);
  });
};

const branch: Statement = (env, nesting) => {
  const otherwise = env.random.chance(0.5) ? () => nestedBody(env, nesting) : undefined;
  env.k.if(randomTest(env, 3), () => nestedBody(env, nesting), otherwise);
};

/** An accumulator over one or two loops, as the kernels of real layers have: its range can be known. */
const reduce: Statement = (env) => {
  const { k, random } = env;
  const acc = k.variable('acc', int(random.pick([0, -70000, 2147000000])));
  const rows = random.between(1, 4);
  const columns = random.between(1, 20);
  const [x, w] = ['x', 'w'].map((name) => env.regions.find(({ region }) => region.name === name)?.region);
  const start = randomIndex(env, 0, 10, 2);
  k.for('r', 0, rows, () =>
    k.for('c', random.between(0, 2), random.chance(0.5) ? columns : randomIndex(env, 0, columns, 2), (c) => {
      if (x !== undefined && w !== undefined && random.chance(0.6)) {
        const factor = sub(k.load(x, add(start, c)), random.between(-128, 128));
        k.set(acc, add(acc, mul(factor, k.load(w, c))));
      } else if (random.chance(0.3)) {
        const step = k.variable('step', int(random.i32()));
        k.if(randomTest(env, 2), () => k.set(step, int(random.between(-9, 9))));
        k.set(acc, random.pick([add, sub])(acc, step));
      } else {
        const inner: Environment = {
          ...env,
          variables: [...env.variables, { expr: acc, mutable: false, low: 0, high: 0 }],
        };
        const term = small(inner, 2);
        const update = (): void => k.set(acc, random.pick([add, sub, max, min])(acc, term));
        if (random.chance(0.5)) update();
        else k.if(lt(term, random.between(-50, 50)), update);
      }
    }),
  );
  env.variables.push({ expr: acc, mutable: true, low: 0, high: 0 });
};

/** Scratch memory, filled before anything reads it. */
const scratch: Statement = (env) => {
  const { k, random } = env;
  const type = random.pick(memoryTypes);
  const region = k.alloc('scratch', type, random.pick([1, 3, 16]));
  k.for('s', 0, region.length, (s) => {
    const value = valueTypes.find((candidate) => memoryTypesOf(candidate).includes(type)) ?? 'i32';
    const own: Variable[] = s.kind === 'var' ? [{ expr: s, mutable: false, low: 0, high: region.length - 1 }] : [];
    k.store(region, s, randomValue({ ...env, variables: [...env.variables, ...own] }, value, 2));
  });
  env.regions.push({ region, writable: true });
};

const straight: readonly Statement[] = [define, assign];
/** What functions consist of. */
const pure: readonly Statement[] = [...straight, ...straight, loop, movingEnd, whileLoop, branch, reduce];
const all: readonly Statement[] = [...pure, ...pure, store, store, scratch, randomInstruction, randomVectors];
