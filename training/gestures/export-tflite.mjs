// The quantised network → a .tflite file: tensors named as the layers, a signature, and the labels as metadata.
import { buildTfliteModel } from '../../packages/compiler/dist/formats/tflite/model-builder.js';
import { writeTfliteModel } from '../../packages/compiler/dist/formats/tflite/write.js';
import { architecture, inputName, lookUp, outputName, shapeOf } from './architecture.mjs';
import { gestures } from './gestures.mjs';

/** @typedef {import('../../packages/compiler/dist/formats/tflite/model-builder.js').TensorDescription} TensorDescription */
/** @typedef {import('../../packages/compiler/dist/formats/tflite/model-builder.js').OptionsDescription} OptionsDescription */
/** @typedef {import('./architecture.mjs').Layer} Layer */
/** @typedef {import('./quantise.mjs').QuantisedNetwork} QuantisedNetwork */

/** The operator of each layer, in the version that has int8. */
const operators = /** @type {const} */ ({
  reshape: { op: 'RESHAPE', version: 1 },
  conv2d: { op: 'CONV_2D', version: 3 },
  depthwiseConv2d: { op: 'DEPTHWISE_CONV_2D', version: 3 },
  maxPool2d: { op: 'MAX_POOL_2D', version: 2 },
  add: { op: 'ADD', version: 2 },
  mean: { op: 'MEAN', version: 2 },
  fullyConnected: { op: 'FULLY_CONNECTED', version: 4 },
  softmax: { op: 'SOFTMAX', version: 2 },
});

/**
 * @param {QuantisedNetwork} network
 * @param {string} description
 * @returns {Uint8Array}
 */
export function exportTflite(network, description) {
  /** @type {TensorDescription[]} */
  const tensors = [];
  const add = (/** @type {TensorDescription} */ tensor) => tensors.push(tensor) - 1;
  const addValue = (/** @type {string} */ name) => {
    const { scale, zeroPoint } = lookUp(network.values, name);
    return add({ name, shape: [1, ...shapeOf(name)], type: 'INT8', scale: [scale], zeroPoint: [zeroPoint] });
  };
  /** @type {Map<string, number>} */
  const indices = new Map([[inputName, addValue(inputName)]]);
  const described = architecture.map((layer) => {
    const read = (layer.op === 'add' ? [layer.a, layer.b] : [layer.x]).map((name) => lookUp(indices, name));
    const inputs = [...read, ...constantsOf(layer, network).map(add)];
    const output = addValue(layer.name);
    indices.set(layer.name, output);
    return { ...operators[layer.op], inputs, outputs: [output], options: optionsOf(layer) };
  });
  const input = lookUp(indices, inputName);
  const output = lookUp(indices, outputName);
  const model = buildTfliteModel({ description, tensors, operators: described, inputs: [input], outputs: [output] });
  const labels = new TextEncoder().encode(`${gestures.join('\n')}\n`);
  return writeTfliteModel({
    ...model,
    buffers: [...model.buffers, { data: labels }],
    metadata: [{ name: 'labels', buffer: model.buffers.length }],
    signatureDefs: [
      {
        key: 'serving_default',
        subgraph: 0,
        inputs: [{ name: inputName, tensor: input }],
        outputs: [{ name: outputName, tensor: output }],
      },
    ],
  });
}

/**
 * @param {Layer} layer
 * @param {QuantisedNetwork} network
 * @returns {TensorDescription[]} the operator's inputs after those that other layers give
 */
function constantsOf(layer, network) {
  switch (layer.op) {
    case 'reshape':
      return [integers(`${layer.name}/shape`, [1, ...layer.shape])];
    case 'mean':
      return [integers(`${layer.name}/axes`, [1, 2])];
    case 'conv2d':
    case 'depthwiseConv2d':
    case 'fullyConnected': {
      const { shape, kernel, bias, scales, biasScales } = lookUp(network.weights, layer.name);
      const quantizedDimension = layer.op === 'depthwiseConv2d' ? 3 : 0;
      const data = Uint8Array.from(kernel, (weight) => weight & 0xff);
      return [
        { name: `${layer.name}/weights`, shape, type: 'INT8', scale: scales, quantizedDimension, data },
        { ...integers(`${layer.name}/bias`, bias), scale: biasScales },
      ];
    }
    case 'maxPool2d':
    case 'add':
    case 'softmax':
      return [];
  }
}

/**
 * @param {string} name
 * @param {ArrayLike<number>} numbers
 * @returns {TensorDescription}
 */
function integers(name, numbers) {
  const data = new Uint8Array(4 * numbers.length);
  const view = new DataView(data.buffer);
  Array.from(numbers).forEach((number, i) => {
    view.setInt32(4 * i, number, true);
  });
  return { name, shape: [numbers.length], type: 'INT32', data };
}

/**
 * @param {Layer} layer
 * @returns {OptionsDescription}
 */
function optionsOf(layer) {
  const fusedActivationFunction = 'relu' in layer && layer.relu ? 'RELU' : 'NONE';
  switch (layer.op) {
    case 'reshape':
      return { type: 'ReshapeOptions', newShape: [1, ...layer.shape] };
    case 'conv2d':
      return { type: 'Conv2DOptions', padding: 'SAME', strideW: 1, strideH: layer.stride, fusedActivationFunction };
    case 'depthwiseConv2d':
      return {
        type: 'DepthwiseConv2DOptions',
        padding: 'SAME',
        strideW: 1,
        strideH: 1,
        depthMultiplier: 1,
        fusedActivationFunction,
      };
    case 'maxPool2d':
      return {
        type: 'Pool2DOptions',
        padding: 'VALID',
        strideW: 1,
        strideH: layer.height,
        filterWidth: 1,
        filterHeight: layer.height,
        fusedActivationFunction,
      };
    case 'add':
      return { type: 'AddOptions', fusedActivationFunction };
    case 'mean':
      return { type: 'ReducerOptions', keepDims: false };
    case 'fullyConnected':
      return { type: 'FullyConnectedOptions', fusedActivationFunction };
    case 'softmax':
      return { type: 'SoftmaxOptions', beta: 1 };
  }
}
