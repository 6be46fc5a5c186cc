// What layers that are computed by rows must give, and how a difference in one of their parts is named.
import { bytesOf, compile, evaluateGraph, type Graph, type TensorType, type Value } from '@anymote/compiler';
import { describe, expect, it } from 'vitest';
import { expectedOutputs, modelDifference } from './compiled-layers.ts';
import { referenceOf } from './reference.ts';
import { lcgSamples } from './sample-inputs.ts';

const rows = 32;
const int8 = (shape: readonly number[], scale: readonly number[], zero: number): TensorType => ({
  dtype: 'i8',
  shape,
  quantisation: { scale, zeroPoint: scale.map(() => zero), axis: 0 },
});
const temporary = (name: string, type: TensorType): Value => ({ name, type, role: 'temporary' });
const pad = { top: 1, bottom: 1, left: 1, right: 1 };
const none = { top: 0, bottom: 0, left: 0, right: 0 };

/** A convolution to many channels and a pool: what lies between them is far larger than either end. */
const model: Graph = {
  name: 'wide in the middle',
  values: [
    { name: 'x', type: int8([1, rows, 8, 2], [0.1], 3), role: 'input' },
    {
      name: 'w',
      type: int8([16, 3, 3, 2], [0.02], 0),
      role: 'constant',
      data: Int8Array.from({ length: 288 }, (_, i) => ((i * 37) % 255) - 127),
    },
    temporary('wide', int8([1, rows, 8, 16], [0.4], 0)),
    temporary('y', int8([1, rows / 4, 2, 16], [0.4], 0)),
  ],
  nodes: [
    {
      op: 'conv2d',
      attrs: { strideH: 1, strideW: 1, dilationH: 1, dilationW: 1, padding: pad, activation: 'none' },
      inputs: [0, 1],
      outputs: [2],
      from: { node: '0 (CONV_2D)' },
    },
    {
      op: 'maxPool2d',
      attrs: {
        strideH: 4,
        strideW: 4,
        dilationH: 1,
        dilationW: 1,
        kernelH: 4,
        kernelW: 4,
        padding: none,
        activation: 'none',
      },
      inputs: [2],
      outputs: [3],
      from: { node: '1 (MAX_POOL_2D)' },
    },
  ],
  inputs: [0],
  outputs: [3],
};
const { graph } = compile(model, { target: 'cortex-m4', memory: { ramBytes: 1600 } });
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
    expect(parts.length).toBeGreaterThan(8);
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
