// Builds a kernel statement by statement. Callbacks scope the loops; names asked for are made unique.
import { assert } from '../errors.ts';
import type { Data } from '../tensor/dtype.ts';
import { type Index, toIndex } from './expressions.ts';
import {
  type Expr,
  type Fn,
  type Instr,
  type InstrArg,
  type Kernel,
  type KernelArgument,
  type MemoryType,
  openLength,
  type Region,
  type Stmt,
  type ValueType,
  valueTypeOf,
} from './ir.ts';
import { regionsUsed } from './visit.ts';

type Var = Extract<Expr, { kind: 'var' }>;

export interface Writer {
  /** Keeps a name from being given to anything else. */
  reserve(name: string): void;
  /** Names an intermediate value; a constant needs no name. */
  let(name: string, value: Expr): Expr;
  /** A variable that `set` may change. */
  variable(name: string, value: Expr): Var;
  set(target: Var, value: Expr): void;
  load(region: Region, at: Index, memory?: MemoryType): Expr;
  store(region: Region, at: Index, value: Expr, memory?: MemoryType): void;
  for(name: string, from: Index, to: Index, body: (index: Expr) => void, step?: number): void;
  /** The test stands for itself before every turn: it reads variables that the body sets. */
  while(test: Expr, body: () => void): void;
  if(test: Expr, then: () => void, otherwise?: () => void, likely?: 'likely'): void;
  /** Scratch memory on the stack (small!), or a vector register. */
  alloc(name: string, type: MemoryType, length: number, space?: Region['space']): Region;
  /** Memory for the time of a call, planned with everything else. */
  scratch(name: string, type: MemoryType, length: number): Region;
  /** Read-only data of the kernel. */
  constant(name: string, data: Data): Region;
  /** The kernel is mostly branches. */
  compact(): void;
  instr(instr: Instr, ...args: readonly (Expr | { readonly region: Region; readonly at?: Index })[]): void;
}

/** The memory type of the elements of typed data. */
export function memoryTypeOf(data: Data): MemoryType {
  if (data instanceof Int8Array) return 'i8';
  if (data instanceof Uint8Array) return 'u8';
  if (data instanceof Int16Array) return 'i16';
  if (data instanceof Int32Array) return 'i32';
  if (data instanceof BigInt64Array) return 'i64';
  if (data instanceof Float64Array) return 'f64';
  return 'f32';
}

interface Scope extends Writer {
  readonly isCompact: () => boolean;
  readonly body: readonly Stmt[];
  readonly scratches: readonly Region[];
  readonly constants: readonly Region[];
}

