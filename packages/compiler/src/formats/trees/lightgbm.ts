// LightGBM models: the text of Booster.save_model, and the JSON of Booster.dump_model. Categories and missing values are as
// Tree::NumericalDecision and CategoricalDecision have them; linear trees are refused. Sums are doubles, in the order of the trees.
import type { Decision, Transform } from '../../ops/decision.ts';
import type { Graph } from '../../ops/index.ts';
import type { Format } from '../format.ts';
import { Part } from '../wire/document.ts';
import { FileReport } from '../wire/file-report.ts';
import { looksLikeJson, parseJson } from '../wire/parse-json.ts';
import { ForestBuilder, floatNotAbove, type SourceNode } from './forest-builder.ts';
import { TabularGraph } from './tabular-graph.ts';

const formatName = 'LightGBM';

export const lightgbmFormat: Format = {
  name: formatName,
  extensions: ['.txt', '.json'],
  recognises: (bytes) =>
    isText(bytes) || (looksLikeJson(bytes, 'tree_info', 'max_feature_idx') && !looksLikeJson(bytes, 'learner')),
  read: (bytes, file) => importLightgbm(bytes, file),
};

const isText = (bytes: Uint8Array): boolean => /^tree\r?\nversion=/.test(String.fromCharCode(...bytes.subarray(0, 16)));

/** What both forms say of a model. */
interface Header {
  readonly features: number;
  readonly perIteration: number;
  readonly objective: string;
  readonly averages: boolean;
}

/** @throws CompileError with all that is wrong with the file */
export function importLightgbm(bytes: Uint8Array, file?: string): Graph {
  const report = new FileReport(formatName, file);
  const read = isText(bytes) ? readText(bytes, report) : readJson(bytes, report);
  report.throwIfAny();
  if (read === undefined) throw new Error('internal error: a file without faults that was not read');
  const { header, builder, trees } = read;
  const scores = header.perIteration;
  const decision = decisionOf(header, report);
  if (trees === 0 || trees % scores !== 0) report.fault({}, 'trees', `a multiple of ${scores} is due, found ${trees}`);
  report.throwIfAny();
  const graph = new TabularGraph(header.features, file);
  const attrs = {
    forest: builder.build(),
    arithmetic: 'f64',
    base: Array.from({ length: scores }, () => 0),
    ...(header.averages && trees > scores ? { divisor: trees / scores } : {}),
    acceptsMissing: true,
    decision,
  } as const;
  const names = { transformed: 'prediction', scores: 'raw_score' };
  graph.give(...graph.decide({ op: 'treeEnsemble', attrs }, scores, names, header.objective || 'trees'));
  return graph.build();
}

const exponential = ['poisson', 'gamma', 'tweedie'];
const logistic = ['binary', 'cross_entropy', 'xentropy', 'multiclassova', 'multiclass_ova', 'ova', 'ovr'];
const identities = [
  'regression',
  'regression_l1',
  'huber',
  'fair',
  'quantile',
  'mape',
  'lambdarank',
  'rank_xendcg',
  'custom',
  'none',
  '',
];

function decisionOf({ objective, perIteration }: Header, report: FileReport): Decision {
  const [name = '', ...parameters] = objective.split(/\s+/);
  const sigmoid = Number(parameters.find((one) => one.startsWith('sigmoid:'))?.slice(8) ?? 1);
  const transform: Transform | undefined =
    name === 'multiclass' || name === 'softmax'
      ? 'softmax'
      : logistic.includes(name)
        ? 'logistic'
        : exponential.includes(name)
          ? 'exp'
          : identities.includes(name)
            ? 'none'
            : undefined;
  if (transform === undefined) report.fault({}, 'objective', `${JSON.stringify(name)} is not known`);
  if (transform === 'logistic' && sigmoid !== 1)
    report.fault({}, 'objective', `sigmoid ${sigmoid} is not supported`, 'train with sigmoid=1');
  if (parameters.includes('sqrt')) report.fault({}, 'objective', 'reg_sqrt is not supported');
  const isClassifier =
    transform === 'softmax' || (transform === 'logistic' && !name.startsWith('cross') && name !== 'xentropy');
  return {
    gives: isClassifier ? ['transformed', 'label'] : ['transformed'],
    transform: transform ?? 'none',
    label: perIteration === 1 ? 'positive' : 'largest',
  };
}

