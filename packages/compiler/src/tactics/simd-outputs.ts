// How the accumulators of four channels become int8 outputs in memory: where they start, their requantisation, the fused
// activation, and the stores, sixteen outputs to a vector.
import { add, int } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import {
  load32x4,
  max8x16,
  min8x16,
  narrow16x8,
  narrow32x4,
  splat8x16,
  store8x4,
  store8x8,
  store8x16,
  v128,
  zero32x4,
} from '../targets/instructions/wasm-simd.ts';
import { type FinishVector, finishVectors, type VectorTable, vectorChannels } from './simd-requantise.ts';
import type { WeightedLayer } from './weighted-layer.ts';

export interface VectorOutputs {
  /** A register with what the sums of four channels from `channel` on start with. */
  start(channel: Expr): Region;
  readonly finish: FinishVector;
  /** The fused activation, on sixteen packed outputs. */
  clamp(packed: Region): void;
  readonly y: Region;
  readonly channels: number;
}

/** Writes the constants of a layer. */
export function vectorOutputs(k: Writer, layer: WeightedLayer, table: VectorTable, y: Region): VectorOutputs {
  const biases = table.biases && k.constant('biases', table.biases);
  return {
    start(channel) {
      const acc = k.alloc('acc', 'i32', 4, v128);
      if (biases === undefined) k.instr(zero32x4, { region: acc });
      else k.instr(load32x4, { region: biases, at: channel }, { region: acc });
      return acc;
    },
    finish: finishVectors(k, table),
    clamp: clampPacked(k, layer),
    y,
    channels: layer.channels,
  };
}

/** The bounds of an activation, on sixteen packed int8; narrowing saturates already. */
export function clampPacked(k: Writer, range: { readonly low: number; readonly high: number }): (p: Region) => void {
  const bounds = [
    ...(range.low > -128 ? [{ instr: max8x16, bound: range.low }] : []),
    ...(range.high < 127 ? [{ instr: min8x16, bound: range.high }] : []),
  ].map(({ instr, bound }) => {
    const register = k.alloc('bound', 'i8', 16, v128);
    k.instr(splat8x16, int(bound), { region: register });
    return { instr, register };
  });
  return (packed) => {
    for (const { instr, register } of bounds)
      k.instr(instr, { region: packed }, { region: register }, { region: packed });
  };
}

/** Requantises the accumulators of pixels (outer) by vectors of channels, and stores them; pixel by pixel from `to` on. */
export function storeTile(
  k: Writer,
  { finish, clamp, y, channels }: VectorOutputs,
  accs: readonly (readonly Region[])[],
  to: Expr,
  channel: Expr,
): void {
  const across = accs[0]?.length ?? 0;
  const pixelsOfPacked = across <= 2 ? vectorChannels / across : 1;
  for (let first = 0; first < accs.length; first += pixelsOfPacked) {
    const group = accs.slice(first, first + pixelsOfPacked);
    // The constants are read again for every sixteen outputs: registers are scarce.
    const finishes = Array.from({ length: across }, (_, v) => finish(add(channel, v * vectorChannels)));
    const packed = packOutputs(
      k,
      group.flatMap((own) => own.flatMap((acc, v) => finishes[v]?.(acc) ?? [])),
    );
    clamp(packed);
    const left = channel.kind === 'const' ? channels - Number(channel.value) : channels;
    group.forEach((own, p) => {
      const count = Math.min(left, own.length * vectorChannels);
      const at = add(add(to, channel), (first + p) * channels);
      storeLanes(k, packed, p * own.length * vectorChannels, y, at, count);
    });
  }
}

/** Up to four vectors of outputs as one of int8; what is missing is repeated. */
function packOutputs(k: Writer, outputs: readonly Region[]): Region {
  const narrow = (first: number): Region => {
    const [a = outputs.at(-1), b = a] = outputs.slice(first);
    const half = k.alloc('half', 'i16', 8, v128);
    if (a !== undefined && b !== undefined) k.instr(narrow32x4, { region: a }, { region: b }, { region: half });
    return half;
  };
  const lower = narrow(0);
  const upper = outputs.length > 2 ? narrow(2) : lower;
  const packed = k.alloc('packed', 'i8', 16, v128);
  k.instr(narrow16x8, { region: lower }, { region: upper }, { region: packed });
  return packed;
}

/** Stores `count` lanes of a register from `lane` on, by sixteen, eight, four and one. */
function storeLanes(k: Writer, packed: Region, lane: number, y: Region, at: Expr, count: number): void {
  const widths = [
    { width: 16, instrs: [store8x16] },
    { width: 8, instrs: store8x8 },
    { width: 4, instrs: store8x4 },
  ];
  let stored = 0;
  while (stored < count) {
    const from = lane + stored;
    const wide = widths.find(({ width }) => from % width === 0 && count - stored >= width);
    const instr = wide?.instrs[from / wide.width];
    if (wide === undefined || instr === undefined) {
      k.store(y, add(at, stored), k.load(packed, from));
      stored += 1;
    } else {
      k.instr(instr, { region: y, at: add(at, stored) }, { region: packed });
      stored += wide.width;
    }
  }
}
