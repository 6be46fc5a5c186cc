// What a tactic is: loops for a node that are faster, smaller or both where a target, shapes or constants allow.
import type { AnyOp, Graph, OpNode } from '../ops/index.ts';
import type { Overlap } from '../ops/op.ts';
import type { Target } from '../targets/target.ts';

export interface Tactic {
  readonly name: string;
  /** What it does, in a line for listings. */
  readonly note: string;
  /** The loops, if the tactic applies to this node on this target; exact in every case. */
  lowering(graph: Graph, node: OpNode, target: Target): AnyOp['lower'] | undefined;
  /** How far the loops let the output overlap an input, where they apply. */
  overlap?(graph: Graph, node: OpNode): Overlap | undefined;
}