interface Read {
  readonly header: Header;
  readonly builder: ForestBuilder;
  readonly trees: number;
}

type Missing = 'None' | 'Zero' | 'NaN';

/** A numerical split. What is missing counts as 0 unless the node knows missing values. */
function numerical(
  feature: number,
  threshold: number,
  missing: Missing,
  defaultLeft: boolean,
  links: readonly [number, number],
): SourceNode | undefined {
  const [whenTrue, whenFalse] = links;
  const zeroGoesLeft = threshold >= 0;
  // Zeros that are missing go one way: it must be the one in which they would go anyhow.
  if (missing === 'Zero' && zeroGoesLeft !== defaultLeft) return undefined;
  return {
    feature,
    threshold: floatNotAbove(threshold),
    missing: missing === 'None' ? zeroGoesLeft : defaultLeft,
    whenTrue,
    whenFalse,
  };
}

const zeros = 'zeros that count as missing and go another way than zero';
const zerosHelp = 'train with zero_as_missing=false';

/** A set of categories; it goes left. What is missing or negative goes right. */
const categorical = (
  feature: number,
  categories: Uint32Array,
  [whenTrue, whenFalse]: readonly [number, number],
): SourceNode => ({
  feature,
  threshold: 0,
  categories,
  missing: false,
  whenTrue,
  whenFalse,
});

function readText(bytes: Uint8Array, report: FileReport): Read | undefined {
  const text = new TextDecoder('utf-8', { fatal: false, ignoreBOM: false }).decode(bytes);
  const [head = '', ...blocks] = text.split(/\r?\n(?=Tree=\d+)/);
  const root = new Part(fieldsOf(head), '', report);
  const header: Header = {
    features: root.at('max_feature_idx').count() + 1,
    perIteration: Math.max(
      1,
      root.at('num_tree_per_iteration').exists ? root.at('num_tree_per_iteration').count(1) : 1,
    ),
    objective: root.at('objective').exists ? root.at('objective').text() : '',
    averages: /\r?\naverage_output\r?\n/.test(`${head}\n`),
  };
  const last = blocks.at(-1) ?? '';
  if (!/\r?\nend of trees/.test(last))
    report.fault({}, '', 'it does not end with "end of trees"', 'the file may be cut off');
  const builder = new ForestBuilder(header.features, header.perIteration);
  for (const [i, block] of blocks.entries()) {
    const fields = fieldsOf(block.split(/\r?\nend of trees/)[0] ?? '');
    addTextTree(builder, new Part(fields, `Tree=${i}`, report), i % header.perIteration);
  }
  return { header, builder, trees: blocks.length };
}

/** Lines `key=value`; values with spaces are lists. */
function fieldsOf(block: string): Readonly<Record<string, unknown>> {
  const lines = block.split(/\r?\n/).flatMap((line): [string, unknown][] => {
    const at = line.indexOf('=');
    return at <= 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
  });
  return Object.fromEntries(lines);
}

/** A list of numbers separated by spaces. */
function numbersOf(part: Part, length?: number): Float64Array {
  const text = part.exists ? part.text().trim() : '';
  const words = text === '' ? [] : text.split(/\s+/);
  const numbers = Float64Array.from(words, (word) =>
    word === 'inf' ? Infinity : word === '-inf' ? -Infinity : Number(word),
  );
  if (length !== undefined && numbers.length !== length)
    part.fault(`${length} numbers are due, found ${numbers.length}`);
  return numbers;
}

