// What random kernels mean to the interpreter, they mean in WebAssembly: with the target's vector instructions, and with
// their meanings inlined.
import { describe, expect, it } from 'vitest';
import { checkKernel } from '../../kernel/check.ts';
import type { Kernel } from '../../kernel/ir.ts';
import { kernelProgram } from '../../kernel/testing/kernel-program.ts';
import { castRuns, operatorRuns } from '../../kernel/testing/operator-kernels.ts';
import { randomKernel } from '../../kernel/testing/random-kernel.ts';
import { runKernels } from '../../kernel/testing/run-kernels.ts';
import { vectoriseDotProducts } from '../../tactics/vector-dot.ts';
import { wasmSimdSpellings } from '../../targets/instructions/wasm-simd.ts';

const vectorised = (kernel: Kernel): Kernel => {
  const rewritten = vectoriseDotProducts(kernel);
  checkKernel(rewritten);
  return rewritten;
};

it('every operator and cast on extremes', async () => {
  const program = kernelProgram([...operatorRuns(), ...castRuns()]);
  expect(program.difference(program.after, await runKernels(program, {}))).toBeUndefined();
});

const batch = 25;

describe.each([
  { name: 'vector instructions', spellings: wasmSimdSpellings, rewrite: vectorised },
  { name: 'no vector instructions', spellings: {}, rewrite: (kernel: Kernel) => kernel },
  { name: 'inlined meanings', spellings: {}, rewrite: vectorised },
])('random kernels with $name', ({ spellings, rewrite }) => {
  it.each(Array.from({ length: 8 }, (_, n) => n * batch))('seeds from %i on', async (first) => {
    const runs = Array.from({ length: batch }, (_, n) => {
      const { kernel, arguments: contents } = randomKernel(first + n);
      return { kernel, arguments: contents() };
    });
    const program = kernelProgram(runs, rewrite);
    expect(program.difference(program.after, await runKernels(program, spellings))).toBeUndefined();
  });
});
