// Inputs to compare executors on: zeros, and a stream of pseudo-random ones that is the same everywhere.
import {
  bytesOf,
  type Data,
  dataFromBytes,
  dtypeBytes,
  elementsOf,
  type Graph,
  type TensorType,
} from '@anymote/compiler';

/** One inference's inputs, in the order of the graph's. */
export interface Sample {
  readonly name: string;
  readonly inputs: readonly Data[];
}

/** Numerical Recipes' linear congruential generator; each call gives the state's top byte. */
export function createLcg(state = 0x12345678): () => number {
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
}

const inputTypes = (graph: Graph): readonly TensorType[] =>
  graph.inputs.map((id) => {
    const value = graph.values[id];
    if (value === undefined) throw new Error(`internal error: graph ${graph.name} has no value ${id}`);
    return value.type;
  });

/** Every byte 0x00. */
export function zeroSample(graph: Graph): Sample {
  const zeros = (type: TensorType): Data =>
    dataFromBytes(type.dtype, new Uint8Array(elementsOf(type) * dtypeBytes[type.dtype]));
  return { name: 'zero', inputs: inputTypes(graph).map(zeros) };
}

/**
 * `count` samples `lcg`, `lcg-1`, `lcg-2`, …: the generator's bytes fill inputs in index order and run on from one
 * sample to the next. Floats are drawn from [-1, 1), 24 bits each; booleans are a byte's lowest bit.
 */
export function lcgSamples(graph: Graph, count: number): readonly Sample[] {
  const next = createLcg();
  const types = inputTypes(graph);
  return Array.from({ length: count }, (_, step) => ({
    name: step === 0 ? 'lcg' : `lcg-${step}`,
    inputs: types.map((type) => randomData(type, next)),
  }));
}

function randomData(type: TensorType, next: () => number): Data {
  const bytes = Uint8Array.from({ length: elementsOf(type) * dtypeBytes[type.dtype] }, next);
  if (type.dtype === 'bool') return bytes.map((byte) => byte & 1);
  if (type.dtype !== 'f32') return dataFromBytes(type.dtype, bytes);
  const words = new DataView(bytes.buffer);
  return Float32Array.from({ length: elementsOf(type) }, (_, i) => (words.getUint32(4 * i, true) >>> 8) / 2 ** 23 - 1);
}

/** The bytes of each input, as runners take them. */
export const bytesOfSample = ({ inputs }: Sample): readonly Uint8Array[] => inputs.map(bytesOf);
