// Trees whose leaves add to scores, from a row of features: forests, boosted trees, single trees, isolation forests. Sums run tree by
// tree in the arithmetic of the library that trained the model, from its base scores on; then they may be divided (mean of trees).

import { expDouble } from '../kernel/double-math.ts';
import {
  add,
  and,
  call,
  cast,
  constantLike,
  div,
  index,
  int,
  le,
  lt,
  mul,
  ne,
  select,
  shl,
  shr,
  sub,
} from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import type { DType } from '../tensor/dtype.ts';
import { type Arithmetic, allocateOutputs, checkDecision, type Decision, decide, decisionShapes } from './decision.ts';
import { writeDecision } from './decision-loops.ts';
import { checkForest, entriesOf, type Forest, leafOf } from './forest.ts';
import { defineOp, type Operand } from './op.ts';

export interface TreeEnsembleAttrs {
  readonly forest: Forest;
  readonly arithmetic: Arithmetic;
  /** By score, what the sum begins with. */
  readonly base: readonly number[];
  /** What the sums are divided by in the end, if at all. */
  readonly divisor?: number;
  /** An isolation forest's: sums of path lengths d become -2^(-d * scale). */
  readonly isolation?: { readonly scale: number };
  /** Whether NaN stands for a missing value; else its sign may tell where it goes. */
  readonly acceptsMissing: boolean;
  readonly decision: Decision;
}

/** Integer features are compared with thresholds cut to integers. */
const inputTypes: readonly DType[] = ['f32', 'i8', 'u8', 'i16', 'i32'];

const roundingOf = (arithmetic: Arithmetic): ((value: number) => number) =>
  arithmetic === 'f32' ? Math.fround : (value) => value;

export const treeEnsemble = defineOp({
  name: 'treeEnsemble',
  inputs: ['x'],

  infer({ x }, attrs: TreeEnsembleAttrs, outputs, complain) {
    const { forest, base, decision } = attrs;
    const [rows = 0, features = 0] = x.shape;
    if (!inputTypes.includes(x.dtype)) complain('type of the input', inputTypes.join(', '), x.dtype);
    if (x.shape.length !== 2 || features !== forest.features) {
      complain('shape of the input', `[rows, ${forest.features}]`, `[${x.shape.join(', ')}]`);
      return [];
    }
    if (base.length !== forest.scores) complain('base scores', String(forest.scores), String(base.length));
    checkForest(forest, complain);
    checkDecision(forest.scores, decision, outputs, complain);
    return decisionShapes(rows, forest.scores, decision);
  },

  evaluate({ x }, { forest, arithmetic, base, divisor, isolation, decision }, outputs) {
    const [rows = 0] = x.type.shape;
    const round = roundingOf(arithmetic);
    const results = allocateOutputs(outputs, rows, forest.scores, decision);
    for (let row = 0; row < rows; row += 1) {
      const sums = base.map(round);
      for (const root of forest.roots) {
        const leaf = leafOf(forest, root, (feature) => Number(x.data[row * forest.features + feature]));
        const [first, end] = entriesOf(forest, leaf);
        for (let entry = first; entry < end; entry += 1) {
          const score = forest.entryScore[entry] ?? 0;
          sums[score] = round((sums[score] ?? 0) + round(forest.entryValue[entry] ?? 0));
        }
      }
      const divided = divisor === undefined ? sums : sums.map((sum) => round(sum / divisor));
      const scores = isolation === undefined ? divided : divided.map((sum) => -(2 ** (-sum * isolation.scale)));
      decide(scores, decision, row, results);
    }
    return results;
  },

  lower(k, { x }, attrs, outputs) {
    const [rows = 0] = x.tensor.shape;
    const sums = k.scratch('sums', attrs.arithmetic, attrs.forest.scores);
    const write = sumsByTables(k, attrs, x, sums);
    k.for('row', 0, rows, (row) => {
      write(row);
      finishRow(k, sums, attrs, row, outputs);
    });
  },
});

