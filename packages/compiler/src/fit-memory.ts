// Loops and memory of a graph together: if it needs more memory than there is, chains of layers are computed by rows, as few as
// will do, at the least price in instructions that is found.
import { valueAt } from './graph/graph.ts';
import { type Kernel, type KernelArgument, memoryBytes } from './kernel/ir.ts';
import type { Graph } from './ops/index.ts';
import { canSplit, type RowSplit, splitRows } from './passes/split-rows.ts';
import { memoryNeeds, type Plan, planMemory } from './plan/plan-memory.ts';
import { type Choice, type Choosing, chooseLowerings } from './tactics/choose-lowerings.ts';
import type { KnownOffers } from './tactics/offers.ts';
import type { Target } from './targets/target.ts';
import { elementsOf } from './tensor/tensor.ts';

/** A graph with the loops of every node, and where everything lies. */
export interface Fitted {
  readonly graph: Graph;
  readonly choices: readonly Choice[];
  readonly plan: Plan;
  readonly splits: readonly RowSplit[];
  /** By node, the position of the node it is a part of in the graph given. */
  readonly parts: readonly number[];
  /** Predicted, of one run. */
  readonly instructions: number;
}

export interface Fitting extends Pick<Choosing, 'optimize' | 'without' | 'rewrite'> {
  /** Bytes that the arena should fit. */
  readonly ramBytes: number;
}

/** Loops and plan for a graph whose chains are computed by rows as told. */
export function fitSplits(
  whole: Graph,
  target: Target,
  fitting: Pick<Fitting, 'optimize' | 'without' | 'rewrite'>,
  splits: readonly RowSplit[],
  known: KnownOffers,
): Fitted {
  const { graph, parts } = splitRows(whole, splits);
  const choices = chooseLowerings(graph, target, { ...fitting, ...memoryNeeds(graph, target.alignment), known });
  const plan = planMemory(graph, target.alignment, {
    scratchBytes: choices.map(({ lowered }) => scratchBytesOf(lowered.kernel)),
    overlaps: choices.map(({ overlap }) => overlap),
  });
  const instructions = choices.reduce((total, { predicted }) => total + predicted.instructions, 0);
  return { graph, choices, plan, splits, parts, instructions };
}

/** Bytes of a scratch argument, at whole double words. */
export const scratchSize = ({ length, type }: KernelArgument): number =>
  Math.ceil((length * memoryBytes[type]) / 8) * 8;

export const scratchOf = (kernel: Kernel): readonly KernelArgument[] =>
  kernel.arguments.filter(({ access }) => access === 'scratch');

const scratchBytesOf = (kernel: Kernel): number =>
  scratchOf(kernel).reduce((total, region) => total + scratchSize(region), 0);

/** The graph with the least price in instructions whose arena fits; if none is found, the one with the smallest arena. */
export function fitMemory(whole: Graph, target: Target, fitting: Fitting): Fitted {
  const search = new Search(whole, target, fitting);
  let best = search.attempt([]);
  while (best.plan.arenaBytes > fitting.ramBytes) {
    const next = search.lower(best, fitting.ramBytes);
    if (next === undefined) break;
    best = next;
  }
  return best;
}

/** Chains of more layers save little more, and there are many of them. */
const mostLayers = 8;

/** Rows of the last output in a band. */
const bandRows = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];

/** Candidates that are compiled, of those that look best. */
const mostAttempts = 3;

/** A chain to be computed by rows, and what that looks like before any loops are known. */
interface Candidate {
  readonly splits: readonly RowSplit[];
  readonly split: RowSplit;
  readonly peakBytes: number;
  /** Instructions for copies and calls. */
  readonly price: number;
}

class Search {
  readonly #whole: Graph;
  readonly #target: Target;
  readonly #fitting: Fitting;
  readonly #known: KnownOffers = new Map();

  constructor(whole: Graph, target: Target, fitting: Fitting) {
    this.#whole = whole;
    this.#target = target;
    this.#fitting = fitting;
  }

  attempt(splits: readonly RowSplit[]): Fitted {
    return fitSplits(this.#whole, this.#target, this.#fitting, splits, this.#known);
  }

  /** With less memory at the layer that needs most now, if possible no more than the goal; undefined where nothing helps. */
  lower(current: Fitted, goal: number): Fitted | undefined {
    const peak = Math.max(...current.plan.liveBytes);
    const part = current.parts[current.plan.liveBytes.indexOf(peak)] ?? 0;
    const candidates = this.#candidates(current, part).filter(({ peakBytes }) => peakBytes < peak);
    const within = candidates.filter(({ peakBytes }) => peakBytes <= goal);
    const promising =
      within.length > 0
        ? within.sort((a, b) => a.price - b.price)
        : candidates.sort((a, b) => a.peakBytes - b.peakBytes || a.price - b.price);
    const attempts = promising.slice(0, mostAttempts).map(({ splits, split }) => {
      const fitted = this.attempt(splits);
      return { fitted, peak: this.#peakOf(fitted, split) };
    });
    const [best] = attempts
      .filter((attempt) => attempt.peak < peak)
      .sort((a, b) => Math.max(a.peak, goal) - Math.max(b.peak, goal) || a.fitted.instructions - b.fitted.instructions);
    return best?.fitted;
  }

  #peakOf({ plan, parts }: Fitted, { first, last }: RowSplit): number {
    const own = plan.liveBytes.filter((_, at) => first <= (parts[at] ?? -1) && (parts[at] ?? -1) <= last);
    return Math.max(0, ...own);
  }

  #candidates({ splits }: Fitted, part: number): Candidate[] {
    const { nodes } = this.#whole;
    const found: Candidate[] = [];
    for (let first = Math.max(0, part - mostLayers + 1); first <= part; first += 1) {
      for (let last = part; last < Math.min(nodes.length, first + mostLayers); last += 1) {
        if (!canSplit(this.#whole, first, last)) continue;
        const others = splits.filter((other) => other.last < first || other.first > last);
        const height = valueAt(this.#whole, nodes[last]?.outputs[0] ?? -1).type.shape[1] ?? 0;
        for (const rows of bandRows) {
          if (rows >= height) break;
          const split = { first, last, rows };
          found.push({ split, splits: [...others, split], ...this.#estimate([...others, split], split) });
        }
      }
    }
    return found;
  }

  /** Live bytes where the chain runs, and what its copies and calls cost. */
  #estimate(splits: readonly RowSplit[], { first, last }: RowSplit): Pick<Candidate, 'peakBytes' | 'price'> {
    const { graph, parts } = splitRows(this.#whole, splits);
    const { free, liveBytes } = memoryNeeds(graph, this.#target.alignment);
    let [peakBytes, price] = [0, 0];
    graph.nodes.forEach((node, at) => {
      const part = parts[at] ?? -1;
      if (part < first || part > last) return;
      peakBytes = Math.max(peakBytes, liveBytes(at, 0, undefined));
      if (free.has(at)) return;
      price += callInstructions;
      const isCopy = node.op === 'stridedSlice' || node.op === 'concatenation';
      if (isCopy) price += elementsOf(valueAt(graph, node.outputs[0] ?? -1).type) * copyInstructions;
    });
    return { peakBytes, price };
  }
}

/** Instructions of a call with what a routine does before and after its loops, and of copying a byte by words. */
const [callInstructions, copyInstructions] = [150, 0.6];
