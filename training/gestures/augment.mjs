// Training windows that were not recorded but could have been: cut anywhere, played slower or faster, the sensor held
// a little differently, and a little noise.
import { averageSteps, axes, windowRawSamples } from './gestures.mjs';
import { carriesItsLabel } from './recordings.mjs';

/** @typedef {import('./random.mjs').Random} Random */
/** @typedef {import('./recordings.mjs').Recording} Recording */

const speedSpread = 0.15;
const tiltDegrees = 12;
const noiseG = 0.004;
const attempts = 20;

/**
 * Draws one window of a recording.
 * @param {Recording} recording
 * @param {Random} random
 * @returns {Float32Array} (windowSteps, axes) in g
 */
export function drawWindow(recording, random) {
  let raw = cutAtSpeed(recording, random);
  // A recording of which no window moved would never have its label; after these attempts the last cut is taken.
  for (let i = 0; i < attempts && !carriesItsLabel(raw, recording.label); i++) raw = cutAtSpeed(recording, random);
  tilt(raw, random);
  for (let i = 0; i < raw.length; i++) raw[i] = (raw[i] ?? 0) + noiseG * random.normal();
  return averageSteps(raw);
}

/**
 * @param {Recording} recording
 * @param {Random} random
 * @returns {Float64Array} (windowRawSamples, axes) in g, linearly interpolated
 */
function cutAtSpeed(recording, random) {
  const fastest = (recording.samples - 1) / (windowRawSamples - 1);
  const speed = Math.min(fastest, random.between(1 - speedSpread, 1 + speedSpread));
  const start = random.between(0, recording.samples - 1 - speed * (windowRawSamples - 1));
  const raw = new Float64Array(windowRawSamples * axes);
  for (let i = 0; i < windowRawSamples; i++) {
    const position = start + i * speed;
    const before = Math.min(Math.floor(position), recording.samples - 2);
    const weight = position - before;
    for (let axis = 0; axis < axes; axis++) {
      const a = recording.g[before * axes + axis] ?? 0;
      const b = recording.g[(before + 1) * axes + axis] ?? 0;
      raw[i * axes + axis] = a + (b - a) * weight;
    }
  }
  return raw;
}

/**
 * Rotates a window by a small angle about each axis in turn.
 * @param {Float64Array} raw (n, axes), changed in place
 * @param {Random} random
 */
function tilt(raw, random) {
  for (let axis = 0; axis < axes; axis++) {
    const angle = (random.between(-tiltDegrees, tiltDegrees) * Math.PI) / 180;
    const cosine = Math.cos(angle);
    const sine = Math.sin(angle);
    const u = (axis + 1) % axes;
    const v = (axis + 2) % axes;
    for (let row = 0; row < raw.length; row += axes) {
      const a = raw[row + u] ?? 0;
      const b = raw[row + v] ?? 0;
      raw[row + u] = cosine * a - sine * b;
      raw[row + v] = sine * a + cosine * b;
    }
  }
}
