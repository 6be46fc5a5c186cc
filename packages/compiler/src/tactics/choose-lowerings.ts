// The lowering of every node: all candidates are lowered and predicted, and the best for the goal is taken. What each would
// have taken is kept for reports.
import type { Graph } from '../ops/index.ts';
import type { Overlap } from '../ops/op.ts';
import type { Target } from '../targets/target.ts';
import { type Offer, type Offering, type Offers, offersOf } from './offers.ts';
import type { PredictedCost } from './predict-cost.ts';

/** `speed`: fewest instructions; `size`: fewest bytes of code and constants; `balanced`: speed where its bytes are well spent. */
export type Optimize = 'speed' | 'balanced' | 'size';

/** Bytes of flash that one per cent of a model's instructions may cost. */
export const bytesPerPercent: Readonly<Record<Optimize, number>> = {
  speed: Number.POSITIVE_INFINITY,
  balanced: 2048,
  size: 16,
};

export interface Option {
  readonly tactic: string;
  readonly predicted: PredictedCost;
}

export interface Choice extends Offer {
  /** All that applied, the chosen one among them. */
  readonly options: readonly Option[];
}

export interface Choosing extends Offering {
  readonly optimize: Optimize;
  /** Bytes of the arena in use while a layer runs with so much scratch memory and such an overlap. */
  readonly liveBytes?: (layer: number, scratchBytes: number, overlap: Overlap | undefined) => number;
}

/** A choice for each node, in order. */
export function chooseLowerings(graph: Graph, target: Target, choosing: Choosing): readonly Choice[] {
  const { optimize } = choosing;
  const offered = offersOf(graph, target, choosing);
  const all = offered.byLayer;
  const least = all.reduce(
    (total, offers) => total + Math.min(...offers.map(({ predicted }) => predicted.instructions)),
    0,
  );
  const percent = Math.max(1, least) / 100;
  const rates = { ...bytesPerPercent, balanced: target.bytesPerPercent ?? bytesPerPercent.balanced };
  const liveOf = (offer: Offer, layer: number): number =>
    choosing.liveBytes?.(layer, offer.predicted.scratchBytes, offer.overlap) ?? 0;
  const live = new Map(all.flatMap((offers, layer) => offers.map((offer) => [offer, liveOf(offer, layer)] as const)));
  // No choice can need less memory than this.
  const leastLive = Math.max(0, ...all.map((offers) => Math.min(...offers.map((offer) => live.get(offer) ?? 0))));
  const memoryPrice = (chosen: readonly Offer[]): number => {
    const most = chosen.reduce((peak, offer) => Math.max(peak, live.get(offer) ?? 0), leastLive);
    return optimize === 'speed' ? 0 : (most - leastLive) / memoryPerPercent;
  };
  const balanced = chooseAll(offered, percent, rates.balanced, memoryPrice);
  let best = optimize === 'balanced' ? balanced : chooseAll(offered, percent, rates[optimize], memoryPrice);
  if (optimize === 'size') {
    // Small, but not at any price, unless it halves what is left: beyond it an instruction costs more than any byte.
    const most = mostSlowdown * instructionsOf(balanced);
    const tooSlow = (chosen: readonly Offer[]): number =>
      memoryPrice(chosen) + Math.max(0, instructionsOf(chosen) - most);
    const starts = [best, balanced].map((start) => improve(offered, start, percent, rates.size, tooSlow));
    const limited = cheapest(starts, (chosen) => priceOf(chosen, percent, rates.size) + tooSlow(chosen));
    const smallest = chooseAll(offered, percent, rateOfSmallest, () => 0);
    best = 2 * flashOf(smallest) > flashOf(limited) ? limited : smallest;
  }
  return best.map((offer, layer) => ({
    ...offer,
    options: (all[layer] ?? []).map(({ tactic, predicted }) => ({ tactic, predicted })),
  }));
}

/** Bytes of memory beyond the least that one per cent of a model's instructions is worth. */
const memoryPerPercent = 64;

/** Bytes alone count. */
const rateOfSmallest = 1e-6;

/** What the smallest code may cost, times the instructions of the balanced choice. */
const mostSlowdown = 1.3;

const instructionsOf = (chosen: readonly Offer[]): number =>
  chosen.reduce((total, { predicted }) => total + predicted.instructions, 0);

/** What else a choice for all nodes costs, in per cent of the model's instructions. */
type OtherPrice = (chosen: readonly Offer[]) => number;

