// Kernel expressions as C99. Plain operators where the result provably fits (signed overflow is undefined in C),
// unsigned arithmetic converted back where it may wrap, as the IR demands. Compiles without -Wconversion warnings.
import { never } from '../../errors.ts';
import type { BinaryOp, Expr, MemoryType, ValueType } from '../../kernel/ir.ts';
import { type Spellings, spellingOf } from '../../kernel/spelling.ts';

/** C types of memory and of values. */
export const memoryTypeC: Readonly<Record<MemoryType, string>> = {
  i8: 'int8_t',
  u8: 'uint8_t',
  i16: 'int16_t',
  i32: 'int32_t',
  i64: 'int64_t',
  f32: 'float',
  f64: 'double',
};
export const valueTypeC: Readonly<Record<ValueType, string>> = {
  i32: 'int32_t',
  i64: 'int64_t',
  f32: 'float',
  f64: 'double',
  index: 'int32_t',
};

/** What rendering an expression needs to know. */
export interface ExpressionContext {
  /** Expressions that cannot leave their type. */
  readonly neverWraps: ReadonlySet<Expr>;
  readonly spellings: Spellings;
  /** C name of a function the kernels call. */
  fnName(name: string): string;
  /** Memory type of a region's elements. */
  regionType(name: string): MemoryType;
  /** C name of a region. */
  regionName(name: string): string;
  /** C name of a variable. */
  variableName(name: string): string;
  /** Asks for a small inline helper of the runtime prelude, by name. */
  need(helper: string): string;
}

/** Text with the precedence of its outermost operator: higher binds tighter. */
interface Text {
  readonly text: string;
  readonly level: number;
}

const atom = (text: string): Text => ({ text, level: 100 });

const infix: Readonly<Partial<Record<BinaryOp, { readonly sign: string; readonly level: number }>>> = {
  mul: { sign: '*', level: 13 },
  div: { sign: '/', level: 13 },
  rem: { sign: '%', level: 13 },
  add: { sign: '+', level: 12 },
  sub: { sign: '-', level: 12 },
  shl: { sign: '<<', level: 11 },
  shr: { sign: '>>', level: 11 },
  lt: { sign: '<', level: 10 },
  le: { sign: '<=', level: 10 },
  eq: { sign: '==', level: 9 },
  ne: { sign: '!=', level: 9 },
  and: { sign: '&', level: 8 },
  xor: { sign: '^', level: 7 },
  or: { sign: '|', level: 6 },
};

const unsignedC: Readonly<Partial<Record<ValueType, string>>> = { i32: 'uint32_t', i64: 'uint64_t', index: 'uint32_t' };

/** The expression as C text. */
export const renderExpr = (expr: Expr, context: ExpressionContext): string => text(expr, context).text;

/** The expression as the right side of `<`, in a loop's condition. */
export const renderBound = (expr: Expr, context: ExpressionContext): string => inner(expr, 11, context);

/** The expression as the operand of a C cast. */
export const renderCastOperand = (expr: Expr, context: ExpressionContext): string => inner(expr, 13, context);

function text(expr: Expr, context: ExpressionContext): Text {
  switch (expr.kind) {
    case 'const':
      return constant(expr.type, expr.value, context);
    case 'var':
      return atom(context.variableName(expr.name));
    case 'load':
      return load(expr, context);
    case 'binary':
      return binary(expr, context);
    case 'select':
      return {
        text: `${inner(expr.test, 5, context)} ? ${inner(expr.a, 5, context)} : ${inner(expr.b, 5, context)}`,
        level: 4,
      };
    case 'cast':
      return castText(expr, context);
    case 'call': {
      const args = expr.args.map((arg) => renderExpr(arg, context));
      const spelling = spellingOf(context.spellings, expr.fn)?.c;
      return atom(spelling === undefined ? `${context.fnName(expr.fn.name)}(${args.join(', ')})` : spelling(...args));
    }
    default:
      return never(expr);
  }
}

/** In parentheses where the outer operator binds at least as tightly. */
function inner(expr: Expr, outerLevel: number, context: ExpressionContext): string {
  const { text: own, level } = text(expr, context);
  return level > outerLevel ? own : `(${own})`;
}

function constant(type: ValueType, value: number | bigint, context: ExpressionContext): Text {
  if (type === 'f32') return floatText(Number(value), context);
  if (type === 'f64') return doubleText(Number(value), context);
  if (type === 'i64') {
    if (value === -(2n ** 63n)) return atom('(-INT64_C(9223372036854775807) - 1)');
    return value < 0n ? { text: `-INT64_C(${-BigInt(value)})`, level: 14 } : atom(`INT64_C(${value})`);
  }
  if (value === -2147483648) return atom('(-2147483647 - 1)');
  return value < 0 ? { text: `${value}`, level: 14 } : atom(`${value}`);
}

function floatText(value: number, context: ExpressionContext): Text {
  const literal = floatLiteral(value);
  if (literal !== undefined) return value < 0 || Object.is(value, -0) ? { text: literal, level: 14 } : atom(literal);
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return atom(`${context.need('float_from_bits')}(${constant('i32', view.getInt32(0), context).text})`);
}

function doubleText(value: number, context: ExpressionContext): Text {
  const literal = doubleLiteral(value);
  if (literal !== undefined) return value < 0 || Object.is(value, -0) ? { text: literal, level: 14 } : atom(literal);
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return atom(`${context.need('double_from_bits')}(${constant('i64', view.getBigInt64(0), context).text})`);
}

