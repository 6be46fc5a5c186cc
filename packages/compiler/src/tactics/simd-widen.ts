// Copies of int8 elements as int16, eight at a time: what vector kernels read their taps from.
import { add, int } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import { load8x8, splat16x8, store16x8, v128 } from '../targets/instructions/wasm-simd.ts';

const lanes = 8;

/** Starts of vectors that cover `count` elements: a loop, then the last one, which may overlap the one before. */
function inVectors(k: Writer, count: number, vector: (at: Expr | number) => void, single: (at: Expr) => void): void {
  if (count < lanes) {
    k.for('i', 0, count, single);
    return;
  }
  const whole = count - (count % lanes);
  k.for('i', 0, whole, vector, lanes);
  if (whole < count) vector(count - lanes);
}

/** `count` elements of x from `from` on, widened to `to` of the buffer. */
export function widenRun(k: Writer, x: Region, from: Expr, buffer: Region, to: Expr, count: number): void {
  const widened = count < lanes ? undefined : k.alloc('widened', 'i16', lanes, v128);
  inVectors(
    k,
    count,
    (at) => {
      if (widened === undefined) return;
      k.instr(load8x8, { region: x, at: add(from, at) }, { region: widened });
      k.instr(store16x8, { region: buffer, at: add(to, at) }, { region: widened });
    },
    (at) => k.store(buffer, add(to, at), k.load(x, add(from, at))),
  );
}

/** `count` elements of the buffer from `to` on, all of one value. */
export function fillRun(k: Writer, buffer: Region, to: Expr, count: number, value: number): void {
  const filled = count < lanes ? undefined : k.alloc('filled', 'i16', lanes, v128);
  if (filled !== undefined) k.instr(splat16x8, int(value), { region: filled });
  inVectors(
    k,
    count,
    (at) => {
      if (filled !== undefined) k.instr(store16x8, { region: buffer, at: add(to, at) }, { region: filled });
    },
    (at) => k.store(buffer, add(to, at), int(value)),
  );
}
