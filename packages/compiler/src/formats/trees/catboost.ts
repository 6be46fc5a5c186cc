// CatBoost models as save_model(format="json") writes them: oblivious trees of float features. A row's leaf is the number whose bit i says
// whether it is above the border of split i. Sums are doubles, then scaled, and the bias added.
import type { Decision } from '../../ops/decision.ts';
import type { Graph } from '../../ops/index.ts';
import type { Format } from '../format.ts';
import { Part } from '../wire/document.ts';
import { FileReport } from '../wire/file-report.ts';
import { looksLikeJson, parseJson } from '../wire/parse-json.ts';
import { ForestBuilder, floatNotAbove, type SourceNode } from './forest-builder.ts';
import { TabularGraph } from './tabular-graph.ts';

const formatName = 'CatBoost';

export const catboostFormat: Format = {
  name: formatName,
  extensions: ['.json'],
  recognises: (bytes) =>
    looksLikeJson(bytes, 'oblivious_trees') || looksLikeJson(bytes, 'features_info', 'scale_and_bias'),
  read: (bytes, file) => importCatboost(bytes, file),
};

/** A tree of more levels has more leaves than any device has memory. */
const mostLevels = 16;

/** @throws CompileError with all that is wrong with the file */
export function importCatboost(bytes: Uint8Array, file?: string): Graph {
  const report = new FileReport(formatName, file);
  const parsed = parseJson(bytes);
  if (parsed.reason !== undefined) report.fault({ byte: parsed.byte }, '', parsed.reason);
  report.throwIfAny();
  const root = new Part(parsed.value, '', report);
  const info = root.at('features_info');
  for (const kind of ['categorical_features', 'text_features', 'embedding_features'])
    if (info.at(kind).exists && info.at(kind).items().length > 0)
      info.at(kind).fault('only float features are supported', 'encode them before training');
  const floats = info.at('float_features').items();
  const columns = floats.map((feature) => ({
    flat: feature.at('flat_feature_index').exists
      ? feature.at('flat_feature_index').count()
      : feature.at('feature_index').count(),
    missingIsAbove: feature.at('nan_value_treatment').value === 'AsTrue',
  }));
  const features = columns.reduce((most, { flat }) => Math.max(most, flat + 1), 1);
  const trees = root.at('oblivious_trees').items();
  const [scale, bias] = scaleAndBias(root.at('scale_and_bias'));
  report.throwIfAny();
  const scores = Math.max(1, bias.length, valuesPerLeaf(trees[0]));
  const builder = new ForestBuilder(features, scores);
  for (const tree of trees) addTree(builder, tree, columns, scores, scale);
  if (trees.length === 0) root.at('oblivious_trees').fault('a model without trees');
  report.throwIfAny();
  const graph = new TabularGraph(features, file);
  const base = Array.from({ length: scores }, (_, i) => bias[i] ?? 0);
  const decision = decisionOf(root, scores);
  const attrs = { forest: builder.build(), arithmetic: 'f64', base, acceptsMissing: true, decision } as const;
  const names = { transformed: 'prediction', scores: 'raw_formula_val' };
  graph.give(...graph.decide({ op: 'treeEnsemble', attrs }, scores, names, 'oblivious trees'));
  return graph.build();
}

function scaleAndBias(part: Part): readonly [number, readonly number[]] {
  if (!part.exists) return [1, []];
  const [scale, bias] = part.items();
  if (scale === undefined) return [1, []];
  const list = bias === undefined ? [] : Array.isArray(bias.value) ? Array.from(bias.numbers()) : [bias.number()];
  return [scale.number(), list];
}

const valuesPerLeaf = (tree: Part | undefined): number => {
  if (tree === undefined) return 1;
  const splits = tree.at('splits').exists ? tree.at('splits').items().length : 0;
  return Math.floor(tree.at('leaf_values').numbers().length / 2 ** Math.min(splits, mostLevels));
};

interface Column {
  readonly flat: number;
  readonly missingIsAbove: boolean;
}

function addTree(builder: ForestBuilder, tree: Part, columns: readonly Column[], scores: number, scale: number): void {
  const splits = tree.at('splits').exists ? tree.at('splits').items() : [];
  const levels = splits.length;
  if (levels > mostLevels) {
    tree.at('splits').fault(`${levels} levels; at most ${mostLevels} are supported`);
    return;
  }
  const of = splits.map((split) => {
    if (split.at('split_type').exists && split.at('split_type').value !== 'FloatFeature')
      split.at('split_type').fault('FloatFeature is due', 'encode categories before training');
    return { column: columns[split.at('float_feature_index').count()], border: split.at('border').number() };
  });
  const values = tree.at('leaf_values').numbers(scores * 2 ** levels);
  const leaves = 2 ** levels;
  // Nodes level by level from the last split on: node 1 is the root, below node n are 2n and 2n + 1, leaves last.
  const nodeAt = (node: number): SourceNode => {
    if (node >= leaves) {
      const leaf = node - leaves;
      return {
        leaf: Array.from(
          { length: scores },
          (_, score) => [score, scale * (values[leaf * scores + score] ?? 0)] as const,
        ),
      };
    }
    const level = levels - 1 - Math.floor(Math.log2(node));
    const { column, border } = of[level] ?? { column: undefined, border: Number.NaN };
    return {
      feature: column?.flat ?? -1,
      threshold: floatNotAbove(border),
      missing: column?.missingIsAbove !== true,
      whenTrue: 2 * node,
      whenFalse: 2 * node + 1,
    };
  };
  const reason = builder.addTree(2 * leaves, 1, nodeAt);
  if (reason !== undefined) tree.fault(reason);
}

/** The loss that a model was trained with, in one of the places where versions have it. */
function lossOf(root: Part): string {
  const info = root.at('model_info');
  const params = info.at('params');
  const parsed = typeof params.value === 'string' ? safely(params.value) : params.value;
  const found =
    (parsed as { loss_function?: { type?: unknown } } | undefined)?.loss_function?.type ??
    info.at('loss_function').value;
  return typeof found === 'string' ? found : '';
}

function safely(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** predict's probabilities for losses of classes; what is not known is given as it is. */
function decisionOf(root: Part, scores: number): Decision {
  const loss = lossOf(root);
  if (loss === 'Logloss' || loss === 'CrossEntropy')
    return { gives: ['label', 'transformed'], transform: 'binaryLogistic', label: 'positive' };
  if (loss === 'MultiClass') return { gives: ['label', 'transformed'], transform: 'softmax', label: 'largest' };
  if (loss === 'MultiClassOneVsAll')
    return { gives: ['label', 'transformed'], transform: 'logistic', label: 'largest' };
  if (loss === 'Poisson' || loss === 'Tweedie') return { gives: ['transformed'], transform: 'exp', label: 'largest' };
  return { gives: ['transformed'], transform: 'none', label: scores === 1 ? 'positive' : 'largest' };
}
