// What a file format is: how it is recognised, and how its bytes become a graph.
import type { Graph } from '../ops/index.ts';

/** What a file leaves open. */
export interface ReadOptions {
  /** Of boosted trees that stopped early, those up to the best iteration. */
  readonly bestIteration?: boolean;
}

export interface Format {
  readonly name: string;
  /** Usual endings of file names, for messages and dialogues. */
  readonly extensions: readonly string[];
  recognises(bytes: Uint8Array): boolean;
  /** `file` is the name in messages. @throws CompileError with all that is wrong with the file */
  read(bytes: Uint8Array, file?: string, options?: ReadOptions): Graph;
}
