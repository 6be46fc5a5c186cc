// The network as plain data, and the shapes that follow from it.
// Layouts are those of TensorFlow Lite: images (h, w, c), conv2d weights (o, kh, kw, c), depthwise (1, kh, kw, c),
// fully connected (o, c). Time runs along the height of images of width 1.
import { axes, gestures, windowSteps } from './gestures.mjs';

/**
 * One layer; `x`, `a` and `b` name the values it reads. Convolutions pad as TensorFlow's SAME does: the output is
 * ceil(h / stride) high.
 * @typedef {{ op: 'reshape', name: string, x: string, shape: readonly number[] }} ReshapeLayer
 * @typedef {{ op: 'conv2d', name: string, x: string, filters: number, height: number, stride: number, relu: boolean }} Conv2dLayer
 * @typedef {{ op: 'depthwiseConv2d', name: string, x: string, height: number, relu: boolean }} DepthwiseConv2dLayer
 * @typedef {{ op: 'maxPool2d', name: string, x: string, height: number }} MaxPool2dLayer
 * @typedef {{ op: 'add', name: string, a: string, b: string, relu: boolean }} AddLayer
 * @typedef {{ op: 'mean', name: string, x: string }} MeanLayer
 * @typedef {{ op: 'fullyConnected', name: string, x: string, units: number }} FullyConnectedLayer
 * @typedef {{ op: 'softmax', name: string, x: string }} SoftmaxLayer
 * @typedef {Conv2dLayer | DepthwiseConv2dLayer | FullyConnectedLayer} WeightedLayer
 * @typedef {WeightedLayer | ReshapeLayer | MaxPool2dLayer | AddLayer | MeanLayer | SoftmaxLayer} Layer
 */

export const inputName = 'acceleration';
export const logitsName = 'logits';
export const outputName = 'probabilities';

/** @type {readonly Layer[]} */
export const architecture = [
  { op: 'reshape', name: 'as_image', x: inputName, shape: [windowSteps, 1, axes] },
  { op: 'conv2d', name: 'stem', x: 'as_image', filters: 16, height: 5, stride: 2, relu: true },
  { op: 'depthwiseConv2d', name: 'shape_over_time', x: 'stem', height: 5, relu: true },
  { op: 'conv2d', name: 'shape_mix', x: 'shape_over_time', filters: 32, height: 1, stride: 1, relu: true },
  { op: 'maxPool2d', name: 'halve_time', x: 'shape_mix', height: 2 },
  { op: 'depthwiseConv2d', name: 'refine_over_time', x: 'halve_time', height: 5, relu: true },
  { op: 'conv2d', name: 'refine_mix', x: 'refine_over_time', filters: 32, height: 1, stride: 1, relu: false },
  { op: 'add', name: 'refined', a: 'halve_time', b: 'refine_mix', relu: true },
  { op: 'mean', name: 'average_over_time', x: 'refined' },
  { op: 'fullyConnected', name: logitsName, x: 'average_over_time', units: gestures.length },
  { op: 'softmax', name: outputName, x: logitsName },
];

/** The shape of every value without the batch, by name. */
export const shapes = inferShapes();

/** The layers that have weights. */
export const weightedLayers = architecture.filter(hasWeights);

/**
 * @param {string} name of a value
 * @returns {readonly number[]}
 */
export function shapeOf(name) {
  return lookUp(shapes, name);
}

/**
 * @param {WeightedLayer} layer
 * @returns {number[]}
 */
export function kernelShape(layer) {
  const channels = shapeOf(layer.x).at(-1) ?? 0;
  switch (layer.op) {
    case 'conv2d':
      return [layer.filters, layer.height, 1, channels];
    case 'depthwiseConv2d':
      return [1, layer.height, 1, channels];
    case 'fullyConnected':
      return [layer.units, channels];
  }
}

/**
 * How many steps SAME pads before the first: half of what is missing, rounded down.
 * @param {Conv2dLayer | DepthwiseConv2dLayer} layer
 * @returns {{ before: number, after: number }}
 */
export function samePadding(layer) {
  const inputHeight = shapeOf(layer.x)[0] ?? 0;
  const outputHeight = shapeOf(layer.name)[0] ?? 0;
  const stride = layer.op === 'conv2d' ? layer.stride : 1;
  const missing = Math.max(0, (outputHeight - 1) * stride + layer.height - inputHeight);
  return { before: Math.floor(missing / 2), after: Math.ceil(missing / 2) };
}

/**
 * @template T
 * @param {ReadonlyMap<string, T>} map
 * @param {string} name
 * @returns {T}
 */
export function lookUp(map, name) {
  const found = map.get(name);
  if (found === undefined) throw new Error(`nothing is named ${name}`);
  return found;
}

/**
 * @param {Layer} layer
 * @returns {layer is WeightedLayer}
 */
function hasWeights(layer) {
  return layer.op === 'conv2d' || layer.op === 'depthwiseConv2d' || layer.op === 'fullyConnected';
}

function inferShapes() {
  /** @type {Map<string, readonly number[]>} */
  const inferred = new Map([[inputName, [windowSteps, axes]]]);
  for (const layer of architecture) {
    const input = lookUp(inferred, layer.op === 'add' ? layer.a : layer.x);
    inferred.set(layer.name, outputShape(layer, input));
  }
  return inferred;
}

/**
 * @param {Layer} layer
 * @param {readonly number[]} input
 * @returns {readonly number[]}
 */
function outputShape(layer, input) {
  const height = input[0] ?? 0;
  const channels = input.at(-1) ?? 0;
  switch (layer.op) {
    case 'reshape':
      return layer.shape;
    case 'conv2d':
      return [Math.ceil(height / layer.stride), 1, layer.filters];
    case 'depthwiseConv2d':
    case 'add':
    case 'softmax':
      return input;
    case 'maxPool2d':
      return [Math.floor(height / layer.height), 1, channels];
    case 'mean':
      return [channels];
    case 'fullyConnected':
      return [layer.units];
  }
}
