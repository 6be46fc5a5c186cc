// ONNX models of the ai.onnx.ml domain, chains on a row of features: tree ensembles, linear models, support vector machines, scalers.
// ZipMap, Cast and Identity are left out: they change how results are held, not what they are.
import { CompileError, type Issue, throwIssues, type Where } from '../../errors.ts';
import type { Graph } from '../../ops/index.ts';
import type { Format } from '../format.ts';
import { TabularGraph } from '../trees/tabular-graph.ts';
import { ProtobufFault } from '../wire/protobuf.ts';
import { recogniseFormat } from '../wire/recognise-format.ts';
import { conversions } from './ml-operators.ts';
import { type OnnxModel, type OnnxNode, readOnnxModel } from './model.ts';
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
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1)
    throw new CompileError([
      {
        code: 'unsupported',
        where,
        what: 'number of inputs',
        found: String(inputs.length),
        help: 'models with one input, a row of features, are',
      },
    ]);
  const features = input.shape[1] ?? 0;
  if (features > 2 ** 20 || input.type !== 1 || input.shape.length !== 2 || !(features > 0))
    throw new CompileError([
      {
        code: 'unsupported',
        where: { ...where, tensor: input.name },
        what: 'input',
        found: `type ${input.type}, shape [${input.shape.join(', ')}]`,
        help: 'float32 [rows, features] is, with a fixed number of features',
      },
    ]);
  const graph = new TabularGraph(features, file);
  const stages = new Map<string, Stage>([[input.name, { value: graph.x, features }]]);
  for (const node of model.nodes) {
    const source = stages.get(node.inputs[0] ?? '');
    if (source === undefined) {
      issues.push({
        code: 'bad-value',
        where: { ...where, node: nameOf(node) },
        what: 'input',
        want: 'a tensor that is computed before',
        found: node.inputs[0] ?? 'none',
      });
      continue;
    }
    if (transparent.includes(node.op)) {
      if (node.inputs.length > 1)
        issues.push({
          code: 'unsupported',
          where: { ...where, node: nameOf(node) },
          what: `${node.op} of`,
          found: `${node.inputs.length} inputs`,
          help: 'models with one input, a row of features, are',
        });
      if (node.outputs[0] !== undefined) stages.set(node.outputs[0], source);
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

const transparent: readonly string[] = ['ZipMap', 'Cast', 'Identity', 'FeatureVectorizer'];

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