function addTextTree(builder: ForestBuilder, tree: Part, score: number): void {
  if (tree.at('is_linear').exists && tree.at('is_linear').number() !== 0) {
    tree.at('is_linear').fault('linear trees are not supported', 'train with linear_tree=false');
    return;
  }
  const leaves = tree.at('num_leaves').count(1);
  const value = numbersOf(tree.at('leaf_value'), leaves);
  if (leaves === 1) {
    builder.addTree(1, 0, () => ({ leaf: [[score, value[0] ?? 0]] }));
    return;
  }
  const nodes = leaves - 1;
  const [feature, threshold, kind, left, right] = [
    'split_feature',
    'threshold',
    'decision_type',
    'left_child',
    'right_child',
  ].map((key) => numbersOf(tree.at(key), nodes));
  const bounds = numbersOf(tree.at('cat_boundaries'));
  const words = numbersOf(tree.at('cat_threshold'));
  const link = (child: number | undefined): number => (child === undefined ? -1 : child < 0 ? nodes + ~child : child);
  const nodeAt = (node: number): SourceNode => {
    if (node >= nodes) return { leaf: [[score, value[node - nodes] ?? Number.NaN]] };
    const links = [link(left?.[node]), link(right?.[node])] as const;
    const bits = kind?.[node] ?? 0;
    if ((bits & 1) === 1) {
      const set = threshold?.[node] ?? 0;
      const own = words.subarray(bounds[set] ?? 0, bounds[set + 1] ?? 0);
      if (own.length === 0) tree.at('cat_boundaries').fault(`there is no set ${set}`);
      return categorical(feature?.[node] ?? -1, Uint32Array.from(own), links);
    }
    const missing: Missing = (['None', 'Zero', 'NaN'] as const)[(bits >> 2) & 3] ?? 'None';
    const found = numerical(feature?.[node] ?? -1, threshold?.[node] ?? Number.NaN, missing, (bits & 2) !== 0, links);
    if (found === undefined) tree.fault(`node ${node}: ${zeros}`, zerosHelp);
    return found ?? { leaf: [] };
  };
  const reason = builder.addTree(nodes + leaves, 0, nodeAt);
  if (reason !== undefined) tree.fault(reason);
}

function readJson(bytes: Uint8Array, report: FileReport): Read | undefined {
  const parsed = parseJson(bytes);
  if (parsed.reason !== undefined) {
    report.fault({ byte: parsed.byte }, '', parsed.reason);
    return undefined;
  }
  const root = new Part(parsed.value, '', report);
  const header: Header = {
    features: root.at('max_feature_idx').count() + 1,
    perIteration: root.at('num_tree_per_iteration').count(1),
    objective: root.at('objective').exists ? root.at('objective').text() : '',
    averages: root.at('average_output').value === true,
  };
  const builder = new ForestBuilder(header.features, header.perIteration);
  const trees = root.at('tree_info').items();
  for (const [i, tree] of trees.entries()) addNestedTree(builder, tree.at('tree_structure'), i % header.perIteration);
  return { header, builder, trees: trees.length };
}

/** Nodes that hold their children are numbered as they are reached. */
function addNestedTree(builder: ForestBuilder, root: Part, score: number): void {
  const parts = [root];
  const nodeAt = (node: number): SourceNode => {
    const part = parts[node] ?? root;
    if (part.at('leaf_value').exists) {
      if (part.at('leaf_coeff').exists && part.at('leaf_coeff').items().length > 0)
        part.fault('linear trees are not supported', 'train with linear_tree=false');
      return { leaf: [[score, part.at('leaf_value').number()]] };
    }
    const links = [parts.length, parts.length + 1] as const;
    parts.push(part.at('left_child'), part.at('right_child'));
    const feature = part.at('split_feature').count();
    if (part.at('decision_type').value === '==') return categorical(feature, setOf(part.at('threshold')), links);
    const missing = (['None', 'Zero', 'NaN'] as const).find((one) => one === part.at('missing_type').value) ?? 'None';
    const found = numerical(
      feature,
      part.at('threshold').number(),
      missing,
      part.at('default_left').value === true,
      links,
    );
    if (found === undefined) part.fault(zeros, zerosHelp);
    return found ?? { leaf: [] };
  };
  const reason = builder.addTree('new', 0, nodeAt);
  if (reason !== undefined) root.fault(reason);
}

/** `1||4||9`. */
function setOf(part: Part): Uint32Array {
  const members = String(part.value ?? '')
    .split('||')
    .map(Number);
  if (members.some((one) => !Number.isInteger(one) || one < 0 || one >= 2 ** 24)) {
    part.fault(`categories are due, found ${String(part.value)}`);
    return new Uint32Array(1);
  }
  const set = new Uint32Array((Math.max(...members) >> 5) + 1);
  for (const one of members) set[one >> 5] = (set[one >> 5] ?? 0) | (1 << (one & 31));
  return set;
}
