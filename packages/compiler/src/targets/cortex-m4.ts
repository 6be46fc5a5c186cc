// Arm Cortex-M4F (Armv7E-M, single-precision FPU), as the STM32F4, STM32L4 and nRF52.
import { armDspPreamble, armDspSpellings } from './instructions/arm-dsp.ts';
import { int8PoolSpellings } from './instructions/arm-int8-pool.ts';
import { int8SumSpellings } from './instructions/arm-int8-sum.ts';
import type { CTarget } from './target.ts';

export const cortexM4: CTarget = {
  output: 'c',
  name: 'cortex-m4',
  description: 'Arm Cortex-M4F (Armv7E-M, single-precision FPU), as the STM32F4, STM32L4 and nRF52',
  alignment: 4,
  channelMultiple: 4,
  spellings: { ...armDspSpellings, ...int8SumSpellings('dsp'), ...int8PoolSpellings('dsp') },
  preamble: armDspPreamble,
  headers: [],
  compiler: {
    command: 'arm-none-eabi-gcc',
    options: ['-mcpu=cortex-m4', '-mthumb', '-mfpu=fpv4-sp-d16', '-mfloat-abi=hard'],
  },
};
