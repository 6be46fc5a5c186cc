// RISC-V RV32IMC (no FPU), as the ESP32-C3.
import { riscvInt8Spellings } from './instructions/riscv-int8.ts';
import type { CTarget } from './target.ts';

export const rv32imc: CTarget = {
  output: 'c',
  name: 'rv32imc',
  description: 'RISC-V RV32IMC (no FPU), as the ESP32-C3',
  alignment: 4,
  spellings: riscvInt8Spellings,
  packsSums: true,
  costs: {
    wideMultiply: 3,
    wideAdd: 4,
    wideShift: 8,
    turn: 2,
    accumulate: 1,
    address: 1,
    floatOperation: 40,
    doubleOperation: 120,
    bytesPerInstruction: 3,
  },
  headers: [],
  compiler: { command: 'riscv64-unknown-elf-gcc', options: ['-march=rv32imc', '-mabi=ilp32'] },
};
