// A model as its user wants it: some of its outputs alone, and features as the integers that a sensor gives. What is not asked for is not
// computed, and takes no code.
import { CompileError, type Issue, throwIssues } from './errors.ts';
import { valueAt } from './graph/graph.ts';
import type { Graph, OpNode } from './ops/index.ts';

/** Types of integer features. */
export const integerTypes = ['i8', 'u8', 'i16', 'i32'] as const;

export interface ModelOptions {
  /** Names of the outputs to keep, in this order. */
  readonly outputs?: readonly string[];
  /** Trees that compare features alone take them as integers of this type: the same results for whole numbers, with less code. */
  readonly features?: (typeof integerTypes)[number];
}

/** @throws CompileError for outputs that there are not, and for features that are not only compared */
export function adaptModel(graph: Graph, { outputs, features }: ModelOptions): Graph {
  const chosen = outputs === undefined ? graph : withOutputs(graph, outputs);
  return features === undefined ? chosen : withIntegerFeatures(chosen, features);
}

function withOutputs(graph: Graph, names: readonly string[]): Graph {
  const known = graph.outputs.map((id) => valueAt(graph, id).name);
  const issues = names
    .filter((name) => !known.includes(name))
    .map(
      (found): Issue => ({ code: 'bad-value', where: {}, what: 'output', want: `one of ${known.join(', ')}`, found }),
    );
  if (names.length === 0)
    issues.push({ code: 'bad-value', where: {}, what: 'outputs', want: `some of ${known.join(', ')}`, found: 'none' });
  throwIssues(issues);
  const outputs = names.flatMap((name) => graph.outputs[known.indexOf(name)] ?? []);
  const read = new Set([...outputs, ...graph.nodes.flatMap(({ inputs }) => inputs)]);
  const nodes = graph.nodes.flatMap((node) => {
    const kept = node.outputs.map((id) => read.has(id));
    if (kept.every(Boolean)) return [node];
    if (!kept.some(Boolean)) return [];
    return [withoutOutputs(node, kept)];
  });
  return { ...graph, nodes, outputs };
}

/** Nodes that decide need not say everything; others give all of their outputs or none. */
function withoutOutputs(node: OpNode, kept: readonly boolean[]): OpNode {
  if (!('decision' in node.attrs)) return node;
  const { decision } = node.attrs;
  const gives = decision.gives.filter((_, i) => kept[i]);
  // The node's own operator with its own attributes: the union of nodes cannot see that through a spread.
  return {
    ...node,
    attrs: { ...node.attrs, decision: { ...decision, gives } },
    outputs: node.outputs.filter((_, i) => kept[i]),
  } as OpNode;
}

function withIntegerFeatures(graph: Graph, dtype: (typeof integerTypes)[number]): Graph {
  const [input = -1] = graph.inputs;
  const others = graph.nodes.filter(({ op, inputs }) => inputs.includes(input) && op !== 'treeEnsemble');
  const [other] = others;
  const type = valueAt(graph, input).type;
  if (graph.inputs.length !== 1 || type.dtype !== 'f32' || other !== undefined || graph.outputs.includes(input))
    throw new CompileError([
      {
        code: 'unsupported',
        where: other?.from ?? {},
        what: 'integer features for',
        found: other?.op ?? `${graph.inputs.length} inputs of type ${type.dtype}`,
        help: 'models whose features are only compared by trees are',
      },
    ]);
  return {
    ...graph,
    values: graph.values.map((value, id) => (id === input ? { ...value, type: { ...type, dtype } } : value)),
  };
}
