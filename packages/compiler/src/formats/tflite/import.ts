// A TensorFlow Lite model → graph: the first subgraph, its operators by the table in ops.ts. Operators whose results
// nothing reads are left out: converters leave such chains behind where shapes were computed. Either the whole graph,
// or one CompileError with all that cannot be imported.
import { CompileError, type Issue, throwIssues, type Where } from '../../errors.ts';
import type { ValueId } from '../../graph/graph.ts';
import { checkCounts } from '../../ops/check-graph.ts';
import type { Draft, Graph, OpName, OpNode } from '../../ops/index.ts';
import { OperatorReader } from './import-operator.ts';
import { ImportedValues } from './import-values.ts';
import type { TfliteModel, TfliteOperator, TfliteSubgraph, TfliteTensor } from './model.ts';
import { type Conversion, conversions } from './ops.ts';
import { describeUnsupported } from './unsupported-ops.ts';

/** An operator of the file that becomes a node. */
interface Converted {
  readonly operator: TfliteOperator;
  readonly where: Where;
  readonly draft: Draft;
  /** Tensors; undefined where an optional input is absent. */
  readonly inputs: readonly (number | undefined)[];
}

/**
 * The graph of a model; constants are views of its buffers where their alignment permits. Shapes and types are not
 * checked against the operators' rules: that is checkGraph's.
 * @throws CompileError with every operator, type, shape and option that cannot be imported
 */
export function importTflite(model: TfliteModel, file?: string): Graph {
  const [subgraph] = model.subgraphs;
  const where: Where = file === undefined ? {} : { file };
  if (subgraph === undefined) {
    throw new CompileError([{ code: 'bad-value', where, what: 'subgraphs', want: 'at least one', found: 'none' }]);
  }
  throwIssues(checkCounts({ ...subgraph, nodes: subgraph.operators }, where));
  const issues: Issue[] = [];
  const values = new ImportedValues(model, subgraph.tensors, file);
  checkEnds(model, subgraph, where, issues);
  const inputs = subgraph.inputs.flatMap((index) => values.idOf(index, true) ?? []);
  const converted = convertOperators(model, subgraph, where, issues);
  const nodes = converted.map(({ operator, where: from, draft, inputs: tensors }) =>
    nodeOf(draft, {
      inputs: inputValues(draft, tensors, subgraph, values),
      outputs: operator.outputs.flatMap((index) => values.idOf(index) ?? []),
      from,
    }),
  );
  const { outputs, copies } = graphOutputs(subgraph, values, where);
  issues.push(...values.issues, ...olderQuantisations(subgraph, converted));
  throwIssues(issues);
  return { name: nameOf(model, file), values: values.values, nodes: [...nodes, ...copies], inputs, outputs };
}

const nodeOf = (draft: Draft, edges: Pick<OpNode, 'inputs' | 'outputs' | 'from'>): OpNode =>
  // The draft pairs each operator with its own attributes; the spread of a union loses that.
  ({ ...draft, ...edges }) as OpNode;

/**
 * A layer with float32 input and int8 weights ("dynamic range" quantisation) computes in float32, with the real numbers
 * that the weights stand for; quantising the input as well, as some runtimes do for speed, is less exact.
 */
const inputValues = (
  { op }: Draft,
  tensors: readonly (number | undefined)[],
  subgraph: TfliteSubgraph,
  values: ImportedValues,
): readonly (ValueId | undefined)[] =>
  tensors.map((index, position) => {
    if (index === undefined) return undefined;
    const isFloatLayer = isWeighted(op) && subgraph.tensors[tensors[0] ?? -1]?.type === 'FLOAT32';
    return (isFloatLayer && position === 1 ? values.realConstant(index) : undefined) ?? values.idOf(index);
  });

const isWeighted = (op: OpName): boolean => op === 'conv2d' || op === 'depthwiseConv2d' || op === 'fullyConnected';

/** `model.tflite` → `model`; without a file the description, unless it only names the converter. */
function nameOf({ description }: TfliteModel, file: string | undefined): string {
  const base = file?.replace(/^.*[/\\]/, '').replace(/\.[^.]*$/, '');
  const described = /converted\.?$/i.test(description) ? '' : description.trim();
  return base || described || 'model';
}

const isConstant = (model: TfliteModel, tensor: TfliteTensor | undefined): boolean =>
  tensor !== undefined && (model.buffers[tensor.buffer]?.data.length ?? 0) > 0;

function checkEnds(
  model: TfliteModel,
  { inputs, outputs, tensors }: TfliteSubgraph,
  where: Where,
  issues: Issue[],
): void {
  const complain = (what: string, want: string, found: string): void => {
    issues.push({ code: 'bad-value', where, what, want, found });
  };
  if (outputs.length === 0) complain('outputs of the model', 'at least one', 'none');
  inputs.forEach((index, i) => {
    const name = tensors[index]?.name ?? `tensor ${index}`;
    if (inputs.indexOf(index) < i) complain('inputs of the model', 'different tensors', `${name} twice`);
    if (isConstant(model, tensors[index]) || tensors[index]?.isVariable) {
      complain('input of the model', 'a tensor without data of its own', name);
    }
  });
  for (const index of outputs) {
    if (!isConstant(model, tensors[index]) && !tensors[index]?.isVariable) continue;
    complain('output of the model', 'a tensor that is computed', `${tensors[index]?.name}, a constant or variable`);
  }
}

