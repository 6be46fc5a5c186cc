// Made-up accelerometer windows, one kind of motion per gesture, to run the model on without any recording.
// Plain physics of a sensor lying flat (gravity on z), moved as a hand would, plus the noise of the sensor.
import { averageSteps, axes, gestures, rawRateHz, windowRawSamples } from './gestures.mjs';
import { seededRandom } from './random.mjs';

/** @typedef {import('./gestures.mjs').Gesture} Gesture */
/** @typedef {import('./random.mjs').Random} Random */
/** @typedef {(seconds: number) => readonly [number, number, number]} Motion acceleration in g at a time */

const noiseG = 0.002;

/** @type {Readonly<Record<Gesture, (random: Random) => Motion>>} */
const motions = { snake, updown, wave, idle };

/**
 * @param {Gesture} gesture
 * @param {number} seed
 * @returns {Float32Array} (windowSteps, axes) in g
 */
export function synthesiseWindow(gesture, seed) {
  const random = seededRandom(seed * gestures.length + gestures.indexOf(gesture));
  const motion = motions[gesture](random);
  const raw = new Float64Array(windowRawSamples * axes);
  for (let i = 0; i < windowRawSamples; i++) {
    motion(i / rawRateHz).forEach((g, axis) => {
      raw[i * axes + axis] = g + noiseG * random.normal();
    });
  }
  return averageSteps(raw);
}

/**
 * Pushed over a table in curves: slow sideways accelerations, and the rattle of the surface on all axes.
 * @param {Random} random
 * @returns {Motion}
 */
function snake(random) {
  const curveHz = random.between(1, 1.6);
  const curve = sway(random, curveHz, random.between(0.04, 0.07));
  const along = sway(random, 2 * curveHz, random.between(0.02, 0.04));
  const rattle = [0.05, 0.04, 0.09].map((amplitudeG) => tremor(random, 10, 40, amplitudeG));
  return (t) => [curve(t) + rattled(0, t), along(t) + rattled(1, t), 1 + rattled(2, t)];

  /**
   * @param {number} axis
   * @param {number} t
   */
  function rattled(axis, t) {
    return rattle[axis]?.(t) ?? 0;
  }
}

/**
 * Lifted and lowered, slightly tilted in the hand.
 * @param {Random} random
 * @returns {Motion}
 */
function updown(random) {
  const tilt = random.between(0.1, 0.25);
  const lift = sway(random, random.between(0.75, 0.95), random.between(0.18, 0.26));
  const roll = sway(random, random.between(0.6, 0.9), 0.06);
  const shake = [0, 1, 2].map(() => tremor(random, 6, 12, 0.02));
  return (t) => {
    const total = 1 + lift(t);
    return [
      roll(t) + (shake[0]?.(t) ?? 0),
      Math.sin(tilt) * total + (shake[1]?.(t) ?? 0),
      Math.cos(tilt) * total + (shake[2]?.(t) ?? 0),
    ];
  };
}

/**
 * Held upright and swung from side to side: gravity swings between x and y, the swing adds to y.
 * @param {Random} random
 * @returns {Motion}
 */
function wave(random) {
  const lean = random.between(0.2, 0.35);
  const angle = sway(random, random.between(0.8, 1.1), random.between(0.5, 0.7));
  const shake = [0, 1, 2].map(() => tremor(random, 6, 12, 0.02));
  return (t) => [
    Math.cos(angle(t)) * Math.cos(lean) + (shake[0]?.(t) ?? 0),
    1.1 * Math.sin(angle(t)) + (shake[1]?.(t) ?? 0),
    Math.sin(lean) + (shake[2]?.(t) ?? 0),
  ];
}

/**
 * Lying on a table.
 * @param {Random} random
 * @returns {Motion}
 */
function idle(random) {
  const x = random.between(-0.01, 0.01);
  const y = random.between(-0.01, 0.01);
  return () => [x, y, 1.01];
}

/**
 * @param {Random} random of the phase
 * @param {number} hz
 * @param {number} amplitude
 * @returns {(seconds: number) => number}
 */
function sway(random, hz, amplitude) {
  const phase = random.between(0, 2 * Math.PI);
  return (t) => amplitude * Math.sin(2 * Math.PI * hz * t + phase);
}

/**
 * A band of vibration: sines of random frequency and phase.
 * @param {Random} random
 * @param {number} fromHz
 * @param {number} toHz
 * @param {number} rms
 * @returns {(seconds: number) => number}
 */
function tremor(random, fromHz, toHz, rms) {
  const count = 8;
  const sines = Array.from({ length: count }, () =>
    sway(random, random.between(fromHz, toHz), rms * Math.sqrt(2 / count)),
  );
  return (t) => sines.reduce((sum, sine) => sum + sine(t), 0);
}
