// The `--optimize` option, which several commands have: what a model is compiled for.
import type { Optimize } from '@anymote/compiler';
import { Failure } from './failure.ts';

export const optimizeOption = [
  '--optimize <goal>',
  'speed: the fastest loops; size: the smallest code; balanced: speed where it is worth its flash',
  parseOptimize,
  'balanced',
] as const;

function parseOptimize(text: string): Optimize {
  if (text === 'speed' || text === 'balanced' || text === 'size') return text;
  throw new Failure(`--optimize ${text}: expected speed, balanced or size`, 2);
}
