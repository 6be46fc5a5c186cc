// Trees as tables of few bytes a node: feature, threshold and both ways on are fields of a word, as wide as the forest needs; thresholds
// stand in a table of their own where few differ. Shares of leaves are kept as the counts they came from, and divided when added.
import { add, and, cast, div, index, int, le, lt, mul, ne, or, select, sub, ushr } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import { entriesOf, type Forest, type Link } from '../ops/forest.ts';
import type { Named, Operand } from '../ops/op.ts';
import { addLeaves, cut, finishRow, narrowest, startSums, type TreeEnsembleAttrs } from '../ops/tree-ensemble.ts';
import type { Target } from '../targets/target.ts';
import type { Tactic } from './tactic.ts';
import { orderedBits, orderOf } from './tree-keys.ts';

const bitsFor = (values: number): number => Math.max(1, 32 - Math.clz32(Math.max(0, values - 1)));

/** A link as a node has it: how many nodes farther, or behind the farthest a leaf. */
interface Links {
  readonly farthest: number;
  readonly bits: number;
  of(node: number, link: Link): number;
}

function linksOf({ whenTrue, whenFalse, firstEntry }: Forest): Links {
  let farthest = 0;
  for (const column of [whenTrue, whenFalse])
    column.forEach((link, node) => {
      farthest = Math.max(farthest, link < 0 ? 0 : link - node);
    });
  return {
    farthest,
    bits: bitsFor(farthest + firstEntry.length),
    of: (node, link) => (link < 0 ? farthest + 1 + ~link : link - node),
  };
}

/** Where a field of a node is: in which column, from which bit on, how many. */
interface Field {
  readonly column: Region;
  readonly from: number;
  readonly bits: number;
}

/** Columns of words, halves or bytes with the fields in them, the widest field first. */
function pack(
  k: Writer,
  nodes: number,
  fields: readonly { readonly bits: number; at(node: number): number }[],
): readonly Field[] {
  const order = fields.map((_, i) => i).sort((a, b) => (fields[b]?.bits ?? 0) - (fields[a]?.bits ?? 0));
  const columns: { used: number; members: { readonly field: number; readonly from: number }[] }[] = [];
  for (const field of order) {
    const bits = fields[field]?.bits ?? 0;
    const column = columns.find(({ used }) => used + bits <= 32) ?? { used: 0, members: [] };
    if (column.used === 0) columns.push(column);
    column.members.push({ field, from: column.used });
    column.used += bits;
  }
  const places: Field[] = [];
  columns.forEach(({ used, members }, i) => {
    const words = Int32Array.from({ length: nodes }, (_, node) =>
      members.reduce((word, { field, from }) => word | ((fields[field]?.at(node) ?? 0) << from), 0),
    );
    // Fields that end below the sign bit are read alike from narrower columns.
    const data = used <= 8 ? Uint8Array.from(words) : used <= 15 ? Int16Array.from(words) : words;
    const column = k.constant(i === 0 ? 'nodes' : `nodes${i + 1}`, data);
    for (const { field, from } of members) places[field] = { column, from, bits: fields[field]?.bits ?? 0 };
  });
  return places;
}

const mask = (value: Expr, bits: number): Expr => (bits >= 32 ? value : and(value, 2 ** bits - 1));

interface Walk {
  /** The leaf a row comes to from a root. */
  leafFrom(root: Expr, x: Region, row: Expr): Expr;
  readonly roots: Region;
}

/** What thresholds are compared as: floats, integers, or integers in the order of floats, which cores without floats compare faster. */
function thresholdsOf({ forest, acceptsMissing }: TreeEnsembleAttrs, dtype: string, hasFloats: boolean) {
  if (dtype !== 'f32') return { values: Int32Array.from(forest.threshold, cut), kind: 'integers' as const };
  if (hasFloats || acceptsMissing) return { values: forest.threshold, kind: 'floats' as const };
  return { values: Int32Array.from(forest.threshold, orderOf), kind: 'orders' as const };
}

