// The kernel checker: every name defined before it is used and once, types agree, only mutable variables are set, only
// writable regions are stored to. Run after lowering and after every rewrite; what it finds is a mistake of ours.
import { assert } from '../errors.ts';
import { type Expr, type Fn, type Kernel, memoryBytes, type Stmt, type ValueType, valueTypeOf } from './ir.ts';

interface Scope {
  readonly variables: Map<string, { readonly type: ValueType; readonly mutable: boolean }>;
  readonly regions: Map<string, { readonly writable: boolean }>;
  /** All names ever defined: they are unique within a kernel. */
  readonly defined: Set<string>;
}

/** Throws when the kernel breaks a rule of the IR. */
export function checkKernel(kernel: Kernel): void {
  const scope: Scope = { variables: new Map(), regions: new Map(), defined: new Set() };
  const fns = new Set<Fn>();
  for (const argument of kernel.arguments) addRegion(scope, argument.name, argument.access !== 'read');
  for (const constant of kernel.constants) {
    addRegion(scope, constant.name, false);
    assert(constant.data?.length === constant.length, `${kernel.name}: constant ${constant.name} without its data`);
  }
  checkBody(kernel.body, scope, fns);
}

function define(scope: Scope, name: string): void {
  assert(/^[a-z][a-z0-9_]*$/.test(name), `"${name}" is not a name`);
  assert(!scope.defined.has(name), `${name} is defined twice`);
  scope.defined.add(name);
}

function addRegion(scope: Scope, name: string, writable: boolean): void {
  define(scope, name);
  scope.regions.set(name, { writable });
}

/** Names defined in a nested body end with it. */
const nested = (scope: Scope): Scope => ({
  ...scope,
  variables: new Map(scope.variables),
  regions: new Map(scope.regions),
});

function checkBody(body: readonly Stmt[], scope: Scope, fns: Set<Fn>): void {
  const check = (expr: Expr, type?: ValueType): void => {
    checkExpr(expr, scope, fns);
    if (type !== undefined) assert(expr.type === type, `${expr.type} where ${type} is due`);
  };
  for (const stmt of body) {
    switch (stmt.kind) {
      case 'let':
        check(stmt.value);
        define(scope, stmt.name);
        scope.variables.set(stmt.name, { type: stmt.value.type, mutable: stmt.mutable === true });
        break;
      case 'set': {
        const variable = scope.variables.get(stmt.name);
        assert(variable?.mutable, `${stmt.name} may not be set`);
        check(stmt.value, variable.type);
        break;
      }
      case 'alloc':
        assert(
          stmt.region.length > 0 && stmt.region.space !== 'argument' && stmt.region.space !== 'constant',
          `alloc of ${stmt.region.name}`,
        );
        addRegion(scope, stmt.region.name, true);
        break;
      case 'store':
        assert(scope.regions.get(stmt.region)?.writable, `region ${stmt.region} may not be written`);
        check(stmt.at, 'index');
        check(stmt.value, valueTypeOf(stmt.memory));
        break;
      case 'for': {
        check(stmt.from, 'index');
        check(stmt.to, 'index');
        assert(Number.isInteger(stmt.step) && stmt.step > 0, `step ${stmt.step}`);
        const inner = nested(scope);
        define(inner, stmt.index);
        inner.variables.set(stmt.index, { type: 'index', mutable: false });
        checkBody(stmt.body, inner, fns);
        break;
      }
      case 'if':
        check(stmt.test, 'i32');
        checkBody(stmt.then, nested(scope), fns);
        checkBody(stmt.else, nested(scope), fns);
        break;
      case 'instr':
        assert(stmt.args.length === stmt.instr.params.length, `${stmt.instr.name}: ${stmt.args.length} arguments`);
        stmt.instr.params.forEach((param, i) => {
          const arg = stmt.args[i];
          assert(arg?.kind === param.kind, `${stmt.instr.name}: argument ${param.name}`);
          if (arg.kind === 'scalar') check(arg.value, param.kind === 'scalar' ? param.type : undefined);
          else {
            check(arg.at, 'index');
            const region = scope.regions.get(arg.region);
            assert(region !== undefined, `region ${arg.region} does not exist`);
            assert(
              region.writable || (param.kind === 'region' && param.access === 'read'),
              `region ${arg.region} may not be written`,
            );
          }
        });
        break;
    }
  }
}

function checkExpr(expr: Expr, scope: Scope, fns: Set<Fn>): void {
  switch (expr.kind) {
    case 'const':
      assert((typeof expr.value === 'bigint') === (expr.type === 'i64'), `constant ${expr.value} of type ${expr.type}`);
      assert(
        expr.type === 'i64' || expr.type === 'f32' || expr.value === (Number(expr.value) | 0),
        `constant ${expr.value} of type ${expr.type}`,
      );
      return;
    case 'var':
      assert(
        scope.variables.get(expr.name)?.type === expr.type,
        `variable ${expr.name} of type ${expr.type} does not exist`,
      );
      return;
    case 'load':
      assert(scope.regions.has(expr.region), `region ${expr.region} does not exist`);
      assert(
        memoryBytes[expr.memory] > 0 && expr.type === valueTypeOf(expr.memory),
        `load of ${expr.memory} as ${expr.type}`,
      );
      checkExpr(expr.at, scope, fns);
      assert(expr.at.type === 'index', `load at ${expr.at.type}`);
      return;
    case 'binary':
      checkExpr(expr.a, scope, fns);
      checkExpr(expr.b, scope, fns);
      assert(expr.a.type === expr.b.type, `${expr.op} of ${expr.a.type} and ${expr.b.type}`);
      return;
    case 'select':
      checkExpr(expr.test, scope, fns);
      checkExpr(expr.a, scope, fns);
      checkExpr(expr.b, scope, fns);
      assert(expr.test.type === 'i32' && expr.a.type === expr.b.type && expr.type === expr.a.type, 'select');
      return;
    case 'cast':
      checkExpr(expr.value, scope, fns);
      return;
    case 'call':
      for (const arg of expr.args) checkExpr(arg, scope, fns);
      checkFn(expr.fn, fns);
      return;
  }
}

function checkFn(fn: Fn, fns: Set<Fn>): void {
  if (fns.has(fn)) return;
  fns.add(fn);
  const scope: Scope = { variables: new Map(), regions: new Map(), defined: new Set() };
  for (const param of fn.params) {
    define(scope, param.name);
    scope.variables.set(param.name, { type: param.type, mutable: false });
  }
  checkBody(fn.body, scope, fns);
  checkExpr(fn.result, scope, fns);
  assert(fn.result.type === fn.type, `${fn.name} returns ${fn.result.type}`);
}
