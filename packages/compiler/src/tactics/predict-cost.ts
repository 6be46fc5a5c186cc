// What a kernel will take on a target: instructions of one run, and bytes of code and constants. A static count over its loops
// with one price an operation, good enough to choose among lowerings of one node; what is quoted anywhere is measured.
import {
  type InstructionKind,
  type InstructionMix,
  instructionKinds,
  mixFrom,
  sharesOfAssembly,
} from '../kernel/instruction-mix.ts';
import type { Expr, Kernel, Stmt } from '../kernel/ir.ts';
import { isFloat, memoryBytes } from '../kernel/ir.ts';
import { type Spelling, type Spellings, spellingOf } from '../kernel/spelling.ts';
import type { OperationCosts, Target } from '../targets/target.ts';
import { samplesOf, shareOf, type TypicalValues, typical } from './typical-values.ts';

export interface PredictedCost {
  readonly instructions: number;
  /** Code of the kernel itself, without what `definitions` name. */
  readonly codeBytes: number;
  readonly constantBytes: number;
  readonly scratchBytes: number;
  /** Definitions of instructions it calls, with their bytes: they stand in a program once. */
  readonly definitions: ReadonlyMap<string, number>;
}

const usual: OperationCosts = {
  divide: 2,
  wideMultiply: 1,
  wideAdd: 2,
  wideShift: 3,
  turn: 2,
  accumulate: 0,
  address: 0,
  floatOperation: 1,
  doubleOperation: 60,
  bytesPerInstruction: 3.2,
};

interface Count {
  executed: number;
  written: number;
}

interface Context extends TypicalValues {
  readonly costs: OperationCosts;
  /** How often what is counted runs, and runs of all that was counted by kind, where kinds are asked for. */
  readonly runs: number;
  readonly tally?: Map<InstructionKind, number>;
  /** Elements read of the kernel's regions, by name; of what an instruction is given, all. */
  readonly reads?: Map<string, number>;
  readonly spellings: Spellings;
  readonly definitions: Map<string, number>;
}

const contextFor = (target: Target): Context => ({
  costs: { ...usual, ...target.costs },
  runs: 1,
  spellings: target.spellings,
  definitions: new Map(),
  values: new Map(),
  samples: new Map(),
});

/** What one run of a kernel executes and reads of flash. */
export interface Execution {
  /** Instructions by kind: as many as `predictCost` says. */
  readonly mix: InstructionMix;
  /** Bytes of constants and code that are read in order: each once, whatever a cache keeps between runs. */
  readonly streamedBytes: number;
  /** Single reads of constants of which most are not read: of tables that are searched. */
  readonly sparseReads: number;
}

/** The prediction for one kernel, with what one run of it executes. */
export function predictExecution(
  kernel: Kernel,
  target: Target,
): { readonly cost: PredictedCost; readonly execution: Execution } {
  const counts = new Map<InstructionKind, number>();
  const reads = new Map<string, number>();
  const context = { ...contextFor(target), tally: counts, reads };
  const cost = costOf(kernel, context);
  let streamedBytes = Math.min(cost.codeBytes, cost.instructions * context.costs.bytesPerInstruction);
  let sparseReads = 0;
  for (const { name, length, type } of kernel.constants) {
    const times = reads.get(name) ?? 0;
    if (times >= length / sparseFrom) streamedBytes += Math.min(times, length) * memoryBytes[type];
    else sparseReads += times;
  }
  return { cost, execution: { mix: mixFrom((kind) => counts.get(kind) ?? 0), streamedBytes, sparseReads } };
}

/** Where fewer than one of so many elements is read, neighbours are not. */
const sparseFrom = 4;

/** The prediction for one kernel. */
export const predictCost = (kernel: Kernel, target: Target): PredictedCost => costOf(kernel, contextFor(target));

function costOf(kernel: Kernel, context: Context): PredictedCost {
  const { executed, written } = ofBody(kernel.body, context);
  const bytes = (regions: Kernel['constants']): number =>
    regions.reduce((total, { length, type }) => total + length * memoryBytes[type], 0);
  return {
    instructions: Math.round(executed),
    codeBytes: Math.round(written * context.costs.bytesPerInstruction),
    constantBytes: bytes(kernel.constants),
    scratchBytes: bytes(kernel.arguments.filter(({ access }) => access === 'scratch')),
    definitions: context.definitions,
  };
}

