// Models of one operator with the outputs that TensorFlow Lite Micro's reference kernels give on recorded inputs, and
// what counts as the same: integers to the last bit, float32 within 1e-5 of the largest magnitude.
import { readdirSync, readFileSync } from 'node:fs';
import { readModel } from '../packages/compiler/src/formats/index.ts';
import { valueAt } from '../packages/compiler/src/graph/graph.ts';
import type { Graph } from '../packages/compiler/src/ops/index.ts';
import { type Data, dataFromBytes } from '../packages/compiler/src/tensor/dtype.ts';

interface Recorded {
  readonly name: string;
  /** Model, inputs and outputs are base64 of bytes. */
  readonly model: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface Vector {
  readonly name: string;
  readonly model: Uint8Array;
  /** Why the model is refused; the words are in the message. */
  readonly refused?: string;
  /** The model read, and its inputs and outputs in the order of the graph's. */
  readonly read: () => {
    readonly graph: Graph;
    readonly inputs: readonly Data[];
    readonly outputs: readonly Data[];
  };
}

/** What the reference accepts and gets wrong, and is therefore refused here. */
const refused: Readonly<Record<string, string>> = {
  'i8 [256] scales 0.02,0.04 zero points -50,10 output quantization ignored': 'scale and zero point of the output',
};

const folder = new URL('vectors/', import.meta.url);
const bytesFrom = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, 'base64'));

function vectorOf({ name, model, inputs, outputs }: Recorded): Vector {
  const reason = refused[name];
  const bytes = bytesFrom(model);
  return {
    name,
    model: bytes,
    ...(reason === undefined ? {} : { refused: reason }),
    read: () => {
      const graph = readModel(bytes);
      if (graph.outputs.length !== outputs.length) throw new Error(`${name}: ${graph.outputs.length} outputs`);
      const data = (id: number, base64 = ''): Data => dataFromBytes(valueAt(graph, id).type.dtype, bytesFrom(base64));
      return {
        graph,
        inputs: graph.inputs.map((id, i) => data(id, inputs[i])),
        outputs: graph.outputs.map((id, i) => data(id, outputs[i])),
      };
    },
  };
}

/** All vectors, by operator. */
export function readVectors(): readonly { readonly op: string; readonly vectors: readonly Vector[] }[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.map((file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const { op, cases } = JSON.parse(text) as { readonly op: string; readonly cases: readonly Recorded[] };
    return { op, vectors: cases.map(vectorOf) };
  });
}

const largestFloat = (2 - 2 ** -23) * 2 ** 127;

/** The reference clamps to the finite numbers even where no activation is fused; here infinities stay. */
const finite = (value: number): number => Math.min(Math.max(value, -largestFloat), largestFloat);

/** What is wrong with float32 results, undefined where they are as near as they should be. */
export function farFrom(recorded: Float32Array, got: Data | undefined): string | undefined {
  if (got?.length !== recorded.length) return `${got?.length} elements, expected ${recorded.length}`;
  const largest = Math.max(1e-30, ...Array.from(recorded, Math.abs).filter((magnitude) => magnitude < largestFloat));
  const element = recorded.findIndex((value, i) => {
    const [own, want] = [finite(Number(got[i])), finite(value)];
    return !Object.is(own, want) && !(Math.abs(own - want) <= 1e-5 * largest);
  });
  return element === -1 ? undefined : `element ${element}: ${got[element]}, expected ${recorded[element]}`;
}
