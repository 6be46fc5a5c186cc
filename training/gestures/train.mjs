// Trains the gesture network and writes tests/models/gestures: the model, made-up inputs with their labels, a README.
// Prints how well it recognises recordings that it was not trained on. The same versions and recordings give the same bytes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { architecture } from './architecture.mjs';
import { classOf, confusionTable, percentage, score } from './evaluate.mjs';
import { exportTflite } from './export-tflite.mjs';
import { axes, gestures, quantiseInput, windowSteps } from './gestures.mjs';
import { runInteger } from './integer-inference.mjs';
import { prepareTensorFlow, runNetwork, trainNetwork } from './network.mjs';
import { writeInt8Npy } from './npy.mjs';
import { quantiseNetwork } from './quantise.mjs';
import { describeModel } from './readme.mjs';
import { cutWindows, readRecordings, splitRecordings } from './recordings.mjs';
import { synthesiseWindow } from './synthetic-motion.mjs';

const seed = 1;
const foldCount = 3;
/** The fold whose network is shipped: fixed beforehand, because all its held-out recordings have at least 2.5 s. */
const shippedFold = 1;
const hopRawSamples = 16;
const samplesPerGesture = 3;

const here = dirname(fileURLToPath(import.meta.url));
const sharedFolder = process.env.ANYMOTE_SHARED ?? resolve(here, '../../../shared');
const outputFolder = resolve(here, '../../tests/models/gestures');

/**
 * @typedef {object} Fold
 * @property {readonly string[]} heldOut file names of the recordings
 * @property {import('./evaluate.mjs').Score} float of the float network on windows of the held-out recordings
 * @property {import('./evaluate.mjs').Score} int8 of the quantised network on the same
 * @property {number} leftOut how many windows of them lay still under a gesture's label
 * @property {import('./quantise.mjs').QuantisedNetwork} network
 */

const { recordings, tooShort } = readRecordings(sharedFolder);
console.log(`${recordings.length} recordings; shorter than a window and left out: ${tooShort.join(', ') || 'none'}`);

await prepareTensorFlow();
const folds = Array.from({ length: foldCount }, (_, fold) => trainFold(fold));
const shipped = folds[shippedFold];
if (shipped === undefined) throw new Error('the shipped fold does not exist');
console.log(`\nshipped: fold ${shippedFold}, int8, on its held-out recordings:\n\n${confusionTable(shipped.int8)}\n`);

const samples = gestures.flatMap((gesture) =>
  Array.from({ length: samplesPerGesture }, (_, i) => makeSample(shipped.network, gesture, i + 1)),
);
const model = exportTflite(shipped.network, 'Gestures from 1.28 s of acceleration: snake, updown, wave, idle.');
writeOutputs(shipped.network);

/**
 * @param {number} fold
 * @returns {Fold}
 */
function trainFold(fold) {
  const { training, heldOut } = splitRecordings(recordings, fold, foldCount);
  const started = Date.now();
  const weights = trainNetwork(training, seed, (epoch, epochs, loss) => {
    const line = `fold ${fold}: epoch ${epoch} of ${epochs}, loss ${loss.toFixed(4)}`;
    if (process.stdout.isTTY) process.stdout.write(`\r${line}  `);
    else if (epoch % 10 === 0) console.log(line);
  });
  if (process.stdout.isTTY) process.stdout.write('\r');
  const calibration = cutWindows(training, hopRawSamples).windows.map(({ steps }) => steps);
  const network = quantiseNetwork(weights, calibration);
  const { windows, leftOut } = cutWindows(heldOut, hopRawSamples);
  const labels = windows.map(({ label }) => label);
  const probabilities =
    runNetwork(
      weights,
      windows.map(({ steps }) => steps),
    ).get('probabilities') ?? new Float32Array();
  const classes = gestures.length;
  const float = score(
    labels,
    labels.map((_, i) => classOf(probabilities.subarray(i * classes, (i + 1) * classes))),
  );
  const int8 = score(
    labels,
    windows.map(({ steps }) => classOf(runInteger(network, quantiseInput(steps)))),
  );
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  console.log(
    `fold ${fold}: held out ${heldOut.length} recordings, float ${percentage(float)}, int8 ${percentage(int8)}, ${seconds} s`,
  );
  return { heldOut: heldOut.map(({ fileName }) => fileName), float, int8, leftOut, network };
}

/**
 * @param {import('./quantise.mjs').QuantisedNetwork} network
 * @param {import('./gestures.mjs').Gesture} gesture
 * @param {number} number
 * @returns {{ file: string, label: import('./gestures.mjs').Gesture, bytes: Buffer }}
 */
function makeSample(network, gesture, number) {
  const window = quantiseInput(synthesiseWindow(gesture, number));
  const recognised = gestures[classOf(runInteger(network, window))];
  console.log(`sample ${gesture}-${number}: recognised as ${recognised}`);
  if (recognised !== gesture) throw new Error('nothing was written: the model does not recognise a sample of its own');
  return { file: `${gesture}-${number}.npy`, label: gesture, bytes: writeInt8Npy([1, windowSteps, axes], window) };
}

/** @param {import('./quantise.mjs').QuantisedNetwork} network */
function writeOutputs(network) {
  const sampleLines = samples.map(({ file, label }) => `    "${file}": "${label}"`);
  const classes = gestures.map((gesture) => `"${gesture}"`);
  const labels = `{\n  "classes": [${classes.join(', ')}],\n  "samples": {\n${sampleLines.join(',\n')}\n  }\n}\n`;
  const readme = describeModel({
    folds,
    shippedFold,
    hopRawSamples,
    tooShort,
    modelBytes: model.length,
    weightBytes: weightBytes(network),
  });
  mkdirSync(join(outputFolder, 'samples'), { recursive: true });
  writeFileSync(join(outputFolder, 'gestures.tflite'), model);
  for (const { file, bytes } of samples) writeFileSync(join(outputFolder, 'samples', file), bytes);
  writeFileSync(join(outputFolder, 'samples', 'labels.json'), labels);
  writeFileSync(join(outputFolder, 'README.md'), readme);
  console.log(
    `${outputFolder}: gestures.tflite (${model.length} bytes, ${architecture.length} layers), ${samples.length} samples`,
  );
}

/** @param {import('./quantise.mjs').QuantisedNetwork} network */
function weightBytes({ weights }) {
  return [...weights.values()].reduce((sum, { kernel, bias }) => sum + kernel.byteLength + bias.byteLength, 0);
}