function ofBody(body: readonly Stmt[], context: Context): Count {
  const total: Count = { executed: 0, written: 0 };
  for (const stmt of body) {
    const { executed, written } = ofStmt(stmt, context);
    total.executed += executed;
    total.written += written;
  }
  return total;
}

const once = (instructions: number): Count => ({ executed: instructions, written: instructions });

/** Counts instructions of a kind, and gives their number. */
function tally(kind: InstructionKind, instructions: number, { runs, tally: counts }: Context): number {
  counts?.set(kind, (counts.get(kind) ?? 0) + instructions * runs);
  return instructions;
}

/** What runs so many times as often. */
const repeated = (context: Context, times: number): Context => ({ ...context, runs: context.runs * times });

/** What a spelled instruction executes, by the kinds in its text; what is no assembly is arithmetic. */
function tallySpelling({ definition }: Spelling, instructions: number, context: Context): number {
  if (context.tally === undefined) return instructions;
  const shares = definition === undefined ? undefined : sharesOfAssembly(definition);
  if (shares === undefined) return tally('others', instructions, context);
  for (const kind of instructionKinds) tally(kind, instructions * shares[kind], context);
  return instructions;
}

function ofStmt(stmt: Stmt, context: Context): Count {
  switch (stmt.kind) {
    case 'let':
      context.values.set(stmt.name, stmt.mutable ? Number.NaN : typical(stmt.value, context));
      return once(ofExpr(stmt.value, context));
    case 'set':
      return once(ofExpr(stmt.value, context));
    case 'alloc':
      return once(0);
    case 'store':
      return once(tally('stores', 1, context) + ofExpr(stmt.value, context) + ofAddress(stmt.at, context));
    case 'for': {
      const [from, to] = [typical(stmt.from, context), typical(stmt.to, context)];
      const turns = Number.isNaN(from + to) ? 4 : Math.max(0, Math.ceil((to - from) / stmt.step));
      context.values.set(stmt.index, from + Math.floor(turns / 2) * stmt.step);
      context.samples.set(stmt.index, samplesOf(from, turns, stmt.step));
      const body = ofBody(stmt.body, repeated(context, turns));
      const turn = tallyTurn(repeated(context, turns));
      return {
        executed: tally('others', 2, context) + turns * (body.executed + turn),
        written: 2 + body.written + turn,
      };
    }
    case 'while': {
      const test = ofExpr(stmt.test, repeated(context, typicalTurns + 1)) + 1;
      tally('branches', 1, repeated(context, typicalTurns + 1));
      const body = ofBody(stmt.body, repeated(context, typicalTurns));
      return { executed: test + typicalTurns * (body.executed + test), written: test + body.written + 1 };
    }
    case 'if': {
      const test = ofExpr(stmt.test, context) + tally('branches', 1, context);
      const share = stmt.likely ? 0.98 : shareOf(stmt.test, context);
      const [yes, no] = [ofBody(stmt.then, repeated(context, share)), ofBody(stmt.else, repeated(context, 1 - share))];
      return {
        executed: test + share * yes.executed + (1 - share) * no.executed,
        written: test + yes.written + no.written + 1,
      };
    }
    case 'instr': {
      const { instr, args } = stmt;
      const operands = args.map((arg) => (arg.kind === 'scalar' ? arg.value : arg.at));
      for (const arg of args) if (arg.kind === 'region') context.reads?.set(arg.region, Number.POSITIVE_INFINITY);
      const handing = operands.reduce((total, operand) => total + ofExpr(operand, context), 0);
      const spelling = spellingOf(context.spellings, instr);
      const scalars = args.flatMap((arg) => (arg.kind === 'scalar' ? [known(typical(arg.value, context))] : []));
      if (spelling === undefined) {
        const names = instr.params.flatMap((param) => (param.kind === 'scalar' ? [param.name] : []));
        const values = new Map(names.map((name, n) => [name, scalars[n] ?? Number.NaN]));
        // Regions of the meaning have names of their own.
        const { reads: _, ...own } = context;
        const meaning = ofBody(instr.meaning, { ...own, values });
        if (instr.routine === undefined)
          return { executed: handing + meaning.executed, written: handing + meaning.written };
        context.definitions.set(instr.name, Math.round(meaning.written * context.costs.bytesPerInstruction));
        const call = handing + tally('others', args.length, context);
        return { executed: call + meaning.executed, written: call + 1 };
      }
      const cost = spelling.cost?.(...scalars) ?? { instructions: 1, codeBytes: 4 };
      tallySpelling(spelling, cost.instructions, context);
      if (spelling.definition === undefined) return once(handing + cost.instructions);
      context.definitions.set(instr.name, cost.codeBytes);
      const call = handing + tally('others', args.length, context);
      return { executed: call + cost.instructions, written: call + 1 };
    }
  }
}

