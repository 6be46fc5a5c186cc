// WebAssembly with 128-bit vector instructions: Node, and every browser since 2023.
import { wasmSimdSpellings } from './instructions/wasm-simd.ts';
import type { WasmTarget } from './target.ts';

export const wasm: WasmTarget = {
  output: 'wasm',
  name: 'wasm',
  description: 'WebAssembly with SIMD (Node, and every browser since 2023)',
  alignment: 16,
  spellings: wasmSimdSpellings,
  costs: { divide: 1, wideMultiply: 1, wideAdd: 1, wideShift: 1, turn: 3, accumulate: 1, bytesPerInstruction: 6 },
  bytesPerPercent: 4096,
  simd: true,
};
