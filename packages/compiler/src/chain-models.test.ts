import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { adaptModel } from './adapt-model.ts';
import { chainModels } from './chain-models.ts';
import { CompileError } from './errors.ts';
import { readModel } from './formats/index.ts';
import { load } from './load.ts';
import { randomData } from './ops/cases/case.ts';
import { evaluateGraph } from './ops/evaluate-graph.ts';

const gestures = readModel(
  readFileSync(fileURLToPath(new URL('../../../tests/models/gestures/gestures.tflite', import.meta.url))),
);

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const tree = (features: number) => ({
  format: 'sklearn-dump-1',
  type: 'DecisionTreeClassifier',
  params: {},
  n_features: features,
  classes: [0, 1, 2],
  trees: [
    {
      children_left: [1, -1, -1],
      children_right: [2, -1, -1],
      feature: [0, -2, -2],
      threshold: [0.3, -2, -2],
      value: [[], [1, 0, 3], [0, 4, 0]],
    },
  ],
});
const scaler = {
  format: 'sklearn-dump-1',
  type: 'StandardScaler',
  params: {},
  n_features: 2,
  mean: [10, 20],
  scale: [2, 4],
};

describe('chains', () => {
  it('of a scaler and a tree give what both give one after the other', async () => {
    const chain = chainModels(readModel(encode(scaler)), readModel(encode(tree(2))));
    const known = (a: number): readonly number[] =>
      Array.from(evaluateGraph(chain, [Float32Array.of(a, 0)]).get(chain.outputs[0] ?? -1) ?? [], Number);
    // (a - 10) / 2 <= 0.3
    expect([known(10.59), known(10.61)]).toEqual([[2], [1]]);
    const model = await load(chain);
    expect(Array.from(model.run(Float32Array.of(10.61, 0))[0] as Int32Array)).toEqual([1]);
  });

  it('of a quantised network and a tree pass real numbers', () => {
    const [output = -1] = gestures.outputs;
    const { type } = gestures.values[output] ?? { type: undefined };
    if (type === undefined) throw new Error('no output');
    const features = type.shape.reduce((a, b) => a * b, 1);
    const second = readModel(encode(tree(features)));
    const chain = chainModels(gestures, second);
    for (let seed = 1; seed < 20; seed += 1) {
      const inputs = gestures.inputs.map((id) => randomData(gestures.values[id]?.type ?? type, seed));
      const given = evaluateGraph(gestures, inputs).get(output) ?? [];
      const scale = type.quantisation?.scale[0] ?? 1;
      const real = Float32Array.from(
        given as Int8Array,
        (value) => scale * (value - (type.quantisation?.zeroPoint[0] ?? 0)),
      );
      const want = evaluateGraph(second, [real]).get(second.outputs[0] ?? -1);
      expect(evaluateGraph(chain, inputs).get(chain.outputs[0] ?? -1)).toEqual(want);
    }
    expect(adaptModel(chain, { outputs: ['predict'] }).outputs).toHaveLength(1);
  });

  it('say what does not fit', () => {
    const [first, second] = [readModel(encode(scaler)), readModel(encode(tree(3)))];
    expect(() => chainModels(first, second)).toThrow(CompileError);
    expect(() => chainModels(first, second)).toThrow(/f32 \[1, 3\], found f32 \[1, 2\]/);
    expect(() => chainModels(readModel(encode(tree(2))), first)).toThrow(/2 outputs/);
  });
});
