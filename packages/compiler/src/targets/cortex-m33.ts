// Arm Cortex-M33 (Armv8-M Mainline, single-precision FPU), as the STM32U5, nRF53 and RP2350.
import { armDspPreamble, armDspSpellings } from './instructions/arm-dsp.ts';
import { int8PoolSpellings } from './instructions/arm-int8-pool.ts';
import { int8SumSpellings } from './instructions/arm-int8-sum.ts';
import type { CTarget } from './target.ts';

export const cortexM33: CTarget = {
  output: 'c',
  name: 'cortex-m33',
  description: 'Arm Cortex-M33 (Armv8-M Mainline, single-precision FPU), as the STM32U5, nRF53 and RP2350',
  alignment: 4,
  channelMultiple: 4,
  spellings: { ...armDspSpellings, ...int8SumSpellings('dsp'), ...int8PoolSpellings('dsp') },
  preamble: armDspPreamble,
  headers: [],
  compiler: {
    command: 'arm-none-eabi-gcc',
    options: ['-mcpu=cortex-m33', '-mthumb', '-mfpu=fpv5-sp-d16', '-mfloat-abi=hard'],
  },
};
