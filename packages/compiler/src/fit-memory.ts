// Loops and memory of a graph together: if it needs more memory than there is, chains of layers are computed by rows, as few as
// will do, at the least price in instructions that is found.
import { valueAt } from './graph/graph.ts';
import { type Kernel, type KernelArgument, memoryBytes } from './kernel/ir.ts';
import type { Graph } from './ops/index.ts';
import { canSplit, type RowSplit, splitRows } from './passes/split-rows.ts';
import { memoryNeeds, type Plan, type PlanOptions, planMemory } from './plan/plan-memory.ts';
import type { Memory } from './plan/split-memories.ts';
import { bytesPerPercent, type Choice, type Choosing, chooseLowerings, flashOf } from './tactics/choose-lowerings.ts';
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
  /** Predicted, of one run, and bytes of code and constants. */
  readonly instructions: number;
  readonly flashBytes: number;
}

export interface Fitting extends Pick<Choosing, 'optimize' | 'without' | 'rewrite'> {
  /** Bytes that the arena should fit. */
  readonly ramBytes: number;
  /** Where it is to lie, the fastest memory first, if not in one. */
  readonly memories?: readonly Memory[];
}

/** Loops and plan for a graph whose chains are computed by rows as told; loops are dearer for memory, unless that does not count. */
export function fitSplits(
  whole: Graph,
  target: Target,
  fitting: Pick<Fitting, 'optimize' | 'without' | 'rewrite'>,
  splits: readonly RowSplit[],
  known: KnownOffers,
  memoryCounts = true,
): Fitted {
  const { graph, parts } = splitRows(whole, splits);
  const { free, liveBytes } = memoryNeeds(graph, target.alignment);
  const needs = memoryCounts ? { free, liveBytes } : { free };
  const choices = chooseLowerings(graph, target, { ...fitting, ...needs, known });
  const plan = planMemory(graph, target.alignment, needsOf(choices));
  const instructions = choices.reduce((total, { predicted }) => total + predicted.instructions, 0);
  return { graph, choices, plan, splits, parts, instructions, flashBytes: flashOf(choices) };
}

/** What the loops need beside the values, and allow. */
const needsOf = (choices: readonly Choice[]): Pick<PlanOptions, 'scratchBytes' | 'overlaps'> => ({
  scratchBytes: choices.map(({ lowered }) => scratchBytesOf(lowered.kernel)),
  overlaps: choices.map(({ overlap }) => overlap),
});

/** Bytes of a scratch argument, at whole double words. */
export const scratchSize = ({ length, type }: KernelArgument): number =>
  Math.ceil((length * memoryBytes[type]) / 8) * 8;

export const scratchOf = (kernel: Kernel): readonly KernelArgument[] =>
  kernel.arguments.filter(({ access }) => access === 'scratch');

const scratchBytesOf = (kernel: Kernel): number =>
  scratchOf(kernel).reduce((total, region) => total + scratchSize(region), 0);

/**
 * The graph with the least price in instructions whose arena fits; if none is found, the one with the smallest arena. Balanced code for a
 * device saves memory beyond that where it is nearly free. `whole`: the same without rows.
 */
export function fitMemory(whole: Graph, target: Target, fitting: Fitting): Fitted & { readonly whole: Fitted } {
  const search = new Search(whole, target, fitting);
  const start = search.attempt([]);
  let best = start;
  // Towards next to nothing every way is the same.
  const aims = fitting.ramBytes > 1 ? goals : [0];
  for (const share of fitting.without.includes(rowsIdea) ? [] : aims) {
    if (best.plan.arenaBytes <= fitting.ramBytes) break;
    const reached = descend(search, start, share * fitting.ramBytes);
    if (reached.plan.arenaBytes < best.plan.arenaBytes) best = reached;
  }
  best = search.coarsen(best);
  const maySave = best.plan.arenaBytes <= fitting.ramBytes && !fitting.without.includes(rowsIdea);
  if (maySave && fitting.optimize === 'balanced' && target.output === 'c') best = saveMemory(search, best);
  // Of the loops' memory only what is in use at one time is known when they are chosen: the arena may be as small without that.
  const careless = search.attempt(best.splits, false);
  if (careless.plan.arenaBytes <= best.plan.arenaBytes) best = careless;
  return { ...(fitting.memories === undefined ? best : inMemories(best, target, fitting.memories)), whole: start };
}

/** The same in several memories. */
function inMemories(fitted: Fitted, target: Target, memories: readonly Memory[]): Fitted {
  const { graph, choices } = fitted;
  const instructions = choices.map(({ predicted }) => predicted.instructions);
  const plan = planMemory(graph, target.alignment, { ...needsOf(choices), memories, instructions });
  return { ...fitted, plan };
}

/** What lists of ideas call it. */
export const rowsIdea = 'rows';

/** Of the memory there is, what is aimed at: the cheapest way to a goal may lead to where another layer is in the way. */
const goals = [1, 0.8, 0.6, 0];

/** Layer after layer by rows, each when it is the one that needs most, until the goal is met or nothing helps. */
function descend(search: Search, start: Fitted, goal: number): Fitted {
  let best = start;
  while (best.plan.arenaBytes > goal) {
    const next = search.fit(best, goal);
    if (next === undefined) break;
    best = next;
  }
  return best;
}

/** So much more in instructions and in flash is nearly free. */
const nearlyFree = { instructions: 1.01, flashBytes: 1.05 } as const;

/** Bytes that are worth a program of more steps. */
const leastSaving = 2048;

/** Layers that are looked at, each when it is the one that needs most. */
const mostSavings = 6;

