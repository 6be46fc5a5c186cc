// What random kernels mean to the interpreter, they mean in WebAssembly: with the target's vector instructions, and with
// their meanings inlined.
import { describe, expect, it } from 'vitest';
import { checkKernel } from '../../kernel/check.ts';
import type { Kernel } from '../../kernel/ir.ts';
import type { Spellings } from '../../kernel/spelling.ts';
import { type KernelProgram, kernelProgram } from '../../kernel/testing/kernel-program.ts';
import { randomKernel } from '../../kernel/testing/random-kernel.ts';
import { vectoriseDotProducts } from '../../tactics/vector-dot.ts';
import { wasmSimdSpellings } from '../../targets/instructions/wasm-simd.ts';
import { renderWasm } from './module.ts';

/** The arena after one run of the program. */
async function runProgram({ program, before }: KernelProgram, spellings: Spellings): Promise<Uint8Array> {
  const { bytes, arenaAddress } = renderWasm(program, { spellings });
  const instance = new WebAssembly.Instance(await WebAssembly.compile(bytes), {});
  const { memory, init, run } = instance.exports as { memory: { buffer: ArrayBuffer }; init(): void; run(): void };
  init();
  new Uint8Array(memory.buffer).set(before, arenaAddress);
  run();
  return new Uint8Array(memory.buffer.slice(arenaAddress, arenaAddress + before.length));
}

const vectorised = (kernel: Kernel): Kernel => {
  const rewritten = vectoriseDotProducts(kernel);
  checkKernel(rewritten);
  return rewritten;
};

const batch = 25;

describe.each([
  { name: 'vector instructions', spellings: wasmSimdSpellings, rewrite: vectorised },
  { name: 'no vector instructions', spellings: {}, rewrite: (kernel: Kernel) => kernel },
  { name: 'inlined meanings', spellings: {}, rewrite: vectorised },
])('random kernels with $name', ({ spellings, rewrite }) => {
  it.each(Array.from({ length: 12 }, (_, n) => n * batch))('seeds from %i on', async (first) => {
    const runs = Array.from({ length: batch }, (_, n) => {
      const { kernel, arguments: contents } = randomKernel(first + n);
      return { kernel, arguments: contents() };
    });
    const program = kernelProgram(runs, rewrite);
    expect(program.difference(program.after, await runProgram(program, spellings))).toBeUndefined();
  });
});
