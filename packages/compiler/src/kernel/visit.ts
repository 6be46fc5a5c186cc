// Walks over statements and expressions, and rebuilds them: the traversals every pass and renderer shares.
import type { Expr, Fn, Instr, Stmt } from './ir.ts';

/** The direct operands of an expression. */
export function operands(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'const':
    case 'var':
      return [];
    case 'load':
      return [expr.at];
    case 'binary':
      return [expr.a, expr.b];
    case 'select':
      return [expr.test, expr.a, expr.b];
    case 'cast':
      return [expr.value];
    case 'call':
      return expr.args;
  }
}

/** The expressions that stand directly in a statement, without those of its nested statements. */
export function expressionsOf(stmt: Stmt): readonly Expr[] {
  switch (stmt.kind) {
    case 'let':
    case 'set':
      return [stmt.value];
    case 'alloc':
      return [];
    case 'store':
      return [stmt.at, stmt.value];
    case 'for':
      return [stmt.from, stmt.to];
    case 'while':
    case 'if':
      return [stmt.test];
    case 'instr':
      return stmt.args.map((arg) => (arg.kind === 'scalar' ? arg.value : arg.at));
  }
}

/** The statement lists nested in a statement. */
export function bodiesOf(stmt: Stmt): readonly (readonly Stmt[])[] {
  if (stmt.kind === 'for' || stmt.kind === 'while') return [stmt.body];
  if (stmt.kind === 'if') return [stmt.then, stmt.else];
  return [];
}

/** Every statement, outer before inner, in order. */
export function forEachStmt(body: readonly Stmt[], visit: (stmt: Stmt) => void): void {
  for (const stmt of body) {
    visit(stmt);
    for (const inner of bodiesOf(stmt)) forEachStmt(inner, visit);
  }
}

/** An expression and all it consists of, outer before inner. */
export function forEachOperand(expr: Expr, visit: (expr: Expr) => void): void {
  visit(expr);
  for (const operand of operands(expr)) forEachOperand(operand, visit);
}

/** Every expression of every statement. */
export function forEachExpr(body: readonly Stmt[], visit: (expr: Expr) => void): void {
  forEachStmt(body, (stmt) => {
    for (const expr of expressionsOf(stmt)) forEachOperand(expr, visit);
  });
}

/** Instructions that statements contain, each name once, in order of appearance. */
export function instructionsUsed(body: readonly Stmt[]): readonly Instr[] {
  const found = new Map<string, Instr>();
  forEachStmt(body, (stmt) => {
    if (stmt.kind === 'instr' && !found.has(stmt.instr.name)) found.set(stmt.instr.name, stmt.instr);
  });
  return [...found.values()];
}

/** Names of all regions that statements read or write. */
export function regionsUsed(body: readonly Stmt[]): ReadonlySet<string> {
  const used = new Set<string>();
  forEachExpr(body, (expr) => {
    if (expr.kind === 'load') used.add(expr.region);
  });
  forEachStmt(body, (stmt) => {
    if (stmt.kind === 'store') used.add(stmt.region);
    if (stmt.kind === 'instr') for (const arg of stmt.args) if (arg.kind === 'region') used.add(arg.region);
  });
  return used;
}

/**
 * All functions called, directly, from another function or from an instruction's meaning, callees first, each once. Where
 * `isSpelled` says that the target has it, its meaning is not looked into, and it is not among them.
 */
export function functionsUsed(
  body: readonly Stmt[],
  isSpelled: (used: Fn | Instr) => boolean = () => false,
): readonly Fn[] {
  const found = new Set<Fn>();
  const visitExpr = (expr: Expr): void => {
    if (expr.kind !== 'call' || found.has(expr.fn) || isSpelled(expr.fn)) return;
    visitBody(expr.fn.body);
    forEachOperand(expr.fn.result, visitExpr);
    found.add(expr.fn);
  };
  const visitBody = (stmts: readonly Stmt[]): void => {
    forEachExpr(stmts, visitExpr);
    forEachStmt(stmts, (stmt) => {
      if (stmt.kind === 'instr' && !isSpelled(stmt.instr)) visitBody(stmt.instr.meaning);
    });
  };
  visitBody(body);
  return [...found];
}
