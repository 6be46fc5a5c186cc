// this machine, with its C compiler.
import type { CTarget } from './target.ts';

export const host: CTarget = {
  output: 'c',
  name: 'host',
  description: 'this machine, with its C compiler',
  alignment: 16,
  spellings: {},
  headers: [],
  costs: { doubleOperation: 1 },
  compiler: { command: 'gcc', options: [] },
};
