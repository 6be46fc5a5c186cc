// Outputs of TensorFlow Lite Micro's reference kernels for models of one operator: the definitions must give the same,
// integers to the last bit, float32 within 1e-5 of the largest magnitude.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readModel } from '../packages/compiler/src/formats/index.ts';
import { valueAt } from '../packages/compiler/src/graph/graph.ts';
import { evaluateGraph } from '../packages/compiler/src/ops/evaluate-graph.ts';
import { type Data, dataFromBytes } from '../packages/compiler/src/tensor/dtype.ts';

interface VectorFile {
  readonly op: string;
  /** Model, inputs and outputs are base64 of bytes. */
  readonly cases: readonly {
    readonly name: string;
    readonly model: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
  }[];
}

/** What the reference accepts and gets wrong, and is therefore refused here. */
const refused: Readonly<Record<string, string>> = {
  'i8 [256] scales 0.02,0.04 zero points -50,10 output quantization ignored': 'scale and zero point of the output',
};

const folder = new URL('vectors/', import.meta.url);
const bytesFrom = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, 'base64'));

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const { op, cases } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as VectorFile;
  describe(op, () => {
    it.each(cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
      const reason = refused[one.name];
      if (reason !== undefined) {
        expect(() => readModel(bytesFrom(one.model))).toThrow(reason);
        return;
      }
      const graph = readModel(bytesFrom(one.model));
      const read = (id: number, base64: string): Data =>
        dataFromBytes(valueAt(graph, id).type.dtype, bytesFrom(base64));
      const results = evaluateGraph(
        graph,
        graph.inputs.map((id, i) => read(id, one.inputs[i] ?? '')),
      );
      expect(graph.outputs.length).toBe(one.outputs.length);
      graph.outputs.forEach((id, i) => {
        const want = read(id, one.outputs[i] ?? '');
        const got = results.get(id);
        if (want instanceof Float32Array) expectClose(got, want);
        else expect(got).toEqual(want);
      });
    });
  });
}

/** The reference clamps to the finite numbers even where no activation is fused; here infinities stay. */
const finite = (value: number): number => Math.min(Math.max(value, -largestFloat), largestFloat);
const largestFloat = (2 - 2 ** -23) * 2 ** 127;

function expectClose(got: Data | undefined, want: Float32Array): void {
  expect(got?.length).toBe(want.length);
  const largest = Math.max(1e-30, ...Array.from(want, Math.abs).filter((magnitude) => magnitude < largestFloat));
  want.forEach((value, i) => {
    const own = Number(got?.[i]);
    const close = Object.is(finite(own), finite(value)) || Math.abs(finite(own) - finite(value)) <= 1e-5 * largest;
    if (!close) expect.fail(`element ${i}: ${own}, expected ${value}`);
  });
}