/** Of a loop that does not say how many it takes. */
const typicalTurns = 8;

const known = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value);

/** A position: constants and one addition are part of the access. */
function ofAddress(at: Expr, context: Context): number {
  if (at.kind === 'binary' && at.op === 'add') return ofExpr(at.a, context) + ofExpr(at.b, context);
  return ofExpr(at, context);
}

function ofExpr(expr: Expr, context: Context): number {
  const { costs } = context;
  switch (expr.kind) {
    case 'const':
    case 'var':
      return 0;
    case 'load':
      context.reads?.set(expr.region, (context.reads.get(expr.region) ?? 0) + context.runs);
      return (
        tally('loads', expr.type === 'i64' || expr.type === 'f64' ? 2 : 1, context) +
        tally('others', costs.address, context) +
        ofAddress(expr.at, context)
      );
    case 'binary': {
      const operands = ofExpr(expr.a, context) + ofExpr(expr.b, context);
      const own = ofOperation(expr, costs);
      return operands + tally(kindOf(expr, own), own, context);
    }
    case 'select':
      return (
        tally('others', 2, context) + ofExpr(expr.test, context) + ofExpr(expr.a, context) + ofExpr(expr.b, context)
      );
    case 'cast':
      return (
        ofExpr(expr.value, context) + tally('floats', isFloat(expr.type) || isFloat(expr.value.type) ? 1 : 0, context)
      );
    case 'call': {
      const args = expr.args.reduce((total, arg) => total + ofExpr(arg, context), 0);
      const spelling = spellingOf(context.spellings, expr.fn);
      if (spelling !== undefined) return args + tallySpelling(spelling, 1, context);
      const inner = { ...context, values: new Map<string, number>() };
      return args + ofBody(expr.fn.body, inner).executed + ofExpr(expr.fn.result, inner);
    }
  }
}

/** Closing a loop: a branch, and the rest counts. */
function tallyTurn(context: Context): number {
  const { turn } = context.costs;
  return tally('branches', Math.min(1, turn), context) + tally('others', turn - Math.min(1, turn), context);
}

/** An operation of a few instructions is the core's own; more are a library's, mostly moves and sums. */
const ownInstructions = 4;

function kindOf({ op, a }: Extract<Expr, { kind: 'binary' }>, instructions: number): InstructionKind {
  if (isFloat(a.type)) return 'floats';
  if (instructions > ownInstructions) return 'others';
  if (op === 'mul') return 'multiplies';
  return op === 'div' || op === 'rem' ? 'divides' : 'others';
}

function ofOperation({ op, type, a, b }: Extract<Expr, { kind: 'binary' }>, costs: OperationCosts): number {
  if (a.type === 'f32') return costs.floatOperation;
  if (a.type === 'f64') return costs.doubleOperation;
  if (op === 'div' || op === 'rem') return costs.divide;
  if (op === 'min' || op === 'max') return 2;
  if (type === 'i64') {
    if (op === 'mul') return costs.wideMultiply;
    // The high half is a register of its own.
    if (op === 'shr' && b.kind === 'const' && Number(b.value) === 32) return 0;
    return op === 'shl' || op === 'shr' || op === 'ushr' ? costs.wideShift : costs.wideAdd;
  }
  const addsProduct = op === 'add' && [a, b].some((side) => side.kind === 'binary' && side.op === 'mul');
  return addsProduct ? costs.accumulate : 1;
}
