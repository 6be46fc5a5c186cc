// The float network in TensorFlow.js: first weights, one pass, training.
// Images travel as (batch, time, channels): their width is 1. Convolutions are written as matrix products and sums of
// shifted inputs: TensorFlow.js's WebAssembly backend has gradients for these, but not for its convolutions.
import '@tensorflow/tfjs-backend-wasm';
// Only for what it does when loaded: it registers the gradients, which the core's build for Node leaves out.
import '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import {
  architecture,
  inputName,
  kernelShape,
  logitsName,
  lookUp,
  samePadding,
  weightedLayers,
} from './architecture.mjs';
import { drawWindow } from './augment.mjs';
import { axes, gestures, windowSteps } from './gestures.mjs';
import { seededRandom } from './random.mjs';

/** @typedef {import('./architecture.mjs').Layer} Layer */
/** @typedef {import('./architecture.mjs').WeightedLayer} WeightedLayer */
/** @typedef {import('./random.mjs').Random} Random */
/** @typedef {import('./recordings.mjs').Recording} Recording */

/** @typedef {ReadonlyMap<string, { kernel: tf.Variable, bias: tf.Variable }>} NetworkWeights by layer name */

const epochs = 60;
const batchesPerEpoch = 8;
const batchSize = 32;
const firstLearningRate = 0.004;
const weightDecay = 1e-4;

/** Prepares TensorFlow.js. Its WebAssembly runs in one thread, adding in one order: equal seeds give equal weights. */
export async function prepareTensorFlow() {
  tf.enableProdMode();
  if (!(await tf.setBackend('wasm'))) throw new Error('the WebAssembly backend of TensorFlow.js did not start');
}

/**
 * Trains a new network on augmented windows of the recordings, all classes equally often.
 * @param {readonly Recording[]} recordings
 * @param {number} seed of first weights and augmentation
 * @param {(epoch: number, epochs: number, loss: number) => void} onEpoch
 * @returns {NetworkWeights}
 */
export function trainNetwork(recordings, seed, onEpoch) {
  const random = seededRandom(seed);
  const weights = firstWeights(random);
  const kernels = [...weights.values()].map(({ kernel }) => kernel);
  const optimizer = tf.train.adam(firstLearningRate);
  const byClass = gestures.map((_, label) => recordings.filter((recording) => recording.label === label));
  const labels = Array.from({ length: batchSize }, (_, i) => i % gestures.length);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    // Half a cosine from the first rate to zero; the property is what Adam reads at each step.
    const rate = (firstLearningRate * (1 + Math.cos((Math.PI * (epoch - 1)) / epochs))) / 2;
    Object.assign(optimizer, { learningRate: rate });
    let meanLoss = 0;
    for (let batch = 0; batch < batchesPerEpoch; batch++) {
      const windows = labels.map((label) => drawFrom(byClass[label] ?? [], random));
      meanLoss += tf.tidy(() => {
        const x = windowsTensor(windows);
        const wanted = tf.oneHot(tf.tensor1d(labels, 'int32'), gestures.length);
        const loss = optimizer.minimize(() => {
          const logits = lookUp(forward(weights, x), logitsName);
          const decay = kernels.map((kernel) => tf.mul(tf.sum(tf.square(kernel)), weightDecay));
          return /** @type {tf.Scalar} */ (
            [tf.losses.softmaxCrossEntropy(wanted, logits), ...decay].reduce((a, b) => tf.add(a, b))
          );
        }, true);
        return (loss?.dataSync()[0] ?? 0) / batchesPerEpoch;
      });
    }
    onEpoch(epoch, epochs, meanLoss);
  }
  optimizer.dispose();
  return weights;
}

/**
 * Runs the float network.
 * @param {NetworkWeights} weights
 * @param {readonly Float32Array[]} windows each (windowSteps, axes) in g
 * @returns {Map<string, Float32Array>} every value by name, all windows one after the other
 */
export function runNetwork(weights, windows) {
  /** @type {Map<string, Float32Array>} */
  const read = new Map();
  tf.tidy(() => {
    for (const [name, value] of forward(weights, windowsTensor(windows))) {
      read.set(name, Float32Array.from(value.dataSync()));
    }
  });
  return read;
}

/**
 * @param {Random} random
 * @returns {NetworkWeights} kernels after He et al. 2015 (normal, variance 2 / fan-in), biases zero
 */
function firstWeights(random) {
  return new Map(
    weightedLayers.map((layer) => {
      const shape = kernelShape(layer);
      const size = shape.reduce((product, extent) => product * extent, 1);
      const outputs = (layer.op === 'depthwiseConv2d' ? shape.at(-1) : shape[0]) ?? 1;
      const deviation = Math.sqrt((2 * outputs) / size);
      const values = Float32Array.from({ length: size }, () => deviation * random.normal());
      return [layer.name, { kernel: tf.variable(tf.tensor(values, shape)), bias: tf.variable(tf.zeros([outputs])) }];
    }),
  );
}

