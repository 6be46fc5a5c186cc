// What a pass is: a graph becomes a graph that computes the same, to the last bit, with less.
import type { Graph } from '../ops/index.ts';

export interface PassOptions {
  /** Kernels are fastest where channels are a multiple of this; where they were, they stay so. */
  readonly channelMultiple: number;
}

/**
 * Passes keep what values are: a value that is still there has the elements it had before, under the same id, less the
 * channels that its `original` tells of. New values are constants. Inputs and outputs of the graph stay as they are.
 */
export interface Pass {
  /** By which it can be left out. */
  readonly name: string;
  /** What it does, in a line. */
  readonly note: string;
  /** The graph itself where there is nothing to do; the graph given is never changed. */
  apply(graph: Graph, options: PassOptions): Graph;
}