function scope(taken: Set<string>): Scope {
  const unique = (name: string): string => {
    let candidate = name;
    for (let n = 2; taken.has(candidate); n += 1) candidate = `${name}${n}`;
    taken.add(candidate);
    return candidate;
  };
  const constants: Region[] = [];
  let compact = false;
  const scratches: Region[] = [];
  const top: Stmt[] = [];
  let body = top;
  const inside = (write: () => void): Stmt[] => {
    const outer = body;
    const inner: Stmt[] = [];
    body = inner;
    write();
    body = outer;
    return inner;
  };
  const define = (name: string, value: Expr, mutable: boolean): Var => {
    const own = unique(name);
    body.push({ kind: 'let', name: own, value, ...(mutable ? { mutable: true as const } : {}) });
    return { kind: 'var', type: value.type, name: own };
  };
  return {
    body: top,
    constants,
    scratches,
    isCompact: () => compact,
    compact: () => {
      compact = true;
    },
    reserve: (name) => {
      taken.add(name);
    },
    let: (name, value) => (value.kind === 'const' ? value : define(name, value, false)),
    variable: (name, value) => define(name, value, true),
    set(target, value) {
      assert(target.type === value.type, `set ${target.name}: ${target.type} to ${value.type}`);
      body.push({ kind: 'set', name: target.name, value });
    },
    load: (region, at, memory = region.type) => ({
      kind: 'load',
      type: valueTypeOf(memory),
      memory,
      region: region.name,
      at: toIndex(at),
    }),
    store(region, at, value, memory = region.type) {
      assert(value.type === valueTypeOf(memory), `store ${value.type} into ${memory} region ${region.name}`);
      body.push({ kind: 'store', memory, region: region.name, at: toIndex(at), value });
    },
    for(name, from, to, write, step = 1) {
      const [first, end] = [toIndex(from), toIndex(to)];
      if (first.kind === 'const' && end.kind === 'const') {
        // A loop of one turn reads better, and costs less, as its body.
        const turns = Math.ceil((Number(end.value) - Number(first.value)) / step);
        if (turns <= 0) return;
        if (turns === 1) return write(first);
      }
      const own = unique(name);
      const inner = inside(() => write({ kind: 'var', type: 'index', name: own }));
      body.push({ kind: 'for', index: own, from: first, to: end, step, body: inner });
    },
    while(test, write) {
      body.push({ kind: 'while', test, body: inside(write) });
    },
    if(test, write, otherwise, likely) {
      const then = inside(write);
      const other = otherwise === undefined ? [] : inside(otherwise);
      body.push({ kind: 'if', test, then, else: other, ...(likely === undefined ? {} : { likely: true as const }) });
    },
    alloc(name, type, length, space = 'stack') {
      const region: Region = { name: unique(name), type, length, space };
      body.push({ kind: 'alloc', region });
      return region;
    },
    scratch(name, type, length) {
      const region: Region = { name: unique(name), type, length, space: 'argument' };
      scratches.push(region);
      return region;
    },
    constant(name, data) {
      const region: Region = {
        name: unique(name),
        type: memoryTypeOf(data),
        length: data.length,
        space: 'constant',
        data,
      };
      constants.push(region);
      return region;
    },
    instr(instr, ...args) {
      body.push({
        kind: 'instr',
        instr,
        args: args.map(
          (arg): InstrArg =>
            'region' in arg && !('kind' in arg)
              ? { kind: 'region', region: arg.region.name, at: toIndex(arg.at ?? 0) }
              : { kind: 'scalar', value: arg as Expr },
        ),
      });
    },
  };
}

/** The kernel that `write` writes over the given arguments; constants that nothing reads are left out. */
export function buildKernel(
  name: string,
  note: string,
  args: readonly KernelArgument[],
  write: (k: Writer) => void,
): Kernel {
  const taken = new Set(args.map((arg) => arg.name));
  const k = scope(taken);
  write(k);
  const used = regionsUsed(k.body);
  return {
    name,
    note,
    arguments: [...args, ...k.scratches.map((region): KernelArgument => ({ ...region, access: 'scratch' }))],
    constants: k.constants.filter((region) => used.has(region.name)),
    body: k.body,
    ...(k.isCompact() ? { compact: true as const } : {}),
  };
}

/** A pure function of scalars. */
export function defineFn(
  name: string,
  note: string,
  params: Readonly<Record<string, ValueType>>,
  write: (k: Writer, ...args: Expr[]) => Expr,
): Fn {
  const k = scope(new Set(Object.keys(params)));
  const vars = Object.entries(params).map(([param, type]): Expr => ({ kind: 'var', type, name: param }));
  const result = write(k, ...vars);
  assert(k.constants.length === 0, `function ${name} must not have constants`);
  return {
    name,
    note,
    params: Object.entries(params).map(([param, type]) => ({ name: param, type })),
    type: result.type,
    body: k.body,
    result,
  };
}

/** A machine instruction over regions; `write` gets the regions of its region parameters and the scalars by name. */
export function defineInstr(
  name: string,
  params: Instr['params'],
  write: (k: Writer, regions: Readonly<Record<string, Region>>, scalars: Readonly<Record<string, Expr>>) => void,
): Instr {
  const k = scope(new Set(params.map((param) => param.name)));
  const regions: Record<string, Region> = {};
  const scalars: Record<string, Expr> = {};
  for (const param of params) {
    if (param.kind === 'region') {
      regions[param.name] = {
        name: param.name,
        type: param.type,
        length: param.lanes ?? openLength,
        space: 'argument',
      };
    } else {
      scalars[param.name] = { kind: 'var', type: param.type, name: param.name };
    }
  }
  write(k, regions, scalars);
  return { name, params, meaning: k.body };
}
