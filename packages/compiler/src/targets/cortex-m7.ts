// Arm Cortex-M7 (Armv7E-M, double-precision FPU), as the STM32F7, STM32H7 and i.MX RT.
import { armDspPreamble, armDspSpellings } from './instructions/arm-dsp.ts';
import { int8PoolSpellings } from './instructions/arm-int8-pool.ts';
import { int8SumSpellings } from './instructions/arm-int8-sum.ts';
import type { CTarget } from './target.ts';

export const cortexM7: CTarget = {
  output: 'c',
  name: 'cortex-m7',
  description: 'Arm Cortex-M7 (Armv7E-M, double-precision FPU), as the STM32F7, STM32H7 and i.MX RT',
  alignment: 4,
  channelMultiple: 4,
  spellings: { ...armDspSpellings, ...int8SumSpellings('dsp'), ...int8PoolSpellings('dsp') },
  preamble: armDspPreamble,
  headers: [],
  costs: { doubleOperation: 1 },
  compiler: {
    command: 'arm-none-eabi-gcc',
    options: ['-mcpu=cortex-m7', '-mthumb', '-mfpu=fpv5-d16', '-mfloat-abi=hard'],
  },
};
