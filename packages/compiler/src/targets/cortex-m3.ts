// Arm Cortex-M3 (Armv7-M, no FPU), as the STM32F1.
import { int8PoolSpellings } from './instructions/arm-int8-pool.ts';
import { int8SumSpellings } from './instructions/arm-int8-sum.ts';
import type { CTarget } from './target.ts';

export const cortexM3: CTarget = {
  output: 'c',
  name: 'cortex-m3',
  description: 'Arm Cortex-M3 (Armv7-M, no FPU), as the STM32F1',
  alignment: 4,
  spellings: { ...int8SumSpellings('armv7m'), ...int8PoolSpellings('armv7m') },
  packsSums: true,
  costs: { turn: 3, address: 0.5, wideAdd: 3, floatOperation: 40 },
  headers: [],
  compiler: { command: 'arm-none-eabi-gcc', options: ['-mcpu=cortex-m3', '-mthumb'] },
};
