// The recordings: read from the shared data, split by recording, cut into labelled windows.
// A label names a whole recording, so windows of a gesture in which the sensor lies still are left out, not relabelled.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { averageSteps, axes, gestures, rawPerG, windowRawSamples } from './gestures.mjs';
import { readInt16Matrix } from './npy.mjs';

/**
 * @typedef {object} Recording
 * @property {string} fileName
 * @property {number} label index into gestures
 * @property {number} samples how many raw samples of three axes
 * @property {Float64Array} g (samples, axes) acceleration in g
 */

/**
 * @typedef {object} LabelledWindow
 * @property {Float32Array} steps (windowSteps, axes) in g
 * @property {number} label index into gestures
 * @property {string} fileName the recording it was cut from
 */

/** Both halves of a gesture's window must move more than this: root of the summed variances of the axes, in g. */
const stillBelowG = 0.06;

/**
 * Reads every recording that is at least one window long, ordered by class and time.
 * @param {string} sharedFolder
 * @returns {{ recordings: Recording[], tooShort: string[] }}
 */
export function readRecordings(sharedFolder) {
  const folder = join(sharedFolder, 'data', 'medical', 'har-emlearn', 'cgestures', 'har_record');
  if (!existsSync(folder)) {
    throw new Error(`no recordings at ${folder}: set ANYMOTE_SHARED to the folder that holds data/medical/har-emlearn`);
  }
  /** @type {Recording[]} */
  const recordings = [];
  /** @type {string[]} */
  const tooShort = [];
  for (const fileName of readdirSync(folder).sort()) {
    const label = gestures.findIndex((gesture) => fileName.endsWith(`_${gesture}.npy`));
    if (label < 0) continue;
    const { rows, columns, data } = readInt16Matrix(readFileSync(join(folder, fileName)), fileName);
    if (columns !== axes) throw new Error(`${fileName}: ${columns} columns, expected ${axes}`);
    if (rows < windowRawSamples) tooShort.push(fileName);
    else recordings.push({ fileName, label, samples: rows, g: Float64Array.from(data, (raw) => raw / rawPerG) });
  }
  recordings.sort((a, b) => a.label - b.label || (a.fileName < b.fileName ? -1 : 1));
  return { recordings, tooShort };
}

/**
 * Splits by recording: of each class, every foldCount-th recording, starting with number `fold`, is held out.
 * @param {readonly Recording[]} recordings
 * @param {number} fold
 * @param {number} foldCount
 * @returns {{ training: Recording[], heldOut: Recording[] }}
 */
export function splitRecordings(recordings, fold, foldCount) {
  /** @type {Recording[]} */
  const training = [];
  /** @type {Recording[]} */
  const heldOut = [];
  for (let label = 0; label < gestures.length; label++) {
    const ofClass = recordings.filter((recording) => recording.label === label);
    ofClass.forEach((recording, i) => {
      (i % foldCount === fold ? heldOut : training).push(recording);
    });
  }
  return { training, heldOut };
}

/**
 * Cuts windows at every hop, leaving out the still ones of gestures.
 * @param {readonly Recording[]} recordings
 * @param {number} hopRawSamples
 * @returns {{ windows: LabelledWindow[], leftOut: number }}
 */
export function cutWindows(recordings, hopRawSamples) {
  /** @type {LabelledWindow[]} */
  const windows = [];
  let leftOut = 0;
  for (const recording of recordings) {
    for (let start = 0; start + windowRawSamples <= recording.samples; start += hopRawSamples) {
      const raw = recording.g.subarray(start * axes, (start + windowRawSamples) * axes);
      if (!carriesItsLabel(raw, recording.label)) leftOut++;
      else windows.push({ steps: averageSteps(raw), label: recording.label, fileName: recording.fileName });
    }
  }
  return { windows, leftOut };
}

/**
 * @param {Float64Array} raw (windowRawSamples, axes) in g
 * @param {number} label
 */
export function carriesItsLabel(raw, label) {
  if (gestures[label] === 'idle') return true;
  const half = raw.length / 2;
  return movementG(raw.subarray(0, half)) > stillBelowG && movementG(raw.subarray(half)) > stillBelowG;
}

/**
 * @param {Float64Array} raw (n, axes) in g
 * @returns {number} root of the summed variances of the axes, in g
 */
function movementG(raw) {
  const count = raw.length / axes;
  let variance = 0;
  for (let axis = 0; axis < axes; axis++) {
    let sum = 0;
    let sumOfSquares = 0;
    for (let i = axis; i < raw.length; i += axes) {
      const g = raw[i] ?? 0;
      sum += g;
      sumOfSquares += g * g;
    }
    variance += sumOfSquares / count - (sum / count) ** 2;
  }
  return Math.sqrt(Math.max(0, variance));
}
