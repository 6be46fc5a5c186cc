// ONNX models of the ai.onnx.ml domain, chains on a row of features: tree ensembles, linear models, support vector machines, scalers.
// ZipMap, Cast and Identity are left out: they change how results are held, not what they are.
import { CompileError, type Issue, throwIssues, type Where } from '../../errors.ts';
import type { Graph } from '../../ops/index.ts';
import type { Format } from '../format.ts';
import { TabularGraph } from '../trees/tabular-graph.ts';
import { ProtobufFault } from '../wire/protobuf.ts';
import { recogniseFormat } from '../wire/recognise-format.ts';
import { conversions } from './ml-operators.ts';
import { type OnnxModel, type OnnxNode, type OnnxValue, readOnnxModel } from './model.ts';
import { OnnxStep, type Stage } from './step.ts';

const formatName = 'ONNX';

export const onnxFormat: Format = {
  name: formatName,
  extensions: ['.onnx'],
  recognises: (bytes) => recogniseFormat(bytes)?.what === 'an ONNX model',
  read: (bytes, file) => importOnnx(bytes, file),
};

/** @throws CompileError with all that is wrong with the file, and every operator that is not supported */
export function importOnnx(bytes: Uint8Array, file?: string): Graph {
  const where: Where = file === undefined ? {} : { file };
  const model = modelOf(bytes, where);
  const issues: Issue[] = [];
  const operators = model.nodes.filter(({ op }) => !transparent.includes(op));
  for (const node of operators) {
    if (Object.hasOwn(conversions, node.op)) continue;
    const nearest = `supported are ${[...Object.keys(conversions), ...transparent].join(', ')}; convert networks to .tflite`;
    issues.push({
      code: 'unsupported-op',
      where: { ...where, node: nameOf(node) },
      format: formatName,
      op: opOf(node),
      nearest,
    });
  }
  throwIssues(issues);
  const inputs = model.inputs.filter(({ name }) => !model.initializers.includes(name));
  const { graph, stages } = graphOfInputs(inputs, file, where);
  for (const node of model.nodes) {
    const sources = node.inputs.flatMap((name) => stages.get(name) ?? []);
    const [source] = sources;
    if (source === undefined || sources.length !== node.inputs.length) {
      const found = node.inputs.find((name) => !stages.has(name)) ?? 'none';
      const want = 'a tensor that is computed before';
      issues.push({ code: 'bad-value', where: { ...where, node: nameOf(node) }, what: 'input', want, found });
      continue;
    }
    const [output = ''] = node.outputs;
    if (transparent.includes(node.op)) {
      stages.set(output, joinsInputs.includes(node.op) ? joined(graph, sources, output, nameOf(node)) : source);
      continue;
    }
    const results = conversions[node.op]?.(new OnnxStep(graph, node, nameOf(node), source, where, issues)) ?? [];
    node.outputs.forEach((name, i) => {
      const stage = results[i];
      if (stage !== undefined && name !== '') stages.set(name, stage);
    });
  }
  for (const { name } of model.outputs) {
    const stage = stages.get(name);
    if (stage !== undefined) graph.give(stage.value);
    else
      issues.push({
        code: 'bad-value',
        where: { ...where, tensor: name },
        what: 'model output',
        want: 'a tensor that is computed',
        found: 'none',
      });
  }
  throwIssues(issues);
  return graph.build();
}

/** Each is a row of features; the first is called x. */
function graphOfInputs(
  inputs: OnnxModel['inputs'],
  file: string | undefined,
  where: Where,
): { readonly graph: TabularGraph; readonly stages: Map<string, Stage> } {
  const isRow = ({ type, shape }: OnnxValue): boolean =>
    type === 1 && shape.length === 2 && (shape[1] ?? 0) > 0 && (shape[1] ?? 0) <= 2 ** 20;
  const help = 'float32 [rows, features] is, with a fixed number of features';
  const [first, ...others] = inputs;
  if (first === undefined)
    throw new CompileError([{ code: 'bad-value', where, what: 'inputs', want: 'at least one', found: 'none' }]);
  throwIssues(
    inputs
      .filter((input) => !isRow(input))
      .map(({ name, type, shape }): Issue => {
        const found = `type ${type}, shape [${shape.join(', ')}]`;
        return { code: 'unsupported', where: { ...where, tensor: name }, what: 'input', found, help };
      }),
  );
  const graph = new TabularGraph(first.shape[1] ?? 0, file);
  const stages = new Map<string, Stage>([[first.name, { value: graph.x, features: first.shape[1] ?? 0 }]]);
  for (const { name, shape } of others)
    stages.set(name, { value: graph.input(name, shape[1] ?? 0), features: shape[1] ?? 0 });
  return { graph, stages };
}

/** Rows one behind the other. */
function joined(graph: TabularGraph, sources: readonly Stage[], name: string, from: string): Stage {
  const [first] = sources;
  if (first !== undefined && sources.length === 1) return first;
  const features = sources.reduce((sum, source) => sum + source.features, 0);
  const type = { dtype: 'f32', shape: [1, features] } as const;
  const inputs = sources.map(({ value }) => value);
  const [value = graph.x] = graph.add({ op: 'concatenation', attrs: { axis: 1 } }, inputs, [{ name, type }], from);
  return { value, features };
}

const joinsInputs: readonly string[] = ['FeatureVectorizer', 'Concat'];
const transparent: readonly string[] = ['ZipMap', 'Cast', 'Identity', 'Flatten', ...joinsInputs];

const nameOf = ({ name, outputs }: OnnxNode): string => name || outputs[0] || 'without a name';
const opOf = ({ op, domain }: OnnxNode): string => (domain === '' ? op : `${domain}.${op}`);

function modelOf(bytes: Uint8Array, where: Where): OnnxModel {
  try {
    return readOnnxModel(bytes);
  } catch (error) {
    if (!(error instanceof ProtobufFault)) throw error;
    const at = { ...where, byte: error.byte };
    throw new CompileError([{ code: 'bad-file', where: at, format: formatName, reason: error.message }]);
  }
}