/** Of what was reached step by step, what is aimed at from the start. */
const aim = 0.9;

/** A byte of memory is worth so many of flash: about as many as devices have for each. */
const flashPerMemory = 4;

function saveMemory(search: Search, start: Fitted): Fitted {
  const isFree = ({ instructions, flashBytes }: Fitted): boolean =>
    instructions <= nearlyFree.instructions * start.instructions &&
    flashBytes <= nearlyFree.flashBytes * start.flashBytes;
  const price = ({ instructions, flashBytes }: Fitted, memoryBytes: number): number =>
    (100 * instructions) / start.instructions + (flashBytes + flashPerMemory * memoryBytes) / bytesPerPercent.balanced;
  if (start.plan.arenaBytes < leastSaving) return start;
  let best = start;
  let last: Fitted | undefined = start;
  for (let n = 0; n < mostSavings && last !== undefined; n += 1) {
    last = search.save(last, isFree, price);
    if (last !== undefined && price(last, last.plan.arenaBytes) < price(best, best.plan.arenaBytes)) best = last;
  }
  // Savings one after the other may end where one aim from the start would not.
  if (best !== start) {
    const aimed = descend(search, start, aim * best.plan.arenaBytes);
    if (isFree(aimed) && price(aimed, aimed.plan.arenaBytes) < price(best, best.plan.arenaBytes)) best = aimed;
  }
  return start.plan.arenaBytes - best.plan.arenaBytes < leastSaving ? start : search.coarsen(best);
}

/** Chains of more layers save little more, and there are many of them. */
const mostLayers = 8;

/** Layers of a chain times its bands: what is cut finer takes long to plan, and many calls. */
const mostParts = 512;

/** Rows of the last output in a band. */
const bandRows = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];

/** Candidates that are compiled, of those that look best. */
const mostAttempts = 3;

/** Of a layer's memory, what may be left where it is to be nearly free: the cheapest way to each is compiled. */
const savedShares = [0.95, 0.8, 0.65, 0.5];

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

  attempt(splits: readonly RowSplit[], memoryCounts = true): Fitted {
    return fitSplits(this.#whole, this.#target, this.#fitting, splits, this.#known, memoryCounts);
  }

  /** With less memory at the layer that needs most now, if possible no more than the goal; undefined where nothing helps. */
  fit(current: Fitted, goal: number): Fitted | undefined {
    const { peak, candidates } = this.#lower(current);
    const within = candidates.filter(({ peakBytes }) => peakBytes <= goal);
    const promising =
      within.length > 0
        ? within.sort((a, b) => a.price - b.price)
        : candidates.sort((a, b) => a.peakBytes - b.peakBytes || a.price - b.price);
    const [best] = this.#tried(promising.slice(0, mostAttempts), peak).sort(
      (a, b) => Math.max(a.peak, goal) - Math.max(b.peak, goal) || a.fitted.instructions - b.fitted.instructions,
    );
    return best?.fitted;
  }

  /** With less memory at that layer where that is nearly free, at the least price of it and of the layer's memory then. */
  save(
    current: Fitted,
    isFree: (fitted: Fitted) => boolean,
    price: (fitted: Fitted, memoryBytes: number) => number,
  ): Fitted | undefined {
    const { peak, candidates } = this.#lower(current);
    const promising = new Set<Candidate>();
    for (const share of savedShares) {
      const within = candidates.filter(({ peakBytes }) => peakBytes <= share * peak);
      const [first, ...others] = within;
      if (first !== undefined) promising.add(others.reduce((a, b) => (b.price < a.price ? b : a), first));
    }
    const [best] = this.#tried([...promising], peak)
      .filter(({ fitted }) => isFree(fitted))
      .sort((a, b) => price(a.fitted, a.peak) - price(b.fitted, b.peak));
    return best?.fitted;
  }

  /** The same chains in fewer bands, as far as the arena stays what it is: what bounds it may be elsewhere by now. */
  coarsen(fitted: Fitted): Fitted {
    let best = fitted;
    for (const split of fitted.splits) {
      const others = best.splits.filter(({ first }) => first !== split.first);
      for (const coarser of this.#bandsOf(split).filter(({ rows }) => rows > split.rows)) {
        const next = this.attempt([...others, coarser]);
        if (next.plan.arenaBytes > best.plan.arenaBytes) break;
        if (next.instructions <= best.instructions) best = next;
      }
    }
    return best;
  }

  #bandsOf({ first, last }: Pick<RowSplit, 'first' | 'last'>): RowSplit[] {
    const height = valueAt(this.#whole, this.#whole.nodes[last]?.outputs[0] ?? -1).type.shape[1] ?? 0;
    const layers = last - first + 1;
    return bandRows
      .filter((rows) => rows < height && layers * Math.ceil(height / rows) <= mostParts)
      .map((rows) => ({ first, last, rows }));
  }

  #lower(current: Fitted): { readonly peak: number; readonly candidates: Candidate[] } {
    const peak = Math.max(...current.plan.liveBytes);
    const part = current.parts[current.plan.liveBytes.indexOf(peak)] ?? 0;
    return { peak, candidates: this.#candidates(current, part).filter(({ peakBytes }) => peakBytes < peak) };
  }

  /** What becomes of candidates, as far as they need less memory where they are. */
  #tried(candidates: readonly Candidate[], peak: number): { readonly fitted: Fitted; readonly peak: number }[] {
    return candidates
      .map(({ splits, split }) => {
        const fitted = this.attempt(splits);
        return { fitted, peak: this.#peakOf(fitted, split) };
      })
      .filter((attempt) => attempt.peak < peak);
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
        for (const split of this.#bandsOf({ first, last })) {
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
