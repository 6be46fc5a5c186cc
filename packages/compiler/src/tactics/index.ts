// The list of tactics, and what each offers for a node. The operator's own loops are always among the candidates.
import { type AnyOp, type Graph, type OpNode, opOf } from '../ops/index.ts';
import type { Overlap } from '../ops/op.ts';
import type { Target } from '../targets/target.ts';
import { dspDepthwise } from './dsp-depthwise.ts';
import { dspDepthwisePlane, dspDepthwisePlaneCompact, dspDepthwisePlanePacked } from './dsp-depthwise-plane.ts';
import { dspDepthwiseShared, dspDepthwiseSharedPacked } from './dsp-depthwise-shared.ts';
import { dspDot, dspDotCompact, dspDotPacked } from './dsp-dot.ts';
import { dspRow, dspRowCompact, dspRowSingle } from './dsp-row.ts';
import { int8Map } from './int8-map.ts';
import { int8Pool } from './int8-pool.ts';
import { int8Sum } from './int8-sum.ts';
import { mveDepthwise } from './mve-depthwise.ts';
import { mveDot } from './mve-dot.ts';
import { quadRow } from './quad-row.ts';
import { simdAveragePool } from './simd-average-pool.ts';
import { simdDepthwise } from './simd-depthwise.ts';
import { simdDot } from './simd-dot.ts';
import { simdSum } from './simd-sum.ts';
import { softmaxPair } from './softmax-pair.ts';
import type { Tactic } from './tactic.ts';
import { treeBranches, treeBranchesIndexed, treeKeys, treeKeysIndexed } from './tree-branches.ts';
import { treePacked } from './tree-packed.ts';
import { treeVotes, treeVotesKeys } from './tree-votes.ts';
import { tripleDot } from './triple-dot.ts';
import { tripleSlide } from './triple-slide.ts';

export const tactics: readonly Tactic[] = [
  dspDot,
  dspDotCompact,
  dspDotPacked,
  dspRow,
  dspRowCompact,
  dspRowSingle,
  dspDepthwisePlane,
  dspDepthwisePlaneCompact,
  dspDepthwisePlanePacked,
  dspDepthwise,
  dspDepthwiseShared,
  dspDepthwiseSharedPacked,
  simdDot,
  simdDepthwise,
  simdAveragePool,
  simdSum,
  int8Sum,
  int8Map,
  int8Pool,
  mveDot,
  mveDepthwise,
  tripleDot,
  tripleSlide,
  quadRow,
  softmaxPair,
  treeBranches,
  treeBranchesIndexed,
  treeKeys,
  treeKeysIndexed,
  treeVotes,
  treeVotesKeys,
  treePacked,
];

/** The name reports use for the operator's own loops. */
export const plain = 'plain';

/** Every name that can be left out. */
export const tacticNames: readonly string[] = [plain, ...tactics.map(({ name }) => name)];

/** Loops that would do for a node. */
export interface Candidate {
  readonly tactic: string;
  readonly lower: AnyOp['lower'];
  readonly overlap?: Overlap;
}

/**
 * Everything that applies to a node on a target, the operator's own loops first. `without` names tactics to leave out, or
 * `plain`, which remains where nothing else does.
 */
export function candidatesOf(
  graph: Graph,
  node: OpNode,
  target: Target,
  without: readonly string[] = [],
): readonly Candidate[] {
  const offered = tactics.flatMap((tactic): Candidate[] => {
    if (without.includes(tactic.name)) return [];
    const lower = tactic.lowering(graph, node, target);
    if (lower === undefined) return [];
    const overlap = tactic.overlap?.(graph, node);
    return [{ tactic: tactic.name, lower, ...(overlap === undefined ? {} : { overlap }) }];
  });
  const own: Candidate = { tactic: plain, lower: opOf(node).lower };
  return offered.length > 0 && without.includes(plain) ? offered : [own, ...offered];
}
