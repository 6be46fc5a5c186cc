// For tests: runs a case by every tactic that a target offers for it, in the interpreter, and compares with the definition.
import { expect } from 'vitest';
import { valueAt } from '../../graph/graph.ts';
import { checkKernel } from '../../kernel/check.ts';
import { interpret } from '../../kernel/interpret.ts';
import { type Case, graphOfCases } from '../../ops/cases/case.ts';
import { checkGraph } from '../../ops/check-graph.ts';
import { evaluateGraph } from '../../ops/evaluate-graph.ts';
import { lowerNode } from '../../ops/lower-node.ts';
import { targets } from '../../targets/index.ts';
import { allocate, type Data } from '../../tensor/dtype.ts';
import { elementsOf } from '../../tensor/tensor.ts';
import { candidatesOf, plain } from '../index.ts';

/** The tactics that take the case on a target, after comparing their results. */
export function tacticsThatTake(one: Case, targetName: string): readonly string[] {
  const { graph, inputs } = graphOfCases('tactic', [one]);
  expect(checkGraph(graph)).toEqual([]);
  const [node] = graph.nodes;
  const target = targets.find(({ name }) => name === targetName);
  if (node === undefined || target === undefined) throw new Error('no node or target');
  const expected = evaluateGraph(graph, inputs);
  const outputs = new Set(node.outputs);
  return candidatesOf(graph, node, target).flatMap(({ tactic, lower }) => {
    if (tactic === plain) return [];
    const { kernel, values } = lowerNode(graph, node, 'tactic', lower);
    checkKernel(kernel);
    const args = values.map((id): Data => {
      const data = outputs.has(id) ? undefined : expected.get(id);
      const { type } = valueAt(graph, id);
      return data?.slice() ?? allocate(type.dtype, elementsOf(type));
    });
    interpret(kernel, args);
    for (const id of node.outputs) expect(args[values.indexOf(id)], tactic).toEqual(expected.get(id));
    return [tactic];
  });
}
