// How often a classifier is right on labelled windows, and how that looks as a table.
import { gestures } from './gestures.mjs';

/**
 * @typedef {object} Score
 * @property {number} windows how many
 * @property {number} right how many of them were recognised
 * @property {number} macroRecall mean over the classes of the share of their windows that was recognised
 * @property {readonly (readonly number[])[]} confusion [label][predicted] counts
 */

/**
 * @param {readonly number[]} labels
 * @param {readonly number[]} predictions
 * @returns {Score}
 */
export function score(labels, predictions) {
  const confusion = gestures.map(() => gestures.map(() => 0));
  labels.forEach((label, i) => {
    const row = confusion[label] ?? [];
    const predicted = predictions[i] ?? 0;
    row[predicted] = (row[predicted] ?? 0) + 1;
  });
  const rights = confusion.map((row, label) => row[label] ?? 0);
  const recalls = confusion.flatMap((row, label) => {
    const total = sum(row);
    return total === 0 ? [] : [(rights[label] ?? 0) / total];
  });
  return { windows: labels.length, right: sum(rights), macroRecall: sum(recalls) / recalls.length, confusion };
}

/**
 * @param {ArrayLike<number>} values one per class
 * @returns {number} the class with the greatest, the first of equals
 */
export function classOf(values) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}

/**
 * @param {Score} of
 * @returns {string} e.g. "97.6 % (124 of 127)"
 */
export function percentage({ right, windows }) {
  return `${((100 * right) / windows).toFixed(1)} % (${right} of ${windows})`;
}

/**
 * @param {Score} of
 * @returns {string} a Markdown table: a row per label, a column per prediction
 */
export function confusionTable({ confusion }) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.map((cell) => cell.padEnd(8)).join(' | ')} |`;
  return [
    line(['label', ...gestures]),
    line(['label', ...gestures].map(() => '---')),
    ...confusion.map((row, label) => line([gestures[label] ?? '', ...row.map(String)])),
  ].join('\n');
}

/** @param {readonly number[]} values */
function sum(values) {
  return values.reduce((a, b) => a + b, 0);
}
