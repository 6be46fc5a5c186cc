// Arm Cortex-M0+ (Armv6-M, no FPU), as the RP2040 with 264 KB of RAM.
import { int8PoolSpellings } from './instructions/arm-int8-pool.ts';
import { int8SumSpellings } from './instructions/arm-int8-sum.ts';
import { armv6mTriples } from './instructions/armv6m-triples.ts';
import type { CTarget } from './target.ts';

export const cortexM0plus: CTarget = {
  output: 'c',
  name: 'cortex-m0plus',
  description: 'Arm Cortex-M0+ (Armv6-M, no FPU), as the RP2040 with 264 KB of RAM',
  alignment: 4,
  spellings: { ...armv6mTriples, ...int8SumSpellings('armv6m'), ...int8PoolSpellings('armv6m') },
  packsSums: true,
  costs: {
    divide: 40,
    wideMultiply: 45,
    wideAdd: 3,
    wideShift: 6,
    turn: 4,
    accumulate: 1,
    address: 1,
    floatOperation: 60,
    doubleOperation: 160,
    bytesPerInstruction: 2,
  },
  headers: [],
  compiler: { command: 'arm-none-eabi-gcc', options: ['-mcpu=cortex-m0plus', '-mthumb'] },
  memory: { flashBytes: 2 * 1024 * 1024, ramBytes: 264 * 1024 },
};
