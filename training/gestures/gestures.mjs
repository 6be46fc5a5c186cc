// What the model is about: the gestures, the shape of a window and the int8 form in which a sensor hands it over.
// Accelerometer samples are in g; a raw int16 sample of the ±2 g sensor is g · 16384.

/** The classes, in the order of the model's outputs. */
export const gestures = /** @type {const} */ (['snake', 'updown', 'wave', 'idle']);

/** @typedef {typeof gestures[number]} Gesture */

export const rawPerG = 16384;
export const rawRateHz = 100;
export const axes = 3;

/** Pairs of raw samples are averaged, so a window is 128 raw samples (1.28 s) and 64 steps of 50 Hz. */
export const rawPerStep = 2;
export const windowSteps = 64;
export const windowRawSamples = windowSteps * rawPerStep;

/** Step of the int8 input: ±2 g in 256 steps, zero at zero, so quantising is a rounding shift of the raw sample. */
export const inputScaleG = 1 / 64;

/**
 * Turns raw samples into one window of the model: pairs averaged, in g.
 * @param {Float64Array} rawSamples (windowRawSamples, axes) in g
 * @returns {Float32Array} (windowSteps, axes) in g
 */
export function averageSteps(rawSamples) {
  const steps = new Float32Array(windowSteps * axes);
  for (let step = 0; step < windowSteps; step++) {
    for (let axis = 0; axis < axes; axis++) {
      let sum = 0;
      for (let k = 0; k < rawPerStep; k++) sum += rawSamples[(step * rawPerStep + k) * axes + axis] ?? 0;
      steps[step * axes + axis] = sum / rawPerStep;
    }
  }
  return steps;
}

/**
 * @param {Float32Array} steps in g
 * @returns {Int8Array} the same in units of inputScaleG, saturated
 */
export function quantiseInput(steps) {
  return Int8Array.from(steps, (g) => Math.max(-128, Math.min(127, Math.round(g / inputScaleG))));
}
