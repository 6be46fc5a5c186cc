// Generated C gives what TensorFlow Lite Micro's reference kernels gave: integers exactly as recorded; floats exactly as
// the interpreter gives them, which is near what was recorded.
import { afterAll, describe, expect, it } from 'vitest';
import { interpretGraph } from '../../packages/compiler/src/ops/interpret-graph.ts';
import type { Data } from '../../packages/compiler/src/tensor/dtype.ts';
import { createCRunner } from '../../packages/verify/src/executor.ts';
import { openWorkspace } from '../../packages/verify/src/workspace.ts';
import { farFrom, readVectors } from '../tflm-vectors.ts';
import { cTargetOf, optimiseFor, orSkipped, programOf, wrongLayers } from './compare-layers.ts';
import { contractOf, type Fed, sideBySide } from './side-by-side.ts';

const workspace = openWorkspace();
afterAll(() => workspace.close());

const parts: Fed[] = [];
const layers: (readonly Data[])[] = [];
const far: string[] = [];
for (const { op, vectors } of readVectors()) {
  for (const { name, refused, read } of vectors) {
    if (refused !== undefined) continue;
    const { graph, inputs, outputs } = read();
    const known = interpretGraph(graph, inputs);
    const nodes = graph.nodes.map((node) => ({ ...node, from: { ...node.from, node: `${op}, ${name}` } }));
    parts.push({ graph: { ...graph, nodes }, inputs });
    for (const node of nodes) {
      const expected = node.outputs.map((id) => {
        const [recorded, interpreted] = [outputs[graph.outputs.indexOf(id)], known.get(id)];
        if (recorded === undefined || interpreted === undefined) throw new Error(`${op}, ${name}: no output ${id}`);
        if (!(recorded instanceof Float32Array)) return recorded;
        const wrong = farFrom(recorded, interpreted);
        if (wrong !== undefined) far.push(`${op}, ${name}: ${wrong}`);
        return interpreted;
      });
      layers.push(expected);
    }
  }
}
const contract = contractOf(sideBySide('vectors', parts), layers);

it('the interpreter gives floats near the recorded ones', () => {
  expect(far).toEqual([]);
});

describe('C gives the recorded integers and the interpreted floats', async () => {
  for (const target of [cTargetOf('host'), cTargetOf('cortex-m4')]) {
    const runner = createCRunner(target, workspace);
    if (runner === undefined) throw new Error(`no machine runs ${target.name}`);
    const available = await runner.available();
    it.skipIf(!available.ok)(
      `on ${target.name}${orSkipped(available)}`,
      { concurrent: true, timeout: 600_000 },
      async () => {
        expect(
          await wrongLayers(contract, programOf(contract, target), runner, { optimise: optimiseFor(target) }),
        ).toEqual([]);
      },
    );
  }
});
