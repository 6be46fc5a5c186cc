// The graph checker: every edge exists and is computed before it is read, every node's types suit its operator, every
// declared shape is the one the operator computes. Collects all issues of a graph.
import type { Issue } from '../errors.ts';
import type { Value } from '../graph/graph.ts';
import { holds } from '../tensor/dtype.ts';
import { elementCount, sameShape } from '../tensor/shape.ts';
import { describeType, elementsOf, type TensorType } from '../tensor/tensor.ts';
import { type Graph, type OpNode, opOf } from './index.ts';
import { nameInputs, type Outputs } from './op.ts';

/** No element may lie beyond what an `index` reaches. */
const maxElements = 2 ** 28;

/** All that is wrong with a graph; empty when it can be compiled. */
export function checkGraph(graph: Graph): readonly Issue[] {
  const issues: Issue[] = [];
  const known = new Set<number>();
  for (const id of graph.inputs) {
    const value = graph.values[id];
    if (value?.role !== 'input' || known.has(id)) {
      const found = value === undefined ? `value ${id}` : `${value.role} ${value.name}`;
      issues.push({ code: 'bad-value', where: {}, what: 'graph input', want: 'input tensors, each once', found });
    }
    known.add(id);
  }
  graph.values.forEach((value, id) => {
    if (value.role === 'constant' || value.role === 'state') known.add(id);
    const { shape } = value.type;
    const where = { tensor: value.name };
    const dimension = shape.findIndex((size) => !(Number.isInteger(size) && size > 0));
    if (dimension >= 0) issues.push({ code: 'dynamic-shape', where, shape, dimension });
    else if (elementCount(shape) > maxElements) {
      issues.push({
        code: 'unsupported',
        where,
        what: 'tensor size',
        found: `[${shape.join(', ')}]`,
        help: `at most ${maxElements} elements`,
      });
    } else if (value.role === 'constant' || value.role === 'state') issues.push(...checkContents(value));
  });
  if (issues.length > 0) return issues;
  for (const node of graph.nodes) {
    const unknown = node.inputs.find((id) => id !== undefined && !known.has(id));
    if (unknown !== undefined) {
      const found = graph.values[unknown]?.name ?? `value ${unknown}`;
      issues.push({
        code: 'bad-value',
        where: node.from,
        what: 'input',
        want: 'a tensor computed by an earlier node',
        found,
      });
    }
    for (const id of node.outputs) {
      if (known.has(id)) {
        issues.push({
          code: 'bad-value',
          where: node.from,
          what: 'output',
          want: 'a tensor nothing else writes',
          found: graph.values[id]?.name ?? `value ${id}`,
        });
      }
      known.add(id);
    }
    if (unknown === undefined) issues.push(...checkNode(graph, node));
  }
  for (const id of graph.outputs) {
    if (!known.has(id)) {
      issues.push({
        code: 'bad-value',
        where: {},
        what: 'graph output',
        want: 'a tensor computed by a node',
        found: graph.values[id]?.name ?? `value ${id}`,
      });
    }
  }
  return issues;
}

/** Constants have contents, states may; they are elements of the tensor's type. */
function checkContents({ name, role, type, data }: Value): readonly Issue[] {
  if (data === undefined ? role === 'state' : holds(data, type.dtype, elementsOf(type))) return [];
  const found = data === undefined ? 'none' : `${data.length} of ${data.constructor.name}`;
  return [{ code: 'bad-value', where: { tensor: name }, what: 'elements', want: describeType(type), found }];
}

function checkNode(graph: Graph, node: OpNode): readonly Issue[] {
  const issues: Issue[] = [];
  const op = opOf(node);
  const typeAt = (id: number | undefined): TensorType | undefined =>
    id === undefined ? undefined : graph.values[id]?.type;
  const complain = (what: string, want: string, found: string, help?: string): void => {
    issues.push({ code: 'bad-value', where: node.from, what, want, found, ...(help === undefined ? {} : { help }) });
  };
  const missing = op.inputs.find((name, i) => !/[?*]$/.test(name) && node.inputs[i] === undefined);
  if (missing !== undefined) {
    complain('inputs', `one called ${missing}`, `${node.inputs.length} inputs`);
    return issues;
  }
  const outputs = node.outputs.flatMap((id) => typeAt(id) ?? []);
  const [first, ...rest] = outputs;
  if (first === undefined) {
    complain('outputs', 'at least one', 'none');
    return issues;
  }
  const declared: Outputs<TensorType> = [first, ...rest];
  const shapes = op.infer(nameInputs(op.inputs, node.inputs.map(typeAt)), node.attrs, declared, complain);
  if (issues.length > 0) return issues;
  if (shapes.length !== declared.length) complain('outputs', String(shapes.length), String(declared.length));
  shapes.forEach((shape, i) => {
    const output = declared[i];
    if (output !== undefined && !sameShape(shape, output.shape)) {
      complain(`shape of output ${i}`, `[${shape.join(', ')}]`, `[${output.shape.join(', ')}]`);
    }
  });
  return issues;
}