/** Sums of a row by tables of nodes and leaves, before they are divided. */
function sumsByTables(k: Writer, attrs: TreeEnsembleAttrs, x: Operand, sums: Region): (row: Expr) => void {
  const { forest } = attrs;
  const table = nodeTable(k, forest, x.tensor.dtype === 'f32');
  const addLeaf = addLeaves(k, forest, attrs.arithmetic);
  return (row) => {
    startSums(k, sums, attrs);
    k.for('tree', 0, forest.roots.length, (tree) => {
      const link = k.variable('link', cast('index', k.load(table.roots, tree)));
      k.while(le(index(0), link), () => k.set(link, table.next(link, x, mul(row, forest.features))));
      addLeaf(sums, sub(index(-1), link), tree);
    });
  };
}

/** The base scores. */
export function startSums(k: Writer, sums: Region, { base, arithmetic }: TreeEnsembleAttrs): void {
  const same = base.every((value) => Object.is(value, base[0]));
  const starts = same ? undefined : k.constant('base', floats(arithmetic, base));
  k.for('i', 0, base.length, (i) =>
    k.store(sums, i, starts === undefined ? constantLike(arithmetic, base[0] ?? 0) : k.load(starts, i)),
  );
}

const floats = (arithmetic: Arithmetic, values: readonly number[] | Float64Array): Float32Array | Float64Array =>
  arithmetic === 'f32' ? Float32Array.from(values) : Float64Array.from(values);

/** What is made of a row's sums when all trees have been added. */
export function finishRow(
  k: Writer,
  sums: Region,
  attrs: TreeEnsembleAttrs,
  row: Expr,
  outputs: readonly Operand[],
): void {
  finishSums(k, sums, attrs);
  writeDecision(k, sums, attrs.decision, row, outputs);
}

function finishSums(k: Writer, sums: Region, { divisor, isolation, arithmetic }: TreeEnsembleAttrs): void {
  if (divisor !== undefined)
    k.for('i', 0, sums.length, (i) => k.store(sums, i, div(k.load(sums, i), constantLike(arithmetic, divisor))));
  if (isolation !== undefined)
    k.for('i', 0, sums.length, (i) => {
      const exponent = mul(cast('f64', k.load(sums, i)), -isolation.scale * Math.LN2);
      k.store(sums, i, sub(constantLike('f64', 0), call(expDouble, exponent)));
    });
}

/** Integers in as few bytes as hold them all. */
export function narrowest(values: ArrayLike<number>): Int8Array | Uint8Array | Int16Array | Int32Array {
  let [low, high] = [0, 0];
  for (let i = 0; i < values.length; i += 1) {
    low = Math.min(low, values[i] ?? 0);
    high = Math.max(high, values[i] ?? 0);
  }
  if (low >= 0 && high <= 255) return Uint8Array.from(values);
  if (low >= -128 && high <= 127) return Int8Array.from(values);
  if (low >= -32768 && high <= 32767) return Int16Array.from(values);
  return Int32Array.from(values);
}

/** For an integer x, x <= the threshold exactly if x <= this. */
export const cut = (threshold: number): number => Math.max(-2147483648, Math.min(2147483647, Math.floor(threshold)));

interface NodeTable {
  readonly roots: Region;
  /** Where a row goes from a node; its features begin at a position of x. */
  next(node: Expr, x: Region, row: Expr): Expr;
}

/** The nodes as constants, column by column. */
function nodeTable(k: Writer, forest: Forest, areFloats: boolean): NodeTable {
  const roots = k.constant('roots', narrowest(forest.roots));
  if (forest.feature.length === 0) return { roots, next: () => index(-1) };
  const feature = k.constant('feature', narrowest(forest.feature));
  const threshold = k.constant(
    'threshold',
    areFloats ? forest.threshold : narrowest(Array.from(forest.threshold, cut)),
  );
  const whenTrue = k.constant('when_true', narrowest(forest.whenTrue));
  const whenFalse = k.constant('when_false', narrowest(forest.whenFalse));
  const missing = forest.missing.some((value) => value === 1) ? k.constant('missing', forest.missing) : undefined;
  const isMember = categoryTest(k, forest);
  return {
    roots,
    next(node, x, row) {
      const value = k.let('value', k.load(x, add(row, cast('index', k.load(feature, node)))));
      const asFloat = areFloats ? value : cast('f32', value);
      const below = le(value, k.load(threshold, node));
      const inOrder = isMember === undefined ? below : isMember(node, asFloat, below);
      const test =
        missing === undefined || !areFloats ? inOrder : select(ne(value, value), k.load(missing, node), inOrder);
      const goes = k.let('goes', test);
      return cast('index', select(goes, k.load(whenTrue, node), k.load(whenFalse, node)));
    },
  };
}

