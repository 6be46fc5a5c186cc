// The contract every operator keeps in process: its shape rule accepts its cases, and its loops, run by the kernel IR's
// interpreter, give what its definition gives: integers to the last bit, float32 within 1e-5 of the largest magnitude.
import { describe, expect, it } from 'vitest';
import { valueAt } from '../graph/graph.ts';
import { checkKernel } from '../kernel/check.ts';
import { interpret } from '../kernel/interpret.ts';
import { allocate, type Data } from '../tensor/dtype.ts';
import { elementsOf } from '../tensor/tensor.ts';
import { graphOfCases } from './cases/case.ts';
import { cases } from './cases/index.ts';
import { checkGraph } from './check-graph.ts';
import { evaluateGraph } from './evaluate-graph.ts';
import type { OpName } from './index.ts';
import { lowerNode } from './lower-node.ts';

for (const [op, list] of Object.entries(cases) as [OpName, (typeof cases)[OpName]][]) {
  describe(op, () => {
    it.each(list.map((one) => [one.name, one] as const))('%s', (_, one) => {
      const { graph, inputs } = graphOfCases(op, [one]);
      expect(checkGraph(graph)).toEqual([]);
      const expected = evaluateGraph(graph, inputs);
      const [node] = graph.nodes;
      if (node === undefined) throw new Error('no node');
      const { kernel, values } = lowerNode(graph, node, op);
      checkKernel(kernel);
      const outputs = new Set(node.outputs);
      const args = values.map((id): Data => {
        const data = outputs.has(id) ? undefined : expected.get(id);
        return data?.slice() ?? allocate(valueAt(graph, id).type.dtype, elementsOf(valueAt(graph, id).type));
      });
      interpret(kernel, args);
      for (const id of node.outputs) {
        const [want, got] = [expected.get(id), args[values.indexOf(id)]];
        if (want instanceof Float32Array) expectClose(Array.from(got as Float32Array), Array.from(want));
        else expect(got).toEqual(want);
      }
    });
  });
}

function expectClose(got: readonly number[], want: readonly number[]): void {
  const largest = Math.max(1e-30, ...want.filter(Number.isFinite).map(Math.abs));
  got.forEach((value, i) => {
    const reference = want[i] ?? Number.NaN;
    if (!Object.is(value, reference) && !(Math.abs(value - reference) <= 1e-5 * largest)) {
      expect.fail(`element ${i}: ${value}, expected ${reference}`);
    }
  });
}
