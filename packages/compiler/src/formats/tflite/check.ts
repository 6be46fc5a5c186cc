// The checks of a model that concern the file alone: indices, shapes, the sizes of constants, counts that must agree.
// Whether a model makes sense, and whether we support it, is for the importer.

import type { FileReport, Place } from '../wire/file-report.ts';
import type { TfliteModel, TfliteQuantization, TfliteSubgraph, TfliteTensor } from './model.ts';
import { elementCount, tensorByteLength } from './tensor-bytes.ts';

const mostElements = 2 ** 31;
// Far beyond what any operator takes; a shape longer than this is damage, and no message could show it.
const mostDimensions = 64;

export function checkModel(model: TfliteModel, report: FileReport): void {
  if (model.subgraphs.length === 0) report.fault({}, 'subgraphs', 'there is none');
  if ((model.buffers[0]?.data.length ?? 0) > 0) {
    // TensorFlow Lite takes tensors of buffer 0 as not constant, TensorFlow Lite Micro as constant.
    report.fault({ byte: model.buffers[0]?.byte }, 'buffers[0]', 'must be empty: it stands for tensors without data');
  }
  for (const [index, subgraph] of model.subgraphs.entries()) {
    checkSubgraph(model, subgraph, `subgraphs[${index}]`, report);
  }
  for (const [index, { name, buffer }] of model.metadata.entries()) {
    if (buffer < model.buffers.length) continue;
    report.fault({}, `metadata[${index}] (${name})`, outOfRange('buffer', buffer, model.buffers.length));
  }
  for (const [index, { key, subgraph, inputs, outputs }] of model.signatureDefs.entries()) {
    const path = `signatureDefs[${index}] (${key})`;
    const tensorCount = model.subgraphs[subgraph]?.tensors.length;
    if (tensorCount === undefined) report.fault({}, path, outOfRange('subgraph', subgraph, model.subgraphs.length));
    for (const { name, tensor } of [...inputs, ...outputs]) {
      if (tensorCount === undefined || tensor < tensorCount) continue;
      report.fault({}, `${path}.${name}`, outOfRange('tensor', tensor, tensorCount));
    }
  }
}

const outOfRange = (what: string, index: number, count: number): string => `${what} ${index} of ${count}`;

function checkSubgraph(model: TfliteModel, subgraph: TfliteSubgraph, path: string, report: FileReport): void {
  const { tensors, operators } = subgraph;
  const checkIndices = (place: Place, list: string, indices: readonly number[], lowest: 0 | -1): void => {
    for (const [position, index] of indices.entries()) {
      if (index >= lowest && index < tensors.length) continue;
      report.fault(place, `${path}.${list}[${position}]`, outOfRange('tensor', index, tensors.length));
    }
  };
  for (const [index, tensor] of tensors.entries()) checkTensor(model, tensor, `${path}.tensors[${index}]`, report);
  checkIndices({}, 'inputs', subgraph.inputs, 0);
  checkIndices({}, 'outputs', subgraph.outputs, 0);
  for (const [index, operator] of operators.entries()) {
    const { inputs, outputs, intermediates, mutatingVariableInputs } = operator;
    const place = { node: `#${index} ${operator.customCode ?? operator.op}`, byte: operator.byte };
    checkIndices(place, `operators[${index}].inputs`, inputs, -1);
    checkIndices(place, `operators[${index}].outputs`, outputs, 0);
    checkIndices(place, `operators[${index}].intermediates`, intermediates, -1);
    if (mutatingVariableInputs.length > 0 && mutatingVariableInputs.length !== inputs.length) {
      const reason = `${mutatingVariableInputs.length} entries for ${inputs.length} inputs`;
      report.fault(place, `${path}.operators[${index}].mutatingVariableInputs`, reason);
    }
  }
}

function checkTensor(model: TfliteModel, tensor: TfliteTensor, path: string, report: FileReport): void {
  const { shape, shapeSignature, type, quantization } = tensor;
  const place = { tensor: tensor.name, byte: tensor.byte };
  const buffer = model.buffers[tensor.buffer];
  // Buffer 0 is no data at all, in a file without constants it need not exist.
  if (buffer === undefined && tensor.buffer !== 0) {
    report.fault(place, path, outOfRange('buffer', tensor.buffer, model.buffers.length));
  }
  if (shapeSignature !== undefined && shapeSignature.length !== shape.length) {
    const reason = `${shapeSignature.length} dimensions, the shape has ${shape.length}`;
    report.fault(place, `${path}.shapeSignature`, reason);
  }
  if (shape.length > mostDimensions) {
    report.fault(place, `${path}.shape`, `${shape.length} dimensions`);
    return;
  }
  const negative = shape.findIndex((size) => size < 0);
  if (negative >= 0) {
    if (shape[negative] === -1) report.dynamicShape(place, shape, negative);
    else report.fault(place, `${path}.shape`, `dimension ${negative} is ${shape[negative]}`);
    return;
  }
  const elements = elementCount(shape);
  if (elements > mostElements) {
    report.fault(place, `${path}.shape`, `[${shape.join(', ')}] is more than 2^31 elements`);
    return;
  }
  const wantBytes = tensorByteLength(type, elements);
  const isConstant = tensor.buffer !== 0 && buffer !== undefined && buffer.data.length > 0;
  if (isConstant && tensor.sparsity === undefined && wantBytes !== undefined && wantBytes !== buffer.data.length) {
    const data = `its data (buffer ${tensor.buffer}) has ${buffer.data.length} bytes`;
    report.fault(place, path, `${type} [${shape.join(', ')}] takes ${wantBytes} bytes, ${data}`);
  }
  if (quantization !== undefined) checkQuantization(quantization, tensor, `${path}.quantization`, report);
}

function checkQuantization(
  { scale, zeroPoint, quantizedDimension, details }: TfliteQuantization,
  tensor: TfliteTensor,
  path: string,
  report: FileReport,
): void {
  // With details, these fields are not in use.
  if (details !== undefined) return;
  const place = { tensor: tensor.name, byte: tensor.byte };
  if (zeroPoint.length > 1 && zeroPoint.length !== scale.length) {
    report.fault(place, path, `${scale.length} scales, but ${zeroPoint.length} zero points`);
  }
  if (scale.length <= 1) return;
  const { shape } = tensor;
  // Converters of 2019 give the bias the dimension of its weights (3, in person_detect.tflite); it has only one.
  const dimension = shape.length === 1 && quantizedDimension > 0 ? 0 : quantizedDimension;
  if (shape[dimension] === scale.length) return;
  const along = shape[dimension] === undefined ? 'which it does not have' : `of size ${shape[dimension]}`;
  report.fault(place, path, `${scale.length} scales for dimension ${quantizedDimension}, ${along}`);
}
