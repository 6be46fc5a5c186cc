// add and sub of int8 tensors of one shape by a routine of the target (targets/instructions/int8-routines.ts), where 32-bit
// constants are exact for every pair of elements.
import { valueAt } from '../graph/graph.ts';
import { index, int } from '../kernel/expressions.ts';
import { addSum } from '../ops/add.ts';
import type { Named, Operand } from '../ops/op.ts';
import { quantisedActivationRange } from '../ops/quantised.ts';
import { affineSumOf } from '../ops/quantised-sum.ts';
import { subSum } from '../ops/sub.ts';
import { sumInstr, sumName } from '../targets/instructions/int8-routines.ts';
import { elementsOf } from '../tensor/tensor.ts';
import type { Tactic } from './tactic.ts';

export const int8Sum: Tactic = {
  name: 'int8-sum',
  note: 'sums of int8 by one shared routine, 32-bit constants proven for every pair of elements',
  lowering(graph, node, target) {
    if (node.op !== 'add' && node.op !== 'sub') return undefined;
    if (target.spellings[sumName({ shift: 24, clamped: false })] === undefined) return undefined;
    const [a, b, y] = [...node.inputs, ...node.outputs].map((id) => valueAt(graph, id ?? -1).type);
    if (a === undefined || b === undefined || y === undefined || y.dtype !== 'i8') return undefined;
    const count = elementsOf(y);
    if (elementsOf(a) !== count || elementsOf(b) !== count) return undefined;
    const range = quantisedActivationRange(node.attrs.activation, y);
    const found = affineSumOf({ a, b, y }, node.op === 'add' ? addSum : subSum, range);
    if (found === undefined) return undefined;
    const [low, high] = range;
    const clamped = (low > -128 && found.least < low) || (high < 127 && found.most > high);
    return (k, inputs, _attrs, [out]) => {
      const operands = inputs as Named<readonly ['a', 'b'], Operand>;
      const scalars = [found.factorA, found.factorB, found.offset, ...(clamped ? range : [])];
      k.instr(
        sumInstr({ shift: found.shift, clamped }),
        { region: operands.a },
        { region: operands.b },
        { region: out },
        index(count),
        ...scalars.map(int),
      );
    };
  },
};
