// Arm Cortex-M55 (Armv8.1-M Mainline, FPU and Helium), as the Alif Ensemble.
import type { CTarget } from './target.ts';

export const cortexM55: CTarget = {
  output: 'c',
  name: 'cortex-m55',
  description: 'Arm Cortex-M55 (Armv8.1-M Mainline, FPU and Helium), as the Alif Ensemble',
  alignment: 4,
  spellings: {},
  headers: [],
  compiler: { command: 'arm-none-eabi-gcc', options: ['-mcpu=cortex-m55', '-mthumb', '-mfloat-abi=hard'] },
};