/** Distinct thresholds by their positions in a table, where that with positions in the nodes is smaller than thresholds in the nodes. */
function positionsOf(values: Float32Array | Int32Array): ReadonlyMap<number, number> | undefined {
  const positions = new Map<number, number>();
  const isSmaller = (): boolean =>
    positions.size * 4 + (values.length * bitsFor(positions.size)) / 8 < values.length * 4;
  for (const value of values) {
    if (positions.has(value)) continue;
    positions.set(value, positions.size);
    if ((positions.size & 1023) === 0 && !isSmaller()) return undefined;
  }
  return isSmaller() ? positions : undefined;
}

function writeWalk(k: Writer, attrs: TreeEnsembleAttrs, dtype: string, hasFloats: boolean): Walk {
  const { forest } = attrs;
  const { feature, whenTrue, whenFalse, missing, features } = forest;
  const nodes = feature.length;
  const roots = k.constant('roots', narrowest(forest.roots));
  const links = linksOf(forest);
  const { values, kind } = thresholdsOf(attrs, dtype, hasFloats);
  const positions = positionsOf(values);
  const isMixed = kind === 'floats' && missing.some((one) => one !== missing[0]);
  const fields = [
    { bits: bitsFor(features), at: (node: number) => feature[node] ?? 0 },
    { bits: links.bits, at: (node: number) => links.of(node, whenTrue[node] ?? -1) },
    { bits: links.bits, at: (node: number) => links.of(node, whenFalse[node] ?? -1) },
    ...(positions === undefined
      ? []
      : [{ bits: bitsFor(positions.size), at: (node: number) => positions.get(values[node] ?? 0) ?? 0 }]),
    ...(isMixed ? [{ bits: 1, at: (node: number) => missing[node] ?? 0 }] : []),
  ];
  const places = pack(k, nodes, fields);
  const ofType = (list: ArrayLike<number>) =>
    kind === 'floats' ? Float32Array.from(list) : kind === 'integers' ? narrowest(list) : Int32Array.from(list);
  const thresholds = k.constant('threshold', ofType(positions === undefined ? values : [...positions.keys()]));
  const leafFrom: Walk['leafFrom'] = (root, x, row) => {
    const node = k.variable('node', root);
    const leaf = k.variable('leaf', select(lt(root, index(0)), sub(index(-1), root), index(-1)));
    k.while(lt(leaf, index(0)), () => {
      const loaded = new Map<Region, Expr>();
      const read = (field: Field | undefined): Expr => {
        if (field === undefined) return int(0);
        const word = loaded.get(field.column) ?? k.let('word', k.load(field.column, node));
        loaded.set(field.column, word);
        return mask(ushr(word, int(field.from)), field.bits);
      };
      const [of, toTrue, toFalse, ...others] = places;
      const ofThreshold = positions === undefined ? undefined : others[0];
      const ofMissing = others[positions === undefined ? 0 : 1];
      const at = add(row, cast('index', read(of)));
      const value = k.let(
        'value',
        kind === 'orders' ? orderedBits(k.let('bits', k.load(x, at, 'i32'))) : k.load(x, at),
      );
      const limit = k.load(thresholds, positions === undefined ? node : cast('index', read(ofThreshold)));
      const below = le(value, limit);
      const always = missing[0] === 1 ? or(below, ne(value, value)) : below;
      const test = kind !== 'floats' ? below : isMixed ? select(ne(value, value), read(ofMissing), below) : always;
      const step = k.let('step', cast('index', select(test, read(toTrue), read(toFalse))));
      k.if(
        le(step, index(links.farthest)),
        () => k.set(node, add(node, step)),
        () => k.set(leaf, sub(step, links.farthest + 1)),
      );
    });
    return leaf;
  };
  return { leafFrom, roots };
}

