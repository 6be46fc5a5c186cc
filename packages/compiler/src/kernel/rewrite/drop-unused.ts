// Kernel → kernel: leaves out variables nothing reads, loops and branches without statements, arguments and constants nothing
// touches. General lowerings write what a special case does not need; compilers would warn of it.
import type { Expr, Kernel, Stmt } from '../ir.ts';
import { bodiesOf, forEachExpr, regionsUsed } from '../visit.ts';

/** The kernel without what has no effect, and the positions of the arguments that remain. */
export function dropUnused(kernel: Kernel): { readonly kernel: Kernel; readonly kept: readonly number[] } {
  let { body } = kernel;
  for (;;) {
    const smaller = withoutUnread(body, variablesRead(body));
    if (countOf(smaller) === countOf(body)) break;
    body = smaller;
  }
  const used = regionsUsed(body);
  const kept = kernel.arguments.flatMap((argument, i) =>
    argument.access === 'read' && !used.has(argument.name) ? [] : [i],
  );
  return {
    kernel: {
      ...kernel,
      arguments: kept.flatMap((i) => kernel.arguments[i] ?? []),
      constants: kernel.constants.filter((region) => used.has(region.name)),
      body,
    },
    kept,
  };
}

/** Variables that are read elsewhere than in their own updates. */
function variablesRead(body: readonly Stmt[]): ReadonlySet<string> {
  const read = new Set<string>();
  const note = (expr: Expr): void => {
    if (expr.kind === 'var') read.add(expr.name);
  };
  const ownUpdates = (stmts: readonly Stmt[]): readonly Stmt[] =>
    stmts.map((stmt): Stmt => {
      if (stmt.kind === 'for' || stmt.kind === 'while') return { ...stmt, body: ownUpdates(stmt.body) };
      if (stmt.kind === 'if') return { ...stmt, then: ownUpdates(stmt.then), else: ownUpdates(stmt.else) };
      return stmt.kind === 'set' ? { ...stmt, value: withoutSelf(stmt.value, stmt.name) } : stmt;
    });
  forEachExpr(ownUpdates(body), note);
  return read;
}

/** `acc + term` read as `term`, when it updates acc. */
const withoutSelf = (value: Expr, name: string): Expr =>
  value.kind === 'binary' && value.a.kind === 'var' && value.a.name === name ? value.b : value;

const withoutUnread = (body: readonly Stmt[], read: ReadonlySet<string>): readonly Stmt[] =>
  body.flatMap((stmt): readonly Stmt[] => {
    switch (stmt.kind) {
      case 'let':
      case 'set':
        return read.has(stmt.name) ? [stmt] : [];
      case 'for': {
        const inner = withoutUnread(stmt.body, read);
        return inner.length === 0 ? [] : [{ ...stmt, body: inner }];
      }
      case 'while':
        return [{ ...stmt, body: withoutUnread(stmt.body, read) }];
      case 'if': {
        const [then, otherwise] = [withoutUnread(stmt.then, read), withoutUnread(stmt.else, read)];
        return then.length + otherwise.length === 0 ? [] : [{ ...stmt, then, else: otherwise }];
      }
      default:
        return [stmt];
    }
  });

const countOf = (body: readonly Stmt[]): number =>
  body.reduce((total, stmt) => {
    return total + 1 + bodiesOf(stmt).reduce((nested, inner) => nested + countOf(inner), 0);
  }, 0);
