// What kinds of instructions an interval consists of.
import type { InstructionMix } from './bench-report.ts';
import type { Interval } from './flow.ts';
import { decodeBlock, type ReadCode, type ThumbKind } from './thumb.ts';

const groups: Readonly<Record<ThumbKind, keyof InstructionMix>> = {
  arithmetic: 'others',
  multiply: 'multiplies',
  divide: 'others',
  load: 'loads',
  store: 'stores',
  'load-many': 'loads',
  'store-many': 'stores',
  branch: 'branches',
  'table-branch': 'branches',
  system: 'others',
  'float-transfer': 'vectors',
  'float-arithmetic': 'vectors',
  'float-multiply-accumulate': 'vectors',
  'float-divide': 'vectors',
  vector: 'vectors',
};

/** Counts the Thumb instructions of intervals by group. */
export function mixOf(intervals: readonly Interval[], read: ReadCode): InstructionMix {
  const mix = { loads: 0, stores: 0, multiplies: 0, branches: 0, vectors: 0, others: 0 };
  for (const { blocks } of intervals)
    for (const { start, instructions, runs } of blocks)
      for (const { kind } of decodeBlock(start, instructions, read).code) mix[groups[kind]] += runs;
  return mix;
}
