// What a tactic is: loops for a node that an instruction family runs faster than the operator's own.
import type { AnyOp, Graph, OpNode } from '../ops/index.ts';
import type { Target } from '../targets/target.ts';

export interface Tactic {
  readonly name: string;
  /** The loops, if the tactic applies to this node on this target; exact in every case. */
  lowering(graph: Graph, node: OpNode, target: Target): AnyOp['lower'] | undefined;
}
