// int8 add and sub with 128-bit vectors. Of two int8 there are 65,536 pairs, so the reference's three requantisations are
// replaced by one multiply-accumulate and a shift, (a * ma + b * mb + k) >> s in 32 bits, that gives the same for every pair:
// that is tried at compile time, and where no constants are found the operator's own loops stay.
import { valueAt } from '../graph/graph.ts';
import { add, clampTo, int, lt, mul, select, shr } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import { type OpNode, ops } from '../ops/index.ts';
import type { Named, Operand } from '../ops/op.ts';
import { perTensor, quantisedActivationRange } from '../ops/quantised.ts';
import {
  add32x4,
  and32x4,
  dot16x8,
  hasVectors,
  interleaveHigh16x8,
  interleaveLow16x8,
  load8x8,
  loadPair16x8,
  narrow16x8,
  narrow32x4,
  shl32x4,
  shr32x4,
  splat32x4,
  store8x8,
  v128,
} from '../targets/instructions/wasm-simd.ts';
import type { TensorType } from '../tensor/tensor.ts';
import { clampPacked } from './simd-outputs.ts';
import type { Tactic } from './tactic.ts';

type SumNode = Extract<OpNode, { op: 'add' | 'sub' }>;

/**
 * clamp((centred + offset) >> shift) with centred = (a - zeroA) * ofA + (b - zeroB) * ofB, and another offset where that is
 * negative: the reference rounds halves away from zero.
 */
export interface SumFormula {
  readonly ofA: number;
  readonly ofB: number;
  /** -zeroA * ofA - zeroB * ofB. */
  readonly centre: number;
  readonly offset: number;
  readonly offsetBelowZero: number;
  readonly shift: number;
}

const elements = Int8Array.from({ length: 256 }, (_, i) => i - 128);

/** The definition's outputs for all pairs, a outside and b inside. */
function everyOutput({ op, attrs }: SumNode, a: TensorType, b: TensorType, y: TensorType): ArrayLike<number> {
  const pairs = (type: TensorType, data: Int8Array) => ({ type: { ...type, shape: [data.length] }, data });
  const [outputs] = ops[op].evaluate(
    {
      a: pairs(
        a,
        Int8Array.from({ length: 65536 }, (_, i) => elements[i >> 8] ?? 0),
      ),
      b: pairs(
        b,
        Int8Array.from({ length: 65536 }, (_, i) => elements[i & 255] ?? 0),
      ),
    },
    attrs,
    [{ ...y, shape: [65536] }],
  );
  return (outputs ?? new Int8Array(0)) as Int8Array;
}

export function sumFormula(node: SumNode, a: TensorType, b: TensorType, y: TensorType): SumFormula | undefined {
  const range = quantisedActivationRange(node.attrs.activation, y);
  const [qa, qb, qy] = [perTensor(a), perTensor(b), perTensor(y)];
  const [realA, realB] = [qa.scale / qy.scale, (qb.scale / qy.scale) * (node.op === 'sub' ? -1 : 1)];
  const wanted = everyOutput(node, a, b, y);
  // The finest shift with which no total leaves 32 bits has the best chance.
  for (let shift = 24; shift > 12; shift -= 1) {
    for (const [nudgeA, nudgeB] of nudges) {
      const [ofA, ofB] = [Math.round(realA * 2 ** shift) + nudgeA, Math.round(realB * 2 ** shift) + nudgeB];
      if (Math.max(Math.abs(ofA), Math.abs(ofB)) >= 2 ** 26) break;
      const centred = (left: number, right: number): number =>
        (left - qa.zeroPoint) * ofA + (right - qb.zeroPoint) * ofB;
      if (!isWithin32Bits(centred, (qy.zeroPoint + 0.5) * 2 ** shift)) break;
      const offsets = offsetsFor(wanted, range, shift, centred);
      if (offsets === undefined || !isWithin32Bits(centred, offsets.offset, offsets.offsetBelowZero)) continue;
      return { ofA, ofB, centre: -qa.zeroPoint * ofA - qb.zeroPoint * ofB, shift, ...offsets };
    }
  }
  return undefined;
}

