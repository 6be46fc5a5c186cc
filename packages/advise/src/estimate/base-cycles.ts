// Cycles of code on a chip before calibration: instructions by kind, instructions that the cache misses, and what streams from flash.
import { type Execution, instructionKinds, instructionsOf } from '@anymote/compiler';
import type { Chip } from '../chips/chip.ts';
import { cores } from '../chips/cores.ts';

/**
 * Lines fetched from flash for an instruction, by bytes of cache. Kernels are short loops: they stay in a cache of some kilobytes;
 * without any, half a line's time is hidden by the prefetch.
 */
const missesByCache: readonly (readonly [leastBytes: number, misses: number])[] = [
  [4096, 0.01],
  [1024, 0.02],
  [128, 0.03],
  [0, 0.15],
];

/** Cycles that a line of flash keeps a core waiting at a clock. */
export const lineStall = ({ flash }: Chip, megahertz: number): number =>
  Math.max(0, (flash.lineNanoseconds * megahertz) / 1000 - 1);

/** Cycles of one inference at a clock. */
export function baseCycles({ mix, streamedBytes, sparseReads }: Execution, chip: Chip, megahertz: number): number {
  const { cycles, libraryFloat = 1 } = cores[chip.core];
  const hasFpu = chip.features.includes('fpu') || chip.features.includes('double-fpu');
  const executed = { ...mix, floats: hasFpu ? mix.floats / libraryFloat : mix.floats };
  const computing = instructionKinds.reduce((total, kind) => total + executed[kind] * cycles[kind], 0);
  const misses = missesByCache.find(([least]) => chip.flash.cacheBytes >= least)?.[1] ?? 0;
  const stall = lineStall(chip, megahertz);
  const lines = instructionsOf(executed) * misses + streamedBytes / chip.flash.lineBytes + sparseReads;
  return computing + lines * stall;
}
