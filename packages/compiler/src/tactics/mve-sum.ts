// int8 add and sub on cores with Armv8.1-M's vector instructions, by the formula that simd-sum.ts searches and proves.
import { valueAt } from '../graph/graph.ts';
import { index } from '../kernel/expressions.ts';
import type { Operand } from '../ops/op.ts';
import { quantisedActivationRange } from '../ops/quantised.ts';
import { mveSumFamily, mveSumInstr } from '../targets/instructions/arm-mve-sum.ts';
import { sumFormula } from './simd-sum.ts';
import type { Tactic } from './tactic.ts';

const isInt32 = (value: number): boolean => Math.abs(value) < 2 ** 31;

export const mveSum: Tactic = {
  name: 'mve-sum',
  note: 'four sums at once by one multiply-accumulate and a shift, proven for all pairs of int8',
  lowering(graph, node, target) {
    if ((node.op !== 'add' && node.op !== 'sub') || target.spellings[mveSumFamily] === undefined) return undefined;
    const [a, b, y] = [...node.inputs, ...node.outputs].map((id) => valueAt(graph, id ?? -1).type);
    if (a === undefined || b === undefined || y === undefined || a.dtype !== 'i8') return undefined;
    if (String(a.shape) !== String(y.shape) || String(b.shape) !== String(y.shape)) return undefined;
    const formula = sumFormula(node, a, b, y);
    if (formula === undefined) return undefined;
    const { ofA, ofB, centre, offset, offsetBelowZero, shift } = formula;
    const [low, high] = quantisedActivationRange(node.attrs.activation, y);
    const signed = offset !== offsetBelowZero;
    const scalars = [
      ofA,
      ofB,
      centre + offset,
      shift,
      low,
      high,
      ...(signed ? [offset, offsetBelowZero - offset] : []),
    ];
    if (!scalars.every(isInt32)) return undefined;
    return (k, inputs, _attrs, [result]) => {
      const operands = inputs as { readonly a: Operand; readonly b: Operand };
      const regions = [{ region: operands.a }, { region: operands.b }, { region: result }] as const;
      k.instr(mveSumInstr({ signed }), ...regions, index(result.length), ...scalars.map(index));
    };
  },
};
