// Decision trees as data: nodes that compare a feature with a threshold, leaves that add to scores. Every importer gives this form, and
// all comparisons are `x <= threshold` in float32: `x < t` is `x <= ` the float before t, and a double t is the float below it.
import type { Complain } from './op.ts';

/** A node's position, or for a leaf its position's complement, `~leaf`. */
export type Link = number;

export interface Forest {
  /** Columns of a row. */
  readonly features: number;
  /** Scores of a row. */
  readonly scores: number;
  /** By tree, where it begins. */
  readonly roots: Int32Array;
  /** By node: the feature it looks at, where it goes if x <= threshold, and else. */
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  readonly whenTrue: Int32Array;
  readonly whenFalse: Int32Array;
  /** By node, 1 where a missing value, NaN, goes where a smaller one does. */
  readonly missing: Uint8Array;
  /** Nodes that ask instead whether x, cut to an integer, is one of a set: by node, a bit for each that is, least first. */
  readonly categories: ReadonlyMap<number, Uint32Array>;
  /** By leaf the first of its entries, and behind the last leaf their number. */
  readonly firstEntry: Int32Array;
  /** By entry the score it adds to, and what it adds. */
  readonly entryScore: Int32Array;
  readonly entryValue: Float64Array;
}

/** The entries of a leaf. */
export const entriesOf = ({ firstEntry }: Forest, leaf: number): readonly [first: number, end: number] => [
  firstEntry[leaf] ?? 0,
  firstEntry[leaf + 1] ?? 0,
];

/** Whether a row's value goes where `whenTrue` says. */
export function isTrue({ threshold, missing, categories }: Forest, node: number, x: number): boolean {
  if (Number.isNaN(x)) return missing[node] === 1;
  const set = categories.get(node);
  if (set === undefined) return x <= (threshold[node] ?? 0);
  if (x < 0 || x >= 32 * set.length) return false;
  const category = Math.trunc(x);
  return (((set[category >> 5] ?? 0) >>> (category & 31)) & 1) === 1;
}

/** The leaf that a row comes to in a tree. */
export function leafOf(forest: Forest, root: Link, x: (feature: number) => number): number {
  let link = root;
  while (link >= 0) {
    const goes = isTrue(forest, link, x(forest.feature[link] ?? 0)) ? forest.whenTrue : forest.whenFalse;
    link = goes[link] ?? -1;
  }
  return ~link;
}

/**
 * By node, the most nodes on a way from it to a leaf, itself among them. Children stand behind their parents, as `checkForest` demands.
 */
export function heights({ feature, whenTrue, whenFalse }: Forest): Int32Array {
  const height = new Int32Array(feature.length);
  const of = (link: number): number => (link < 0 ? 0 : (height[link] ?? 0));
  for (let node = feature.length - 1; node >= 0; node -= 1)
    height[node] = 1 + Math.max(of(whenTrue[node] ?? -1), of(whenFalse[node] ?? -1));
  return height;
}

/** Complains of what loops could not handle: links that lead backwards or nowhere, features and scores that there are not. */
export function checkForest(forest: Forest, complain: Complain): void {
  const { features, scores, roots, feature, whenTrue, whenFalse, threshold, missing, firstEntry, entryScore } = forest;
  const nodes = feature.length;
  const leaves = firstEntry.length - 1;
  const lengths = [whenTrue, whenFalse, threshold, missing].map(({ length }) => length);
  if (lengths.some((length) => length !== nodes)) complain('columns of nodes', String(nodes), lengths.join(', '));
  const isLink = (link: number, least: number): boolean => (link < 0 ? ~link < leaves : link >= least && link < nodes);
  const bad = (what: string, want: string, of: Int32Array, holds: (value: number, i: number) => boolean): void => {
    const at = of.findIndex((value, i) => !holds(value, i));
    if (at >= 0) complain(`${what} ${at}`, want, String(of[at]));
  };
  bad('root of tree', 'a node or a leaf', roots, (link) => isLink(link, 0));
  bad('feature of node', `one of ${features}`, feature, (value) => value >= 0 && value < features);
  bad('child of node', 'a later node or a leaf', whenTrue, (link, i) => isLink(link, i + 1));
  bad('child of node', 'a later node or a leaf', whenFalse, (link, i) => isLink(link, i + 1));
  bad('score of entry', `one of ${scores}`, entryScore, (value) => value >= 0 && value < scores);
  bad(
    'entries of leaf',
    'ascending',
    firstEntry,
    (value, i) => value >= (firstEntry[i - 1] ?? 0) && value <= entryScore.length,
  );
  const strange = threshold.findIndex((value, node) => Number.isNaN(value) && !forest.categories.has(node));
  if (strange >= 0) complain(`threshold of node ${strange}`, 'a number', 'NaN');
}
