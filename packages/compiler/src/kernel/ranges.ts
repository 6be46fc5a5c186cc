// Interval analysis: which integer additions, subtractions, multiplications and left shifts of a kernel can never leave their
// type. A renderer whose language leaves signed overflow undefined prints those plainly, and the others with wrap-around.
// Sound, not complete: accumulations over loops are bounded by trip count times term, everything else by intervals.
import {
  type Expr,
  type Fn,
  type Instr,
  isFloat,
  type MemoryType,
  type Region,
  type Stmt,
  type ValueType,
} from './ir.ts';
import { forEachStmt } from './visit.ts';

/** Inclusive bounds; doubles hold them, with a margin where i64 exceeds 2^53. */
interface Interval {
  readonly low: number;
  readonly high: number;
}

const everything: Readonly<Record<ValueType, Interval>> = {
  i32: { low: -(2 ** 31), high: 2 ** 31 - 1 },
  index: { low: -(2 ** 31), high: 2 ** 31 - 1 },
  i64: { low: -(2 ** 63), high: 2 ** 63 },
  f32: { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY },
  f64: { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY },
};

const ofMemory: Readonly<Record<MemoryType, Interval>> = {
  i8: { low: -128, high: 127 },
  u8: { low: 0, high: 255 },
  i16: { low: -32768, high: 32767 },
  i32: everything.i32,
  i64: everything.i64,
  f32: everything.f32,
  f64: everything.f64,
};

/** An i64 result counts as proven only well inside the type, so that rounding of the bounds cannot matter. */
const provable: Readonly<Record<ValueType, Interval>> = { ...everything, i64: { low: -(2 ** 62), high: 2 ** 62 } };

/** Doubles round beyond 2^53: the bounds that surely hold what the exact ones would. */
const outward = ({ low, high }: Interval): Interval => ({
  low: Math.abs(low) <= 2 ** 53 ? low : low - Math.abs(low) * 2 ** -52,
  high: Math.abs(high) <= 2 ** 53 ? high : high + Math.abs(high) * 2 ** -52,
});

const union = (a: Interval, b: Interval): Interval => ({ low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) });
const within = (a: Interval, b: Interval): boolean => a.low >= b.low && a.high <= b.high;
const corners = (values: readonly number[]): Interval => ({ low: Math.min(...values), high: Math.max(...values) });

interface State {
  readonly variables: Map<string, Interval>;
  /** By region and memory type of the load: wider loads see other numbers. */
  readonly constants: ReadonlyMap<string, Interval>;
  /** Expressions whose exact result was seen to fit, and those seen not to. */
  readonly proven: Map<Expr, boolean>;
  /** Of the positions: those that were never seen to be able to be negative, and those that were. */
  readonly notNegative: Map<Expr, boolean>;
}

/** The expressions of a kernel body that provably never wrap. */
export const expressionsThatNeverWrap = (body: readonly Stmt[], constants: readonly Region[]): ReadonlySet<Expr> =>
  collect(visited(body, constants).proven);

/** The expressions of type index in a kernel body that provably are never negative. */
export const positionsNeverNegative = (body: readonly Stmt[], constants: readonly Region[]): ReadonlySet<Expr> =>
  collect(visited(body, constants).notNegative);

function visited(body: readonly Stmt[], constants: readonly Region[]): State {
  const state: State = {
    variables: new Map(),
    constants: new Map(constants.map((region) => [`${region.name} ${region.type}`, intervalOfData(region)])),
    proven: new Map(),
    notNegative: new Map(),
  };
  visitBody(body, state);
  return state;
}

/** The same for a function, whose parameters may have any value of their types. */
export function functionExpressionsThatNeverWrap(fn: Fn): ReadonlySet<Expr> {
  const variables = new Map(fn.params.map((param) => [param.name, everything[param.type]]));
  const state: State = { variables, constants: new Map(), proven: new Map(), notNegative: new Map() };
  visitBody(fn.body, state);
  rangeOf(fn.result, state);
  return collect(state.proven);
}

