// One node → one kernel. Arguments are the node's inputs that are not constants, each once if it is read at all, then its
// outputs.
import { assert } from '../errors.ts';
import { valueAt } from '../graph/graph.ts';
import type { Kernel, KernelArgument, MemoryType, Region } from '../kernel/ir.ts';
import { dropUnused } from '../kernel/rewrite/drop-unused.ts';
import { buildKernel } from '../kernel/writer.ts';
import type { Data, DType } from '../tensor/dtype.ts';
import { describeType, elementsOf } from '../tensor/tensor.ts';
import { type AnyOp, type Graph, type OpNode, opOf } from './index.ts';
import { nameInputs, type Operand, type Outputs } from './op.ts';

const memoryType: Readonly<Record<DType, MemoryType>> = {
  f32: 'f32',
  i8: 'i8',
  u8: 'u8',
  i16: 'i16',
  i32: 'i32',
  i64: 'i64',
  bool: 'u8',
};

/** A kernel and the values its arguments stand for, in order; scratch arguments follow them. */
export interface LoweredNode {
  readonly kernel: Kernel;
  readonly values: readonly number[];
}

/** The loops of a node, under the name given: the operator's own, or those of a tactic. */
export function lowerNode(
  graph: Graph,
  node: OpNode,
  name: string,
  lower: AnyOp['lower'] = opOf(node).lower,
): LoweredNode {
  const op = opOf(node);
  const names = op.inputs.flatMap((input, i) =>
    input.endsWith('*') ? node.inputs.slice(i).map((_, n) => `${input.slice(0, -1)}${n}`) : [input.replace(/\?$/, '')],
  );
  const operand = (id: number, own: string, space: Region['space']): Operand => {
    const { type, data } = valueAt(graph, id);
    return {
      name: own,
      type: memoryType[type.dtype],
      length: elementsOf(type),
      space,
      tensor: type,
      ...(data === undefined ? {} : { data: data satisfies Data }),
    };
  };
  // A value that comes twice (x + x) is one argument.
  const byValue = new Map<number, Operand>();
  const inputs = node.inputs.map((id, i): Operand | undefined => {
    if (id === undefined) return undefined;
    const known =
      byValue.get(id) ??
      operand(id, names[i] ?? `x${i}`, valueAt(graph, id).role === 'constant' ? 'constant' : 'argument');
    byValue.set(id, known);
    return known;
  });
  const [first, ...rest] = node.outputs.map((id, i) =>
    operand(id, node.outputs.length === 1 ? 'y' : `y${i}`, 'argument'),
  );
  assert(first !== undefined, `${node.op} without outputs`);
  const outputs: Outputs<Operand> = [first, ...rest];

  const readFrom = [...byValue].filter(([, { space }]) => space === 'argument');
  const constants = [...byValue.values()].filter(({ space }) => space === 'constant');
  const args: KernelArgument[] = [
    ...readFrom.map(([, region]): KernelArgument => ({ ...plain(region), access: 'read' })),
    ...outputs.map((region): KernelArgument => ({ ...plain(region), access: 'write' })),
  ];
  const own = buildKernel(name, noteOf(graph, node), args, (k) => {
    for (const { name: reserved } of constants) k.reserve(reserved);
    lower(k, nameInputs(op.inputs, inputs), node.attrs, outputs);
  });
  const { kernel, kept } = dropUnused({ ...own, constants: [...constants.map(plain), ...own.constants] });
  const values = [...readFrom.map(([id]) => id), ...node.outputs];
  return { kernel, values: kept.flatMap((i) => values[i] ?? []) };
}

const plain = ({ name, type, length, space, data }: Region): Region => ({
  name,
  type,
  length,
  space,
  ...(data === undefined ? {} : { data }),
});

/** `conv2d int8 [1, 49, 10, 1] → int8 [1, 25, 5, 64], from node 0 (model.tflite)`. */
function noteOf(graph: Graph, node: OpNode): string {
  const types = (ids: readonly (number | undefined)[]): string =>
    ids
      .flatMap((id) =>
        id === undefined || valueAt(graph, id).role === 'constant' ? [] : [describeType(valueAt(graph, id).type)],
      )
      .join(', ');
  const origin = node.from.node === undefined ? '' : `, from node ${node.from.node}`;
  return `${node.op}: ${types(node.inputs)} -> ${types(node.outputs)}${origin}`;
}
