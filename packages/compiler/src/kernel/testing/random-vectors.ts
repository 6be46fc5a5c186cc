// Statements over vector registers for random kernels: each instruction of the WebAssembly family, in a random order that
// reads nothing unwritten.
import { add32x4, dot16x8, load8x8, splat16x8, sub16x8, v128, zero32x4 } from '../../targets/instructions/wasm-simd.ts';
import type { Expr, Region } from '../ir.ts';
import type { Writer } from '../writer.ts';
import type { Random } from './random.ts';

/** Writes the statements; `source` gives places with eight int8 to read. The registers it returns are filled. */
export function randomVectors(
  k: Writer,
  random: Random,
  source: () => { readonly region: Region; readonly at: Expr },
  scalar: Expr,
): readonly Region[] {
  const halves = ['a', 'b', 'c'].map((name) => ({ region: k.alloc(`vector_${name}`, 'i16', 8, v128) }));
  const words = ['sums', 'products'].map((name) => ({ region: k.alloc(`vector_${name}`, 'i32', 4, v128) }));
  const half = (): { readonly region: Region } => random.pick(halves);
  const word = (): { readonly region: Region } => random.pick(words);
  for (const register of halves) {
    if (random.chance(0.7)) k.instr(load8x8, source(), register);
    else k.instr(splat16x8, scalar, register);
  }
  for (const register of words) {
    if (random.chance(0.5)) k.instr(zero32x4, register);
    else k.instr(dot16x8, half(), half(), register);
  }
  for (let n = random.below(4); n > 0; n -= 1) {
    random.pick([
      () => k.instr(sub16x8, half(), half(), half()),
      () => k.instr(add32x4, word(), word(), word()),
      () => k.instr(dot16x8, half(), half(), word()),
    ])();
  }
  return [...halves, ...words].map(({ region }) => region);
}
