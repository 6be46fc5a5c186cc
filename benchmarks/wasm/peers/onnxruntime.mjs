// onnxruntime-web: the network as an ONNX file made here, quantised with uint8 activations and in float.
import * as ort from 'onnxruntime-web';
import { dequantised, typeOf } from '../networks.mjs';
import { onnxModel, toNchw } from '../onnx-model.mjs';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

export const thread = 'env.wasm.numThreads = 1';

async function session({ graph, floatGraph }, activations, input) {
  const type = typeOf(graph, graph.inputs[0]);
  const shape = type.shape.length === 4 ? [1, type.shape[3], type.shape[1], type.shape[2]] : type.shape;
  const data =
    activations === 'float'
      ? new ort.Tensor('float32', toNchw(dequantised(input, type), type.shape), shape)
      : new ort.Tensor(
          'uint8',
          Uint8Array.from(toNchw(input, type.shape), (value) => value + 128),
          shape,
        );
  const own = await ort.InferenceSession.create(onnxModel(graph, floatGraph, activations), {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
  });
  return {
    async run(count) {
      let result;
      for (let n = 0; n < count; n += 1) result = (await own.run({ input: data })).output.data;
      return result;
    },
  };
}

/** The network in both forms, by what it computes in. */
export const runners = async (network, input) => [
  { numbers: 'int8', ...(await session(network, 'uint8', input)) },
  { numbers: 'float32', ...(await session(network, 'float', input)) },
];
