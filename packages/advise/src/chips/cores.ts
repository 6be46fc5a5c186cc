// Cores: the target whose code they run, and cycles by kind of instruction. Cycles are averages from the vendors' manuals for memory
// without wait states; what hardware makes of them is calibrated (../calibrate).
import type { InstructionMix } from '@anymote/compiler';
import type { CoreName } from './chip.ts';

/** Cycles of an instruction, by kind. */
export type CycleTable = InstructionMix;

export interface Core {
  /** A target of the compiler; undefined where it has none. */
  readonly target?: string;
  readonly cycles: CycleTable;
  /** Instructions that the target's library takes for a float, where chips with the core may have an FPU that takes one. */
  readonly libraryFloat?: number;
  /** Why it cannot run what the compiler makes. */
  readonly unusable?: string;
}

/** Two stages, a load of two cycles, a branch that refills them (Arm Cortex-M0+ Technical Reference Manual, 3.3). */
const m0plus: CycleTable = { loads: 2, stores: 2, multiplies: 1, divides: 1, branches: 2.2, floats: 1.3, others: 1 };
/** Loads overlap where one follows another (Arm Cortex-M4 Technical Reference Manual, 3.3). */
const m4: CycleTable = { loads: 1.6, stores: 1.2, multiplies: 1, divides: 4, branches: 2.5, floats: 1.2, others: 1 };
const m33: CycleTable = { loads: 1.4, stores: 1, multiplies: 1, divides: 4, branches: 2.2, floats: 1.2, others: 1 };
/** Two instructions at a time where they allow it. */
const m7: CycleTable = { loads: 0.7, stores: 0.7, multiplies: 0.9, divides: 3, branches: 1, floats: 1, others: 0.6 };
/** Two beats of a vector instruction a cycle, overlapped with the next. */
const m85: CycleTable = { loads: 0.9, stores: 0.9, multiplies: 0.9, divides: 3, branches: 1, floats: 1, others: 0.6 };
const m55: CycleTable = {
  loads: 1.2,
  stores: 1.2,
  multiplies: 1.2,
  divides: 4,
  branches: 1.5,
  floats: 1.2,
  others: 0.9,
};
/** Floats are a library's: moves, shifts and branches. In order, one at a time, branches refill four or five stages. */
const riscv: CycleTable = { loads: 1.5, stores: 1, multiplies: 1, divides: 10, branches: 2, floats: 1.3, others: 1 };
const xtensa: CycleTable = {
  loads: 1.4,
  stores: 1,
  multiplies: 1.5,
  divides: 8,
  branches: 2.2,
  floats: 1.5,
  others: 1,
};

const tooNarrow = (bits: string): Core => ({
  cycles: riscv,
  unusable: `${bits === '8-bit' ? 'an' : 'a'} ${bits} core; generated code is for 32-bit cores`,
});

export const cores: Readonly<Record<CoreName, Core>> = {
  'cortex-m0': { target: 'cortex-m0plus', cycles: { ...m0plus, branches: 3 } },
  'cortex-m0plus': { target: 'cortex-m0plus', cycles: m0plus },
  'cortex-m3': { target: 'cortex-m3', cycles: m4 },
  'cortex-m4': { target: 'cortex-m4', cycles: m4 },
  'cortex-m7': { target: 'cortex-m7', cycles: m7 },
  'cortex-m33': { target: 'cortex-m33', cycles: m33 },
  'cortex-m55': { target: 'cortex-m55', cycles: m55 },
  'cortex-m85': { target: 'cortex-m55', cycles: m85 },
  rv32imc: { target: 'rv32imc', cycles: riscv },
  rv32imac: { target: 'rv32imc', cycles: riscv },
  rv32imafc: { target: 'rv32imc', cycles: riscv, libraryFloat: 40 },
  rv32imafcp: { target: 'rv32imc', cycles: riscv, libraryFloat: 40 },
  rv64gc: { target: 'rv32imc', cycles: riscv, libraryFloat: 40 },
  rv32ec: {
    cycles: riscv,
    unusable: 'a core without multiplication and with 16 registers, for which there is no target',
  },
  // Plain C: the loops of a core with 32-bit multiplication.
  'xtensa-lx106': { target: 'rv32imc', cycles: xtensa },
  'xtensa-lx6': { target: 'rv32imc', cycles: xtensa, libraryFloat: 40 },
  'xtensa-lx7': { target: 'rv32imc', cycles: xtensa, libraryFloat: 40 },
  rxv2: { target: 'rv32imc', cycles: riscv, libraryFloat: 40 },
  'rh850-g3kh': { target: 'rv32imc', cycles: riscv, libraryFloat: 40 },
  avr8: tooNarrow('8-bit'),
  msp430x: tooNarrow('16-bit'),
};
