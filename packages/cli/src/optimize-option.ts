// The `--optimize` option, which several commands have: what a model is compiled for.
import type { Optimize } from '@anymote/compiler';
import { Failure } from './failure.ts';

export const optimizeOption = [
  '--optimize <goal>',
  'speed: the fastest loops the target has; balanced: small code (results are the same)',
  parseOptimize,
  'balanced',
] as const;

function parseOptimize(text: string): Optimize {
  if (text === 'speed' || text === 'balanced') return text;
  throw new Failure(`--optimize ${text}: expected speed or balanced`, 2);
}
