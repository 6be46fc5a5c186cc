// Functions of one int8 value by a routine of the target that looks results up (targets/instructions/int8-routines.ts).
import { valueAt } from '../graph/graph.ts';
import { index } from '../kernel/expressions.ts';
import { type OpName, opOf } from '../ops/index.ts';
import { byBytes } from '../ops/int8-table.ts';
import { type Named, nameInputs, type Operand } from '../ops/op.ts';
import { mapInstr, mapName } from '../targets/instructions/int8-routines.ts';
import { elementsOf, type TensorType } from '../tensor/tensor.ts';
import type { Tactic } from './tactic.ts';

/** Operators whose elements depend on one element each, whatever its place. */
const functions: ReadonlySet<OpName> = new Set<OpName>([
  'hardSwish',
  'leakyRelu',
  'logistic',
  'quantize',
  'relu',
  'relu6',
  'tanh',
]);

export const int8Map: Tactic = {
  name: 'int8-map',
  note: 'functions of int8 by one shared routine that reads a table',
  lowering(graph, node, target) {
    if (!functions.has(node.op) || target.spellings[mapName] === undefined) return undefined;
    const [x, y] = [...node.inputs, ...node.outputs].map((id) => valueAt(graph, id ?? -1).type);
    if (x?.dtype !== 'i8' || y?.dtype !== 'i8') return undefined;
    return (k, inputs, attrs, [out]) => {
      const { x: operand } = inputs as Named<readonly ['x'], Operand>;
      // The definition, of every int8 value.
      const all = (type: TensorType): TensorType => ({ ...type, shape: [256] });
      const values = { data: Int8Array.from({ length: 256 }, (_, i) => i - 128), type: all(x) };
      const op = opOf(node);
      const [results] = op.evaluate(nameInputs(op.inputs, [values]), attrs, [all(y)]);
      const table = k.constant('table', byBytes(Int8Array.from(results ?? [], Number)));
      k.instr(mapInstr, { region: operand }, { region: table }, { region: out }, index(elementsOf(y)));
    };
  },
};
