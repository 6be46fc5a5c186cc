// Arm Cortex-M55 (Armv8.1-M Mainline, FPU and Helium), as the Alif Ensemble.
import { int8PoolSpellings } from './instructions/arm-int8-pool.ts';
import { int8SumSpellings } from './instructions/arm-int8-sum.ts';
import { armMvePreamble, armMveSpellings } from './instructions/arm-mve.ts';
import type { CTarget } from './target.ts';

export const cortexM55: CTarget = {
  output: 'c',
  name: 'cortex-m55',
  description: 'Arm Cortex-M55 (Armv8.1-M Mainline, FPU and Helium), as the Alif Ensemble',
  alignment: 4,
  spellings: { ...armMveSpellings, ...int8SumSpellings('mve'), ...int8PoolSpellings('mve') },
  preamble: armMvePreamble,
  headers: [],
  compiler: { command: 'arm-none-eabi-gcc', options: ['-mcpu=cortex-m55', '-mthumb', '-mfloat-abi=hard'] },
};
