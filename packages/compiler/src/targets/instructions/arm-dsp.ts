// The DSP instructions of Armv7E-M and Armv8-M that kernels use: each with its meaning, and how GCC and Clang are told.
// Source: Armv7-M Architecture Reference Manual.
import { add, and, int, mul, or, shl, shr, sub } from '../../kernel/expressions.ts';
import type { Expr, Fn } from '../../kernel/ir.ts';
import type { Spellings } from '../../kernel/spelling.ts';
import { defineFn } from '../../kernel/writer.ts';
import { depthwiseSpellings } from './arm-dsp-depthwise.ts';
import { dotSpellings } from './arm-dsp-dot.ts';
import { rowSpellings } from './arm-dsp-row.ts';
import { widenSpellings } from './arm-dsp-widen.ts';

/** Byte `n` of a word, sign-extended. */
const byteOf = (value: Expr, n: 0 | 1 | 2 | 3): Expr => shr(n === 3 ? value : shl(value, 24 - 8 * n), 24);

/** Two signed halves as a word. */
const halves = (low: Expr, high: Expr): Expr => or(and(low, int(0xffff)), shl(high, 16));

const low = (value: Expr): Expr => shr(shl(value, 16), 16);
const high = (value: Expr): Expr => shr(value, 16);

export const sxtb16: Fn = defineFn(
  'sxtb16',
  'Bytes 0 and 2, each sign-extended to half a word.',
  { value: 'i32' },
  (_, value) => halves(byteOf(value, 0), byteOf(value, 2)),
);

export const sxtb16Ror8: Fn = defineFn(
  'sxtb16_ror8',
  'Bytes 1 and 3, each sign-extended to half a word.',
  { value: 'i32' },
  (_, value) => halves(byteOf(value, 1), byteOf(value, 3)),
);

export const smlad: Fn = defineFn(
  'smlad',
  'acc + low(a) * low(b) + high(a) * high(b) on signed halves.',
  { a: 'i32', b: 'i32', acc: 'i32' },
  (_, a, b, acc) => add(add(acc, mul(low(a), low(b))), mul(high(a), high(b))),
);

export const smlabb: Fn = defineFn(
  'smlabb',
  'acc + low(a) * low(b) on signed halves.',
  { a: 'i32', b: 'i32', acc: 'i32' },
  (_, a, b, acc) => add(acc, mul(low(a), low(b))),
);

export const smlatt: Fn = defineFn(
  'smlatt',
  'acc + high(a) * high(b) on signed halves.',
  { a: 'i32', b: 'i32', acc: 'i32' },
  (_, a, b, acc) => add(acc, mul(high(a), high(b))),
);

export const ssub16: Fn = defineFn('ssub16', 'Differences of halves.', { a: 'i32', b: 'i32' }, (_, a, b) =>
  halves(sub(low(a), low(b)), sub(high(a), high(b))),
);

const assembly = (name: string, params: readonly string[], text: string): string =>
  [
    `static inline int32_t ${name}(${params.map((param) => `int32_t ${param}`).join(', ')})`,
    '{',
    '  int32_t result;',
    `  __asm__("${text}" : "=r"(result) : ${params.map((param) => `"r"(${param})`).join(', ')});`,
    '  return result;',
    '}',
  ].join('\n');

/** In assembly, because GCC 12 does not fold the rotation into the intrinsic, and types of the intrinsics differ among compilers. */
export const armDspSpellings: Spellings = {
  sxtb16: { definition: assembly('sxtb16', ['value'], 'sxtb16 %0, %1') },
  sxtb16_ror8: { definition: assembly('sxtb16_ror8', ['value'], 'sxtb16 %0, %1, ror #8') },
  smlabb: { definition: assembly('smlabb', ['a', 'b', 'acc'], 'smlabb %0, %1, %2, %3') },
  smlatt: { definition: assembly('smlatt', ['a', 'b', 'acc'], 'smlatt %0, %1, %2, %3') },
  ssub16: { definition: assembly('ssub16', ['a', 'b'], 'ssub16 %0, %1, %2') },
  smlad: { definition: assembly('smlad', ['a', 'b', 'acc'], 'smlad %0, %1, %2, %3') },
  ...depthwiseSpellings,
  ...dotSpellings,
  ...rowSpellings,
  ...widenSpellings,
};

/** GCC's first scheduling pass lengthens the lives of registers beyond what an M core has, and spills. */
export const armDspPreamble = [
  '#if !defined(__ARM_FEATURE_DSP)',
  '#error "the DSP instructions of Armv7E-M or Armv8-M are needed"',
  '#endif',
  '#if defined(__GNUC__) && !defined(__clang__)',
  '#pragma GCC optimize("no-schedule-insns")',
  '#endif',
].join('\n');
