// Runs a program of kernels as WebAssembly, here and now.
import { renderWasm } from '../../render/wasm/module.ts';
import type { Spellings } from '../spelling.ts';
import type { KernelProgram } from './kernel-program.ts';

/** The arena after one run. */
export async function runKernels({ program, before }: KernelProgram, spellings: Spellings): Promise<Uint8Array> {
  const { bytes, arenaAddress } = renderWasm(program, { spellings });
  const instance = new WebAssembly.Instance(await WebAssembly.compile(bytes), {});
  // The exports are those the module's header names.
  const { memory, init, run } = instance.exports as { memory: { buffer: ArrayBuffer }; init(): void; run(): void };
  init();
  new Uint8Array(memory.buffer).set(before, arenaAddress);
  run();
  return new Uint8Array(memory.buffer.slice(arenaAddress, arenaAddress + before.length));
}
