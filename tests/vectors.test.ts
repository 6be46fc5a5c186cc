// The definitions of the operators give what TensorFlow Lite Micro's reference kernels gave.
import { describe, expect, it } from 'vitest';
import { readModel } from '../packages/compiler/src/formats/index.ts';
import { evaluateGraph } from '../packages/compiler/src/ops/evaluate-graph.ts';
import { farFrom, readVectors } from './tflm-vectors.ts';

for (const { op, vectors } of readVectors()) {
  describe(op, () => {
    it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', (_, { model, refused, read }) => {
      if (refused !== undefined) {
        expect(() => readModel(model)).toThrow(refused);
        return;
      }
      const { graph, inputs, outputs } = read();
      const results = evaluateGraph(graph, inputs);
      graph.outputs.forEach((id, i) => {
        const [want, got] = [outputs[i], results.get(id)];
        if (want instanceof Float32Array) expect(farFrom(want, got)).toBeUndefined();
        else expect(got).toEqual(want);
      });
    });
  });
}
