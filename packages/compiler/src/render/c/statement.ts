// Kernel statements as lines of C99.
import { never } from '../../errors.ts';
import { type Expr, type Instr, type InstrArg, isFloat, type MemoryType, type Stmt } from '../../kernel/ir.ts';
import { spellingOf } from '../../kernel/spelling.ts';
import { forEachOperand, forEachStmt } from '../../kernel/visit.ts';
import {
  type ExpressionContext,
  memoryTypeC,
  renderBound,
  renderCastOperand,
  renderExpr,
  valueTypeC,
} from './expression.ts';

export const indent = (lines: readonly string[]): string[] => lines.map((line) => (line === '' ? '' : `  ${line}`));

/** The statements as lines, not indented. */
export const renderBody = (body: readonly Stmt[], context: ExpressionContext): string[] =>
  body.flatMap((stmt) => renderStmt(stmt, context));

function renderStmt(stmt: Stmt, context: ExpressionContext): string[] {
  switch (stmt.kind) {
    case 'let': {
      const type = valueTypeC[stmt.value.type];
      return [`${stmt.mutable ? '' : 'const '}${type} ${stmt.name} = ${renderExpr(stmt.value, context)};`];
    }
    case 'set':
      return [assignment(stmt, context)];
    case 'alloc':
      return [`${memoryTypeC[stmt.region.type]} ${stmt.region.name}[${stmt.region.length}];`];
    case 'store':
      return [store(stmt, context)];
    case 'for': {
      const { index, step } = stmt;
      const increment = step === 1 ? `${index}++` : `${index} += ${step}`;
      const from = renderExpr(stmt.from, context);
      // The end is evaluated once. Kernels' names are lower-case, so that its own cannot meet another.
      const [start, end] = mayChange(stmt.to, stmt.body)
        ? [`${from}, ${index}End = ${renderExpr(stmt.to, context)}`, `${index}End`]
        : [from, renderBound(stmt.to, context)];
      return [
        `for (int32_t ${index} = ${start}; ${index} < ${end}; ${increment}) {`,
        ...indent(renderBody(stmt.body, context)),
        '}',
      ];
    }
    case 'while':
      return [`while (${renderExpr(stmt.test, context)}) {`, ...indent(renderBody(stmt.body, context)), '}'];
    case 'if': {
      const head = [`if (${renderExpr(stmt.test, context)}) {`, ...indent(renderBody(stmt.then, context))];
      const tail = stmt.else.length === 0 ? ['}'] : ['} else {', ...indent(renderBody(stmt.else, context)), '}'];
      return [...head, ...tail];
    }
    case 'instr':
      return instruction(stmt.instr, stmt.args, context);
    default:
      return never(stmt);
  }
}

/** Whether the statements may change what the expression gives. */
function mayChange(expr: Expr, body: readonly Stmt[]): boolean {
  const reads = new Set<string>();
  let loads = false;
  forEachOperand(expr, (operand) => {
    if (operand.kind === 'var') reads.add(operand.name);
    loads ||= operand.kind === 'load';
  });
  let changes = loads;
  forEachStmt(body, (stmt) => {
    changes ||= stmt.kind === 'set' && reads.has(stmt.name);
  });
  return changes;
}

/** `acc += term` where the addition cannot wrap, else a plain assignment. */
function assignment(stmt: Extract<Stmt, { kind: 'set' }>, context: ExpressionContext): string {
  const { value, name } = stmt;
  const plain = isFloat(value.type) || value.type === 'index' || context.neverWraps.has(value);
  if (value.kind === 'binary' && value.op === 'add' && plain && value.a.kind === 'var' && value.a.name === name) {
    return `${name} += ${renderExpr(value.b, context)};`;
  }
  return `${name} = ${renderExpr(value, context)};`;
}

function store(stmt: Extract<Stmt, { kind: 'store' }>, context: ExpressionContext): string {
  const own = context.regionType(stmt.region);
  const at = renderExpr(stmt.at, context);
  const name = context.regionName(stmt.region);
  const narrow = stmt.memory === 'i8' || stmt.memory === 'u8' || stmt.memory === 'i16';
  const value = narrow
    ? `(${memoryTypeC[stmt.memory]})${renderCastOperand(stmt.value, context)}`
    : renderExpr(stmt.value, context);
  if (own !== stmt.memory) return `${context.need(`store_${stmt.memory}`)}(&${name}[${at}], ${value});`;
  return `${name}[${at}] = ${value};`;
}

/** The target's spelling, a call of a routine, or the meaning in a block of its own whose names are the parameters. */
function instruction(instr: Instr, args: readonly InstrArg[], context: ExpressionContext): string[] {
  const operand = (arg: InstrArg): string => {
    if (arg.kind === 'scalar') return renderExpr(arg.value, context);
    const at = renderExpr(arg.at, context);
    return at === '0' ? context.regionName(arg.region) : `&${context.regionName(arg.region)}[${at}]`;
  };
  const { c, definition } = spellingOf(context.spellings, instr) ?? {};
  if (c !== undefined) return [`${c(...args.map(operand))};`];
  if (definition !== undefined || instr.routine !== undefined)
    return [`${instr.name}(${args.map(operand).join(', ')});`];
  const names = new Map<string, string>();
  const bindings = instr.params.flatMap((param, i) => {
    const arg = args[i];
    if (arg === undefined) throw new Error(`internal error: ${instr.name} without ${param.name}`);
    const own = `${instr.name}_${param.name}`;
    names.set(param.name, own);
    if (param.kind === 'scalar') return [`const ${valueTypeC[param.type]} ${own} = ${operand(arg)};`];
    const constness = param.access === 'read' ? 'const ' : '';
    return [`${constness}${memoryTypeC[param.type]} *${own} = ${operand(arg)};`];
  });
  const types = new Map<string, MemoryType>();
  for (const param of instr.params) if (param.kind === 'region') types.set(param.name, param.type);
  forEachStmt(instr.meaning, (stmt) => {
    if (stmt.kind === 'alloc') types.set(stmt.region.name, stmt.region.type);
  });
  const meaningContext: ExpressionContext = {
    ...context,
    // Within a meaning nothing is known of its operands.
    neverWraps: new Set(),
    regionType: (name) => types.get(name) ?? context.regionType(name),
    regionName: (name) => names.get(name) ?? name,
    variableName: (name) => names.get(name) ?? name,
  };
  return [`{ /* ${instr.name} */`, ...indent([...bindings, ...renderBody(instr.meaning, meaningContext)]), '}'];
}
