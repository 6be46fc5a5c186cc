// What there is to choose from: every lowering of every node with its predicted cost. Nodes of one kind, as the bands of a layer that
// is computed by rows, are lowered once, share their kernel and pay its bytes once.
import { valueAt } from '../graph/graph.ts';
import type { Kernel } from '../kernel/ir.ts';
import type { Graph, OpNode } from '../ops/index.ts';
import { type LoweredNode, lowerNode } from '../ops/lower-node.ts';
import type { Overlap } from '../ops/op.ts';
import type { Target } from '../targets/target.ts';
import { candidatesOf } from './index.ts';
import { type PredictedCost, predictCost } from './predict-cost.ts';

export interface Offer {
  readonly lowered: LoweredNode;
  readonly tactic: string;
  readonly predicted: PredictedCost;
  /** How far the output may overlap an input. */
  readonly overlap: Overlap | undefined;
}

export interface Offering {
  /** Names of tactics to leave out. */
  readonly without: readonly string[];
  /** Kernel to kernel, after lowering. */
  readonly rewrite: (kernel: Kernel) => Kernel;
  /** Nodes whose outputs are there without any code. */
  readonly free?: ReadonlySet<number>;
  /** What was lowered before, for graphs with the same constants. */
  readonly known?: KnownOffers;
}

/** Lowerings of a node, by what the node is; for one target and one set of constants. */
export type KnownOffers = Map<string, { readonly node: OpNode; readonly offers: readonly Offer[] }>;

/** What there is for all nodes, and which of them are of one kind: their positions together. */
export interface Offers {
  readonly byLayer: readonly (readonly Offer[])[];
  readonly kinds: readonly (readonly number[])[];
}

/** Bytes of a call of a kernel: addresses of its arguments, and the branch. */
const callBytes = 16;

export function offersOf(graph: Graph, target: Target, offering: Offering): Offers {
  const { without, rewrite, free } = offering;
  const known: KnownOffers = offering.known ?? new Map();
  const kinds = new Map<string, number[]>();
  const keys = graph.nodes.map((node, layer) => {
    const key = kindOf(graph, node);
    kinds.set(key, [...(kinds.get(key) ?? []), layer]);
    return key;
  });
  const byLayer = graph.nodes.map((node, layer): readonly Offer[] => {
    const key = keys[layer] ?? '';
    const entry = known.get(key) ?? {
      node,
      offers: candidatesOf(graph, node, target, without).map(({ tactic, lower, overlap }): Offer => {
        const own = lowerNode(graph, node, node.op, lower);
        const lowered = { ...own, kernel: rewrite(own.kernel) };
        return { tactic, lowered, overlap, predicted: predictCost(lowered.kernel, target) };
      }),
    };
    known.set(key, entry);
    const offers = entry.offers.map((offer) => ({ ...offer, lowered: forNode(offer.lowered, entry.node, node) }));
    if (free?.has(layer)) return offers.slice(0, 1).map((offer) => ({ ...offer, predicted: nothing }));
    const isShared = (kinds.get(key)?.length ?? 1) > 1;
    return isShared ? offers.map((offer) => ({ ...offer, predicted: shared(offer, key) })) : offers;
  });
  return { byLayer, kinds: [...kinds.values()] };
}

const nothing: PredictedCost = {
  instructions: 0,
  codeBytes: 0,
  constantBytes: 0,
  scratchBytes: 0,
  definitions: new Map(),
};

/** The kernel's own bytes as those of a definition, which stands in a program once. */
function shared({ predicted, tactic }: Offer, key: string): PredictedCost {
  const { codeBytes, constantBytes, definitions } = predicted;
  return {
    ...predicted,
    codeBytes: callBytes,
    constantBytes: 0,
    definitions: new Map([...definitions, [`${tactic} ${key}`, codeBytes + constantBytes]]),
  };
}

/** All that the lowerings of a node depend on: nodes of one kind differ in nothing but the values they read and write. */
function kindOf(graph: Graph, { op, attrs, inputs, outputs }: OpNode): string {
  const described = (id: number | undefined): unknown => {
    if (id === undefined) return undefined;
    const { role, type } = valueAt(graph, id);
    return role === 'constant' ? id : [inputs.indexOf(id), type];
  };
  return JSON.stringify([op, attrs, inputs.map(described), outputs.map((id) => valueAt(graph, id).type)]);
}

/** A lowering of one node for another of its kind. */
function forNode(lowered: LoweredNode, from: OpNode, to: OpNode): LoweredNode {
  if (from === to) return lowered;
  const values = new Map<number, number>();
  const pair = (a: readonly (number | undefined)[], b: readonly (number | undefined)[]): void =>
    a.forEach((id, i) => {
      const other = b[i];
      if (id !== undefined && other !== undefined) values.set(id, other);
    });
  pair(from.inputs, to.inputs);
  pair(from.outputs, to.outputs);
  return { ...lowered, values: lowered.values.map((id) => values.get(id) ?? id) };
}
