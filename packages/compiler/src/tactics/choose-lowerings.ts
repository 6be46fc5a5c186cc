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
  const rates = { ...bytesPerPercent, balanced: target.bytesPerPercent ?? bytesPerPercent.balanced };
  let best = chooseAll(all, percent, rates[optimize]);
  if (optimize === 'size') {
    // Small, but not at any price.
    const most = mostSlowdown * instructionsOf(chooseAll(all, percent, rates.balanced));
    for (let rate = 2 * rates.size; instructionsOf(best) > most && rate < 4096; rate *= 2)
      best = chooseAll(all, percent, rate);
  }
  return best.map((offer, layer) => ({
    ...offer,
    options: (all[layer] ?? []).map(({ tactic, predicted }) => ({ tactic, predicted })),
  }));
}

/** What the smallest code may cost, times the instructions of the balanced choice. */
const mostSlowdown = 1.3;

type Offer = Omit<Choice, 'options'>;

const instructionsOf = (chosen: readonly Offer[]): number =>
  chosen.reduce((total, { predicted }) => total + predicted.instructions, 0);

/** A choice for all nodes: routines paid as they come up, or as if all were there already; whichever ends cheaper. */
function chooseAll(all: readonly (readonly Offer[])[], percent: number, rate: number): readonly Offer[] {
  const [asTheyCome, shared] = [chooseEach(all, percent, rate, false), chooseEach(all, percent, rate, true)];
  return priceOf(shared, percent, rate) < priceOf(asTheyCome, percent, rate) ? shared : asTheyCome;
}

/** The cheapest offer of each node; routines that earlier nodes brought are free, with `shared` all of them. */
function chooseEach(
  all: readonly (readonly Offer[])[],
  percent: number,
  bytesRate: number,
  shared: boolean,
): readonly Offer[] {
  const defined = new Set<string>();
  const price = ({ predicted }: Offer): number => {
    const { instructions, codeBytes, constantBytes, definitions } = predicted;
    const routines = [...definitions].reduce(
      (sum, [name, bytes]) => sum + (shared || defined.has(name) ? 0 : bytes),
      0,
    );
    return instructions / percent + (codeBytes + constantBytes + routines) / bytesRate;
  };
  return all.map((offers) => {
    const best = offers.reduce((a, b) => (price(b) < price(a) ? b : a));
    for (const name of best.predicted.definitions.keys()) defined.add(name);
    return best;
  });
}

/** What a choice for all nodes takes, routines once. */
function priceOf(chosen: readonly Offer[], percent: number, bytesRate: number): number {
  const definitions = new Map(chosen.flatMap(({ predicted }) => [...predicted.definitions]));
  const bytes = chosen.reduce(
    (total, { predicted }) => total + predicted.codeBytes + predicted.constantBytes,
    [...definitions.values()].reduce((total, size) => total + size, 0),
  );
  return chosen.reduce((total, { predicted }) => total + predicted.instructions / percent, bytes / bytesRate);
}