/** The operators that the outputs depend on, in execution order. */
function convertOperators(
  model: TfliteModel,
  subgraph: TfliteSubgraph,
  where: Where,
  issues: Issue[],
): readonly Converted[] {
  const needed = new Set(subgraph.outputs);
  const converted: Converted[] = [];
  const complaints: Issue[][] = [];
  const unsupported: Unsupported[] = [];
  for (let n = subgraph.operators.length - 1; n >= 0; n -= 1) {
    const operator = subgraph.operators[n];
    if (operator === undefined) continue;
    if (!operator.outputs.some((index) => needed.has(index)) && !hasEffect(operator)) continue;
    const from = whereOf(operator, n, subgraph, where);
    const conversion = conversions[operator.op];
    const reads = conversion === undefined ? operator.inputs : inputsOf(operator, conversion);
    for (const index of reads) if (index !== undefined) needed.add(index);
    if (conversion === undefined) {
      unsupported.unshift({ operator, where: from });
      continue;
    }
    const reader = new OperatorReader(model, subgraph.tensors, operator, from);
    if (operator.inputs.length > conversion.most) {
      reader.contradict('inputs', `at most ${conversion.most}`, String(operator.inputs.length));
    }
    const draft = conversion.convert(reader);
    complaints.unshift(reader.issues);
    if (draft !== undefined) converted.unshift({ operator, where: from, draft, inputs: reads });
  }
  issues.push(...unsupportedIssues(unsupported), ...complaints.flat());
  return converted;
}

/** What is done for its effect on variables is not left out for want of readers. */
const hasEffect = ({ op, outputs }: TfliteOperator): boolean =>
  outputs.length === 0 || ['IF', 'WHILE', 'CALL', 'CALL_ONCE', 'ASSIGN_VARIABLE'].includes(op);

const inputsOf = ({ inputs }: TfliteOperator, conversion: Conversion): readonly (number | undefined)[] =>
  (conversion.inputs === 'all' ? inputs : conversion.inputs.map((position) => inputs[position])).map((index) =>
    index === undefined || index < 0 ? undefined : index,
  );

const whereOf = (operator: TfliteOperator, n: number, { tensors }: TfliteSubgraph, where: Where): Where => {
  const tensor = tensors[operator.outputs[0] ?? -1]?.name;
  return {
    ...where,
    node: `${n} (${operator.customCode ?? operator.op})`,
    ...(tensor !== undefined && { tensor }),
    ...(operator.byte !== undefined && { byte: operator.byte }),
  };
};

interface Unsupported {
  readonly operator: TfliteOperator;
  readonly where: Where;
}

/** One issue for each kind of operator, at the first of them. */
function unsupportedIssues(list: readonly Unsupported[]): readonly Issue[] {
  const kinds = new Map<string, Unsupported[]>();
  for (const one of list) {
    const { op } = describeUnsupported(one.operator);
    kinds.set(op, [...(kinds.get(op) ?? []), one]);
  }
  return [...kinds.values()].flatMap((kind) =>
    kind.slice(0, 1).map(({ operator, where }) => ({
      code: 'unsupported-op' as const,
      where: andMore(where, kind.length - 1),
      format: 'TensorFlow Lite',
      ...describeUnsupported(operator),
    })),
  );
}

const andMore = (where: Where, count: number): Where =>
  count === 0 ? where : { ...where, node: `${where.node} and ${count} more` };

/** Operators that move or convert elements, of whatever type. */
const anyType: ReadonlySet<OpName> = new Set<OpName>([
  'argMax',
  'argMin',
  'concatenation',
  'dequantize',
  'pad',
  'quantize',
  'reshape',
  'split',
  'stridedSlice',
  'transpose',
]);

const quantisationHelp = {
  UINT8: 'quantisation before TensorFlow 2; convert again with TFLITE_BUILTINS_INT8',
  INT16: 'convert with int8 activations: TFLITE_BUILTINS_INT8',
} as const;

/** One issue for each quantised type other than int8 that something computes in. */
function olderQuantisations({ tensors }: TfliteSubgraph, converted: readonly Converted[]): readonly Issue[] {
  return (['UINT8', 'INT16'] as const).flatMap((type): readonly Issue[] => {
    const computing = converted.filter(
      ({ operator, draft }) =>
        !anyType.has(draft.op) && operator.outputs.some((index) => tensors[index]?.type === type),
    );
    return computing.slice(0, 1).map(({ where }) => ({
      code: 'unsupported',
      where: andMore(where, computing.length - 1),
      what: 'arithmetic in',
      found: type,
      help: quantisationHelp[type],
    }));
  });
}

/** Every output a value of its own: an input that is handed on, or an output told twice, is copied. */
function graphOutputs(subgraph: TfliteSubgraph, values: ImportedValues, where: Where) {
  const outputs: ValueId[] = [];
  const copies: OpNode[] = [];
  for (const index of subgraph.outputs) {
    const id = values.idOf(index);
    const value = id === undefined ? undefined : values.values[id];
    if (id === undefined || value === undefined) continue;
    if (value.role !== 'input' && !outputs.includes(id)) {
      outputs.push(id);
      continue;
    }
    const { shape } = value.type;
    const copy = values.add({ name: value.name, type: value.type, role: 'temporary' });
    const edges = { inputs: [id], outputs: [copy], from: { ...where, tensor: value.name } };
    copies.push(nodeOf({ op: 'reshape', attrs: { shape } }, edges));
    outputs.push(copy);
  }
  return { outputs, copies };
}
