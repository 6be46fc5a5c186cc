// What random kernels mean to the interpreter, they mean in WebAssembly: with the target's vector instructions, and with
// their meanings inlined.
import { describe, expect, it } from 'vitest';
import { checkKernel } from '../../kernel/check.ts';
import { add, int, mul, sub } from '../../kernel/expressions.ts';
import type { Kernel, KernelArgument } from '../../kernel/ir.ts';
import { kernelProgram } from '../../kernel/testing/kernel-program.ts';
import { castRuns, operatorRuns } from '../../kernel/testing/operator-kernels.ts';
import { randomKernel } from '../../kernel/testing/random-kernel.ts';
import { runKernels } from '../../kernel/testing/run-kernels.ts';
import { buildKernel } from '../../kernel/writer.ts';
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

it('a constant beside what may be negative stays in the address', async () => {
  const x: KernelArgument = { name: 'x', type: 'i16', length: 8, space: 'argument', access: 'update' };
  const kernel = buildKernel('kernel', '', [x], (k) => {
    // i - 3 is negative at first, as an unsigned number beyond all memory.
    k.for('i', 0, 5, (i) => k.store(x, add(sub(i, 3), 3), add(k.load(x, add(i, 2)), int(1))));
    k.for('j', 0, 5, (j) => {
      const before = k.let('before', sub(j, 3));
      k.store(x, add(before, 4), mul(k.load(x, add(before, 3)), int(2)));
    });
  });
  checkKernel(kernel);
  const program = kernelProgram([{ kernel, arguments: [Int16Array.from({ length: 8 }, (_, i) => 10 * i + 1)] }]);
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