/** For forests with categories: whether a node's set holds a value, or, for other nodes, what is handed in. */
function categoryTest(
  k: Writer,
  { categories, feature }: Forest,
): ((node: Expr, value: Expr, other: Expr) => Expr) | undefined {
  if (categories.size === 0) return undefined;
  const words: number[] = [];
  const firstWord = new Int32Array(feature.length).fill(-1);
  const lengths = new Int32Array(feature.length);
  for (const [node, set] of categories) {
    firstWord[node] = words.length;
    lengths[node] = 32 * set.length;
    for (const word of set) words.push(word | 0);
  }
  const sets = k.constant('categories', Int32Array.from(words));
  const firsts = k.constant('first_word', narrowest(firstWord));
  const counts = k.constant('categories_of', narrowest(lengths));
  return (node, value, other) => {
    const result = k.variable('member', other);
    const first = k.let('first', cast('index', k.load(firsts, node)));
    k.if(le(index(0), first), () => {
      k.set(result, int(0));
      const inSet = and(le(constantLike('f32', 0), value), lt(value, cast('f32', k.load(counts, node))));
      k.if(inSet, () => {
        const category = k.let('category', cast('i32', value));
        const word = k.load(sets, add(first, cast('index', shr(category, 5))));
        k.set(result, ne(and(word, shl(int(1), and(category, 31))), 0));
      });
    });
    return result;
  };
}

/** Adds a leaf's entries to the sums. Where each leaf has one, and its score depends on the tree alone, its value is all there is. */
export function addLeaves(
  k: Writer,
  forest: Forest,
  arithmetic: Arithmetic,
): (sums: Region, leaf: Expr, tree: Expr) => void {
  if (forest.entryValue.length === 0) return () => {};
  const values = k.constant('value', floats(arithmetic, forest.entryValue));
  const addTo = (sums: Region, score: Expr, value: Expr): void => k.store(sums, score, add(k.load(sums, score), value));
  const scoreOfTree = treeScores(forest);
  if (scoreOfTree !== undefined) {
    const scores = forest.scores === 1 ? undefined : k.constant('score', narrowest(scoreOfTree));
    return (sums, leaf, tree) => {
      const score = scores === undefined ? index(0) : k.let('score', cast('index', k.load(scores, tree)));
      addTo(sums, score, k.load(values, leaf));
    };
  }
  const firstEntry = k.constant('first_entry', narrowest(forest.firstEntry));
  const entryScore = k.constant('entry_score', narrowest(forest.entryScore));
  return (sums, leaf) => {
    const first = k.let('first', leaf);
    const from = cast('index', k.load(firstEntry, first));
    const to = cast('index', k.load(firstEntry, add(first, 1)));
    k.for('entry', from, to, (entry) => {
      const score = k.let('score', cast('index', k.load(entryScore, entry)));
      addTo(sums, score, k.load(values, entry));
    });
  };
}

/** By tree the score it adds to, if every leaf has one entry and all of a tree the same score; leaves are in the order of entries then. */
export function treeScores(forest: Forest): Int32Array | undefined {
  const { roots, firstEntry, entryScore, whenTrue, whenFalse } = forest;
  for (let leaf = 0; leaf + 1 < firstEntry.length; leaf += 1) if (firstEntry[leaf] !== leaf) return undefined;
  if (firstEntry.at(-1) !== firstEntry.length - 1) return undefined;
  const scores = new Int32Array(roots.length);
  const seen = new Set<number>();
  for (const [tree, root] of roots.entries()) {
    let score: number | undefined;
    const open = [root];
    seen.clear();
    for (let link = open.pop(); link !== undefined; link = open.pop()) {
      if (seen.has(link)) continue;
      seen.add(link);
      if (link >= 0) open.push(whenTrue[link] ?? -1, whenFalse[link] ?? -1);
      else {
        const own = entryScore[~link];
        if (score !== undefined && own !== score) return undefined;
        score = own;
      }
    }
    scores[tree] = score ?? 0;
  }
  return scores;
}
