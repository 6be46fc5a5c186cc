// The quantised network in integers alone, step by step as the reference kernels of TensorFlow Lite compute it, to
// measure what quantisation costs. It ends at the logits: the softmax behind them changes no order.
import { architecture, inputName, logitsName, lookUp, samePadding, shapeOf } from './architecture.mjs';

/** @typedef {import('./architecture.mjs').Layer} Layer */
/** @typedef {import('./quantise.mjs').QuantisedNetwork} QuantisedNetwork */
/** @typedef {{ multiplier: number, shift: number }} FixedPoint multiplier · 2^(shift − 31) */

/**
 * @param {QuantisedNetwork} network
 * @param {Int8Array} window (windowSteps, axes) as quantiseInput gives it
 * @returns {Int8Array} the logits, one per class
 */
export function runInteger(network, window) {
  const values = new Map([[inputName, window]]);
  for (const layer of architecture) {
    if (layer.op !== 'softmax') values.set(layer.name, apply(layer, values, network));
  }
  return lookUp(values, logitsName);
}

/**
 * @param {Exclude<Layer, { op: 'softmax' }>} layer
 * @param {ReadonlyMap<string, Int8Array>} values
 * @param {QuantisedNetwork} network
 * @returns {Int8Array}
 */
function apply(layer, values, network) {
  const quantisation = (/** @type {string} */ name) => lookUp(network.values, name);
  const y = quantisation(layer.name);
  const least = 'relu' in layer && layer.relu ? Math.max(-128, y.zeroPoint) : -128;
  const store = (/** @type {number} */ value) => Math.max(least, Math.min(127, value + y.zeroPoint));
  if (layer.op === 'add') return add(lookUp(values, layer.a), lookUp(values, layer.b));

  const x = lookUp(values, layer.x);
  const { scale: inputScale, zeroPoint } = quantisation(layer.x);
  const [height = 0] = shapeOf(layer.x);
  const channels = shapeOf(layer.x).at(-1) ?? 0;
  switch (layer.op) {
    case 'reshape':
      return x;
    case 'conv2d':
    case 'depthwiseConv2d':
    case 'fullyConnected':
      return weighted(layer);
    case 'maxPool2d':
      return pool(layer.height);
    case 'mean':
      return mean();
  }

  /** @param {import('./architecture.mjs').WeightedLayer} layer */
  function weighted(layer) {
    const { kernel, bias, scales } = lookUp(network.weights, layer.name);
    const factors = Array.from(bias, (_, o) => fixedPoint((inputScale * (scales[o] ?? scales[0] ?? 0)) / y.scale));
    const outputs = bias.length;
    const taps = layer.op === 'fullyConnected' ? 1 : layer.height;
    const stride = layer.op === 'conv2d' ? layer.stride : 1;
    const before = layer.op === 'fullyConnected' ? 0 : samePadding(layer).before;
    const steps = layer.op === 'fullyConnected' ? 1 : (shapeOf(layer.name)[0] ?? 0);
    const result = new Int8Array(steps * outputs);
    for (let step = 0; step < steps; step++) {
      for (let o = 0; o < outputs; o++) {
        let sum = bias[o] ?? 0;
        for (let tap = 0; tap < taps; tap++) {
          const at = step * stride + tap - before;
          if (layer.op !== 'fullyConnected' && (at < 0 || at >= height)) continue;
          if (layer.op === 'depthwiseConv2d') {
            sum += ((x[at * channels + o] ?? 0) - zeroPoint) * (kernel[tap * channels + o] ?? 0);
          } else {
            for (let c = 0; c < channels; c++) {
              sum += ((x[at * channels + c] ?? 0) - zeroPoint) * (kernel[(o * taps + tap) * channels + c] ?? 0);
            }
          }
        }
        result[step * outputs + o] = store(scaleBy(sum, factors[o] ?? { multiplier: 0, shift: 0 }));
      }
    }
    return result;
  }

  /** @param {number} extent */
  function pool(extent) {
    const result = new Int8Array(Math.floor(height / extent) * channels).fill(-128);
    for (let i = 0; i < result.length * extent; i++) {
      const to = Math.floor(i / (extent * channels)) * channels + (i % channels);
      result[to] = Math.max(result[to] ?? 0, x[i] ?? 0);
    }
    return result;
  }

  function mean() {
    // The division by the count is folded into the multiplier, kept as large as 32 bits allow.
    const { multiplier, shift } = fixedPoint(inputScale / y.scale);
    const foldedShift = Math.min(Math.floor(Math.log2(height)), 32, 31 + shift);
    const factor = {
      multiplier: Math.trunc((multiplier * 2 ** foldedShift) / height),
      shift: shift - foldedShift,
    };
    return Int8Array.from({ length: channels }, (_, c) => {
      let sum = 0;
      for (let step = 0; step < height; step++) sum += (x[step * channels + c] ?? 0) - zeroPoint;
      return store(scaleBy(sum, factor));
    });
  }

  /**
   * @param {Int8Array} a
   * @param {Int8Array} b
   */
  function add(a, b) {
    if (layer.op !== 'add') throw new Error('not an addition');
    const qa = quantisation(layer.a);
    const qb = quantisation(layer.b);
    const headroomBits = 20;
    const common = 2 * Math.max(qa.scale, qb.scale);
    const factorA = fixedPoint(qa.scale / common);
    const factorB = fixedPoint(qb.scale / common);
    const factorY = fixedPoint(common / (2 ** headroomBits * y.scale));
    return a.map((stored, i) => {
      const termA = scaleBy((stored - qa.zeroPoint) * 2 ** headroomBits, factorA);
      const termB = scaleBy(((b[i] ?? 0) - qb.zeroPoint) * 2 ** headroomBits, factorB);
      return store(scaleBy(termA + termB, factorY));
    });
  }
}

/**
 * @param {number} real positive
 * @returns {FixedPoint} with a multiplier of 31 bits
 */
function fixedPoint(real) {
  let shift = Math.floor(Math.log2(real)) + 1;
  let multiplier = Math.round(real * 2 ** (31 - shift));
  if (multiplier === 2 ** 31) {
    multiplier /= 2;
    shift++;
  }
  return { multiplier, shift };
}

/**
 * The product, rounded twice as the reference kernels do: half away from zero at 31 bits below, then again at the shift.
 * @param {number} value int32
 * @param {FixedPoint} factor
 * @returns {number}
 */
function scaleBy(value, { multiplier, shift }) {
  const product = BigInt(value * 2 ** Math.max(0, shift)) * BigInt(multiplier);
  const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n);
  const high = Number((product + nudge) / (1n << 31n));
  const right = Math.max(0, -shift);
  // Away from zero at exactly a half: Math.round alone would round −0.5 up.
  return Math.sign(high) * Math.round(Math.abs(high) / 2 ** right);
}