/** Counts whose shares are a leaf's values exactly; undefined where no small ones are. */
function countsOf(values: readonly number[]): readonly number[] | undefined {
  if (values.length === 0) return [];
  for (let total = 1; total < 4096; total += 1) {
    const counts = values.map((value) => Math.round(value * total));
    const sum = counts.reduce((a, b) => a + b, 0);
    if (sum === total && values.every((value, i) => (counts[i] ?? 0) / total === value)) return counts;
  }
  return undefined;
}

/** Adds a leaf's shares to sums, from counts of 12 bits beside scores of 4; undefined where they are no such shares. */
function addCounts(k: Writer, forest: Forest): ((sums: Region, leaf: Expr) => void) | undefined {
  if (forest.scores > 16) return undefined;
  const entries: number[] = [];
  for (let leaf = 0; leaf + 1 < forest.firstEntry.length; leaf += 1) {
    const [first, end] = entriesOf(forest, leaf);
    const counts = countsOf(Array.from(forest.entryValue.subarray(first, end)));
    if (counts === undefined) return undefined;
    for (const [i, count] of counts.entries()) entries.push((forest.entryScore[first + i] ?? 0) | (count << 4));
  }
  if (entries.length === 0) return undefined;
  // As signed halves; the mask takes the sign off again.
  const table = k.constant('counts', Int16Array.from(entries));
  const firsts = k.constant('first_entry', narrowest(forest.firstEntry));
  return (sums, leaf) => {
    const from = k.let('from', cast('index', k.load(firsts, leaf)));
    const to = k.let('to', cast('index', k.load(firsts, add(leaf, 1))));
    const countAt = (entry: Expr): Expr => and(ushr(k.load(table, entry), int(4)), 0xfff);
    const total = k.variable('total', int(0));
    k.for('entry', from, to, (entry) => k.set(total, add(total, countAt(entry))));
    k.for('entry', from, to, (entry) => {
      const score = k.let('score', cast('index', and(k.load(table, entry), 15)));
      const share = div(cast('f64', countAt(entry)), cast('f64', total));
      k.store(sums, score, add(k.load(sums, score), share));
    });
  };
}

/** Whether nodes fit, and there are some. */
export function canPack(forest: Forest): boolean {
  const { bits } = linksOf(forest);
  const fits = bits <= 30 && 2 * bits + bitsFor(forest.features) <= 62;
  return fits && forest.categories.size === 0 && forest.feature.length > 0;
}

/** Whether floats are compared by instructions. */
export const comparesFloats = (target: Target): boolean => (target.costs?.floatOperation ?? 1) <= 2;

/** Sums of a row by packed tables, before they are divided. */
export function sumsByPacked(
  k: Writer,
  attrs: TreeEnsembleAttrs,
  x: Operand,
  sums: Region,
  target: Target,
): (row: Expr) => void {
  const { forest } = attrs;
  const walk = writeWalk(k, attrs, x.tensor.dtype, comparesFloats(target));
  const counts = attrs.arithmetic === 'f64' ? addCounts(k, forest) : undefined;
  const addLeaf = counts ?? addLeaves(k, forest, attrs.arithmetic);
  return (row) => {
    startSums(k, sums, attrs);
    k.for('tree', 0, forest.roots.length, (tree) => {
      const root = k.let('root', cast('index', k.load(walk.roots, tree)));
      addLeaf(sums, walk.leafFrom(root, x, mul(row, forest.features)), tree);
    });
  };
}

export const treePacked: Tactic = {
  name: 'tree-packed',
  note: 'trees as tables of few bytes a node',
  lowering(_graph, node, target) {
    if (node.op !== 'treeEnsemble' || !canPack(node.attrs.forest)) return undefined;
    const { attrs } = node;
    return (k, inputs, _attrs, outputs) => {
      const { x } = inputs as Named<readonly ['x'], Operand>;
      const [rows = 0] = x.tensor.shape;
      const sums = k.scratch('sums', attrs.arithmetic, attrs.forest.scores);
      const write = sumsByPacked(k, attrs, x, sums, target);
      k.compact();
      k.for('row', 0, rows, (row) => {
        write(row);
        finishRow(k, sums, attrs, row, outputs);
      });
    };
  },
};