/** Steps away from the rounded factors, near ones first. */
const nudges = [-2, -1, 0, 1, 2]
  .flatMap((a) => [-2, -1, 0, 1, 2].map((b) => [a, b] as const))
  .sort(([a, b], [c, d]) => Math.abs(a) + Math.abs(b) - Math.abs(c) - Math.abs(d));

/** Whether the centred totals, and those with any of the offsets, fit an int32 for every pair; a plane is extreme in corners. */
const isWithin32Bits = (centred: (a: number, b: number) => number, ...offsets: readonly number[]): boolean =>
  [-128, 127].every((a) =>
    [-128, 127].every((b) =>
      [0, ...offsets].every((offset) => {
        const total = centred(a, b) + offset;
        return total >= -(2 ** 31) && total < 2 ** 31;
      }),
    ),
  );

/** Offsets with which every pair gives what is wanted: from the interval that all pairs leave, one for each sign if need be. */
function offsetsFor(
  wanted: ArrayLike<number>,
  [low, high]: readonly [number, number],
  shift: number,
  centred: (a: number, b: number) => number,
): Pick<SumFormula, 'offset' | 'offsetBelowZero'> | undefined {
  const least = [-(2 ** 31), -(2 ** 31)];
  const most = [2 ** 31, 2 ** 31];
  let at = 0;
  for (const a of elements) {
    for (const b of elements) {
      const value = centred(a, b);
      const side = value < 0 ? 1 : 0;
      const output = wanted[at] ?? 0;
      const from = output * 2 ** shift - value;
      if (output > low && from > (least[side] ?? 0)) least[side] = from;
      if (output < high && from + 2 ** shift - 1 < (most[side] ?? 0)) most[side] = from + 2 ** shift - 1;
      at += 1;
    }
    // No offset is left for either sign: enough seen.
    if ((least[0] ?? 0) > (most[0] ?? 0) || (least[1] ?? 0) > (most[1] ?? 0)) return undefined;
  }
  const [least0 = 0, least1 = 0] = least;
  const [most0 = 0, most1 = 0] = most;
  const [from, to] = [Math.max(least0, least1), Math.min(most0, most1)];
  const middle = (first: number, last: number): number => Math.floor((first + last) / 2);
  if (from <= to) return { offset: middle(from, to), offsetBelowZero: middle(from, to) };
  return { offset: middle(least0, most0), offsetBelowZero: middle(least1, most1) };
}

/** Bits of a factor's lower part; both parts are int16. */
const lowBits = 11;

