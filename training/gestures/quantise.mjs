// Post-training quantisation to int8, after the TensorFlow Lite 8-bit quantisation specification: activations
// asymmetric per tensor from the ranges seen, weights symmetric (convolutions per output channel, fully connected per
// tensor), biases int32 at input scale · weight scale. Scales are kept as the float32 numbers that the file will hold.
import { architecture, inputName, kernelShape, lookUp, outputName, weightedLayers } from './architecture.mjs';
import { inputScaleG } from './gestures.mjs';
import { runNetwork } from './network.mjs';

/** @typedef {{ scale: number, zeroPoint: number }} Quantisation real = scale · (stored − zeroPoint) */

/**
 * @typedef {object} QuantisedWeights
 * @property {readonly number[]} shape of the kernel
 * @property {Int8Array} kernel
 * @property {Int32Array} bias
 * @property {readonly number[]} scales of the kernel: one, or one per output channel
 * @property {readonly number[]} biasScales as many
 */

/**
 * @typedef {object} QuantisedNetwork
 * @property {ReadonlyMap<string, Quantisation>} values by name
 * @property {ReadonlyMap<string, QuantisedWeights>} weights by layer name
 */

/**
 * @param {import('./network.mjs').NetworkWeights} weights
 * @param {readonly Float32Array[]} calibration windows whose activations set the ranges
 * @returns {QuantisedNetwork}
 */
export function quantiseNetwork(weights, calibration) {
  const values = quantiseValues(runNetwork(weights, calibration));
  const quantised = weightedLayers.map((layer) => {
    const { kernel, bias } = lookUp(weights, layer.name);
    return /** @type {const} */ ([
      layer.name,
      quantiseWeights(
        layer,
        Float32Array.from(kernel.dataSync()),
        Float32Array.from(bias.dataSync()),
        lookUp(values, layer.x).scale,
      ),
    ]);
  });
  return { values, weights: new Map(quantised) };
}

/**
 * @param {ReadonlyMap<string, Float32Array>} activations
 * @returns {Map<string, Quantisation>}
 */
function quantiseValues(activations) {
  const values = new Map([[inputName, { scale: inputScaleG, zeroPoint: 0 }]]);
  for (const layer of architecture) {
    // What only moves, selects or averages values keeps their quantisation.
    const passesOn = layer.op === 'reshape' || layer.op === 'maxPool2d' || layer.op === 'mean';
    values.set(
      layer.name,
      passesOn
        ? lookUp(values, layer.x)
        : layer.name === outputName
          ? { scale: 1 / 256, zeroPoint: -128 }
          : quantisationOf(lookUp(activations, layer.name)),
    );
  }
  return values;
}

/**
 * @param {Float32Array} seen
 * @returns {Quantisation} of the range seen, widened to hold 0, which must have an exact code: it is what padding adds
 */
function quantisationOf(seen) {
  const low = seen.reduce((a, b) => Math.min(a, b), 0);
  const high = seen.reduce((a, b) => Math.max(a, b), 0);
  const scale = Math.fround((high - low) / 255);
  return { scale, zeroPoint: Math.max(-128, Math.min(127, Math.round(-128 - low / scale))) };
}

/**
 * @param {import('./architecture.mjs').WeightedLayer} layer
 * @param {Float32Array} kernel
 * @param {Float32Array} bias
 * @param {number} inputScale
 * @returns {QuantisedWeights}
 */
function quantiseWeights(layer, kernel, bias, inputScale) {
  const channels = bias.length;
  // Which output channel a weight belongs to: the first axis of the kernel, but the last of a depthwise one.
  const channelOf =
    layer.op === 'depthwiseConv2d'
      ? (/** @type {number} */ i) => i % channels
      : (/** @type {number} */ i) => Math.floor((i * channels) / kernel.length);
  const perChannel = layer.op !== 'fullyConnected';
  const groupOf = (/** @type {number} */ i) => (perChannel ? channelOf(i) : 0);
  const largest = new Float64Array(perChannel ? channels : 1);
  kernel.forEach((weight, i) => {
    largest[groupOf(i)] = Math.max(largest[groupOf(i)] ?? 0, Math.abs(weight));
  });
  // A channel without weights may have any scale.
  const scales = Array.from(largest, (magnitude) => Math.fround((magnitude || 1) / 127));
  const biasScales = scales.map((scale) => Math.fround(inputScale * scale));
  const scaleOf = (/** @type {readonly number[]} */ of, /** @type {number} */ group) => of[group] ?? 1;
  return {
    shape: kernelShape(layer),
    kernel: Int8Array.from(kernel, (weight, i) =>
      Math.max(-127, Math.min(127, Math.round(weight / scaleOf(scales, groupOf(i))))),
    ),
    bias: Int32Array.from(bias, (b, channel) => Math.round(b / scaleOf(biasScales, perChannel ? channel : 0))),
    scales,
    biasScales,
  };
}