/** The same for the meaning of an instruction, whose scalars may have any value of their types. */
export function meaningExpressionsThatNeverWrap({ params, meaning }: Instr): ReadonlySet<Expr> {
  const variables = new Map(
    params.flatMap((param): [string, Interval][] =>
      param.kind === 'scalar' ? [[param.name, everything[param.type]]] : [],
    ),
  );
  const state: State = { variables, constants: new Map(), proven: new Map(), notNegative: new Map() };
  visitBody(meaning, state);
  return collect(state.proven);
}

const collect = (found: ReadonlyMap<Expr, boolean>): ReadonlySet<Expr> =>
  new Set([...found].filter(([, holds]) => holds).map(([expr]) => expr));

function intervalOfData({ type, data }: Region): Interval {
  if (data === undefined || isFloat(type) || data instanceof BigInt64Array) return ofMemory[type];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}

function visitBody(body: readonly Stmt[], state: State): void {
  for (const stmt of body) visitStmt(stmt, state);
}

function visitStmt(stmt: Stmt, state: State): void {
  switch (stmt.kind) {
    case 'let':
    case 'set':
      state.variables.set(stmt.name, rangeOf(stmt.value, state));
      return;
    case 'alloc':
      return;
    case 'store':
      rangeOf(stmt.at, state);
      rangeOf(stmt.value, state);
      return;
    case 'instr':
      for (const arg of stmt.args) rangeOf(arg.kind === 'scalar' ? arg.value : arg.at, state);
      return;
    case 'if': {
      rangeOf(stmt.test, state);
      const before = new Map(state.variables);
      visitBody(stmt.then, state);
      const afterThen = new Map(state.variables);
      for (const [name, range] of before) state.variables.set(name, range);
      visitBody(stmt.else, state);
      for (const [name, range] of afterThen) {
        const other = state.variables.get(name);
        state.variables.set(name, other === undefined ? range : union(range, other));
      }
      return;
    }
    case 'for':
      visitLoop(stmt, state);
      return;
    case 'while':
      visitWhile(stmt, state);
      return;
  }
}

/** What a loop without a count of its turns sets may be anything of its type. */
function visitWhile({ test, body }: Extract<Stmt, { kind: 'while' }>, state: State): void {
  const changed = variablesSet(body).filter((name) => state.variables.has(name));
  const anything: Interval = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const forget = (): void => {
    for (const name of changed) state.variables.set(name, anything);
  };
  forget();
  rangeOf(test, state);
  visitBody(body, state);
  forget();
}

