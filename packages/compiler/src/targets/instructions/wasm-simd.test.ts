// Every instruction means what its opcode does: the interpreter runs the meaning, the engine the opcode.
import { expect, it } from 'vitest';
import { checkKernel } from '../../kernel/check.ts';
import { int } from '../../kernel/expressions.ts';
import type { KernelArgument } from '../../kernel/ir.ts';
import { kernelProgram } from '../../kernel/testing/kernel-program.ts';
import { runKernels } from '../../kernel/testing/run-kernels.ts';
import { buildKernel } from '../../kernel/writer.ts';
import { add32x4, dot16x8, load8x8, splat16x8, sub16x8, v128, wasmSimdSpellings, zero32x4 } from './wasm-simd.ts';

const x: KernelArgument = { name: 'x', type: 'i8', length: 32, space: 'argument', access: 'read' };
const halves: KernelArgument = { name: 'halves', type: 'i16', length: 32, space: 'argument', access: 'write' };
const words: KernelArgument = { name: 'words', type: 'i32', length: 16, space: 'argument', access: 'write' };

/** The instructions on eight elements from `at` on, with `value` in all lanes as the other operand. */
function kernelOf(at: number, value: number, position: number) {
  return buildKernel(`at_${position}`, '', [x, halves, words], (k) => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => k.alloc(name, 'i16', 8, v128));
    const [p, q] = ['p', 'q'].map((name) => k.alloc(name, 'i32', 4, v128));
    if (!a || !b || !c || !p || !q) return;
    k.instr(load8x8, { region: x, at }, { region: a });
    k.instr(splat16x8, int(value), { region: b });
    k.instr(sub16x8, { region: a }, { region: b }, { region: c });
    k.instr(dot16x8, { region: c }, { region: b }, { region: p });
    [a, b, c].forEach((register, row) => {
      for (let lane = 0; lane < 8; lane += 1) k.store(halves, row * 8 + lane, k.load(register, lane));
    });
    for (let lane = 0; lane < 4; lane += 1) k.store(words, lane, k.load(p, lane));
    k.instr(zero32x4, { region: q });
    for (let lane = 0; lane < 4; lane += 1) k.store(words, 4 + lane, k.load(q, lane));
    k.instr(add32x4, { region: p }, { region: p }, { region: q });
    for (let lane = 0; lane < 4; lane += 1) k.store(words, 8 + lane, k.load(q, lane));
    // Overflows: the largest sum of products, twice.
    k.instr(dot16x8, { region: b }, { region: b }, { region: p });
    for (let lane = 0; lane < 4; lane += 1) k.store(words, 12 + lane, k.load(p, lane));
  });
}

it.each([
  ['as the engine does them', wasmSimdSpellings],
  ['inlined', {}],
])('%s', async (_, spellings) => {
  const elements = Int8Array.from({ length: 32 }, (_, i) => [0, 1, -1, 127, -128, 64, -77, 5][i % 8] ?? 0);
  const runs = [-32768, -129, -128, 0, 1, 127, 32767, 40000].flatMap((value, row) =>
    [0, 3, 24].map((at, column) => {
      const kernel = kernelOf(at, value, row * 3 + column);
      checkKernel(kernel);
      return { kernel, arguments: [elements, new Int16Array(32), new Int32Array(16)] };
    }),
  );
  const program = kernelProgram(runs);
  expect(program.difference(program.after, await runKernels(program, spellings))).toBeUndefined();
});
