// The kernel checker: every name defined before it is used and once, types agree, only mutable variables are set, only
// writable regions are stored to. Run after lowering and after every rewrite; what it finds is a mistake of ours.
import { assert } from '../errors.ts';
import {
  type BinaryOp,
  type Expr,
  type Fn,
  type Instr,
  type InstrArg,
  isFloat,
  type Kernel,
  type MemoryType,
  memoryBytes,
  openLength,
  type Region,
  type Stmt,
  type ValueType,
  valueTypeOf,
} from './ir.ts';
import { memoryTypeOf } from './writer.ts';

interface Memory {
  readonly type: MemoryType;
  readonly writable: boolean;
  /** The register family it lives in, if it does. */
  readonly registers: string | undefined;
}

interface Scope {
  readonly variables: Map<string, { readonly type: ValueType; readonly mutable: boolean }>;
  readonly regions: Map<string, Memory>;
  /** All names ever defined: they are unique within a kernel. */
  readonly defined: Set<string>;
  /** Functions called here, by name. */
  readonly called: Map<string, Fn>;
  /** Functions and instructions that have been checked. */
  readonly checked: Set<Fn | Instr>;
  readonly mayAllocate: boolean;
}

const newScope = (checked: Set<Fn | Instr>, mayAllocate: boolean): Scope => ({
  variables: new Map(),
  regions: new Map(),
  defined: new Set(),
  called: new Map(),
  checked,
  mayAllocate,
});

/** Throws when the kernel breaks a rule of the IR. */
export function checkKernel(kernel: Kernel): void {
  const scope = newScope(new Set(), true);
  for (const argument of kernel.arguments) addRegion(scope, argument, argument.access !== 'read');
  for (const constant of kernel.constants) {
    addRegion(scope, constant, false);
    const { data, name, type, length } = constant;
    assert(data?.length === length && memoryTypeOf(data) === type, `${kernel.name}: constant ${name} without its data`);
  }
  checkBody(kernel.body, scope);
  checkCalled(scope);
}

function define(scope: Scope, name: string): void {
  assert(/^[a-z][a-z0-9_]*$/.test(name), `"${name}" is not a name`);
  assert(!scope.defined.has(name), `${name} is defined twice`);
  scope.defined.add(name);
}

function addVariable(scope: Scope, name: string, type: ValueType, mutable: boolean): void {
  define(scope, name);
  scope.variables.set(name, { type, mutable });
}

function addRegion(scope: Scope, { name, type, length, space }: Region, writable: boolean): void {
  define(scope, name);
  assert(Number.isInteger(length) && length > 0, `region ${name} of ${length} elements`);
  scope.regions.set(name, { type, writable, registers: typeof space === 'object' ? space.registers : undefined });
}

function checkCalled({ called, defined }: Scope): void {
  for (const name of called.keys()) assert(!defined.has(name), `${name} is both a function and a name`);
}

/** Names defined in a nested body end with it. */
const nested = (scope: Scope): Scope => ({
  ...scope,
  variables: new Map(scope.variables),
  regions: new Map(scope.regions),
});

function checkBody(body: readonly Stmt[], scope: Scope): void {
  for (const stmt of body) checkStmt(stmt, scope);
}

function checkStmt(stmt: Stmt, scope: Scope): void {
  const check = (expr: Expr, type?: ValueType): void => {
    checkExpr(expr, scope);
    if (type !== undefined) assert(expr.type === type, `${expr.type} where ${type} is due`);
  };
  switch (stmt.kind) {
    case 'let':
      check(stmt.value);
      addVariable(scope, stmt.name, stmt.value.type, stmt.mutable === true);
      return;
    case 'set': {
      const variable = scope.variables.get(stmt.name);
      assert(variable?.mutable, `${stmt.name} may not be set`);
      check(stmt.value, variable.type);
      return;
    }
    case 'alloc': {
      const { name, space } = stmt.region;
      assert(scope.mayAllocate && space !== 'argument' && space !== 'constant', `alloc of ${name}`);
      addRegion(scope, stmt.region, true);
      return;
    }
    case 'store': {
      const region = scope.regions.get(stmt.region);
      assert(region?.writable && region.registers === undefined, `region ${stmt.region} may not be written`);
      checkAccess(stmt.region, region, stmt.memory, stmt.at);
      check(stmt.at, 'index');
      check(stmt.value, valueTypeOf(stmt.memory));
      return;
    }
    case 'for': {
      check(stmt.from, 'index');
      check(stmt.to, 'index');
      assert(Number.isInteger(stmt.step) && stmt.step > 0, `step ${stmt.step}`);
      const inner = nested(scope);
      addVariable(inner, stmt.index, 'index', false);
      checkBody(stmt.body, inner);
      return;
    }
    case 'while':
      check(stmt.test, 'i32');
      checkBody(stmt.body, nested(scope));
      return;
    case 'if':
      check(stmt.test, 'i32');
      checkBody(stmt.then, nested(scope));
      checkBody(stmt.else, nested(scope));
      return;
    case 'instr':
      checkInstr(stmt.instr, stmt.args, scope);
      return;
  }
}

/** Elements are accessed in their own type or a wider one, signed bytes also as unsigned ones, floats as their bits; lanes of a register as they are, at constant positions. */
function checkAccess(name: string, { type, registers }: Memory, memory: MemoryType, at: Expr): void {
  const unsigned = (memory === 'u8' && type === 'i8') || (memory === 'i32' && type === 'f32');
  assert(
    memory === type || unsigned || memoryBytes[memory] > memoryBytes[type],
    `${memory} in region ${name} of ${type}`,
  );
  assert(registers === undefined || (memory === type && at.kind === 'const'), `lane of register ${name}`);
}

