// The WebAssembly module of @tensorflow/tfjs-tflite, TensorFlow Lite with XNNPACK, called directly: the int8 file, and the
// float file of the same network where there is one.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { dequantised, typeOf } from '../networks.mjs';

export const thread = 'the build without threads, numThreads: 1';

const require = createRequire(import.meta.url);
const folder = join(dirname(require.resolve('@tensorflow/tfjs-tflite/package.json')), 'wasm');
const createModule = require(join(folder, 'tflite_web_api_cc_simd.js'));
const module = await createModule({
  wasmBinary: readFileSync(join(folder, 'tflite_web_api_cc_simd.wasm')),
  print: () => {},
  printErr: () => {},
});

function runner(bytes, numbers, elements, toReal) {
  const at = module._malloc(bytes.length);
  module.HEAPU8.set(bytes, at);
  const made = module.TFLiteWebModelRunner.CreateFromBufferAndOptions(at, bytes.length, {
    numThreads: 1,
    enableProfiling: false,
    maxProfilingBufferEntries: 1024,
  });
  if (!made.ok()) throw new Error(`tfjs-tflite: ${made.errorMessage()}`);
  const model = made.value();
  const first = (list) => {
    const tensor = list.get(0);
    list.delete();
    return tensor;
  };
  const input = first(model.GetInputs());
  const output = first(model.GetOutputs());
  return {
    numbers,
    async run(count) {
      let result;
      for (let n = 0; n < count; n += 1) {
        input.data().set(elements);
        if (!model.Infer()) throw new Error('tfjs-tflite: inference failed');
        result = output.data().slice();
      }
      return toReal(result);
    },
  };
}

export async function runners({ graph, bytes, floatBytes }, input) {
  const outputType = typeOf(graph, graph.outputs[0]);
  const real = dequantised(input, typeOf(graph, graph.inputs[0]));
  return [
    runner(bytes, 'int8', input, (stored) => dequantised(stored, outputType)),
    ...(floatBytes === undefined ? [] : [runner(floatBytes, 'float32', real, (result) => result)]),
  ];
}
