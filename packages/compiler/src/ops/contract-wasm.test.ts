// The contract in WebAssembly, with and without vector instructions: every case of every operator gives the interpreter's
// bytes; integers are also the definition's.
import { describe, expect, it } from 'vitest';
import { compile, graphIdeas } from '../compile.ts';
import { bytesOf, type Data } from '../tensor/dtype.ts';
import { runWasm } from '../testing/run-wasm.ts';
import { graphOfCases } from './cases/case.ts';
import { cases } from './cases/index.ts';
import type { OpName } from './index.ts';
import { interpretGraph } from './interpret-graph.ts';

for (const target of ['wasm', 'wasm-scalar'] as const) {
  describe(target, () => {
    it.each(Object.entries(cases) as [OpName, (typeof cases)[OpName]][])('%s', async (op, list) => {
      const { graph, inputs } = graphOfCases(op, list);
      const artifact = compile(graph, { target, trace: true, without: graphIdeas });
      if (artifact.kind !== 'wasm') throw new Error('not WebAssembly');
      const { layers } = await runWasm(artifact, inputs);
      const expected = interpretGraph(graph, inputs);
      graph.nodes.forEach((node, layer) => {
        node.outputs.forEach((id, i) => {
          const got = layers[layer]?.[i];
          expect([list[layer]?.name, got]).toEqual([list[layer]?.name, bytesOf(expected.get(id) as Data)]);
        });
      });
    });
  });
}
