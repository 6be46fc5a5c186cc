// What there is to choose from: every lowering of every node with its predicted cost. Nodes of one kind, as the bands of a layer that
// is computed by rows, are lowered once, share their kernel and pay its bytes once; constants that several kernels read are paid once.
import { valueAt } from '../graph/graph.ts';
import { type Kernel, memoryBytes, type Region } from '../kernel/ir.ts';
import type { Graph, OpNode } from '../ops/index.ts';
import { type LoweredNode, lowerNode } from '../ops/lower-node.ts';
import type { Overlap } from '../ops/op.ts';
import { firstOfEach } from '../render/constants.ts';
import type { Target } from '../targets/target.ts';
import { candidatesOf } from './index.ts';
import { type PredictedCost, predictCost } from './predict-cost.ts';

export interface Offer {
  readonly lowered: LoweredNode;
  readonly tactic: string;
  readonly predicted: PredictedCost;
  /** How far the output may overlap an input. */
  readonly overlap: Overlap | undefined;
  /** Kernels and constants that other nodes use as well, with their bytes: they stand in a program once, and are not in `predicted`. */
  readonly parts: ReadonlyMap<unknown, number>;
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
  /** Positions of nodes of several kinds that read the same constants: with loops of one sort they share what these become. */
  readonly families: readonly (readonly number[])[];
}

/** Bytes of a call of a kernel: addresses of its arguments, and the branch. */
const callBytes = 28;

export function offersOf(graph: Graph, target: Target, offering: Offering): Offers {
  const { without, rewrite, free } = offering;
  const known: KnownOffers = offering.known ?? new Map();
  const kinds = new Map<string, number[]>();
  const keys = graph.nodes.map((node, layer) => {
    const key = kindOf(graph, node);
    kinds.set(key, [...(kinds.get(key) ?? []), layer]);
    return key;
  });
  for (const [key, [first = -1]] of kinds) {
    const node = graph.nodes[first];
    if (node === undefined || known.has(key)) continue;
    const offers = candidatesOf(graph, node, target, without).map(({ tactic, lower, overlap }): Offer => {
      const own = lowerNode(graph, node, node.op, lower);
      const lowered = { ...own, kernel: rewrite(own.kernel) };
      return { tactic, lowered, overlap, predicted: predictCost(lowered.kernel, target), parts: new Map() };
    });
    known.set(key, { node, offers });
  }
  const constants = sharedConstants([...kinds.keys()].map((key) => known.get(key)?.offers ?? []));
  const byLayer = graph.nodes.map((node, layer): readonly Offer[] => {
    const entry = known.get(keys[layer] ?? '');
    if (entry === undefined) return [];
    const offers = entry.offers.map((offer) => ({ ...offer, lowered: forNode(offer.lowered, entry.node, node) }));
    if (free?.has(layer)) return offers.slice(0, 1).map((offer) => ({ ...offer, predicted: nothing }));
    const isShared = (kinds.get(keys[layer] ?? '')?.length ?? 1) > 1;
    return offers.map((offer) => withParts(offer, constants, isShared));
  });
  return { byLayer, kinds: [...kinds.values()], families: familiesOf(graph, kinds) };
}

function familiesOf(graph: Graph, kinds: ReadonlyMap<string, readonly number[]>): readonly (readonly number[])[] {
  const families = new Map<string, { readonly positions: number[]; kinds: number }>();
  for (const positions of kinds.values()) {
    const inputs = graph.nodes[positions[0] ?? -1]?.inputs ?? [];
    const constants = inputs.filter((id) => id !== undefined && valueAt(graph, id).role === 'constant').join();
    if (constants === '') continue;
    const family = families.get(constants) ?? { positions: [], kinds: 0 };
    family.positions.push(...positions);
    family.kinds += 1;
    families.set(constants, family);
  }
  return [...families.values()].filter((family) => family.kinds > 1).map(({ positions }) => positions);
}

const nothing: PredictedCost = {
  instructions: 0,
  codeBytes: 0,
  constantBytes: 0,
  scratchBytes: 0,
  definitions: new Map(),
};

/** Constants that offers of several kinds have, each by the first of those that are equal. */
function sharedConstants(kinds: readonly (readonly Offer[])[]): ReadonlyMap<Region, Region> {
  const regionsOf = (offers: readonly Offer[]): readonly Region[] =>
    offers.flatMap(({ lowered }) => lowered.kernel.constants);
  const firsts = firstOfEach(kinds.flatMap(regionsOf));
  const users = new Map<Region, number>();
  for (const offers of kinds) {
    for (const first of new Set(regionsOf(offers).map((region) => firsts.get(region) ?? region)))
      users.set(first, (users.get(first) ?? 0) + 1);
  }
  return new Map([...firsts].filter(([, first]) => (users.get(first) ?? 0) > 1));
}

/** The bytes that an offer shares apart from those of its own. */
function withParts(offer: Offer, shared: ReadonlyMap<Region, Region>, isShared: boolean): Offer {
  const { predicted, lowered } = offer;
  const parts = new Map<unknown, number>();
  for (const region of lowered.kernel.constants) {
    const first = shared.get(region);
    if (first !== undefined) parts.set(first, region.length * memoryBytes[region.type]);
  }
  const own = predicted.constantBytes - [...parts.values()].reduce((total, bytes) => total + bytes, 0);
  if (!isShared) return parts.size === 0 ? offer : { ...offer, parts, predicted: { ...predicted, constantBytes: own } };
  parts.set(lowered.kernel, predicted.codeBytes + own);
  return { ...offer, parts, predicted: { ...predicted, codeBytes: callBytes, constantBytes: 0 } };
}

/** All that the lowerings of a node depend on: nodes of one kind differ in nothing but the values they read and write. */
const tableNames = new WeakMap<object, string>();
let tables = 0;

/** Tables in attributes, which may be large, as themselves: equal ones of two nodes make them two kinds. */
function tablesByName(_key: string, value: unknown): unknown {
  if (!ArrayBuffer.isView(value) && !(value instanceof Map)) return value;
  const name = tableNames.get(value) ?? `table ${(tables += 1)}`;
  tableNames.set(value, name);
  return name;
}

function kindOf(graph: Graph, { op, attrs, inputs, outputs }: OpNode): string {
  const described = (id: number | undefined): unknown => {
    if (id === undefined) return undefined;
    const { role, type } = valueAt(graph, id);
    return role === 'constant' ? id : [inputs.indexOf(id), type];
  };
  return JSON.stringify([op, attrs, inputs.map(described), outputs.map((id) => valueAt(graph, id).type)], tablesByName);
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