const cheapest = <T>(list: readonly T[], price: (item: T) => number): T =>
  list.reduce((a, b) => (price(b) < price(a) ? b : a));

/**
 * A choice for all nodes: routines paid as they come up, or as if all were there already, each improved as far as single changes
 * go; whichever ends cheaper.
 */
function chooseAll(offered: Offers, percent: number, rate: number, other: OtherPrice): readonly Offer[] {
  const ends = [false, true].map((shared) =>
    improve(offered, chooseEach(offered.byLayer, percent, rate, shared), percent, rate, other),
  );
  return cheapest(ends, (chosen) => priceOf(chosen, percent, rate) + other(chosen));
}

/** Rounds of changes that a choice is improved by at most; the gain of later ones is small. */
const mostRounds = 6;

/**
 * A choice improved step by step: nodes of one kind take another offer, nodes that read the same constants take offers of one name, or
 * all nodes that call a routine do without it, or all that can use it.
 */
function improve(
  { byLayer: all, kinds, families }: Offers,
  start: readonly Offer[],
  percent: number,
  rate: number,
  other: OtherPrice,
): readonly Offer[] {
  const price = (chosen: readonly Offer[]): number => priceOf(chosen, percent, rate) + other(chosen);
  const own = ({ predicted }: Offer): number =>
    predicted.instructions / percent + (predicted.codeBytes + predicted.constantBytes) / rate;
  let best = start;
  let least = price(best);
  const take = (candidate: readonly Offer[]): void => {
    const cost = price(candidate);
    if (cost < least - 1e-9) [best, least] = [candidate, cost];
  };
  const routines = new Set(
    all.flatMap((offers) => offers.flatMap(({ predicted }) => [...predicted.definitions.keys()])),
  );
  for (let round = 0; round < mostRounds; round += 1) {
    const before = least;
    for (const name of routines) {
      for (const wanted of [false, true]) {
        const change = (offer: Offer, layer: number): Offer => {
          if (offer.predicted.definitions.has(name) === wanted) return offer;
          const offers = (all[layer] ?? []).filter(({ predicted }) => predicted.definitions.has(name) === wanted);
          return offers.length === 0 ? offer : cheapest(offers, own);
        };
        take(best.map(change));
      }
    }
    for (const family of families) {
      const names = new Set(family.flatMap((layer) => (all[layer] ?? []).map(({ tactic }) => tactic)));
      for (const name of names) {
        take(
          best.map((old, layer) =>
            family.includes(layer) ? ((all[layer] ?? []).find(({ tactic }) => tactic === name) ?? old) : old,
          ),
        );
      }
    }
    for (const kind of kinds) {
      const [first = -1] = kind;
      (all[first] ?? []).forEach((_, n) => {
        take(best.map((old, layer) => (kind.includes(layer) ? (all[layer]?.[n] ?? old) : old)));
      });
    }
    if (least >= before) break;
  }
  return best;
}

/** The cheapest offer of each node; routines that earlier nodes brought are free, with `shared` all of them. */
function chooseEach(
  all: readonly (readonly Offer[])[],
  percent: number,
  bytesRate: number,
  shared: boolean,
): readonly Offer[] {
  const defined = new Set<unknown>();
  const price = ({ predicted, parts }: Offer): number => {
    const { instructions, codeBytes, constantBytes, definitions } = predicted;
    const routines = [...definitions, ...parts].reduce(
      (sum, [name, bytes]) => sum + (shared || defined.has(name) ? 0 : bytes),
      0,
    );
    return instructions / percent + (codeBytes + constantBytes + routines) / bytesRate;
  };
  return all.map((offers) => {
    const best = offers.reduce((a, b) => (price(b) < price(a) ? b : a));
    for (const name of [...best.predicted.definitions.keys(), ...best.parts.keys()]) defined.add(name);
    return best;
  });
}

/** What a choice for all nodes takes, in per cent of the model's instructions; what several share once. */
const priceOf = (chosen: readonly Offer[], percent: number, bytesRate: number): number =>
  instructionsOf(chosen) / percent + flashOf(chosen) / bytesRate;

/** Bytes of code and constants of a choice for all nodes, what several share once. */
export function flashOf(chosen: readonly Offer[]): number {
  const once = new Map<unknown, number>();
  let bytes = 0;
  for (const { predicted, parts } of chosen) {
    bytes += predicted.codeBytes + predicted.constantBytes;
    for (const [name, size] of predicted.definitions) once.set(name, size);
    for (const [part, size] of parts) once.set(part, size);
  }
  for (const size of once.values()) bytes += size;
  return bytes;
}
