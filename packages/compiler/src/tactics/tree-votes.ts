// The class of a forest whose trees vote with shares, in integers: two classes a word, added as leaves are reached, in registers. Shares
// are rounded, so that where two classes come near each other, nearer than all roundings together, they are added again as the library
// does, in doubles. Where all shares are whole units (trees grown to the end) nothing is rounded, and nothing added again.
import { add, and, int, lt, sub, ushr } from '../kernel/expressions.ts';
import type { Expr } from '../kernel/ir.ts';
import type { Writer } from '../kernel/writer.ts';
import { labelAt } from '../ops/decision-loops.ts';
import { entriesOf } from '../ops/forest.ts';
import type { OpNode } from '../ops/index.ts';
import type { Named, Operand } from '../ops/op.ts';
import { finishRow, type TreeEnsembleAttrs } from '../ops/tree-ensemble.ts';
import type { Target } from '../targets/target.ts';
import type { Tactic } from './tactic.ts';
import { canBranch, comparisonOf, writeBranches } from './tree-branches.ts';
import { type Comparison, comparedFeatures } from './tree-keys.ts';
import { canPack, sumsByPacked } from './tree-packed.ts';

type TreeNode = Extract<OpNode, { op: 'treeEnsemble' }>;

/** More words than registers are no gain. */
const mostClasses = 16;

/** What a lane holds at most. */
const laneLimit = 65535;

interface Votes {
  /** By leaf, by word, what is added. */
  readonly words: readonly (readonly number[])[];
  /** How far, in units, two classes must be apart to be told apart; 0 where nothing was rounded. */
  readonly doubt: number;
}

/** Units for shares, as many as lanes hold, and what rounding to them may do. */
function votesOf({ forest }: TreeEnsembleAttrs): Votes | undefined {
  const { roots, entryValue, entryScore, firstEntry, scores } = forest;
  if (entryValue.some((value) => !(value >= 0 && value <= 1))) return undefined;
  const units = Math.floor(laneLimit / Math.max(1, roots.length)) - 1;
  if (units < 64) return undefined;
  const whole = entryValue.every((value) => Number.isInteger(value));
  const leaves = firstEntry.length - 1;
  // A leaf that adds to a score more than once may add more than all of a lane's trees together may hold.
  let fits = true;
  const words = Array.from({ length: leaves }, (_, leaf) => {
    const lanes = new Array<number>(scores).fill(0);
    const [first, end] = entriesOf(forest, leaf);
    for (let entry = first; entry < end; entry += 1) {
      const score = entryScore[entry] ?? 0;
      lanes[score] = (lanes[score] ?? 0) + Math.round((entryValue[entry] ?? 0) * (whole ? 1 : units));
    }
    fits &&= lanes.every((lane) => lane <= units);
    return Array.from(
      { length: Math.ceil(scores / 2) },
      (_unused, word) => (lanes[2 * word] ?? 0) | ((lanes[2 * word + 1] ?? 0) << 16) | 0,
    );
  });
  if (!fits) return undefined;
  // Half a unit by each tree for both classes; a unit more covers the roundings of the doubles themselves.
  return { words, doubt: whole ? 0 : roots.length + 1 };
}

const applies = (node: TreeNode): boolean => {
  const { forest, decision, base, isolation, arithmetic } = node.attrs;
  return (
    decision.gives.length === 1 &&
    decision.gives[0] === 'label' &&
    decision.label === 'largest' &&
    forest.scores > 1 &&
    forest.scores <= mostClasses &&
    arithmetic === 'f64' &&
    isolation === undefined &&
    base.every((value) => value === 0) &&
    canBranch(forest) &&
    canPack(forest)
  );
};

const tactic = (
  name: string,
  note: string,
  comparisonFor: (node: TreeNode, dtype: string) => Comparison | undefined,
): Tactic => ({
  name,
  note,
  lowering(graph, node, target) {
    if (node.op !== 'treeEnsemble' || !applies(node)) return undefined;
    const comparison = comparisonFor(node, graph.values[node.inputs[0] ?? -1]?.type.dtype ?? 'f32');
    const votes = votesOf(node.attrs);
    if (comparison === undefined || votes === undefined) return undefined;
    return (k, inputs, _attrs, outputs) =>
      writeVotes(k, target, node.attrs, votes, comparison, (inputs as Named<readonly ['x'], Operand>).x, outputs);
  },
});

export const treeVotes = tactic('tree-votes', 'classes of forests by integer votes', comparisonOf);

export const treeVotesKeys = tactic(
  'tree-votes-keys',
  'classes of forests by integer votes, features as integer keys',
  (_, dtype) => (dtype === 'f32' ? 'keys' : undefined),
);

function writeVotes(
  k: Writer,
  target: Target,
  attrs: TreeEnsembleAttrs,
  votes: Votes,
  comparison: Comparison,
  x: Operand,
  outputs: readonly Operand[],
): void {
  const { forest } = attrs;
  const [rows = 0] = x.tensor.shape;
  const features = comparedFeatures(k, attrs, x, comparison);
  const again = votes.doubt === 0 ? undefined : againInDoubles(k, attrs, x, outputs, target);
  const [out] = outputs;
  if (out === undefined) return;
  k.compact();
  k.for('row', 0, rows, (row) => {
    const load = features.rowAt(row);
    const words = (votes.words[0] ?? []).map((_, i) => k.variable(`votes${i}`, int(0)));
    for (const root of forest.roots) {
      const arrive = (leaf: number): void => {
        (votes.words[leaf] ?? []).forEach((value, i) => {
          const word = words[i];
          if (value !== 0 && word !== undefined) k.set(word, add(word, int(value)));
        });
      };
      writeBranches(k, forest, root, features, load, arrive);
    }
    const counts = words.flatMap((word) => [and(word, 0xffff), ushr(word, 16)]).slice(0, forest.scores);
    decideVotes(k, counts, votes.doubt, attrs, row, out, again);
  });
}

/** The first of the largest counts; where another is near, `again` decides. */
function decideVotes(
  k: Writer,
  counts: readonly Expr[],
  doubt: number,
  { decision }: TreeEnsembleAttrs,
  row: Expr,
  out: Operand,
  again: ((row: Expr) => void) | undefined,
): void {
  const [first = int(0), ...others] = counts;
  const best = k.variable('best', first);
  const second = k.variable('second', int(0));
  const position = k.variable('position', int(0));
  others.forEach((own, i) => {
    const count = k.let('count', own);
    k.if(
      lt(best, count),
      () => {
        k.set(second, best);
        k.set(best, count);
        k.set(position, int(i + 1));
      },
      () => {
        if (again !== undefined) k.if(lt(second, count), () => k.set(second, count));
      },
    );
  });
  const label = labelAt(k, decision.labels, position);
  if (again === undefined) {
    k.store(out, row, label);
    return;
  }
  k.if(
    lt(int(doubt), sub(best, second)),
    () => k.store(out, row, label),
    () => again(row),
    'likely',
  );
}

/** As the library does. */
function againInDoubles(
  k: Writer,
  attrs: TreeEnsembleAttrs,
  x: Operand,
  outputs: readonly Operand[],
  target: Target,
): (row: Expr) => void {
  const sums = k.scratch('sums', attrs.arithmetic, attrs.forest.scores);
  const write = sumsByPacked(k, attrs, x, sums, target);
  return (row) => {
    write(row);
    finishRow(k, sums, attrs, row, outputs);
  };
}
