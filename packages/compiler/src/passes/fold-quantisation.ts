// Conversions between quantised types that change nothing, or that one conversion does as well; tried on all values.
import { valueAt } from '../graph/graph.ts';
import type { Graph, OpNode } from '../ops/index.ts';
import type { Data } from '../tensor/dtype.ts';
import {
  allValues,
  applied,
  isSound,
  producerOf,
  replaceNodes,
  sameType,
  withoutIdentity,
  withoutUnread,
} from './edit-graph.ts';
import type { Pass } from './pass.ts';

export const foldQuantisation: Pass = {
  name: 'fold-quantisation',
  note: 'drops conversions that change nothing, and joins those that follow each other',

  apply(graph) {
    let folded = graph;
    for (let at = 0; at < folded.nodes.length; ) {
      const less = withOneLess(folded, folded.nodes[at]);
      // What is left of the nodes before may now do without each other.
      at = less === undefined ? at + 1 : Math.max(0, at - 1);
      folded = less ?? folded;
    }
    return folded;
  },
};

/** The graph without a conversion, or without the one before it; undefined where both are needed. */
function withOneLess(graph: Graph, node: OpNode | undefined): Graph | undefined {
  const [x] = node?.inputs ?? [];
  const [y] = node?.outputs ?? [];
  if (node?.op !== 'quantize' || x === undefined || y === undefined) return undefined;
  const without = withoutNoChange(graph, node, x, y);
  if (without !== undefined) return without;
  const before = producerOf(graph, x);
  const [source] = before?.inputs ?? [];
  if (before === undefined || source === undefined) return undefined;
  if (before.op !== 'quantize' && before.op !== 'dequantize') return undefined;
  return joinedPair(graph, before, node, source, y);
}

/** All values of a tensor's type, if they are few enough to be tried. */
function valuesOf(graph: Graph, id: number): Data | undefined {
  const { dtype } = valueAt(graph, id).type;
  return dtype === 'i8' || dtype === 'u8' || dtype === 'i16' ? allValues(dtype) : undefined;
}

const equal = (a: Data, b: Data): boolean => a.length === b.length && a.every((element, i) => element === b[i]);

function withoutNoChange(graph: Graph, node: OpNode, x: number, y: number): Graph | undefined {
  const values = valuesOf(graph, x);
  if (values === undefined || !sameType(valueAt(graph, x).type, valueAt(graph, y).type)) return undefined;
  return equal(applied(graph, node, values), values) ? withoutIdentity(graph, node, x, y) : undefined;
}

/** Two conversions as one from the first's input, or as none. */
function joinedPair(graph: Graph, first: OpNode, second: OpNode, source: number, y: number): Graph | undefined {
  const values = valuesOf(graph, source);
  if (values === undefined) return undefined;
  const both = applied(graph, second, applied(graph, first, values));
  if (sameType(valueAt(graph, source).type, valueAt(graph, y).type) && equal(both, values)) {
    const without = withoutIdentity(graph, second, source, y);
    if (without !== undefined) return withoutUnread(without, first);
  }
  const direct: OpNode = { op: 'quantize', attrs: {}, inputs: [source], outputs: [y], from: second.from };
  if (!isSound(graph, direct) || !equal(applied(graph, direct, values), both)) return undefined;
  return withoutUnread(replaceNodes(graph, new Map([[second, direct]])), first);
}
