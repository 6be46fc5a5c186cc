// What layers that are computed by rows must give, and how a difference in one of their parts is named.
import { readFileSync } from 'node:fs';
import { bytesOf, compile, evaluateGraph, type Graph, readModel } from '@anymote/compiler';
import { describe, expect, it } from 'vitest';
import { expectedOutputs, modelDifference } from './compiled-layers.ts';
import { referenceOf } from './reference.ts';
import { lcgSamples } from './sample-inputs.ts';

const file = new URL('../../../tests/models/gestures/gestures.tflite', import.meta.url);
const whole = readModel(readFileSync(file), { file: 'gestures.tflite' });
const [, image = -1] = [...(whole.nodes[0]?.inputs ?? []), ...(whole.nodes[0]?.outputs ?? [])];
/** Without the reshaping of the input, so that the input itself is cut into rows. */
const model: Graph = {
  ...whole,
  values: whole.values.map((value, id) => (id === image ? { ...value, role: 'input' } : value)),
  nodes: whole.nodes.slice(1, 4),
  inputs: [image],
  outputs: whole.nodes[3]?.outputs ?? [],
};
const { graph } = compile(model, { target: 'cortex-m4', memory: { ramBytes: 1100 } });
const [sample] = lcgSamples(model, 1);

describe.skipIf(sample === undefined)('a model by rows', () => {
  if (sample === undefined) return;
  const reference = referenceOf(model, sample);
  const compiled = { model, graph };
  const values = evaluateGraph(graph, sample.inputs);
  const parts = graph.nodes.flatMap(({ outputs }, layer) =>
    outputs.some((id) => graph.values[id]?.rowsOf !== undefined) ? [layer] : [],
  );

  it('has parts, of inputs as well', () => {
    expect(parts.length).toBeGreaterThan(20);
    const wholes = parts.map((layer) => graph.values[graph.nodes[layer]?.outputs[0] ?? -1]?.rowsOf?.value ?? -1);
    expect(wholes.some((id) => model.inputs.includes(id))).toBe(true);
  });

  it('gives in every layer the elements of the model’s own', () => {
    graph.nodes.forEach(({ outputs }, layer) => {
      const expected = expectedOutputs(compiled, reference, layer).map(bytesOf);
      expect(outputs.map((id) => bytesOf(values.get(id) ?? new Int8Array(0)))).toEqual(expected);
    });
  });

  it('names a difference by the model’s layer and the element of the whole', () => {
    for (const layer of parts) {
      const id = graph.nodes[layer]?.outputs[0] ?? -1;
      const [right] = expectedOutputs(compiled, reference, layer);
      if (!(right instanceof Int8Array)) throw new Error('not int8');
      const wrong = right.slice();
      const element = wrong.length - 1;
      wrong[element] = ~(wrong[element] ?? 0);
      const { rowsOf } = graph.values[id] ?? {};
      const whole = rowsOf?.value ?? id;
      const difference = modelDifference(compiled, reference, id, element, wrong);
      expect(difference).toMatchObject({ expected: right[element], got: wrong[element] });
      const own = model.nodes[difference.layer];
      expect([...(own?.inputs ?? []), ...(own?.outputs ?? [])]).toContain(whole);
      const all = model.inputs.includes(whole)
        ? sample.inputs[model.inputs.indexOf(whole)]
        : reference.layers[difference.layer]?.[difference.output];
      expect(all?.[difference.element]).toBe(right[element]);
    }
  });
});
