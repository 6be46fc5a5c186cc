// The list of tactics, in order of preference. Where none applies, the operator's own loops remain.
import type { AnyOp, Graph, OpNode } from '../ops/index.ts';
import type { Target } from '../targets/target.ts';
import { dspConv2d } from './dsp-conv2d.ts';
import { dspDepthwise } from './dsp-depthwise.ts';
import { dspFullyConnected } from './dsp-fully-connected.ts';
import type { Tactic } from './tactic.ts';

export const tactics: readonly Tactic[] = [dspConv2d, dspDepthwise, dspFullyConnected];

/** The first tactic that applies to a node on a target, and its loops. */
export function tacticOf(
  graph: Graph,
  node: OpNode,
  target: Target,
): { readonly name: string; readonly lower: AnyOp['lower'] } | undefined {
  for (const tactic of tactics) {
    const lower = tactic.lowering(graph, node, target);
    if (lower !== undefined) return { name: tactic.name, lower };
  }
  return undefined;
}
