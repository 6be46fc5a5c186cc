// XGBoost models, as Booster.save_model writes them, JSON or UBJSON: boosters gbtree, dart and gblinear, all objectives, missing values,
// categories, early stopping, several targets. What a row gives is Booster.predict's result, in its float32 sums.
import type { Decision } from '../../ops/decision.ts';
import type { Graph } from '../../ops/index.ts';
import type { Format, ReadOptions } from '../format.ts';
import { Part } from '../wire/document.ts';
import { FileReport } from '../wire/file-report.ts';
import { looksLikeJson, parseJson } from '../wire/parse-json.ts';
import { parseUbjson } from '../wire/parse-ubjson.ts';
import { ForestBuilder, floatBelow, type SourceNode } from './forest-builder.ts';
import { TabularGraph } from './tabular-graph.ts';

const formatName = 'XGBoost';

/** Lists of every tree that say how it was trained. */
const unread = ['base_weights', 'sum_hessian', 'loss_changes', 'parents', 'split_type'];

export const xgboostFormat: Format = {
  name: formatName,
  extensions: ['.json', '.ubj'],
  recognises: (bytes) => isUbjson(bytes) || looksLikeJson(bytes, 'learner', 'version'),
  read: importXgboost,
};

/** An object whose first key, behind its length, is `learner` or `version`. */
const isUbjson = (bytes: Uint8Array): boolean => {
  const start = String.fromCharCode(...bytes.subarray(0, 20));
  return /^\{[LlIiU]/.test(start) && /(learner|version)/.test(start);
};

/** @throws CompileError with all that is wrong with the file */
export function importXgboost(bytes: Uint8Array, file?: string, { bestIteration = false }: ReadOptions = {}): Graph {
  const report = new FileReport(formatName, file);
  const parsed = isUbjson(bytes) ? parseUbjson(bytes) : parseJson(bytes, unread);
  if (parsed.reason !== undefined) report.fault({ byte: parsed.byte }, '', parsed.reason);
  report.throwIfAny();
  const root = new Part(parsed.value, '', report);
  const learner = root.at('learner');
  const facts = learnerOf(learner);
  const booster = learner.at('gradient_booster');
  const name = booster.at('name').text();
  report.throwIfAny();
  const graph = new TabularGraph(facts.features, file);
  const from = `${name}, ${facts.objective}`;
  const give = (draft: Parameters<TabularGraph['decide']>[0]): void =>
    graph.give(...graph.decide(draft, facts.scores, { transformed: 'prediction', scores: 'margin' }, from));
  if (name === 'gblinear') {
    const { data } = weightsOf(booster.at('model').at('weights'), facts);
    report.throwIfAny();
    const weights = Float64Array.from({ length: facts.features * facts.scores }, (_, i) => {
      const [score, feature] = [Math.floor(i / facts.features), i % facts.features];
      return Math.fround(Math.fround(data[feature * facts.scores + score] ?? 0));
    });
    const bias = Float64Array.from({ length: facts.scores }, (_, score) =>
      Math.fround((data[facts.features * facts.scores + score] ?? 0) + facts.base),
    );
    give({
      op: 'linearModel',
      attrs: {
        features: facts.features,
        scores: facts.scores,
        weights,
        bias,
        arithmetic: 'f32',
        biasFirst: true,
        missing: 'zero',
        decision: facts.decision,
      },
    });
  } else {
    const forest = forestOf(
      name,
      booster,
      facts,
      bestIteration ? learner.at('attributes').at('best_iteration') : undefined,
    );
    report.throwIfAny();
    const base = Array.from({ length: facts.scores }, () => facts.base);
    give({
      op: 'treeEnsemble',
      attrs: { forest, arithmetic: 'f32', base, acceptsMissing: true, decision: facts.decision },
    });
  }
  return graph.build();
}

interface Learner {
  readonly features: number;
  readonly scores: number;
  readonly objective: string;
  /** What margins begin with. */
  readonly base: number;
  readonly decision: Decision;
}

const prediction = (transform: Decision['transform']): Decision => ({
  gives: ['transformed'],
  transform,
  label: 'largest',
});
const binary: Decision = { gives: ['transformed', 'label'], transform: 'logistic', label: 'positive' };

/** What objectives make of margins, and of the base score before it is one. */
const objectives: Readonly<Record<string, { readonly decision: Decision; readonly link?: (base: number) => number }>> =
  {
    'binary:logistic': { decision: binary, link: logit },
    'binary:logitraw': { decision: { ...binary, transform: 'none' } },
    'binary:hinge': { decision: prediction('step') },
    'reg:logistic': { decision: prediction('logistic'), link: logit },
    'multi:softprob': { decision: { gives: ['transformed', 'label'], transform: 'softmax', label: 'largest' } },
    'multi:softmax': { decision: { gives: ['label'], transform: 'none', label: 'largest' } },
    'count:poisson': { decision: prediction('exp'), link: Math.log },
    'reg:gamma': { decision: prediction('exp'), link: Math.log },
    'reg:tweedie': { decision: prediction('exp'), link: Math.log },
    'survival:cox': { decision: prediction('exp'), link: Math.log },
    'survival:aft': { decision: prediction('exp'), link: Math.log },
  };
const identities = [
  ...[
    'squarederror',
    'linear',
    'absoluteerror',
    'squaredlogerror',
    'pseudohubererror',
    'quantileerror',
    'expectileerror',
  ],
].map((name) => `reg:${name}`);
const known = [...Object.keys(objectives), ...identities, 'rank:pairwise', 'rank:ndcg', 'rank:map'];

function logit(base: number): number {
  return -Math.log(1 / base - 1);
}

function learnerOf(learner: Part): Learner {
  const parameters = learner.at('learner_model_param');
  const classes = parameters.at('num_class').exists ? parameters.at('num_class').count() : 0;
  const targets = parameters.at('num_target').exists ? parameters.at('num_target').count() : 1;
  const features = parameters.at('num_feature').count(1);
  const name = learner.at('objective').at('name');
  const objective = name.text();
  const base = baseScore(parameters.at('base_score'));
  if (objective !== '' && !known.includes(objective))
    name.fault(`objective ${JSON.stringify(objective)} is not known`, `known are ${known.join(', ')}`);
  const { decision, link } = objectives[objective] ?? { decision: prediction('none') };
  const margin = Math.fround((link ?? ((value) => value))(base));
  if (!Number.isFinite(margin)) parameters.at('base_score').fault(`${base} is no base score of ${objective}`);
  const scores = Math.max(1, classes, targets);
  if (scores > 65536) parameters.fault(`${scores} classes or targets`);
  return { features, scores, objective, base: margin, decision: severalTargets(decision, scores) };
}

/** Labels are of one target; with several, each has its prediction alone. */
const severalTargets = (decision: Decision, scores: number): Decision =>
  scores > 1 && decision.label === 'positive' ? { ...decision, gives: ['transformed'], label: 'largest' } : decision;

/** A number, since 3.1 a list of one for each target: `[5E-1]`. */
function baseScore(part: Part): number {
  const text = typeof part.value === 'string' ? part.value : undefined;
  const several = text?.match(/^\s*\[(.*)\]\s*$/)?.[1]?.split(',');
  if (several === undefined) return part.number();
  const [first = 0, ...others] = several.map(Number);
  if (Number.isNaN(first)) part.fault(`a number is due, found ${text}`);
  if (others.some((value) => value !== first))
    part.fault(`base scores that differ by target: ${text}`, 'train with one base_score');
  return first;
}

function weightsOf(part: Part, { features, scores }: Learner): { readonly data: Float64Array } {
  return { data: part.numbers((features + 1) * scores) };
}

function forestOf(name: string, booster: Part, facts: Learner, best: Part | undefined) {
  const builder = new ForestBuilder(facts.features, facts.scores);
  const isDart = name === 'dart';
  if (!isDart && name !== 'gbtree')
    booster.at('name').fault(`booster ${JSON.stringify(name)} is not known`, 'known are gbtree, dart, gblinear');
  const model = (isDart ? booster.at('gbtree') : booster).at('model');
  const trees = model.at('trees').items();
  const scoreOf = model.at('tree_info').integers(trees.length);
  const weights = isDart ? booster.at('weight_drop').numbers(trees.length) : undefined;
  const used = best === undefined ? trees.length : treesUpTo(best, model, facts);
  trees.slice(0, used).forEach((tree, i) => {
    addTree(builder, tree, scoreOf[i] ?? 0, Math.fround(weights?.[i] ?? 1));
  });
  return builder.build();
}

/** Trees of the iterations up to the best. */
function treesUpTo(best: Part, model: Part, { scores }: Learner): number {
  if (!best.exists) {
    best.fault(
      'the file does not say which iteration was the best',
      'train with early_stopping_rounds, or leave --best-iteration out',
    );
    return 0;
  }
  const parallel = model.at('gbtree_model_param').at('num_parallel_tree');
  // A text of digits, as attributes are.
  return (best.count() + 1) * scores * (parallel.exists ? Math.max(1, parallel.count()) : 1);
}

function addTree(builder: ForestBuilder, tree: Part, score: number, weight: number): void {
  const vector = tree.at('tree_param').at('size_leaf_vector');
  if (vector.exists && vector.count() > 1)
    vector.fault('leaves of several values are not supported', 'train with multi_strategy="one_output_per_tree"');
  const left = tree.at('left_children').integers();
  const nodes = left.length;
  const right = tree.at('right_children').integers(nodes);
  const feature = tree.at('split_indices').integers(nodes);
  const condition = tree.at('split_conditions').numbers(nodes);
  const defaultLeft = tree.at('default_left').numbers(nodes);
  const categories = categoriesOf(tree);
  const nodeAt = (node: number): SourceNode => {
    if (left[node] === -1) return { leaf: [[score, Math.fround(Math.fround(condition[node] ?? 0) * weight)]] };
    const goesLeft = defaultLeft[node] === 1;
    const set = categories.get(node);
    const [whenLeft, whenRight] = [left[node] ?? -1, right[node] ?? -1];
    // A category of the set goes right.
    if (set !== undefined)
      return {
        feature: feature[node] ?? -1,
        threshold: 0,
        categories: set,
        missing: !goesLeft,
        whenTrue: whenRight,
        whenFalse: whenLeft,
      };
    const threshold = floatBelow(Math.fround(condition[node] ?? Number.NaN));
    return { feature: feature[node] ?? -1, threshold, missing: goesLeft, whenTrue: whenLeft, whenFalse: whenRight };
  };
  const reason = builder.addTree(nodes, 0, nodeAt);
  if (reason !== undefined) tree.fault(reason);
}

/** Beyond this a category is none: XGBoost's own limit, the integers a float32 holds. */
const mostCategories = 2 ** 24;

function categoriesOf(tree: Part): ReadonlyMap<number, Uint32Array> {
  const found = new Map<number, Uint32Array>();
  const nodes = tree.at('categories_nodes');
  if (!nodes.exists) return found;
  const of = nodes.integers();
  const segments = tree.at('categories_segments').integers(of.length);
  const sizes = tree.at('categories_sizes').integers(of.length);
  const all = tree.at('categories').integers();
  of.forEach((node, i) => {
    const [first, count] = [segments[i] ?? 0, sizes[i] ?? 0];
    const members = all.subarray(first, first + count);
    if (first < 0 || count < 0 || members.length !== count || members.some((one) => one < 0 || one >= mostCategories)) {
      tree.at('categories').fault(`those of node ${node} are not ${count} from ${first} on`);
      return;
    }
    const largest = members.reduce((a, b) => Math.max(a, b), 0);
    const set = new Uint32Array((largest >> 5) + 1);
    for (const one of members) set[one >> 5] = (set[one >> 5] ?? 0) | (1 << (one & 31));
    found.set(node, set);
  });
  return found;
}
