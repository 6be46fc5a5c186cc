// Kernel → kernel, for targets with 16-bit vector dot products: a loop that only accumulates products of int8 elements read
// side by side, `for i: acc = acc + (x[p + i] - c) * w[q + i]`, takes eight elements a turn; what remains runs as before.
// Exact: integer addition is associative, and no lane of the accumulator can wrap before the sum itself would.
import { add, binary, div, index, int, mul, sub, toIndex } from '../kernel/expressions.ts';
import type { Expr, InstrArg, Kernel, Region, Stmt } from '../kernel/ir.ts';
import { forEachOperand, forEachStmt } from '../kernel/visit.ts';
import { add32x4, dot16x8, load8x8, splat16x8, sub16x8, v128, zero32x4 } from '../targets/instructions/wasm-simd.ts';

const width = 8;

type Loop = Extract<Stmt, { kind: 'for' }>;
type Load = Extract<Expr, { kind: 'load' }>;

/** One factor of the product: the elements from `start` on, less a constant. */
interface Factor {
  readonly region: string;
  readonly start: Expr;
  readonly less: number;
}

interface DotLoop {
  readonly acc: string;
  readonly a: Factor;
  readonly b: Factor;
}

/** The kernel with every such loop taken eight at a time. */
export function vectoriseDotProducts(kernel: Kernel): Kernel {
  const fresh = freshNames(kernel);
  const types = new Map([...kernel.arguments, ...kernel.constants].map((region) => [region.name, region.type]));
  const rewrite = (stmt: Stmt): readonly Stmt[] => {
    if (stmt.kind === 'if') return [{ ...stmt, then: stmt.then.flatMap(rewrite), else: stmt.else.flatMap(rewrite) }];
    if (stmt.kind !== 'for') return [stmt];
    const dot = matchDot(stmt, (region) => types.get(region) === 'i8');
    if (dot === undefined) return [{ ...stmt, body: stmt.body.flatMap(rewrite) }];
    return vectorLoop(stmt, dot, fresh);
  };
  return { ...kernel, body: kernel.body.flatMap(rewrite) };
}

/** Gives each name asked for with a number, where the kernel has it already. */
function freshNames(kernel: Kernel): (name: string) => string {
  const taken = new Set([...kernel.arguments, ...kernel.constants].map((region) => region.name));
  forEachStmt(kernel.body, (stmt) => {
    if (stmt.kind === 'let') taken.add(stmt.name);
    if (stmt.kind === 'alloc') taken.add(stmt.region.name);
    if (stmt.kind === 'for') taken.add(stmt.index);
  });
  return (name) => {
    let candidate = name;
    for (let n = 2; taken.has(candidate); n += 1) candidate = `${name}${n}`;
    taken.add(candidate);
    return candidate;
  };
}

function matchDot(loop: Loop, isInt8: (region: string) => boolean): DotLoop | undefined {
  const [only] = loop.body;
  if (loop.step !== 1 || loop.body.length !== 1 || only?.kind !== 'set' || only.value.type !== 'i32') return undefined;
  if (loop.from.kind === 'const' && loop.to.kind === 'const' && Number(loop.to.value) - Number(loop.from.value) < width)
    return undefined;
  const sum = only.value;
  if (sum.kind !== 'binary' || sum.op !== 'add' || sum.a.kind !== 'var' || sum.a.name !== only.name) return undefined;
  const product = sum.b;
  if (product.kind !== 'binary' || product.op !== 'mul') return undefined;
  const a = matchFactor(product.a, loop.index, isInt8);
  const b = matchFactor(product.b, loop.index, isInt8);
  if (a === undefined || b === undefined) return undefined;
  // What depends on the sum itself is another in every turn.
  if ([loop.to, a.start, b.start].some((expr) => mentions(expr, only.name))) return undefined;
  return { acc: only.name, a, b };
}

/** `load(start + i)` or `load(start + i) - constant`, of int8, the difference within 16 bits. */
function matchFactor(expr: Expr, loopIndex: string, isInt8: (region: string) => boolean): Factor | undefined {
  if (
    expr.kind === 'binary' &&
    (expr.op === 'sub' || expr.op === 'add') &&
    expr.b.kind === 'const' &&
    expr.a.kind === 'load'
  ) {
    const less = expr.op === 'sub' ? Number(expr.b.value) : -Number(expr.b.value);
    const base = Math.abs(less) <= 128 ? matchLoad(expr.a, loopIndex, isInt8) : undefined;
    return base === undefined ? undefined : { ...base, less };
  }
  return expr.kind === 'load' ? matchLoad(expr, loopIndex, isInt8) : undefined;
}

