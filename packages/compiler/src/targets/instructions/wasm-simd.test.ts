// Every instruction means what its opcode does: the interpreter runs the meaning, the engine the opcode.
import { describe, expect, it } from 'vitest';
import { checkKernel } from '../../kernel/check.ts';
import { int } from '../../kernel/expressions.ts';
import type { Instr, Kernel, KernelArgument, MemoryType, Region } from '../../kernel/ir.ts';
import { kernelProgram } from '../../kernel/testing/kernel-program.ts';
import { randomOf } from '../../kernel/testing/random.ts';
import { randomData } from '../../kernel/testing/random-kernel.ts';
import { runKernels } from '../../kernel/testing/run-kernels.ts';
import { buildKernel, type Writer } from '../../kernel/writer.ts';
import type { Data } from '../../tensor/dtype.ts';
import * as simd from './wasm-simd.ts';

const isInstr = (value: unknown): value is Instr => typeof value === 'object' && value !== null && 'meaning' in value;
const instructions = Object.values(simd)
  .flat()
  .filter((value): value is Instr => isInstr(value));

const loads: Readonly<Partial<Record<MemoryType, Instr>>> = {
  i8: simd.load8x16,
  i16: simd.load16x8,
  i32: simd.load32x4,
  i64: simd.load64x2,
};
const elements = 32;

/** An argument for each operand of the instruction; a register is loaded before, and its lanes are stored after. */
function kernelOf(instr: Instr, at: number, scalar: number, name: string): Kernel {
  const args = instr.params.flatMap((param, i): KernelArgument[] =>
    param.kind === 'scalar'
      ? []
      : [{ name: `operand${i}`, type: param.type, length: elements, space: 'argument', access: 'update' }],
  );
  const kernel = buildKernel(name, '', args, (k) => {
    const registers: { readonly register: Region; readonly argument: Region; readonly lanes: number }[] = [];
    const operands = instr.params.map((param, i) => {
      if (param.kind === 'scalar') return int(scalar);
      const argument = args.find((one) => one.name === `operand${i}`);
      if (argument === undefined) throw new Error('no argument');
      if (param.in === 'memory') return { region: argument, at };
      const { lanes = 0 } = param;
      const register = k.alloc('register', param.type, lanes, simd.v128);
      if (param.access !== 'write') loadRegister(k, param.type, argument, register);
      registers.push({ register, argument, lanes });
      return { region: register };
    });
    k.instr(instr, ...operands);
    for (const { register, argument, lanes } of registers)
      for (let lane = 0; lane < lanes; lane += 1) k.store(argument, lane, k.load(register, lane));
  });
  checkKernel(kernel);
  return kernel;
}

function loadRegister(k: Writer, type: MemoryType, from: Region, register: Region): void {
  const load = loads[type];
  if (load === undefined) throw new Error(`no load of ${type}`);
  k.instr(load, { region: from, at: 4 }, { region: register });
}

/** Ends of the type's range, small numbers and random ones. */
function contents(type: MemoryType, seed: number): Data {
  const data = randomData(randomOf(seed), type, elements);
  const bits = { i8: 8, u8: 8, i16: 16, i32: 32, i64: 64, f32: 24, f64: 53 }[type];
  for (let i = 0; i < elements; i += 2) {
    const edge = [0n, -1n, 1n, 2n ** BigInt(bits - 1) - 1n, -(2n ** BigInt(bits - 1))][(i + seed) % 5] ?? 0n;
    if (data instanceof BigInt64Array) data[i] = edge;
    else data[i] = Number(edge);
  }
  return data;
}

describe('instructions', () => {
  it('are all spelled, and under their own names', () => {
    expect(instructions.length).toBeGreaterThan(30);
    expect(new Set(instructions.map(({ name }) => name)).size).toBe(instructions.length);
    expect(Object.keys(simd.wasmSimdSpellings).sort()).toEqual(instructions.map(({ name }) => name).sort());
  });

  it.each(instructions.map((instr) => [instr.name, instr] as const))('%s', async (_, instr) => {
    const isShift = instr.params.some((param) => param.name === 'amount');
    const runs = (isShift ? [0, 1, 7, 31] : [-32768, -129, 0, 1, 127, 40000]).flatMap((scalar, row) =>
      [0, 3, 16].map((at, column) => {
        const kernel = kernelOf(instr, at, scalar, `at_${row}_${column}`);
        return { kernel, arguments: kernel.arguments.map(({ type }, i) => contents(type, row * 7 + column * 3 + i)) };
      }),
    );
    const program = kernelProgram(runs);
    expect(program.difference(program.after, await runKernels(program, simd.wasmSimdSpellings))).toBeUndefined();
  });

  it('are inlined where a target has none of them', async () => {
    const runs = instructions.map((instr, i) => {
      const kernel = kernelOf(instr, 3, 5, `inlined_${i}`);
      return { kernel, arguments: kernel.arguments.map(({ type }, n) => contents(type, i + n)) };
    });
    const program = kernelProgram(runs);
    expect(program.difference(program.after, await runKernels(program, {}))).toBeUndefined();
  });
});
