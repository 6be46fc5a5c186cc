// The models that mutants are made from: those of one operator in tests/vectors, the repository's own network, and, where
// they are there, small published networks; large ones cut down to a few layers.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { TfliteModel } from '../../packages/compiler/src/formats/tflite/model.ts';
import { readTfliteModel } from '../../packages/compiler/src/formats/tflite/read.ts';
import { writeTfliteModel } from '../../packages/compiler/src/formats/tflite/write.ts';

export interface SeedModel {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly model: TfliteModel;
  /** Stretches of the file, from start to before end, that are not contents of constants. */
  readonly structure: readonly (readonly [start: number, end: number])[];
}

/** Seeds in groups; a mutant's group is drawn first, by its share. */
export interface SeedGroup {
  readonly share: number;
  readonly seeds: readonly SeedModel[];
}

const root = new URL('../../', import.meta.url);

/** Published networks under the folder of models, and how many of their first layers are kept. */
const published: readonly { readonly path: string; readonly layers?: number }[] = [
  { path: 'tflm/hello_world_int8.tflite' },
  { path: 'tflm/hello_world_float.tflite' },
  { path: 'assistant/tflm/micro_speech_quantized.tflite' },
  { path: 'assistant/mlperf-tiny/kws_ref_model.tflite' },
  { path: 'assistant/mlperf-tiny/kws_ref_model_float32.tflite', layers: 3 },
  { path: 'monitoring/mlperf-tiny/ad01_int8.tflite', layers: 3 },
  { path: 'vision/tflm/person_detect.tflite', layers: 4 },
  { path: 'vision/mlperf-tiny/pretrainedResnet_quant.tflite', layers: 4 },
];

/** All seeds that are there. `shared` is the folder that holds models/. */
export function seedGroups(shared: string): readonly SeedGroup[] {
  const own = new URL('tests/models/gestures/gestures.tflite', root);
  const networks = published.flatMap(({ path, layers }) => {
    const file = `${shared}/models/${path}`;
    if (!existsSync(file)) return [];
    const bytes = new Uint8Array(readFileSync(file));
    const name = path.replace(/^.*\//, '');
    return [layers === undefined ? seedOf(name, bytes) : seedOf(`${name} (${layers} layers)`, cutTo(bytes, layers))];
  });
  return [
    { share: 82, seeds: singleOperators() },
    { share: 6, seeds: [seedOf('gestures.tflite', new Uint8Array(readFileSync(own)))] },
    { share: 12, seeds: networks },
  ].filter(({ seeds }) => seeds.length > 0);
}

function seedOf(name: string, bytes: Uint8Array): SeedModel {
  const model = readTfliteModel(bytes);
  const constants = model.buffers
    .filter(({ data }) => data.length > 0)
    .map(({ data }) => [data.byteOffset - bytes.byteOffset, data.byteOffset - bytes.byteOffset + data.length] as const)
    .sort(([a], [b]) => a - b);
  const starts = [0, ...constants.map(([, end]) => end)];
  const ends = [...constants.map(([start]) => start), bytes.length];
  const structure = starts.flatMap((start, i) => {
    const end = ends[i] ?? bytes.length;
    return end > start ? [[start, end] as const] : [];
  });
  return { name, bytes, model, structure };
}

function singleOperators(): readonly SeedModel[] {
  const folder = new URL('tests/vectors/', root);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file) => {
      const { op, cases } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as {
        readonly op: string;
        readonly cases: readonly { readonly name: string; readonly model: string }[];
      };
      return cases.map(({ name, model }) => seedOf(`${op}: ${name}`, Uint8Array.from(Buffer.from(model, 'base64'))));
    });
}

/** The model of the first operators; what only the others need is emptied. */
function cutTo(bytes: Uint8Array, layers: number): Uint8Array {
  const model = readTfliteModel(bytes);
  const [graph] = model.subgraphs;
  if (graph === undefined) return bytes;
  const operators = graph.operators.slice(0, layers);
  const used = new Set(operators.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]));
  const buffers = new Set(graph.tensors.flatMap(({ buffer }, index) => (used.has(index) ? [buffer] : [])));
  return writeTfliteModel({
    ...model,
    metadata: [],
    signatureDefs: [],
    subgraphs: [
      {
        ...graph,
        operators,
        tensors: graph.tensors.map((tensor, index) => (used.has(index) ? tensor : { ...tensor, buffer: 0 })),
        outputs: operators.at(-1)?.outputs ?? [],
      },
    ],
    buffers: model.buffers.map((buffer, index) => (buffers.has(index) ? buffer : { data: new Uint8Array(0) })),
  });
}
