// Trained networks against TensorFlow Lite Micro's reference kernels: outputs for two inputs and for a stream of sixteen,
// and every layer's output on the way, to the last bit.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { valueAt } from '../../graph/graph.ts';
import { evaluateGraph } from '../../ops/evaluate-graph.ts';
import type { Graph } from '../../ops/index.ts';
import { bytesOf, type Data, dataFromBytes, dtypeBytes } from '../../tensor/dtype.ts';
import { elementsOf } from '../../tensor/tensor.ts';
import { readModel } from '../index.ts';

interface Golden {
  readonly file: string;
  readonly expected: Readonly<Record<'zero' | 'lcg', { readonly crc32: string }>>;
  readonly expected_stream16: { readonly crc32: string };
  readonly layers: readonly {
    readonly op: string;
    readonly lcg_output: readonly { readonly crc32: string }[] | null;
  }[];
}

const models = join(process.env.ANYMOTE_SHARED ?? join(import.meta.dirname, '../../../../../../shared'), 'models');
const goldenFile = join(models, 'golden-tflm.json');

// The others keep state in variables, which is not imported yet.
const stateless = [
  'hello_world_int8',
  'ad01_int8',
  'micro_speech_quantized',
  'kws_ref_model',
  'person_detect',
  'vww_96_int8',
  'pretrainedResnet_quant',
];

describe.skipIf(!existsSync(goldenFile))('golden models (skipped without ../shared/models)', () => {
  const table: Readonly<Record<string, Golden>> = existsSync(goldenFile)
    ? JSON.parse(readFileSync(goldenFile, 'utf8')).models
    : {};
  it.each(stateless)('%s', (name) => {
    const golden = table[name];
    if (golden === undefined) throw new Error(`no golden outputs for ${name}`);
    const graph = readModel(readFileSync(join(models, golden.file)), { file: golden.file });
    expect(graph.name).toBe(name);
    const run = (next: () => number) => evaluateGraph(graph, inputsOf(graph, next));
    expect(
      checksum(
        graph.outputs,
        run(() => 0),
      ),
      'zero',
    ).toBe(golden.expected.zero.crc32);

    const next = lcgBytes();
    const first = run(next);
    const layers = graph.nodes.map(({ outputs, from }) => `${from.node}: ${checksum(outputs, first)}`);
    expect(layers).toEqual(golden.layers.map(({ op, lcg_output }, n) => `${n} (${op}): ${lcg_output?.[0]?.crc32}`));
    expect(checksum(graph.outputs, first), 'lcg').toBe(golden.expected.lcg.crc32);

    let crc = crcOf(graph.outputs, first);
    for (let step = 1; step < 16; step += 1) crc = crcOf(graph.outputs, run(next), crc);
    expect(hex(crc), 'stream').toBe(golden.expected_stream16.crc32);
  });
});

/** The inputs of a graph from a stream of bytes, in order. */
function inputsOf(graph: Graph, next: () => number): readonly Data[] {
  return graph.inputs.map((id) => {
    const { type } = valueAt(graph, id);
    return dataFromBytes(type.dtype, Uint8Array.from({ length: elementsOf(type) * dtypeBytes[type.dtype] }, next));
  });
}

function lcgBytes(): () => number {
  let state = 0x12345678;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
}

function crcOf(ids: readonly number[], results: ReadonlyMap<number, Data>, start = 0): number {
  return ids.reduce((crc, id) => {
    const data = results.get(id);
    if (data === undefined) throw new Error(`value ${id} was not computed`);
    return crc32(bytesOf(data), crc);
  }, start);
}

const hex = (crc: number): string => crc.toString(16).padStart(8, '0');
const checksum = (ids: readonly number[], results: ReadonlyMap<number, Data>): string => hex(crcOf(ids, results));