function visitLoop(loop: Extract<Stmt, { kind: 'for' }>, state: State): void {
  const from = rangeOf(loop.from, state);
  const to = rangeOf(loop.to, state);
  state.variables.set(loop.index, { low: from.low, high: Math.max(from.low, to.high - 1) });
  const changed = variablesSet(loop.body).filter((name) => state.variables.has(name));
  if (changed.length > 0) {
    // First with nothing known of what the loop changes, to learn the terms; then with what follows for all turns.
    const before = new Map(changed.map((name) => [name, state.variables.get(name) ?? everything.i64]));
    const probe: State = {
      ...state,
      variables: new Map(state.variables),
      proven: new Map(),
      notNegative: new Map(),
    };
    for (const name of changed)
      probe.variables.set(name, { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY });
    const growth = growthOf(loop, probe, new Set(changed));
    for (const name of changed) {
      const start = before.get(name) ?? everything.i64;
      const grown = growth.get(name) ?? { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
      state.variables.set(
        name,
        grown.kind === 'sum'
          ? outward({ low: start.low + grown.low, high: start.high + grown.high })
          : union(start, grown),
      );
    }
  }
  const during = new Map(changed.map((name) => [name, state.variables.get(name)]));
  visitBody(loop.body, state);
  for (const [name, range] of during) if (range !== undefined) state.variables.set(name, range);
}

function variablesSet(body: readonly Stmt[]): readonly string[] {
  const names = new Set<string>();
  forEachStmt(body, (stmt) => {
    if (stmt.kind === 'set') names.add(stmt.name);
  });
  return [...names];
}

type Growth = Interval & { readonly kind?: 'sum' };

/** How far each variable can move in all turns of a loop together: by sums of terms, or to a value of an interval. */
function growthOf(
  loop: Extract<Stmt, { kind: 'for' }>,
  state: State,
  names: ReadonlySet<string>,
): ReadonlyMap<string, Growth> {
  const growth = new Map<string, Growth>();
  const spread = (name: string, next: Growth): void => {
    const known = growth.get(name);
    if (known === undefined) growth.set(name, next);
    else if (known.kind === 'sum' && next.kind === 'sum')
      growth.set(name, { kind: 'sum', low: known.low + next.low, high: known.high + next.high });
    else if (known.kind === undefined && next.kind === undefined) growth.set(name, union(known, next));
    else growth.set(name, { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY });
  };
  const walk = (body: readonly Stmt[], turns: number): void => {
    for (const stmt of body) {
      if (stmt.kind === 'set' && names.has(stmt.name)) {
        spread(stmt.name, growthBySet(stmt.name, stmt.value, turns, state));
      } else if (stmt.kind === 'for') {
        const from = rangeOf(stmt.from, state);
        const to = rangeOf(stmt.to, state);
        state.variables.set(stmt.index, { low: from.low, high: Math.max(from.low, to.high - 1) });
        walk(stmt.body, turns * Math.max(0, Math.ceil((to.high - from.low) / stmt.step)));
      } else if (stmt.kind === 'while') {
        walk(stmt.body, Number.POSITIVE_INFINITY);
      } else if (stmt.kind === 'if') {
        walk(stmt.then, turns);
        walk(stmt.else, turns);
      } else if (stmt.kind === 'let') {
        // What is set again within the loop is not followed here.
        state.variables.set(stmt.name, stmt.mutable ? everything[stmt.value.type] : rangeOf(stmt.value, state));
      }
    }
  };
  const from = rangeOf(loop.from, state);
  const to = rangeOf(loop.to, state);
  walk(loop.body, Math.max(0, Math.ceil((to.high - from.low) / loop.step)));
  return growth;
}

function growthBySet(name: string, value: Expr, turns: number, state: State): Growth {
  const isSelf = (expr: Expr): boolean => expr.kind === 'var' && expr.name === name;
  if (value.kind === 'binary' && !isFloat(value.type)) {
    if (value.op === 'add' && isSelf(value.a)) return times(rangeOf(value.b, state), turns);
    if (value.op === 'sub' && isSelf(value.a)) {
      const term = rangeOf(value.b, state);
      return times({ low: -term.high, high: -term.low }, turns);
    }
    if ((value.op === 'max' || value.op === 'min') && isSelf(value.a)) return rangeOf(value.b, state);
    if ((value.op === 'max' || value.op === 'min') && isSelf(value.b)) return rangeOf(value.a, state);
  }
  return rangeOf(value, state);
}

const times = (term: Interval, turns: number): Growth => ({
  kind: 'sum',
  ...outward({ low: Math.min(0, term.low * turns), high: Math.max(0, term.high * turns) }),
});

function rangeOf(expr: Expr, state: State): Interval {
  const range = rangeOfExpr(expr, state);
  // An expression object may stand in several places: never negative only if so in all of them.
  if (expr.type === 'index') state.notNegative.set(expr, range.low >= 0 && state.notNegative.get(expr) !== false);
  return range;
}

function rangeOfExpr(expr: Expr, state: State): Interval {
  switch (expr.kind) {
    case 'const':
      return outward({ low: Number(expr.value), high: Number(expr.value) });
    case 'var':
      return clip(state.variables.get(expr.name) ?? everything[expr.type], expr.type);
    case 'load':
      rangeOf(expr.at, state);
      return state.constants.get(`${expr.region} ${expr.memory}`) ?? ofMemory[expr.memory];
    case 'select':
      rangeOf(expr.test, state);
      return union(rangeOf(expr.a, state), rangeOf(expr.b, state));
    case 'cast': {
      const value = rangeOf(expr.value, state);
      return expr.bits || isFloat(expr.type) ? everything[expr.type] : clip(value, expr.type);
    }
    case 'call': {
      const params = expr.fn.params.map((param, i): [string, Interval] => {
        const arg = expr.args[i];
        return [param.name, arg === undefined ? everything[param.type] : rangeOf(arg, state)];
      });
      // What is proven for these arguments is not proven for the function, so it is not kept.
      const inner: State = {
        variables: new Map(params),
        constants: new Map(),
        proven: new Map(),
        notNegative: new Map(),
      };
      visitBody(expr.fn.body, inner);
      return rangeOf(expr.fn.result, inner);
    }
    case 'binary':
      return rangeOfBinary(expr, state);
  }
}

/** What cannot be held wraps, and may then be anything. */
const clip = (range: Interval, type: ValueType): Interval => (within(range, provable[type]) ? range : everything[type]);

function rangeOfBinary(expr: Extract<Expr, { kind: 'binary' }>, state: State): Interval {
  const a = rangeOf(expr.a, state);
  const b = rangeOf(expr.b, state);
  const { type, op } = expr;
  if (op === 'lt' || op === 'le' || op === 'eq' || op === 'ne') return { low: 0, high: 1 };
  if (isFloat(type)) return everything[type];
  const exact = (range: Interval): Interval => {
    const fits = within(range, provable[type]);
    // An expression object may stand in several places: proven only if it fits in all of them.
    state.proven.set(expr, fits && state.proven.get(expr) !== false);
    return fits ? outward(range) : everything[type];
  };
  switch (op) {
    case 'add':
      return exact({ low: a.low + b.low, high: a.high + b.high });
    case 'sub':
      return exact({ low: a.low - b.high, high: a.high - b.low });
    case 'mul':
      return exact(corners([a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]));
    case 'shl': {
      const width = type === 'i64' ? 63 : 31;
      const [least, most] = [Math.max(0, b.low), Math.min(width, b.high)].map((bits) => 2 ** bits);
      // Shifting a negative number left is undefined in C whatever the result.
      const result = corners([a.low, a.high].flatMap((value) => [value * (least ?? 1), value * (most ?? 1)]));
      return a.low < 0 ? exact({ low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }) : exact(result);
    }
    case 'shr': {
      const [least, most] = [Math.max(0, b.low), Math.min(63, b.high)].map((bits) => 2 ** bits);
      return corners(
        [a.low, a.high].flatMap((value) => [Math.floor(value / (least ?? 1)), Math.floor(value / (most ?? 1))]),
      );
    }
    case 'ushr': {
      const width = type === 'i64' ? 64 : 32;
      const least = Math.max(0, b.low);
      if (a.low >= 0) return { low: 0, high: Math.floor(a.high / 2 ** least) };
      return least === 0 ? everything[type] : { low: 0, high: 2 ** (width - least) - 1 };
    }
    case 'min':
      return { low: Math.min(a.low, b.low), high: Math.min(a.high, b.high) };
    case 'max':
      return { low: Math.max(a.low, b.low), high: Math.max(a.high, b.high) };
    case 'and':
      if (a.low >= 0 || b.low >= 0)
        return { low: 0, high: Math.min(a.low >= 0 ? a.high : 2 ** 63, b.low >= 0 ? b.high : 2 ** 63) };
      return everything[type];
    case 'div': {
      const largest = Math.max(Math.abs(a.low), Math.abs(a.high));
      return clip({ low: a.low >= 0 && b.low > 0 ? 0 : -largest, high: largest }, type);
    }
    case 'rem': {
      const largest = Math.max(Math.abs(b.low), Math.abs(b.high)) - 1;
      return clip({ low: a.low >= 0 ? 0 : -largest, high: largest }, type);
    }
    default:
      return everything[type];
  }
}
