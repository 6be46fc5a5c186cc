// Requantisation by the step function (tensor/step-requantisation.ts) for four channels at once: 64-bit multiply-accumulates in
// two vectors of two, the upper halves, a shift. Exact, or not offered.
import { add, int } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import {
  add64x2,
  and64x2,
  highHalves,
  less64x2,
  load32x4,
  load64x2,
  productsHigh,
  productsLow,
  shl32x4,
  shr32x4,
  v128,
  zero64x2,
} from '../targets/instructions/wasm-simd.ts';
import type { AccumulatorRange } from '../tensor/step-requantisation.ts';
import { type LayerRequantisation, stepTable } from './step-requantise.ts';

/** Channels of a vector; constants are padded to a multiple of it. */
export const vectorChannels = 4;

/** A layer's constants, by channel, to whole vectors. */
export interface VectorTable {
  /** 32 or more. */
  readonly shift: number;
  /** What is shifted by 31 is doubled before. */
  readonly doubled: boolean;
  readonly multipliers: Int32Array;
  readonly offsets: BigInt64Array;
  /** What is added where an accumulator is negative; with it, accumulators start at the biases, without it at 0. */
  readonly belowZero: BigInt64Array | undefined;
  readonly biases: Int32Array | undefined;
}

const withinHalf = ({ least, most }: AccumulatorRange, bias: number): boolean =>
  Math.min(least, least - bias) >= -(2 ** 30) && Math.max(most, most - bias) < 2 ** 30;

/** The constants of all channels; undefined where some channel has no exact cheap form. */
export function vectorTable(layer: LayerRequantisation): VectorTable | undefined {
  const table = stepTable(layer);
  if (table === undefined) return undefined;
  const { shift, signed, entries } = table;
  const doubled = shift < 32;
  if (doubled && !layer.ranges.every((range, channel) => withinHalf(range, layer.biases[channel] ?? 0)))
    return undefined;
  const length = Math.ceil(entries.length / vectorChannels) * vectorChannels;
  const word = (channel: number, at: number): number => entries[channel]?.[at] ?? 0;
  const long = (channel: number, at: number): bigint => {
    const value = (BigInt(word(channel, at + 1)) << 32n) | BigInt(word(channel, at) >>> 0);
    return doubled ? value * 2n : value;
  };
  const longs = (of: (channel: number) => bigint): BigInt64Array =>
    BigInt64Array.from({ length }, (_, channel) => BigInt.asIntN(64, of(channel)));
  const words = (at: number): Int32Array => Int32Array.from({ length }, (_, channel) => word(channel, at));
  return {
    shift: doubled ? 32 : shift,
    doubled,
    multipliers: words(signed ? 1 : 0),
    offsets: longs((channel) => long(channel, signed ? 2 : 1)),
    belowZero: signed ? longs((channel) => long(channel, 4) - long(channel, 2)) : undefined,
    biases: signed ? words(0) : undefined,
  };
}

/** Reads the constants of four channels from `channel` on; the result makes outputs of their accumulators, not clamped yet. */
export type FinishVector = (channel: Expr) => (accs: Region) => Region;

/** Writes the constants, and gives the way from accumulators to outputs. */
export function finishVectors(k: Writer, table: VectorTable): FinishVector {
  const { shift, doubled, belowZero } = table;
  const multipliers = k.constant('multipliers', table.multipliers);
  const offsets = k.constant('offsets', table.offsets);
  const below = belowZero && k.constant('below_zero', belowZero);
  return (channel) => {
    const factor = k.alloc('factors', 'i32', 4, v128);
    k.instr(load32x4, { region: multipliers, at: channel }, { region: factor });
    const longs = (name: string, from: Region, at: Expr): Region => {
      const register = k.alloc(name, 'i64', 2, v128);
      k.instr(load64x2, { region: from, at }, { region: register });
      return register;
    };
    const halves = [productsLow, productsHigh].map((products, half) => {
      const at = add(channel, half * 2);
      return { products, offset: longs('offset', offsets, at), less: below && longs('less', below, at) };
    });
    return (accs) => {
      const scaled = doubled ? k.alloc('doubled', 'i32', 4, v128) : accs;
      if (doubled) k.instr(shl32x4, { region: accs }, int(1), { region: scaled });
      const [lower, upper] = halves.map(({ products, offset, less }) => {
        const product = k.alloc('product', 'i64', 2, v128);
        k.instr(products, { region: scaled }, { region: factor }, { region: product });
        const total = k.alloc('total', 'i64', 2, v128);
        k.instr(add64x2, { region: product }, { region: offset }, { region: total });
        if (less !== undefined) {
          const negative = k.alloc('negative', 'i64', 2, v128);
          const zero = k.alloc('zero', 'i64', 2, v128);
          k.instr(zero64x2, { region: zero });
          k.instr(less64x2, { region: product }, { region: zero }, { region: negative });
          k.instr(and64x2, { region: negative }, { region: less }, { region: negative });
          k.instr(add64x2, { region: total }, { region: negative }, { region: total });
        }
        return total;
      });
      const outputs = k.alloc('outputs', 'i32', 4, v128);
      if (lower === undefined || upper === undefined) return outputs;
      k.instr(highHalves, { region: lower }, { region: upper }, { region: outputs });
      if (shift > 32) k.instr(shr32x4, { region: outputs }, int(shift - 32), { region: outputs });
      return outputs;
    };
  };
}
