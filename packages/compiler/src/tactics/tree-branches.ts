// Trees as nested comparisons with constants: a step of a tree is a load, a comparison and a branch. Where features are never missing,
// floats are compared as the integers of their bits, which order as they do, those below zero the other way round. Where each leaf adds
// one number, it stands in the code; else leaves are told apart, and their entries added from a table.
import { add, constantLike, eq, float, index, int, le, lt, or, xor } from '../kernel/expressions.ts';
import type { Expr, Region } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import { entriesOf, type Forest, heights, type Link } from '../ops/forest.ts';
import type { OpNode } from '../ops/index.ts';
import type { Named, Operand } from '../ops/op.ts';
import { addLeaves, cut, finishRow, startSums, type TreeEnsembleAttrs, treeScores } from '../ops/tree-ensemble.ts';
import type { Tactic } from './tactic.ts';
import { bitsOf, type Compared, type Comparison, comparedFeatures, highestKey } from './tree-keys.ts';

type TreeNode = Extract<OpNode, { op: 'treeEnsemble' }>;

/** Deeper code is nested too deep for compilers, and more of it would be for readers. */
const [mostNesting, mostBranches] = [40, 40_000];

/** Whether all comparisons may be written out; parts that several links lead to are written as often. */
export function canBranch(forest: Forest): boolean {
  // Each node is written at least once.
  if (forest.categories.size > 0 || forest.feature.length > mostBranches) return false;
  const height = heights(forest);
  if (height.some((nodes) => nodes > mostNesting)) return false;
  const count = new Float64Array(height.length);
  const of = (link: Link): number => (link < 0 ? 0 : (count[link] ?? 0));
  for (let node = count.length - 1; node >= 0; node -= 1)
    count[node] = 1 + of(forest.whenTrue[node] ?? -1) + of(forest.whenFalse[node] ?? -1);
  return forest.roots.reduce((total, root) => total + of(root), 0) <= mostBranches;
}

/** Branches of a tree from a link on; at a leaf `arrive` writes what it does. */
export function writeBranches(
  k: Writer,
  forest: Forest,
  link: Link,
  { comparison, by }: Pick<Compared, 'comparison' | 'by'>,
  load: (feature: number) => Expr,
  arrive: (leaf: number) => void,
): void {
  const keys = comparison === 'keys' ? by : undefined;
  const write = (at: Link): void => {
    if (at < 0) {
      arrive(~at);
      return;
    }
    const [whenTrue, whenFalse] = [forest.whenTrue[at] ?? -1, forest.whenFalse[at] ?? -1];
    if (whenTrue === whenFalse) {
      write(whenTrue);
      return;
    }
    const x = load(forest.feature[at] ?? 0);
    const threshold = forest.threshold[at] ?? 0;
    const holds = (): Expr => (keys === undefined ? test(x, threshold, comparison) : le(x, int(keys.keyOf(threshold))));
    const takes = (next: Link) => (): void => write(next);
    const mixed = keys !== undefined && forest.missing[at] === 1 && keys.lowMissing[forest.feature[at] ?? 0] !== true;
    // What is missing is not above the threshold either.
    if (mixed) k.if(or(holds(), eq(x, int(highestKey))), takes(whenTrue), takes(whenFalse));
    else if (comparison === 'floats' && forest.missing[at] === 1)
      k.if(lt(float(threshold), x), takes(whenFalse), takes(whenTrue));
    else k.if(holds(), takes(whenTrue), takes(whenFalse));
  };
  write(link);
}

const signBit = int(-2147483648);

function test(x: Expr, threshold: number, comparison: Comparison): Expr {
  if (comparison === 'floats') return le(x, float(threshold));
  if (comparison === 'integers') return le(x, int(cut(threshold)));
  // Without the sign of -0: x <= -0 holds for 0 too.
  const bits = bitsOf(threshold === 0 ? 0 : threshold);
  // Below zero bits grow with the magnitude, and those of positive numbers are smaller, if none has a sign.
  return bits >= 0 ? le(x, int(bits)) : le(xor(int(bits), signBit), xor(x, signBit));
}

/** What features of a node may be compared as. */
export function comparisonOf(node: TreeNode, dtype: string): Comparison {
  if (dtype !== 'f32') return 'integers';
  return node.attrs.acceptsMissing ? 'floats' : 'bits';
}

interface Style {
  readonly comparison: Comparison;
  /** Whether leaves that add one number have it in the code, or tell which they are. */
  readonly leaves: 'values' | 'positions';
}

function writeTrees(
  k: Writer,
  attrs: TreeEnsembleAttrs,
  { comparison, leaves }: Style,
  x: Operand,
  outputs: readonly Operand[],
): void {
  const { forest } = attrs;
  const [rows = 0] = x.tensor.shape;
  const sums = k.scratch('sums', attrs.arithmetic, forest.scores);
  const scores = treeScores(forest);
  const adder = scores === undefined ? addLeaves(k, forest, attrs.arithmetic) : undefined;
  k.compact();
  const features = comparedFeatures(k, attrs, x, comparison);
  k.for('row', 0, rows, (row) => {
    const load = features.rowAt(row);
    if (scores !== undefined) sumsByScore(k, attrs, scores, sums, { features, load, leaves });
    else {
      startSums(k, sums, attrs);
      const leaf = k.variable('leaf', index(0));
      forest.roots.forEach((root, tree) => {
        writeBranches(k, forest, root, features, load, (own) => k.set(leaf, index(own)));
        adder?.(sums, leaf, index(tree));
      });
    }
    finishRow(k, sums, attrs, row, outputs);
  });
}