function sumLoops(
  k: Writer,
  { a, b, y }: Record<'a' | 'b' | 'y', Operand>,
  f: SumFormula,
  range: readonly [number, number],
) {
  const [low, high] = range;
  const factors = k.constant(
    'factors',
    Int16Array.of(f.ofA >> lowBits, f.ofB >> lowBits, f.ofA & (2 ** lowBits - 1), f.ofB & (2 ** lowBits - 1)),
  );
  const register = (name: string, type: 'i8' | 'i16' | 'i32'): Region =>
    k.alloc(name, type, { i8: 16, i16: 8, i32: 4 }[type], v128);
  const whole = y.length - (y.length % 8);
  const [upper, lower, offset] = [register('upper', 'i16'), register('lower', 'i16'), register('offset', 'i32')];
  const signed = f.offset !== f.offsetBelowZero;
  const lessBelow = signed ? register('less_below_zero', 'i32') : undefined;
  const centre = signed ? register('centre', 'i32') : undefined;
  if (whole > 0) {
    k.instr(loadPair16x8, { region: factors }, { region: upper });
    k.instr(loadPair16x8, { region: factors, at: 2 }, { region: lower });
    k.instr(splat32x4, int(signed ? f.offset : f.centre + f.offset), { region: offset });
    if (lessBelow !== undefined) k.instr(splat32x4, int(f.offsetBelowZero - f.offset), { region: lessBelow });
    if (centre !== undefined) k.instr(splat32x4, int(f.centre), { region: centre });
  }
  const activate = clampPacked(k, { low, high });
  k.for(
    'i',
    0,
    whole,
    (i) => {
      const [as, bs] = [a, b].map((operand) => {
        const loaded = register('eight', 'i16');
        k.instr(load8x8, { region: operand, at: i }, { region: loaded });
        return loaded;
      });
      if (as === undefined || bs === undefined) return;
      const [first, second] = [interleaveLow16x8, interleaveHigh16x8].map((interleave) => {
        const pairs = register('pairs', 'i16');
        k.instr(interleave, { region: as }, { region: bs }, { region: pairs });
        const [total, part] = [register('total', 'i32'), register('part', 'i32')];
        k.instr(dot16x8, { region: pairs }, { region: upper }, { region: total });
        k.instr(shl32x4, { region: total }, int(lowBits), { region: total });
        k.instr(dot16x8, { region: pairs }, { region: lower }, { region: part });
        k.instr(add32x4, { region: total }, { region: part }, { region: total });
        if (lessBelow !== undefined && centre !== undefined) {
          const below = register('below', 'i32');
          k.instr(add32x4, { region: total }, { region: centre }, { region: total });
          k.instr(shr32x4, { region: total }, int(31), { region: below });
          k.instr(and32x4, { region: below }, { region: lessBelow }, { region: below });
          k.instr(add32x4, { region: total }, { region: below }, { region: total });
        }
        k.instr(add32x4, { region: total }, { region: offset }, { region: total });
        k.instr(shr32x4, { region: total }, int(f.shift), { region: total });
        return total;
      });
      if (first === undefined || second === undefined) return;
      const [half, packed] = [register('half', 'i16'), register('packed', 'i8')];
      k.instr(narrow32x4, { region: first }, { region: second }, { region: half });
      k.instr(narrow16x8, { region: half }, { region: half }, { region: packed });
      activate(packed);
      const [store] = store8x8;
      if (store !== undefined) k.instr(store, { region: y, at: i }, { region: packed });
    },
    8,
  );
  k.for('last', whole, y.length, (i) => {
    const sum = add(mul(k.load(a, i), int(f.ofA)), mul(k.load(b, i), int(f.ofB)));
    const total = k.let('total', add(sum, int(f.centre)));
    const rounded: Expr = add(
      total,
      signed ? select(lt(total, 0), int(f.offsetBelowZero), int(f.offset)) : int(f.offset),
    );
    k.store(y, i, clampTo(shr(rounded, f.shift), low, high));
  });
}

export const simdSum: Tactic = {
  name: 'simd-sum',
  note: 'eight sums at once by one multiply-accumulate and a shift, proven for all pairs of int8',
  lowering(graph, node, target) {
    if ((node.op !== 'add' && node.op !== 'sub') || !hasVectors(target)) return undefined;
    const [a, b, y] = [...node.inputs, ...node.outputs].map((id) => valueAt(graph, id ?? -1).type);
    if (a === undefined || b === undefined || y === undefined || a.dtype !== 'i8') return undefined;
    if (String(a.shape) !== String(y.shape) || String(b.shape) !== String(y.shape)) return undefined;
    const formula = sumFormula(node, a, b, y);
    if (formula === undefined) return undefined;
    return (k, inputs, _attrs, outputs) => {
      const operands = inputs as Named<readonly ['a', 'b'], Operand>;
      sumLoops(k, { ...operands, y: outputs[0] }, formula, quantisedActivationRange(node.attrs.activation, y));
    };
  },
};