/** The decimal of 17 digits or fewer that is read as exactly this double; undefined if not finite. */
export function doubleLiteral(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value).replace('+', '');
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** The shortest decimal that every correctly rounding C compiler reads as exactly this float; undefined if not finite. */
export function floatLiteral(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (Object.is(value, -0)) return '-0.0f';
  const shortest = Math.fround(value);
  let digits = shortest.toPrecision(9);
  // From the longest down: what fewer digits give is never nearer, and most numbers need nearly all.
  for (let precision = 8; precision > 0; precision -= 1) {
    const candidate = shortest.toPrecision(precision);
    // Well inside the rounding interval, so that it does not matter whether a compiler rounds once or twice.
    const read = Number(candidate);
    if (Math.fround(read) !== shortest || Math.abs(read - shortest) > Math.abs(shortest) * 2 ** -26) break;
    digits = candidate;
  }
  const decimal = Number(digits);
  const size = Math.abs(decimal);
  const text = size !== 0 && (size < 1e-5 || size >= 1e9) ? decimal.toExponential().replace('+', '') : String(decimal);
  return `${/[.e]/.test(text) ? text : `${text}.0`}f`;
}

function load(expr: Extract<Expr, { kind: 'load' }>, context: ExpressionContext): Text {
  const own = context.regionType(expr.region);
  const name = context.regionName(expr.region);
  const at = renderExpr(expr.at, context);
  if (own === expr.memory) return atom(`${name}[${at}]`);
  if (own === 'f32' && expr.memory === 'i32') return atom(`${context.need('bits_from_float')}(${name}[${at}])`);
  const address = at === '0' ? name : `&${name}[${at}]`;
  return atom(`${context.need(`load_${expr.memory}`)}(${address})`);
}

function binary(expr: Extract<Expr, { kind: 'binary' }>, context: ExpressionContext): Text {
  const { op, type, a, b } = expr;
  if (op === 'min' || op === 'max') {
    const operandType = type === 'index' ? 'i32' : type;
    return atom(`${context.need(`${op}_${operandType}`)}(${renderExpr(a, context)}, ${renderExpr(b, context)})`);
  }
  if (op === 'ushr') {
    const value = unsignedText(a, context);
    const amount = shiftAmount(b, context);
    const put = (operand: Text, least: number): string => (operand.level > least ? operand.text : `(${operand.text})`);
    return { text: `(${valueTypeC[type]})(${put(value, 13)} >> ${put(amount, 13)})`, level: 14 };
  }
  const operator = infix[op];
  if (operator === undefined) throw new Error(`internal error: no C operator for ${op}`);
  const { sign, level } = operator;
  if (mayWrap(expr, context)) return { text: `(${valueTypeC[type]})(${unsignedText(expr, context).text})`, level: 14 };
  // Left-associative arithmetic needs no parentheses on its left; compilers warn of bit operations and shifts mixed with others.
  const arithmetic = level >= 12;
  const leftLevel = arithmetic ? level - 1 : 13;
  const rightLevel = arithmetic ? level : 13;
  const right = op === 'shr' && b.kind === 'const' ? `${b.value}` : inner(b, rightLevel, context);
  return { text: `${inner(a, leftLevel, context)} ${sign} ${right}`, level };
}

/** Operators that could leave their type, as C leaves signed overflow undefined. */
const mayWrap = (expr: Extract<Expr, { kind: 'binary' }>, { neverWraps }: ExpressionContext): boolean =>
  (expr.type === 'i32' || expr.type === 'i64') &&
  ['add', 'sub', 'mul', 'shl'].includes(expr.op) &&
  !neverWraps.has(expr);

/** The expression's value modulo 2^32 or 2^64, in the unsigned type. */
function unsignedText(expr: Expr, context: ExpressionContext): Text {
  const type = unsignedC[expr.type] ?? 'uint32_t';
  if (expr.kind === 'const') {
    if (expr.value < 0) return { text: `(${type})${inner(expr, 13, context)}`, level: 14 };
    return atom(expr.type === 'i64' ? `UINT64_C(${expr.value})` : `${expr.value}u`);
  }
  const operator = expr.kind === 'binary' ? infix[expr.op] : undefined;
  if (expr.kind === 'binary' && operator !== undefined && mayWrap(expr, context)) {
    const { sign, level } = operator;
    const left = unsignedText(expr.a, context);
    const right = expr.op === 'shl' ? shiftAmount(expr.b, context) : unsignedText(expr.b, context);
    const arithmetic = level >= 12;
    const put = (operand: Text, least: number): string => (operand.level > least ? operand.text : `(${operand.text})`);
    return { text: `${put(left, arithmetic ? level - 1 : 13)} ${sign} ${put(right, arithmetic ? level : 13)}`, level };
  }
  return { text: `(${type})${inner(expr, 13, context)}`, level: 14 };
}

/** C takes shift amounts of any integer type, so that a constant one needs no suffix. */
const shiftAmount = (expr: Expr, context: ExpressionContext): Text =>
  expr.kind === 'const' ? atom(`${expr.value}`) : text(expr, context);

const reinterpretation: Readonly<Record<ValueType, string>> = {
  f32: 'float_from_bits',
  i32: 'bits_from_float',
  f64: 'double_from_bits',
  i64: 'bits_from_double',
  index: 'bits_from_float',
};

function castText(expr: Extract<Expr, { kind: 'cast' }>, context: ExpressionContext): Text {
  const { value, type } = expr;
  if (expr.bits) {
    const helper = context.need(reinterpretation[type]);
    return atom(`${helper}(${renderExpr(value, context)})`);
  }
  const same = valueTypeC[type] === valueTypeC[value.type];
  return same ? text(value, context) : { text: `(${valueTypeC[type]})${inner(value, 13, context)}`, level: 14 };
}
