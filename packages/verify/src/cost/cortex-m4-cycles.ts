// Cycles of a Cortex-M4 for code that ran, from the instruction timings of its Technical Reference Manual (chapter 3.3).
// It is an estimate: memory has no wait states, and an address that the instruction before computed, unaligned accesses,
// the alignment of branch targets and waits for floating-point results cost nothing.
import type { Interval } from './flow.ts';
import { decodeAt, decodeBlock, type ReadCode, type ThumbInstruction, type ThumbKind } from './thumb.ts';

/** Filling the pipeline again after a jump takes 1 to 3 cycles. */
const refillCycles = 2;

/** Of kinds whose cost does not depend on the registers; a division takes 2 to 12. */
const kindCycles: Readonly<Record<Exclude<ThumbKind, 'load' | 'store' | 'load-many' | 'store-many'>, number>> = {
  arithmetic: 1,
  multiply: 1,
  divide: 6,
  branch: 1,
  'table-branch': 2,
  system: 2,
  'float-transfer': 2,
  'float-arithmetic': 1,
  'float-multiply-accumulate': 3,
  'float-divide': 14,
  vector: 1,
};

/** Cycles of an instruction that follows no load and does not jump. */
function ownCycles({ kind, words, indexed }: ThumbInstruction): number {
  switch (kind) {
    case 'load':
      return 1 + words;
    case 'store':
      // A store leaves through a buffer, once its address is there.
      return words > 1 ? 1 + words : indexed ? 2 : 1;
    case 'load-many':
    case 'store-many':
      return 1 + words;
    default:
      return kindCycles[kind];
  }
}

/** Cycles that an instruction saves behind another: single accesses overlap with a load whose result they do not need. */
function overlapCycles(before: ThumbInstruction, { kind, words, addressRegisters, indexed }: ThumbInstruction): number {
  if (before.kind !== 'load' || before.words !== 1 || words !== 1) return 0;
  if (kind !== 'load' && !(kind === 'store' && indexed)) return 0;
  const needsIt = before.loaded !== undefined && (addressRegisters & (1 << before.loaded)) !== 0;
  return needsIt ? 0 : 1;
}

/** Estimated cycles of an interval, with its jump to what comes after. */
export function cortexM4Cycles({ blocks }: Interval, read: ReadCode): number {
  let cycles = 0;
  for (const block of blocks) {
    const { code, end, jumps } = decodeBlock(block.start, block.instructions, read);
    const straight = code.reduce((total, instruction, i) => {
      const before = code[i - 1];
      return total + ownCycles(instruction) - (before === undefined ? 0 : overlapCycles(before, instruction));
    }, 0);
    cycles += straight * block.runs;
    const last = code.at(-1);
    for (const [address, times] of block.next) {
      if (address !== end || jumps || last === undefined) cycles += refillCycles * times;
      else cycles -= overlapCycles(last, decodeAt(address, read)) * times;
    }
  }
  return cycles;
}
