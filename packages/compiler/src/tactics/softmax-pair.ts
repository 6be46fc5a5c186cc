// softmax of two int8 classes: both outputs depend on the difference of the inputs alone, so a table by that difference holds them. No
// exponential, no division; smaller than the table of exponentials.
import { valueAt } from '../graph/graph.ts';
import { add, cast, int, le, max, min, mul, select, sub } from '../kernel/expressions.ts';
import { opOf } from '../ops/index.ts';
import { type Named, nameInputs, type Operand } from '../ops/op.ts';
import { elementsOf } from '../tensor/tensor.ts';
import type { Tactic } from './tactic.ts';

export const softmaxPair: Tactic = {
  name: 'softmax-pair',
  note: 'two int8 classes by a table of what their difference gives',
  lowering(graph, node) {
    if (node.op !== 'softmax') return undefined;
    const [xId = -1] = node.inputs;
    const [yId = -1] = node.outputs;
    const [x, y] = [valueAt(graph, xId).type, valueAt(graph, yId).type];
    if (x.dtype !== 'i8' || y.dtype !== 'i8' || x.shape.at(-1) !== 2) return undefined;
    return (k, inputs, attrs, [out]) => {
      const { x: operand } = inputs as Named<readonly ['x'], Operand>;
      // The definition, of every difference: the larger class first.
      const all = { data: Int8Array.from({ length: 512 }, (_, i) => (i % 2 === 0 ? 127 : 127 - (i >> 1))) };
      const op = opOf(node);
      const typed = { ...all, type: { ...x, shape: [256, 2] } };
      const [results = []] = op.evaluate(nameInputs(op.inputs, [typed]), attrs, [{ ...y, shape: [256, 2] }]);
      const pairs = Int8Array.from(results, Number);
      const last = lastThatDiffers(pairs);
      const [larger, smaller] = [0, 1].map((n) =>
        Int8Array.from({ length: last + 1 }, (_, i) => pairs[2 * i + n] ?? 0),
      );
      if (larger === undefined || smaller === undefined) return;
      // They add up to 1, which is one step too large for int8.
      const isRest = larger.every((value, i) => value === Math.min(-(smaller[i] ?? 0), 127));
      const ofSmaller = k.constant('smaller_by_distance', smaller);
      const ofLarger = isRest ? undefined : k.constant('larger_by_distance', larger);
      k.for('row', 0, elementsOf(y) / 2, (row) => {
        const at = k.let('at', mul(row, 2));
        const next = k.let('next', add(at, 1));
        const difference = k.let('difference', sub(k.load(operand, at), k.load(operand, next)));
        const distance = k.let('distance', cast('index', min(max(difference, sub(int(0), difference)), last)));
        const low = k.let('smaller', k.load(ofSmaller, distance));
        const high = k.let('larger', ofLarger === undefined ? min(sub(int(0), low), 127) : k.load(ofLarger, distance));
        const firstIsLarger = k.let('first_is_larger', le(int(0), difference));
        k.store(out, at, select(firstIsLarger, high, low));
        k.store(out, next, select(firstIsLarger, low, high));
      });
    };
  },
};

/** The last distance whose results are not those of the one before. */
function lastThatDiffers(pairs: Int8Array): number {
  let last = 255;
  while (last > 0 && pairs[2 * last] === pairs[2 * last - 2] && pairs[2 * last + 1] === pairs[2 * last - 1]) last -= 1;
  return last;
}