/**
 * @param {NetworkWeights} weights
 * @param {tf.Tensor} x (batch, windowSteps, axes)
 * @returns {Map<string, tf.Tensor>} every value by name
 */
function forward(weights, x) {
  const values = new Map([[inputName, x]]);
  for (const layer of architecture) values.set(layer.name, apply(layer, values, weights));
  return values;
}

/**
 * @param {Layer} layer
 * @param {ReadonlyMap<string, tf.Tensor>} values
 * @param {NetworkWeights} weights
 * @returns {tf.Tensor}
 */
function apply(layer, values, weights) {
  if (layer.op === 'add') {
    const sum = tf.add(lookUp(values, layer.a), lookUp(values, layer.b));
    return layer.relu ? tf.relu(sum) : sum;
  }
  const x = lookUp(values, layer.x);
  switch (layer.op) {
    case 'reshape':
      return x;
    case 'conv2d':
    case 'depthwiseConv2d': {
      const { kernel, bias } = lookUp(weights, layer.name);
      const sum = tf.add(
        layer.op === 'conv2d' ? convolve(layer, x, kernel) : convolveDepthwise(layer, x, kernel),
        bias,
      );
      return layer.relu ? tf.relu(sum) : sum;
    }
    case 'maxPool2d': {
      // x (n, t, c) → (n, t / h, h · c): the h steps of a pool lie side by side.
      const [n = 0, t = 0, c = 0] = x.shape;
      const pools = tf.reshape(x, [n, t / layer.height, layer.height * c]);
      return tf.split(pools, layer.height, 2).reduce((a, b) => tf.maximum(a, b));
    }
    case 'mean':
      return tf.mean(x, 1);
    case 'fullyConnected': {
      const { kernel, bias } = lookUp(weights, layer.name);
      return tf.add(tf.matMul(x, kernel, false, true), bias);
    }
    case 'softmax':
      return tf.softmax(x);
  }
}

/**
 * @param {import('./architecture.mjs').Conv2dLayer} layer
 * @param {tf.Tensor} x (n, t, c)
 * @param {tf.Tensor} kernel (o, h, 1, c)
 * @returns {tf.Tensor} (n, ceil(t / stride), o)
 */
function convolve(layer, x, kernel) {
  const [n = 0, t = 0, c = 0] = x.shape;
  const outputSteps = Math.ceil(t / layer.stride);
  const taps = shiftedInputs(layer, x).map((tap) =>
    // Every stride-th step: the others lie beside it and are cut off.
    layer.stride === 1
      ? tap
      : tf.slice(tf.reshape(tap, [n, outputSteps, layer.stride * c]), [0, 0, 0], [n, outputSteps, c]),
  );
  const columns = tf.reshape(tf.concat(taps, 2), [n * outputSteps, layer.height * c]);
  const y = tf.matMul(columns, tf.reshape(kernel, [layer.filters, layer.height * c]), false, true);
  return tf.reshape(y, [n, outputSteps, layer.filters]);
}

/**
 * @param {import('./architecture.mjs').DepthwiseConv2dLayer} layer
 * @param {tf.Tensor} x (n, t, c)
 * @param {tf.Tensor} kernel (1, h, 1, c)
 * @returns {tf.Tensor} (n, t, c)
 */
function convolveDepthwise(layer, x, kernel) {
  const tapWeights = tf.split(tf.reshape(kernel, [layer.height, -1]), layer.height);
  return shiftedInputs(layer, x)
    .map((tap, i) => tf.mul(tap, tapWeights[i] ?? 0))
    .reduce((a, b) => tf.add(a, b));
}

/**
 * @param {import('./architecture.mjs').Conv2dLayer | import('./architecture.mjs').DepthwiseConv2dLayer} layer
 * @param {tf.Tensor} x (n, t, c)
 * @returns {tf.Tensor[]} for each tap of the kernel, x padded and shifted so that the tap meets it, (n, t, c)
 */
function shiftedInputs(layer, x) {
  if (layer.height === 1) return [x];
  const [n = 0, t = 0, c = 0] = x.shape;
  const { before } = samePadding(layer);
  const padded = tf.pad(x, [
    [0, 0],
    [before, layer.height - 1 - before],
    [0, 0],
  ]);
  return Array.from({ length: layer.height }, (_, i) => tf.slice(padded, [0, i, 0], [n, t, c]));
}

/**
 * @param {readonly Recording[]} recordings
 * @param {Random} random
 */
function drawFrom(recordings, random) {
  const recording = recordings[random.index(recordings.length)];
  if (recording === undefined) throw new Error('a class has no recording to train on');
  return drawWindow(recording, random);
}

/** @param {readonly Float32Array[]} windows each (windowSteps, axes) */
function windowsTensor(windows) {
  const data = new Float32Array(windows.length * windowSteps * axes);
  windows.forEach((steps, i) => {
    data.set(steps, i * windowSteps * axes);
  });
  return tf.tensor3d(data, [windows.length, windowSteps, axes]);
}