function checkInstr(instr: Instr, args: readonly InstrArg[], scope: Scope): void {
  assert(args.length === instr.params.length, `${instr.name}: ${args.length} arguments`);
  instr.params.forEach((param, i) => {
    const arg = args[i];
    const what = `${instr.name}: argument ${param.name}`;
    assert(arg?.kind === param.kind, what);
    if (arg.kind === 'scalar' || param.kind === 'scalar') {
      if (arg.kind === 'scalar') checkExpr(arg.value, scope);
      assert(arg.kind === 'scalar' && param.kind === 'scalar' && arg.value.type === param.type, what);
      return;
    }
    checkExpr(arg.at, scope);
    assert(arg.at.type === 'index', `${what} at ${arg.at.type}`);
    const region = scope.regions.get(arg.region);
    assert(region !== undefined, `region ${arg.region} does not exist`);
    assert(region.writable || param.access === 'read', `region ${arg.region} may not be written`);
    const due = param.in === 'memory' ? undefined : param.in.registers;
    assert(region.type === param.type && region.registers === due, `${what} is not region ${arg.region}`);
  });
  checkMeaning(instr, scope.checked);
}

function checkMeaning(instr: Instr, checked: Set<Fn | Instr>): void {
  if (checked.has(instr)) return;
  checked.add(instr);
  const scope = newScope(checked, true);
  for (const param of instr.params) {
    if (param.kind === 'scalar') addVariable(scope, param.name, param.type, false);
    else {
      const region: Region = {
        name: param.name,
        type: param.type,
        length: param.lanes ?? openLength,
        space: 'argument',
      };
      addRegion(scope, region, param.access !== 'read');
    }
  }
  checkBody(instr.meaning, scope);
  checkCalled(scope);
}

const comparisons: ReadonlySet<BinaryOp> = new Set(['lt', 'le', 'eq', 'ne']);
const ofFloats: ReadonlySet<BinaryOp> = new Set([...comparisons, 'add', 'sub', 'mul', 'div', 'min', 'max']);
const casts: ReadonlySet<string> = new Set(
  'i32 to i64,index to i64,i32 to index,index to i32,i64 to i32,i32 to f32,f32 to i32,i32 to f64,f64 to i32,f32 to f64,f64 to f32'.split(
    ',',
  ),
);
const reinterpretations: ReadonlySet<string> = new Set(['i32 to f32', 'f32 to i32', 'i64 to f64', 'f64 to i64']);

function checkExpr(expr: Expr, scope: Scope): void {
  switch (expr.kind) {
    case 'const':
      checkConstant(expr);
      return;
    case 'var': {
      const { name, type } = expr;
      assert(scope.variables.get(name)?.type === type, `variable ${name} of type ${type} does not exist`);
      return;
    }
    case 'load': {
      const region = scope.regions.get(expr.region);
      assert(region !== undefined, `region ${expr.region} does not exist`);
      assert(expr.type === valueTypeOf(expr.memory), `load of ${expr.memory} as ${expr.type}`);
      checkAccess(expr.region, region, expr.memory, expr.at);
      checkExpr(expr.at, scope);
      assert(expr.at.type === 'index', `load at ${expr.at.type}`);
      return;
    }
    case 'binary': {
      const { op, a, b, type } = expr;
      checkExpr(a, scope);
      checkExpr(b, scope);
      assert(a.type === b.type, `${op} of ${a.type} and ${b.type}`);
      assert(!isFloat(a.type) || ofFloats.has(op), `${op} of ${a.type}`);
      assert(type === (comparisons.has(op) ? 'i32' : a.type), `${op} of ${a.type} as ${type}`);
      return;
    }
    case 'select':
      checkExpr(expr.test, scope);
      checkExpr(expr.a, scope);
      checkExpr(expr.b, scope);
      assert(expr.test.type === 'i32' && expr.a.type === expr.b.type && expr.type === expr.a.type, 'select');
      return;
    case 'cast': {
      checkExpr(expr.value, scope);
      const conversion = `${expr.value.type} to ${expr.type}`;
      assert((expr.bits ? reinterpretations : casts).has(conversion), `cast of ${conversion}`);
      return;
    }
    case 'call': {
      const { fn, args, type } = expr;
      for (const arg of args) checkExpr(arg, scope);
      const fits = args.length === fn.params.length && fn.params.every((param, i) => args[i]?.type === param.type);
      assert(fits && type === fn.type, `call of ${fn.name}`);
      assert((scope.called.get(fn.name) ?? fn) === fn, `two functions called ${fn.name}`);
      scope.called.set(fn.name, fn);
      checkFn(fn, scope.checked);
      return;
    }
  }
}

function checkConstant({ type, value }: Extract<Expr, { kind: 'const' }>): void {
  const what = `constant ${value} of type ${type}`;
  if (type === 'i64') assert(typeof value === 'bigint' && value === BigInt.asIntN(64, value), what);
  else if (type === 'f64') assert(typeof value === 'number', what);
  else if (type === 'f32') assert(Object.is(value, Math.fround(Number(value))), what);
  else assert(Object.is(value, Number(value) | 0), what);
}

function checkFn(fn: Fn, checked: Set<Fn | Instr>): void {
  if (checked.has(fn)) return;
  checked.add(fn);
  const scope = newScope(checked, false);
  for (const param of fn.params) addVariable(scope, param.name, param.type, false);
  checkBody(fn.body, scope);
  checkExpr(fn.result, scope);
  assert(fn.result.type === fn.type, `${fn.name} returns ${fn.result.type}`);
  checkCalled(scope);
}
