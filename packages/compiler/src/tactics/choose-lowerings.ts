// The lowering of every node: all candidates are lowered and predicted, and the best for the goal is taken. What each would
// have taken is kept for reports.
import type { Kernel } from '../kernel/ir.ts';
import type { Graph } from '../ops/index.ts';
import { type LoweredNode, lowerNode } from '../ops/lower-node.ts';
import type { Overlap } from '../ops/op.ts';
import type { Target } from '../targets/target.ts';
import { candidatesOf } from './index.ts';
import { type PredictedCost, predictCost } from './predict-cost.ts';

/** `speed`: fewest instructions; `size`: fewest bytes of code and constants; `balanced`: speed where its bytes are well spent. */
export type Optimize = 'speed' | 'balanced' | 'size';

/** Bytes of flash that one per cent of a model's instructions may cost. */
const bytesPerPercent: Readonly<Record<Optimize, number>> = {
  speed: Number.POSITIVE_INFINITY,
  balanced: 256,
  size: 16,
};

export interface Option {
  readonly tactic: string;
  readonly predicted: PredictedCost;
}

export interface Choice {
  readonly lowered: LoweredNode;
  readonly tactic: string;
  readonly predicted: PredictedCost;
  /** How far the output may overlap an input. */
  readonly overlap: Overlap | undefined;
  /** All that applied, the chosen one among them. */
  readonly options: readonly Option[];
}

export interface Choosing {
  readonly optimize: Optimize;
  /** Names of tactics to leave out. */
  readonly without: readonly string[];
  readonly nameOf: (layer: number, op: string) => string;
  /** Kernel to kernel, after lowering. */
  readonly rewrite: (kernel: Kernel) => Kernel;
}

/** A choice for each node, in order. */
export function chooseLowerings(graph: Graph, target: Target, choosing: Choosing): readonly Choice[] {
  const { optimize, without, nameOf, rewrite } = choosing;
  const all = graph.nodes.map((node, layer) =>
    candidatesOf(graph, node, target, without).map(({ tactic, lower, overlap }) => {
      const own = lowerNode(graph, node, nameOf(layer, node.op), lower);
      const lowered = { ...own, kernel: rewrite(own.kernel) };
      return { tactic, lowered, overlap, predicted: predictCost(lowered.kernel, target) };
    }),
  );
  const least = all.reduce(
    (total, offers) => total + Math.min(...offers.map(({ predicted }) => predicted.instructions)),
    0,
  );
  const percent = Math.max(1, least) / 100;
  const defined = new Set<string>();
  const newBytes = ({ codeBytes, constantBytes, definitions }: PredictedCost): number =>
    [...definitions].reduce(
      (total, [name, bytes]) => total + (defined.has(name) ? 0 : bytes),
      codeBytes + constantBytes,
    );
  const worth = (optimize === 'balanced' ? target.bytesPerPercent : undefined) ?? bytesPerPercent[optimize];
  const price = ({ predicted }: Option): number => predicted.instructions / percent + newBytes(predicted) / worth;
  return all.map((offers) => {
    const best = offers.reduce((a, b) => (price(b) < price(a) ? b : a));
    for (const name of best.predicted.definitions.keys()) defined.add(name);
    return { ...best, options: offers.map(({ tactic, predicted }) => ({ tactic, predicted })) };
  });
}
