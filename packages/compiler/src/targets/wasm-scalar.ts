// WebAssembly without vector instructions: engines on small devices, old browsers.
import type { WasmTarget } from './target.ts';

export const wasmScalar: WasmTarget = {
  output: 'wasm',
  name: 'wasm-scalar',
  description: 'WebAssembly without SIMD (wasm3, WAMR, old browsers)',
  alignment: 16,
  spellings: {},
  simd: false,
};