function matchLoad(load: Load, loopIndex: string, isInt8: (region: string) => boolean): Factor | undefined {
  if (load.memory !== 'i8' || !isInt8(load.region)) return undefined;
  const start = withoutIndex(load.at, loopIndex);
  return start === undefined ? undefined : { region: load.region, start, less: 0 };
}

/** `start` if the expression is start + i with start free of i. */
function withoutIndex(at: Expr, loopIndex: string): Expr | undefined {
  if (at.kind === 'var' && at.name === loopIndex) return index(0);
  if (at.kind !== 'binary' || (at.op !== 'add' && at.op !== 'sub')) return undefined;
  if (!mentions(at.b, loopIndex)) {
    const left = withoutIndex(at.a, loopIndex);
    return left === undefined ? undefined : binary(at.op, left, at.b);
  }
  if (at.op === 'add' && !mentions(at.a, loopIndex)) {
    const right = withoutIndex(at.b, loopIndex);
    return right === undefined ? undefined : add(at.a, right);
  }
  return undefined;
}

function mentions(expr: Expr, name: string): boolean {
  let found = false;
  forEachOperand(expr, (inner) => {
    if (inner.kind === 'var' && inner.name === name) found = true;
  });
  return found;
}

function vectorLoop(loop: Loop, { acc, a, b }: DotLoop, fresh: (name: string) => string): readonly Stmt[] {
  const register = (name: string, type: 'i16' | 'i32', length: number): Region => ({
    name: fresh(name),
    type,
    length,
    space: v128,
  });
  const [sums, va, vb, products] = [
    register('vector_sums', 'i32', 4),
    register('vector_a', 'i16', 8),
    register('vector_b', 'i16', 8),
    register('vector_products', 'i32', 4),
  ];
  const whole = (region: Region): InstrArg => ({ kind: 'region', region: region.name, at: index(0) });
  const memory = (region: string, at: Expr): InstrArg => ({ kind: 'region', region, at });
  const alloc = (region: Region): Stmt => ({ kind: 'alloc', region });
  const offsets: Stmt[] = [];
  const prepare = (factor: Factor, into: Region, offsetName: string, at: Expr): readonly Stmt[] => {
    const load: Stmt = {
      kind: 'instr',
      instr: load8x8,
      args: [memory(factor.region, add(factor.start, at)), whole(into)],
    };
    if (factor.less === 0) return [load];
    const offset = register(offsetName, 'i16', 8);
    offsets.push(alloc(offset), {
      kind: 'instr',
      instr: splat16x8,
      args: [{ kind: 'scalar', value: int(factor.less) }, whole(offset)],
    });
    return [load, { kind: 'instr', instr: sub16x8, args: [whole(into), whole(offset), whole(into)] }];
  };
  const [blockName, blocks] = [fresh(`${loop.index}_block`), fresh(`${loop.index}_blocks`)];
  const count: Expr = sub(loop.to, loop.from);
  const end = add(loop.from, mul(div(count, width), width));
  const block: Expr = { kind: 'var', type: 'index', name: blockName };
  const endOf: Expr = end.kind === 'const' ? end : { kind: 'var', type: 'index', name: blocks };
  const loads = [...prepare(a, va, 'vector_a_offset', block), ...prepare(b, vb, 'vector_b_offset', block)];
  const accVar: Expr = { kind: 'var', type: 'i32', name: acc };
  const lanes = [0, 1, 2, 3].map(
    (lane): Expr => ({ kind: 'load', type: 'i32', memory: 'i32', region: sums.name, at: toIndex(lane) }),
  );
  const surelyOnce =
    loop.to.kind === 'const' &&
    loop.from.kind === 'const' &&
    Number(loop.to.value) % width === Number(loop.from.value) % width;
  return [
    ...[sums, va, vb, products].map(alloc),
    ...offsets,
    { kind: 'instr', instr: zero32x4, args: [whole(sums)] },
    ...(end.kind === 'const' ? [] : [{ kind: 'let' as const, name: blocks, value: end }]),
    {
      kind: 'for',
      index: blockName,
      from: loop.from,
      to: endOf,
      step: width,
      body: [
        ...loads,
        { kind: 'instr', instr: dot16x8, args: [whole(va), whole(vb), whole(products)] },
        { kind: 'instr', instr: add32x4, args: [whole(sums), whole(products), whole(sums)] },
      ],
    },
    { kind: 'set', name: acc, value: lanes.reduce((total, lane) => add(total, lane), accVar) },
    ...(surelyOnce ? [] : [{ ...loop, from: endOf }]),
  ];
}
