// The graph checker: every edge exists and is computed before it is read, every node's types suit its operator, every
// declared shape is the one the operator computes. Collects all issues of a graph.
import type { Issue, Where } from '../errors.ts';
import type { Value } from '../graph/graph.ts';
import { holds } from '../tensor/dtype.ts';
import { elementCount, sameShape } from '../tensor/shape.ts';
import { describeType, elementsOf, type TensorType } from '../tensor/tensor.ts';
import { checkAffine } from './affine.ts';
import { type Graph, type OpNode, opOf } from './index.ts';
import { nameInputs, type Outputs } from './op.ts';

/** No element may lie beyond what an `index` reaches. */
const maxElements = 2 ** 28;

/** The planner looks at pairs of nodes, a layer's code at pairs of its tensors: far beyond any network, this is damage. */
const mostNodes = 4096;
const mostEdges = 1024;

/** Anything with nodes and edges, such as a graph or what one is to be made of. */
interface Counted {
  readonly nodes: readonly { readonly inputs: readonly unknown[]; readonly outputs: readonly unknown[] }[];
  readonly inputs: readonly unknown[];
  readonly outputs: readonly unknown[];
}

/** Complains of more nodes, or longer lists of tensors, than can be dealt with in reasonable time. */
export function checkCounts(counted: Counted, where: Where = {}): readonly Issue[] {
  const { nodes } = counted;
  const issue = (found: string, help: string): Issue => ({
    code: 'unsupported',
    where,
    what: 'a graph of',
    found,
    help,
  });
  if (nodes.length > mostNodes) return [issue(`${nodes.length} nodes`, `at most ${mostNodes}`)];
  const longest = [counted, ...nodes].reduce((n, { inputs, outputs }) => Math.max(n, inputs.length, outputs.length), 0);
  return longest > mostEdges ? [issue(`${longest} inputs or outputs in one place`, `at most ${mostEdges}`)] : [];
}

/** All that is wrong with a graph; empty when it can be compiled. */
export function checkGraph(graph: Graph): readonly Issue[] {
  const issues: Issue[] = [...checkCounts(graph)];
  if (issues.length > 0) return issues;
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
  for (const id of new Set([...graph.inputs, ...graph.outputs])) issues.push(...checkPort(graph.values[id]));
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

/** The scale and zero point of an input or output, by which the user of a model converts, make sense; scales per axis are no such pair. */
function checkPort(value: Value | undefined): readonly Issue[] {
  const issues: Issue[] = [];
  const { name, type } = value ?? {};
  const isPair =
    type !== undefined && ['i8', 'u8', 'i16'].includes(type.dtype) && type.quantisation?.scale.length === 1;
  if (name !== undefined && isPair) {
    checkAffine('an input or output of the model', type, (what, want, found) => {
      issues.push({ code: 'bad-value', where: { tensor: name }, what, want, found });
    });
  }
  return issues;
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
