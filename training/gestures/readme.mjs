// The README that is written beside the model: where it comes from, what it takes and gives, how good it is.
import { confusionTable, percentage } from './evaluate.mjs';
import { gestures, inputScaleG, rawPerStep, rawRateHz, windowRawSamples } from './gestures.mjs';

/**
 * @typedef {object} Facts
 * @property {readonly import('./train.mjs').Fold[]} folds
 * @property {number} shippedFold
 * @property {number} hopRawSamples between the windows that were scored
 * @property {readonly string[]} tooShort recordings that were left out
 * @property {number} modelBytes
 * @property {number} weightBytes kernels and biases
 */

/**
 * @param {Facts} facts
 * @returns {string} Markdown
 */
export function describeModel(facts) {
  const { folds, shippedFold, modelBytes, weightBytes } = facts;
  const shipped = folds[shippedFold];
  if (shipped === undefined) throw new Error(`there is no fold ${shippedFold}`);
  return `# gestures: four hand movements from an accelerometer

Written by \`training/gestures/train.mjs\`; do not edit. To make it again, from the repository's root:

    npm install && cd training/gestures && npm install && npm run train

The recordings must be at \`../shared/data/medical/har-emlearn\` beside the repository, or under \`$ANYMOTE_SHARED\`. The
same versions (\`package-lock.json\`) and recordings give the same bytes.

| file | what |
|---|---|
| \`gestures.tflite\` | the int8 model, ${modelBytes} bytes, ${weightBytes} of them weights and biases; the labels are its metadata \`labels\` |
| \`samples/*.npy\` | made-up inputs, int8 (1, 64, 3), from \`synthetic-motion.mjs\`: computed, not recorded |
| \`samples/labels.json\` | the classes in the order of the outputs, and the class of each sample |

## Input and output

\`acceleration\` (1, 64, 3): ${windowRawSamples / rawRateHz} s of x, y, z in g, sampled at ${rawRateHz} Hz, averages of ${rawPerStep} samples. int8 with scale ${inputScaleG} g and zero point 0, so
±2 g fill the range: of a ±2 g sensor with 16-bit samples, add ${rawPerStep} neighbours, divide by 512, round, saturate.

\`probabilities\` (1, ${gestures.length}): ${gestures.join(', ')}; softmax, int8, scale 1/256, zero point −128. As the
signals tell it, z points up and the sensor is pushed over a table in curves (*snake*), lifted and lowered (*updown*),
held upright and swung from side to side (*wave*), left alone (*idle*).

## Data

emlearn-micropython, \`examples/har_trees/data/raw\` at commit 3234e689a8c7, MIT licence, copyright 2024-2025 Jon Nordby
et al.: ${heldOutCount(folds)} recordings of 1.5 to 4 s, made within eleven minutes of one evening by their names. None of it is in this repository.
${facts.tooShort.length === 0 ? '' : `Shorter than a window and left out: ${facts.tooShort.join(', ')}. `}A label names a whole recording, so windows of gestures in
which a half lies still (below 0.06 g) are neither trained on nor scored.

## How good it is

Held out by recording: no window of a tested recording was trained on. One recording in ${folds.length} of each class is held out, in
${folds.length} folds, so that each is once. Windows every ${facts.hopRawSamples / rawRateHz} s; int8 is computed in integers, as on a device.

| fold | recordings held out | float | int8 | mean recall of the classes, int8 | still windows not scored |
|---|---|---|---|---|---|
${folds.map(foldRow).join('\n')}

int8 over all folds: mean ${mean(folds.map(share)).toFixed(1)} %, from ${Math.min(...folds.map(share)).toFixed(1)} % to ${Math.max(...folds.map(share)).toFixed(1)} %. Always naming the commonest class would give ${commonest(folds).toFixed(1)} %.

Shipped is fold ${shippedFold}, chosen before any training because all its held-out recordings have at least 2.5 s; nothing was tuned on
these scores. The int8 network on its held-out recordings:

${confusionTable(shipped.int8)}

Held out: ${shipped.heldOut.join(', ')}.

One session, and windows that overlap: the figures say that the model learnt these movements, not how it would do on
another day or in another hand.
`;
}

/**
 * @param {import('./train.mjs').Fold} fold
 * @param {number} number
 */
function foldRow({ heldOut, float, int8, leftOut }, number) {
  const recall = `${(100 * int8.macroRecall).toFixed(1)} %`;
  return `| ${number} | ${heldOut.length} | ${percentage(float)} | ${percentage(int8)} | ${recall} | ${leftOut} |`;
}

/** @param {import('./train.mjs').Fold} fold */
function share({ int8 }) {
  return (100 * int8.right) / int8.windows;
}

/** @param {readonly import('./train.mjs').Fold[]} folds */
function commonest(folds) {
  const windowsOf = (/** @type {number} */ label) =>
    folds.reduce((sum, { int8 }) => sum + (int8.confusion[label] ?? []).reduce((a, b) => a + b, 0), 0);
  const counts = gestures.map((_, label) => windowsOf(label));
  return (100 * Math.max(...counts)) / counts.reduce((a, b) => a + b, 0);
}

/** @param {readonly import('./train.mjs').Fold[]} folds */
function heldOutCount(folds) {
  return folds.reduce((sum, { heldOut }) => sum + heldOut.length, 0);
}

/** @param {readonly number[]} values */
function mean(values) {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