const branches = (
  name: string,
  note: string,
  styleOf: (node: TreeNode, dtype: string) => Style | undefined,
): Tactic => ({
  name,
  note,
  lowering(graph, node) {
    if (node.op !== 'treeEnsemble' || !canBranch(node.attrs.forest)) return undefined;
    const style = styleOf(node, graph.values[node.inputs[0] ?? -1]?.type.dtype ?? 'f32');
    if (style === undefined) return undefined;
    return (k, inputs, _attrs, outputs) =>
      writeTrees(k, node.attrs, style, (inputs as Named<readonly ['x'], Operand>).x, outputs);
  },
});

export const treeBranches = branches('tree-branches', 'trees as nested comparisons with constants', (node, dtype) => ({
  comparison: comparisonOf(node, dtype),
  leaves: 'values',
}));

export const treeBranchesIndexed = branches(
  'tree-branches-indexed',
  'trees as nested comparisons, what leaves add in a table',
  (node, dtype) =>
    treeScores(node.attrs.forest) === undefined
      ? undefined
      : { comparison: comparisonOf(node, dtype), leaves: 'positions' },
);

const keysOnly =
  (leaves: Style['leaves']) =>
  (node: TreeNode, dtype: string): Style | undefined =>
    dtype === 'f32' && (leaves === 'values' || treeScores(node.attrs.forest) !== undefined)
      ? { comparison: 'keys', leaves }
      : undefined;

export const treeKeys = branches(
  'tree-keys',
  'trees as nested comparisons of integer keys, computed once a row',
  keysOnly('values'),
);

export const treeKeysIndexed = branches(
  'tree-keys-indexed',
  'trees as nested comparisons of integer keys, what leaves add in a table',
  keysOnly('positions'),
);

/** Score after score, each summed in a variable: trees of one score are in their order. */
function sumsByScore(
  k: Writer,
  { forest, arithmetic, base }: TreeEnsembleAttrs,
  scores: Int32Array,
  sums: Region,
  {
    features,
    load,
    leaves,
  }: Pick<Style, 'leaves'> & { readonly features: Compared; readonly load: (feature: number) => Expr },
): void {
  const round = arithmetic === 'f32' ? Math.fround : (value: number): number => value;
  const addedBy = (leaf: number): number => round(forest.entryValue[entriesOf(forest, leaf)[0]] ?? 0);
  // Leaves of a tree by their order, so that small numbers tell them apart.
  const orders = new Map<number, readonly number[]>();
  if (leaves === 'positions')
    forest.roots.forEach((root, tree) => {
      orders.set(tree, leavesOf(forest, root));
    });
  const inOrder = [...orders.values()].flat().map(addedBy);
  const values =
    inOrder.length === 0
      ? undefined
      : k.constant('value', arithmetic === 'f32' ? Float32Array.from(inOrder) : Float64Array.from(inOrder));
  const position = k.variable('leaf', index(0));
  const term = k.variable('term', constantLike(arithmetic, 0));
  let first = 0;
  const firsts = forest.roots.map((_, tree) => {
    const own = first;
    first += orders.get(tree)?.length ?? 0;
    return own;
  });
  for (let score = 0; score < forest.scores; score += 1) {
    const sum = k.variable('sum', constantLike(arithmetic, base[score] ?? 0));
    forest.roots.forEach((root, tree) => {
      if (scores[tree] !== score) return;
      if (values === undefined) {
        // Keys leave registers for a term that is added behind the branches, which is less code.
        const own = features.comparison === 'keys' ? term : sum;
        const arrive = (leaf: number): void => {
          const value = constantLike(arithmetic, addedBy(leaf));
          k.set(own, own === sum ? add(sum, value) : value);
        };
        writeBranches(k, forest, root, features, load, arrive);
        if (own !== sum) k.set(sum, add(sum, term));
        return;
      }
      const order = orders.get(tree) ?? [];
      writeBranches(k, forest, root, features, load, (leaf) => k.set(position, index(order.indexOf(leaf))));
      k.set(sum, add(sum, k.load(values, add(position, firsts[tree] ?? 0))));
    });
    k.store(sums, score, sum);
  }
}

/** The leaves of a tree, each once, in the order in which branches come to them. */
function leavesOf(forest: Forest, root: Link): readonly number[] {
  const found = new Set<number>();
  const open = [root];
  for (let link = open.pop(); link !== undefined; link = open.pop()) {
    if (link < 0) found.add(~link);
    else open.push(forest.whenFalse[link] ?? -1, forest.whenTrue[link] ?? -1);
  }
  return [...found];
}
