// The networks that are timed, and their float form: the same layers with the weights' real values, for runtimes without int8.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { elementsOf, readModel } from '../../packages/compiler/dist/index.js';

/** MLPerf Tiny: the int8 model, and the float model of the same network where there is one. */
const files = {
  KWS: {
    int8: 'assistant/mlperf-tiny/kws_ref_model.tflite',
    float: 'assistant/mlperf-tiny/kws_ref_model_float32.tflite',
  },
  VWW: { int8: 'vision/mlperf-tiny/vww_96_int8.tflite', float: 'vision/mlperf-tiny/vww_96_float.tflite' },
  IC: { int8: 'vision/mlperf-tiny/pretrainedResnet_quant.tflite' },
  AD: { int8: 'monitoring/mlperf-tiny/ad01_int8.tflite', float: 'monitoring/mlperf-tiny/ad01_fp32.tflite' },
};

export const networkNames = Object.keys(files);

/** The folder with the models, or undefined. */
export function modelsFolder(root) {
  const folder = join(process.env.ANYMOTE_SHARED ?? join(root, '..', 'shared'), 'models');
  return existsSync(join(folder, files.KWS.int8)) ? folder : undefined;
}

/** A network: its files, its graph, its float graph. */
export function readNetwork(folder, name) {
  const { int8, float } = files[name];
  const read = (file) => new Uint8Array(readFileSync(join(folder, file)));
  const bytes = read(int8);
  const graph = readModel(bytes);
  return {
    name,
    bytes,
    floatBytes: float === undefined ? undefined : read(float),
    graph,
    floatGraph: withRealValues(graph),
  };
}

/** Seeded int8 elements for the one input: the whole range, as camera and microphone give it. */
export function inputOf({ graph }, seed) {
  let state = seed >>> 0;
  return Int8Array.from({ length: elementsOf(typeOf(graph, graph.inputs[0])) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >> 24;
  });
}

export const typeOf = (graph, id) => graph.values[id].type;

/** Stored elements as the real numbers they stand for. */
export function dequantised(data, { shape, quantisation }) {
  const { scale, zeroPoint, axis } = quantisation;
  const inner = scale.length === 1 ? 1 : shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  return Float32Array.from(data, (value, i) => {
    const channel = scale.length === 1 ? 0 : Math.floor(i / inner) % scale.length;
    return (value - zeroPoint[channel]) * scale[channel];
  });
}

/** The scale of a bias is the product of those of input and weights, whatever the file says. */
function biasScales(graph, node) {
  const [x, w] = node.inputs;
  return typeOf(graph, w).quantisation.scale.map((scale) => scale * typeOf(graph, x).quantisation.scale[0]);
}

function withRealValues(graph) {
  const biases = new Map();
  for (const node of graph.nodes) {
    if (['conv2d', 'depthwiseConv2d', 'fullyConnected'].includes(node.op) && node.inputs[2] !== undefined)
      biases.set(node.inputs[2], biasScales(graph, node));
  }
  const values = graph.values.map((value, id) => {
    const { type, data } = value;
    const scales = biases.get(id);
    if (type.dtype !== 'i8' && scales === undefined) return value;
    const plain = { ...value, type: { dtype: 'f32', shape: type.shape } };
    if (data === undefined) return plain;
    const real =
      scales === undefined
        ? dequantised(data, type)
        : Float32Array.from(data, (stored, i) => Number(stored) * scales[scales.length === 1 ? 0 : i]);
    return { ...plain, data: real };
  });
  return { ...graph, values };
}
